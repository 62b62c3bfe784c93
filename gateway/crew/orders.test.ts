import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import type { OrderAnswerState } from '../contracts/crew.ts';
import type { NewOrder } from '../contracts/instruction.ts';
import { openDb } from '../store/db.ts';
import { revokeDevice } from '../store/devices.ts';
import { getOrder, takeRoomMessage, type Order } from '../store/orders.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import type { DispatchCandidate } from './nearest.ts';
import { openOrders, type Orders } from './orders.ts';
import { openRegistry, type Registry } from './registry.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';

const PLACE = { lat: 30, lon: 120, name: 'north gate' };
const GIVEN = { id: 'O-1', by: 'Room 1', origin: 'room' } as const;
const KNOWN: readonly DispatchCandidate[] = [
  { device: 'cam-1', lat: 30.01, lon: 120, fresh: true },
  { device: 'cam-2', lat: 30.001, lon: 120, fresh: true },
  { device: 'guard-1', lat: 30.0001, lon: 120, fresh: true },
  { device: 'drone-1', lat: 30, lon: 120, fresh: true },
  { device: 'gone', lat: 30, lon: 120, fresh: true },
];
let rig: CrewRig;
let registry: Registry;
let orders: Orders;

beforeEach(() => {
  rig = openCrewRig();
  rig.add({ id: 'cam-1' });
  rig.add({ id: 'cam-2' });
  rig.add({ id: 'guard-1', role: 'guard' });
  rig.add({ id: 'drone-1', kind: 'drone', protocol: 'dji', serials: ['D1'] });
  registry = openRegistry({ db: rig.db, log: SILENT_LOG });
  orders = openOrders({ db: rig.db, outbox: rig.outbox(), registry });
});
afterEach(() => rig.close());

const make = (more: Partial<NewOrder> = {}, given: Partial<Omit<Order, 'targets'>> = {}, known = KNOWN) =>
  orders.create(
    { text: 'close the path', place: PLACE, to: ['cam-1', 'cam-2'], ...more },
    { ...GIVEN, ...given },
    known,
  );
const answer = (device: string, state: OrderAnswerState, reason?: string) =>
  orders.recordAnswer({
    device,
    order: 'O-1',
    state,
    at: rig.clock.now(),
    ...(reason === undefined ? {} : { reason }),
  });
const states = (id = 'O-1') => getOrder(rig.db, id)!.targets.map((t) => `${t.device} ${t.state}`);

describe('an order', () => {
  it('is on disk, in the audit log and on its way to the room when `create` returns', () => {
    expect(make()).toEqual({ id: 'O-1', targets: ['cam-1', 'cam-2'], stale: [] });
    const other = openDb(rig.folder);
    expect(getOrder(other, 'O-1')).toEqual({
      ...GIVEN,
      text: 'close the path',
      place: PLACE,
      created: T0,
      targets: [
        { device: 'cam-1', state: 'waiting' },
        { device: 'cam-2', state: 'waiting' },
      ],
    });
    other.close();
    expect(rig.waiting()).toMatchObject([
      {
        id: 'O-1',
        type: 'io.sitebox.order.v1',
        subject: 'crew',
        time: T0,
        data: {
          id: 'O-1',
          by: 'Room 1',
          origin: 'room',
          text: 'close the path',
          place: PLACE,
          created: '2026-11-21T08:00:00.000Z',
          targets: [{ device: 'cam-1', state: 'waiting' }, { device: 'cam-2' }],
        },
      },
    ]);
    expect(rig.audit().at(-1)).toBe('Room 1: order created');
  });

  it('that comes again is the same one, and nothing is written', () => {
    make();
    const before = rig.db.prepare('SELECT total_changes() AS n').get();
    expect(make({ text: 'another text' })).toEqual({ id: 'O-1', targets: ['cam-1', 'cam-2'], stale: [] });
    expect(rig.db.prepare('SELECT total_changes() AS n').get()).toEqual(before);
  });

  it('waits for a device until that says it has it, and the room sees each step with its time', () => {
    make({ to: ['cam-1'] });
    expect(orders.turn()).toEqual(['cam-1']);
    expect(orders.pending('cam-1')).toEqual([
      { kind: 'order', id: 'O-1', text: 'close the path', at: T0, place: PLACE },
    ]);
    expect(orders.pending('cam-2')).toEqual([]);
    const step = (work: () => void): void => {
      rig.pass(1000);
      work();
    };
    step(() => orders.markSent('cam-1', 'O-1'));
    // The connection may break before the receipt: it is given again when the device comes back.
    expect([orders.turn(), orders.pending('cam-1').length]).toEqual([[], 1]);
    step(() => orders.markDelivered('cam-1', 'O-1'));
    expect(orders.pending('cam-1')).toEqual([]);
    step(() => answer('cam-1', 'read'));
    step(() => answer('cam-1', 'done'));
    expect(getOrder(rig.db, 'O-1')!.targets).toEqual([
      { device: 'cam-1', state: 'done', sent: T0 + 1000, delivered: T0 + 2000, read: T0 + 3000, ended: T0 + 4000 },
    ]);
    expect(rig.audit().slice(-2)).toEqual(['Room 1: order created', 'cam-1: order done']);
    const events = rig.send();
    expect(events.map((e) => e.id === 'O-1')).toEqual([true, false]);
    expect(events[1]).toMatchObject({
      time: T0 + 4000,
      data: { targets: [{ state: 'done', sent: '2026-11-21T08:00:01.000Z', ended: '2026-11-21T08:00:04.000Z' }] },
    });
  });

  it('tells the room of every step by an event of its own while the line is up', () => {
    make({ to: ['cam-1'] });
    const seen = rig.send();
    for (const state of ['read', 'refused'] as const) {
      answer('cam-1', state, 'the bridge is gone');
      seen.push(...rig.send());
    }
    expect(seen.map((e) => (e.data as { targets: { state: string }[] }).targets[0])).toEqual([
      { device: 'cam-1', state: 'waiting' },
      expect.objectContaining({ state: 'read' }),
      expect.objectContaining({ state: 'refused', reason: 'the bridge is gone' }),
    ]);
    expect(new Set(seen.map((e) => e.id)).size).toBe(3);
  });

  it('only moves on: repeats, late receipts and second thoughts change nothing', () => {
    make();
    expect(answer('cam-1', 'read')).toBe('taken');
    const before = rig.db.prepare('SELECT total_changes() AS n').get();
    orders.markDelivered('cam-1', 'O-1');
    orders.markSent('cam-1', 'O-1');
    expect(answer('cam-1', 'read')).toBe('repeat');
    expect(rig.db.prepare('SELECT total_changes() AS n').get()).toEqual(before);
    expect(answer('cam-1', 'refused', 'x'.repeat(300))).toBe('taken');
    expect(answer('cam-1', 'done')).toBe('contradicts');
    expect(answer('cam-1', 'read')).toBe('late');
    expect(answer('guard-1', 'done')).toBe('unknown');
    expect(orders.recordAnswer({ device: 'cam-1', order: 'none', state: 'done', at: T0 })).toBe('unknown');
    orders.markDelivered('cam-1', 'an alert');
    expect(states()).toEqual(['cam-1 refused', 'cam-2 waiting']);
    expect(getOrder(rig.db, 'O-1')!.targets[0]!.reason).toHaveLength(200);
  });

  it('waits in order of creation, also when another process wrote it', () => {
    const other = openDb(rig.folder);
    openOrders({ db: other, outbox: rig.outbox({}, { db: other }), registry }).create(
      { text: 'from the command line', to: ['cam-1'] },
      { id: 'Z', by: 'Chief 1', origin: 'box' },
      [],
    );
    other.close();
    rig.pass(1);
    make({ to: ['cam-1'] });
    expect(orders.turn()).toEqual(['cam-1']);
    expect(orders.pending('cam-1').map((m) => m.id)).toEqual(['Z', 'O-1']);
  });
});

describe('to the nearest', () => {
  it('goes to those who can show it, of the role asked for', () => {
    expect(make({ to: { nearest: 2 } })).toMatchObject({ targets: ['guard-1', 'cam-2'] });
    expect(make({ to: { nearest: 9, role: 'officer' } }, { id: 'O-2' })).toMatchObject({ targets: ['cam-2', 'cam-1'] });
    expect(states('O-2')).toEqual(['cam-1 waiting', 'cam-2 waiting']);
  });

  it('names whom it left out, and is no order where nobody is left', () => {
    const stale = KNOWN.map((c) => ({ ...c, fresh: c.device !== 'cam-2' }));
    expect(make({ to: { nearest: 2, role: 'officer' } }, {}, stale)).toMatchObject({
      targets: ['cam-1'],
      stale: ['cam-2'],
    });
    const nobody = make(
      { to: { nearest: 1, role: 'guard' } },
      { id: 'O-2' },
      KNOWN.map((c) => ({ ...c, fresh: false })),
    );
    expect(nobody).toMatchObject({
      problem: { en: expect.stringMatching(/nobody is near.*role guard.*guard-1/) as string },
    });
    expect(make({ to: { nearest: 1, role: 'volunteer' } }, { id: 'O-2' })).toHaveProperty('problem');
    expect(getOrder(rig.db, 'O-2')).toBeUndefined();
  });
});

describe('a mistake', () => {
  it.each<[string, Partial<NewOrder>, RegExp]>([
    ['an unknown device', { to: ['cam-1', 'cam-9'] }, /cam-9 is not registered/],
    ['a device that can show nothing', { to: ['drone-1'] }, /drone-1 speaks dji and can show no order/],
    ['nobody', { to: [] }, /1 to 100 devices/],
    ['too many', { to: Array.from({ length: 101 }, () => 'cam-1') }, /1 to 100 devices/],
    ['a part of a device', { to: { nearest: 1.5 } }, /1 to 100 devices/],
    ['no text', { text: ' ' }, /1 to 500 characters/],
    ['a long text', { text: '长'.repeat(501) }, /1 to 500 characters/],
    ['a place off the Earth', { place: { lat: 91, lon: 0 } }, /latitude -90 to 90/],
    ['half a place', { place: { lat: 1, lon: NaN } }, /longitude -180 to 180/],
    ['a long name', { place: { lat: 1, lon: 1, name: 'x'.repeat(101) } }, /name of a place/],
  ])('%s is said in words, and nothing is written', (_name, more, words) => {
    const before = rig.db.prepare('SELECT total_changes() AS n').get();
    expect(make(more)).toMatchObject({ problem: { en: expect.stringMatching(words) as string } });
    expect(rig.db.prepare('SELECT total_changes() AS n').get()).toEqual(before);
  });

  it('needs a place for the nearest, a person, and a device that was not revoked', () => {
    const noPlace = orders.create({ text: 'come', to: { nearest: 1 } }, GIVEN, KNOWN);
    expect(noPlace).toMatchObject({ problem: { en: 'an order to the nearest needs a place' } });
    expect(make({}, { by: ' ' })).toHaveProperty('problem');
    revokeDevice(rig.db, 'cam-1', { by: 'Chief 1', now: T0 });
    registry.refresh();
    expect(make()).toMatchObject({ problem: { en: 'device cam-1 is not registered, or was revoked' } });
  });

  it('a full outbox refuses order and answer whole', () => {
    const full = openOrders({ db: rig.db, outbox: rig.outbox({ rows: 1 }), registry });
    full.create({ text: 'one', to: ['cam-1'] }, GIVEN, []);
    expect(() => full.create({ text: 'two', to: ['cam-1'] }, { ...GIVEN, id: 'O-2' }, [])).toThrow(OutboxFull);
    expect(() => full.recordAnswer({ device: 'cam-1', order: 'O-1', state: 'done', at: T0 })).toThrow(OutboxFull);
    expect(states()).toEqual(['cam-1 waiting']);
    expect(getOrder(rig.db, 'O-2')).toBeUndefined();
    expect(rig.audit().filter((row) => row.includes('order'))).toEqual(['Room 1: order created']);
  });
});

it('an instruction of the room is taken once', () => {
  expect([1, 2, 3].map(() => takeRoomMessage(rig.db, 'M-1', T0))).toEqual([true, false, false]);
  expect(takeRoomMessage(rig.db, 'M-2', T0 + 91 * 86_400_000)).toBe(true);
  expect(rig.db.prepare('SELECT id FROM roomMessages').all()).toEqual([{ id: 'M-2' }]);
});
