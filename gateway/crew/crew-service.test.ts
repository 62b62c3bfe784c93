/** The crew joined over a real store: who hears of what, what waits for whom, and what the command room may do. */
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import type { EquipmentHost, CrewMessage, Equipment } from '../contracts/crew.ts';
import type { Instruction } from '../contracts/instruction.ts';
import { recordHit } from '../store/hits.ts';
import type { OutboxLimits } from '../store/outbox/outbox.ts';
import type { Hit } from '../contracts/hit.ts';
import { CrewService } from './crew-service.ts';
import { openCrewRig, PLATE_HIT, sosOf, T0, type CrewRig } from './crew.fixtures.ts';
import { openInstructions, type Instructions } from '../upstream/instructions.ts';
import { reviewRig } from '../hits/reviews.fixtures.ts';

const HERE = { lat: 30.25, lon: 120.125, trusted: true };
const FAR = { lat: 31, lon: 121, trusted: true };

let rig: CrewRig;
let crew: CrewService;
let instructions: Instructions;
let host: EquipmentHost;
/** What was given to each device, in order. */
let heard: Map<string, CrewMessage[]>;
let away: Set<string>;

const equipment: Equipment = {
  run: (_desk, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  deliver(device, message) {
    if (away.has(device)) return false;
    heard.set(device, [...(heard.get(device) ?? []), message]);
    return true;
  },
};

function open(limits: Partial<OutboxLimits> = {}): void {
  const config = crewSchema.parse({
    equipment: [{ id: 'broker', kind: 'broker' }],
    place: { lat: 30.25, lon: 120.125, name: '东门' },
    alerts: [{ roles: ['officer'] }, { roles: ['guard'], withinM: 500 }],
    modes: { emergency: { reportIntervalS: 5, alertUnconfirmed: ['stolen'] } },
  });
  const own = { db: rig.db, clock: rig.clock, log: SILENT_LOG };
  crew = new CrewService({ ...own, outbox: rig.outbox(limits), config, equipment: [{ id: 'broker', equipment }] });
  host = crew.hostFor(equipment);
  const outbox = rig.outbox(limits);
  const policy = { opinions: 2, rooms: ['room'] } as const;
  const reviews = reviewRig(rig.db, {
    policy,
    confirmed: (hit) => crew.alert(hit, 'confirmed'),
    now: () => rig.clock.now(),
  });
  const handlers = { ...crew.instructions, ...reviews.handlers };
  instructions = openInstructions({ ...own, outbox, handlers });
}
const come = (...devices: string[]) => devices.forEach((d) => host.presence(d, true));
const of = (device: string, kind: CrewMessage['kind']) => (heard.get(device) ?? []).filter((m) => m.kind === kind);
const room = (message: { kind: Instruction['kind'] } & Record<string, unknown>, id = 'R-1') =>
  instructions.take({ id, at: T0, by: 'Room 3', expires: T0 + 3_600_000, ...message } as Instruction, 'room');

beforeEach(() => {
  rig = openCrewRig();
  heard = new Map();
  away = new Set();
  for (const id of ['cam-1', 'cam-2']) rig.add({ id });
  rig.add({ id: 'guard-1', role: 'guard' });
  open();
});
afterEach(() => rig.close());

describe('a call for help', () => {
  it('is acknowledged to its device, and told to all others, each by its role', () => {
    come('cam-1', 'cam-2', 'guard-1');
    host.sos(sosOf('cam-1', { position: HERE }));
    expect(of('cam-1', 'acknowledged')).toMatchObject([{ sos: 'call-1' }]);
    expect(of('cam-1', 'sos')).toEqual([]);
    expect(of('cam-2', 'sos')).toMatchObject([
      { state: 'raised', device: 'cam-1', place: { lat: 30.25, lon: 120.125 } },
    ]);
    expect(of('guard-1', 'sos')).toMatchObject([{ state: 'raised', place: { lat: 30.25, lon: 120.125 } }]);
    expect(JSON.stringify(of('guard-1', 'sos'))).not.toContain('cam-1');
    // The acknowledgement was lost: the device calls again, and nobody else is told again.
    host.sos(sosOf('cam-1', { position: HERE }));
    expect([of('cam-1', 'acknowledged').length, of('cam-2', 'sos').length]).toEqual([2, 1]);
  });

  it('is on the displays until it is withdrawn, and says when the room has seen it', () => {
    let changes = 0;
    const unsubscribe = crew.sos.subscribe(() => changes++);
    host.sos(sosOf('cam-1', { position: HERE }));
    const [shown] = crew.sos.open();
    expect(shown).toEqual({
      id: shown!.id,
      at: T0,
      place: { lat: 30.25, lon: 120.125, origin: 'own', ageS: 0 },
    });
    room({ kind: 'sos acknowledged', sos: shown!.id });
    expect(crew.sos.open()).toMatchObject([{ acknowledged: 'room' }]);
    host.sos(sosOf('cam-1', { state: 'cancelled' }));
    expect([crew.sos.open(), changes]).toEqual([[], 3]);
    unsubscribe();
    host.sos(sosOf('cam-2'));
    expect(changes).toBe(3);
  });

  it('after many others leaves room for orders to a device that comes', () => {
    for (let i = 0; i < 60; i++) {
      host.sos(sosOf('cam-1', { sos: `call-${i}` }));
      host.sos(sosOf('cam-1', { sos: `call-${i}`, state: 'cancelled' }));
    }
    room({ kind: 'order', order: { text: '去东门', to: ['cam-2'] } });
    come('cam-2');
    expect([heard.get('cam-2')![0]!.kind, of('cam-2', 'sos').length]).toEqual(['order', 50]);
    // It has acknowledged them all, and is said to have room again.
    come('cam-2');
    expect(of('cam-2', 'sos')).toHaveLength(50);
  });

  it('that cannot be stored is told to the others all the same, once, and not acknowledged', () => {
    open({ rows: 0 });
    come('cam-1', 'cam-2');
    for (const _ of [1, 2]) expect(() => host.sos(sosOf('cam-1', { position: HERE }))).toThrow(/outbox/);
    expect([of('cam-1', 'acknowledged'), of('cam-2', 'sos').length]).toEqual([[], 1]);
    expect(crew.view().refused).toEqual({ 'not stored': 2 });
  });

  it('of a device that is not registered is not acknowledged', () => {
    expect(() => host.sos(sosOf('cam-9'))).toThrow('cam-9');
    expect(crew.view().refused).toEqual({ 'unknown device': 1 });
  });

  it('reaches a device that comes later, and many devices in portions', async () => {
    const many = Array.from({ length: 120 }, (_, i) => `unit-${i}`);
    for (const id of many) rig.add({ id });
    crew.turn();
    come(...many);
    host.sos(sosOf('cam-1'));
    const told = () => many.filter((id) => of(id, 'sos').length === 1).length;
    expect(told()).toBeLessThan(120);
    for (let i = 0; i < 3; i++) await turnOfLoop();
    expect(told()).toBe(120);
    come('cam-2');
    expect(of('cam-2', 'sos')).toHaveLength(1);
  });
});

describe('an order', () => {
  const ORDER = { kind: 'order', order: { text: '去东门', to: ['cam-1'] } } as const;
  const state = () =>
    (
      rig
        .send()
        .filter((e) => e.type === 'io.sitebox.order.v1')
        .at(-1)?.data as { targets: object[] }
    ).targets;

  it('waits for a device that is away, also over a restart, and says what became of it', () => {
    room(ORDER);
    expect(state()).toMatchObject([{ device: 'cam-1', state: 'waiting' }]);
    open();
    come('cam-1');
    const [given] = of('cam-1', 'order');
    expect(given).toMatchObject({ id: 'R-1', text: '去东门' });
    expect(state()).toMatchObject([{ state: 'sent' }]);
    host.delivered('cam-1', given!.id);
    host.orderAnswer({ device: 'cam-1', order: 'R-1', state: 'read', at: T0 });
    host.orderAnswer({ device: 'cam-1', order: 'R-1', state: 'done', at: T0 });
    expect(state()).toMatchObject([{ state: 'done' }]);
    come('cam-1');
    expect(of('cam-1', 'order')).toHaveLength(1);
  });

  it('comes again when its delivery was not acknowledged', () => {
    come('cam-1');
    room(ORDER);
    host.presence('cam-1', false);
    come('cam-1');
    expect(of('cam-1', 'order')).toHaveLength(2);
  });

  it('C7: is given once over one connection, though it was not acknowledged, and again over the next', () => {
    come('cam-1');
    for (let i = 0; i < 150; i++) room(ORDER, `R-${i}`);
    crew.turn();
    expect(of('cam-1', 'order')).toHaveLength(150);
    // A bridge says that the device has come again, and knows nothing of a connection that ended.
    come('cam-1');
    expect(of('cam-1', 'order').length).toBeGreaterThan(150);
  });

  it('of the room is acted on once', () => {
    come('cam-1');
    room(ORDER);
    room(ORDER);
    expect(of('cam-1', 'order')).toHaveLength(1);
  });

  it('goes to the nearest whose position is fresh', () => {
    come('cam-1', 'cam-2');
    host.report({ device: 'cam-1', at: T0, position: FAR });
    host.report({ device: 'cam-2', at: T0, position: HERE });
    room({ kind: 'order', order: { text: 'x', place: { lat: 30.25, lon: 120.126 }, to: { nearest: 1 } } });
    expect([of('cam-1', 'order').length, of('cam-2', 'order').length]).toEqual([0, 1]);
    rig.pass(3_600_000);
    room({ kind: 'order', order: { text: 'x', place: { lat: 30.25, lon: 120.126 }, to: { nearest: 1 } } }, 'R-2');
    expect(rig.send().at(-1)).toMatchObject({
      data: { id: 'R-2', refused: expect.stringContaining('nobody is near') as string },
    });
  });

  it('for nobody is refused for good, and the room hears why', () => {
    room({ ...ORDER, order: { text: 'x', to: ['cam-9'] } });
    expect(rig.send().at(-1)).toMatchObject({
      id: 'R-1',
      data: { refused: expect.stringContaining('cam-9') as string },
    });
    expect(rig.audit()).toContain('Room 3: order refused');
  });

  it('that cannot be stored is not taken: it comes again', () => {
    open({ rows: 0 });
    expect(() => room(ORDER)).toThrow(/outbox/);
    open();
    room(ORDER);
    expect(state()).toMatchObject([{ state: 'waiting' }]);
  });

  it('answered by a device that never got it is passed over', () => {
    room(ORDER);
    host.orderAnswer({ device: 'cam-2', order: 'R-1', state: 'done', at: T0 });
    expect(state()).toMatchObject([{ device: 'cam-1', state: 'waiting' }]);
    expect(crew.view().refused).toEqual({ 'not allowed': 1 });
  });
});

describe('the mode', () => {
  it('of the room changes what is asked of devices, and ends by itself', () => {
    come('cam-1');
    expect(of('cam-1', 'interval')).toMatchObject([{ seconds: 30 }]);
    room({ kind: 'mode', mode: 'emergency', reason: 'flood', until: T0 + 3_600_000 });
    expect(of('cam-1', 'interval').at(-1)).toMatchObject({ seconds: 5 });
    expect(crew.view().mode).toEqual({ mode: 'emergency', until: T0 + 3_600_000 });
    rig.pass(3_600_000);
    crew.turn();
    expect(of('cam-1', 'interval').at(-1)).toMatchObject({ seconds: 30 });
  });
  it('with an end in the past is refused for good', () => {
    room({ kind: 'mode', mode: 'emergency', reason: 'flood', until: T0 - 1 });
    expect([crew.view().mode.mode, rig.audit().at(-1)]).toEqual(['normal', 'Room 3: mode refused']);
  });
});

describe('a hit', () => {
  const HIT: Hit = { ...PLATE_HIT, category: 'stolen' };
  it('that nobody has confirmed is told where the mode says so, marked as such', () => {
    come('cam-1', 'guard-1');
    crew.alert(HIT, 'unreviewed');
    expect(of('cam-1', 'alert')).toEqual([]);
    room({ kind: 'mode', mode: 'emergency', reason: 'flood', until: T0 + 3_600_000 });
    crew.alert({ ...HIT, id: 'H-2' }, 'unreviewed');
    expect(of('cam-1', 'alert')).toMatchObject([
      { confirmed: false, what: 'stolen · 皖A12345 · road-1', instruction: HIT.instruction },
    ]);
    expect(of('guard-1', 'alert')).toMatchObject([
      { confirmed: false, instruction: HIT.instruction, place: { name: '东门' } },
    ]);
    expect(JSON.stringify(of('guard-1', 'alert'))).not.toMatch(/皖A12345|stolen/);
  });
  it('waits for a device that is away', () => {
    room({ kind: 'mode', mode: 'emergency', reason: 'flood', until: T0 + 3_600_000 });
    recordHit(rig.db, { hit: HIT, evidence: [], windowMs: 0 }, rig.outbox());
    crew.alert(HIT, 'unreviewed');
    come('cam-1');
    expect(of('cam-1', 'alert')).toHaveLength(1);
    come('cam-1');
    expect(of('cam-1', 'alert')).toHaveLength(1);
  });
});

it('a revoked device is not heard any more', () => {
  rig.db.prepare("UPDATE devices SET revokedMs = 1, revokedBy = 'x' WHERE id = 'cam-1'").run();
  rig.db.prepare("UPDATE meta SET value = value + 1 WHERE key = 'devicesVersion'").run();
  crew.turn();
  expect(host.device('cam-1')).toBeUndefined();
  host.report({ device: 'cam-1', at: T0, position: HERE });
  expect(crew.view().refused).toEqual({ 'unknown device': 1 });
});

it('positions reach the room, each device at most once in the interval', () => {
  for (let i = 0; i < 25; i++) {
    host.report({ device: 'cam-1', at: T0 + i * 1000, position: HERE, sequence: i });
    rig.pass(1000);
    crew.turn();
  }
  const events = rig.send().filter((e) => e.type === 'io.sitebox.crew.v1');
  expect(events.length).toBeGreaterThan(0);
  expect(events.length).toBeLessThanOrEqual(3);
});
