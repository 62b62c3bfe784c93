import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CrewDevice, Position } from '../contracts/crew.ts';
import { openDb } from '../store/db.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import { openCrewRig, sosOf, T0, type CrewRig } from './crew.fixtures.ts';
import { openSosRecords, placeOf, type SosRecords } from './sos-records.ts';

const HERE: Position = { lat: 30.25, lon: 120.125, accuracyM: 8, altitudeM: 126, trusted: true };
let rig: CrewRig;
let cam: CrewDevice;
let records: SosRecords;

beforeEach(() => {
  rig = openCrewRig();
  cam = rig.add({ id: 'cam-1' });
  records = open();
});
afterEach(() => rig.close());

function open(limits = {}): SosRecords {
  return openSosRecords({ db: rig.db, outbox: rig.outbox(limits), clock: rig.clock });
}

/** Turns as the gateway makes them: one a second. */
function turns(seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    rig.pass(1000);
    records.turn();
  }
}

describe('a call for help', () => {
  it('of a terminal, which cannot say whether its button was pressed again, is the last one until somebody has seen that', () => {
    const terminal = rig.add({ id: 'car-1', kind: 'vehicle', protocol: 'jt808', serials: ['13800000000'] });
    const called = (sos: string) => records.report(sosOf('car-1', { sos }), terminal);
    const first = called('10:00:00');
    // C2: pressed again is news, though the row is the same.
    expect(called('10:00:07')).toMatchObject({ id: first.id, isNew: true, state: 'raised' });
    expect(records.open()).toHaveLength(1);
    records.acknowledge(first.id, 'room');
    expect(called('10:05:00')).toMatchObject({ isNew: true });
    // A body-cam names its calls itself.
    const ids = ['a', 'b'].map((sos) => records.report(sosOf('cam-1', { sos }), cam).id);
    expect(new Set(ids).size).toBe(2);
  });

  it('is row, audit and event when `report` returns, and a repeat writes nothing', () => {
    const first = records.report(sosOf('cam-1', { position: HERE }), cam);
    expect(first).toMatchObject({ isNew: true, state: 'raised' });
    expect(first.message).toEqual({
      kind: 'sos',
      id: first.id,
      state: 'raised',
      at: T0,
      device: 'cam-1',
      place: { lat: 30.25, lon: 120.125, origin: 'own', ageS: 0 },
    });
    // Another connection to the file sees it: it was committed.
    const other = openDb(rig.folder);
    expect(other.prepare('SELECT id, state FROM sos').all()).toEqual([{ id: first.id, state: 'raised' }]);
    other.close();
    expect(rig.waiting()).toMatchObject([
      {
        id: first.id,
        type: 'io.sitebox.sos.v1',
        subject: 'cam-1',
        time: T0,
        data: {
          id: first.id,
          device: 'cam-1',
          role: 'officer',
          kind: 'bodycam',
          state: 'raised',
          raised: '2026-11-21T08:00:00.000Z',
          place: { lat: 30.25, lon: 120.125, accuracyM: 8, trusted: true, origin: 'own', ageS: 0 },
          clock: { highest: '2026-11-21T08:00:00.000Z', behindMs: 0 },
        },
      },
    ]);
    const before = rig.db.prepare('SELECT total_changes() AS n').get();
    expect(records.report(sosOf('cam-1', { at: T0 + 5000, position: HERE }), cam)).toEqual({
      id: first.id,
      isNew: false,
      state: 'raised',
    });
    expect(rig.db.prepare('SELECT total_changes() AS n').get()).toEqual(before);
    expect(rig.audit()).toEqual(['Chief 1: device added', 'cam-1: sos raised']);
  });

  it('is another one under another name, and of another device', () => {
    const b = rig.add({ id: 'cam-2', role: 'guard' });
    const ids = [
      records.report(sosOf('cam-1'), cam),
      records.report(sosOf('cam-1', { sos: 'x' }), cam),
      records.report(sosOf('cam-2'), b),
    ];
    expect(new Set(ids.map((s) => s.id)).size).toBe(3);
    expect(
      records
        .open()
        .map((s) => s.device)
        .sort(),
    ).toEqual(['cam-1', 'cam-1', 'cam-2']);
  });

  it('C3: follows the caller, as news for everybody, and says that no place is known', () => {
    const first = records.report(sosOf('cam-1'), cam);
    expect(first.message).not.toHaveProperty('place');
    const placed = records.report(sosOf('cam-1', { position: HERE, at: T0 + 5000 }), cam);
    expect(placed).toMatchObject({ id: first.id, isNew: true, message: { place: { lat: 30.25 } } });
    expect(placed.message!.id).not.toBe(first.id);
    const wandered = { ...HERE, lat: 30.2501 };
    expect(records.report(sosOf('cam-1', { position: wandered, at: T0 + 7000 }), cam).isNew).toBe(false);
    const moved = records.report(sosOf('cam-1', { position: { ...HERE, lat: 30.26 }, at: T0 + 9000 }), cam);
    expect(moved).toMatchObject({ id: first.id, isNew: true, message: { place: { lat: 30.26 } } });
    expect(records.open()).toMatchObject([{ place: { lat: 30.26, at: T0 + 9000 }, raised: T0 }]);
    expect(rig.send().map((e) => e.data)).toMatchObject([{ state: 'raised', place: null }, { place: { lat: 30.26 } }]);
  });

  it('is kept as withdrawn: once, for good, and also where the call itself was lost', () => {
    const { id } = records.report(sosOf('cam-1'), cam);
    const cancelled = records.report(sosOf('cam-1', { state: 'cancelled', at: T0 + 1000 }), cam);
    expect(cancelled).toMatchObject({
      id,
      isNew: true,
      state: 'cancelled',
      message: { state: 'cancelled', at: T0 + 1000 },
    });
    expect(cancelled.message!.id).not.toBe(id);
    expect(records.report(sosOf('cam-1', { state: 'cancelled' }), cam)).toEqual({
      id,
      isNew: false,
      state: 'cancelled',
    });
    expect(records.report(sosOf('cam-1'), cam)).toEqual({ id, isNew: false, state: 'cancelled' });
    const lost = records.report(sosOf('cam-1', { sos: 'lost', state: 'cancelled' }), cam);
    expect(lost).toMatchObject({ isNew: true, state: 'cancelled' });
    expect(records.report(sosOf('cam-1', { sos: 'lost' }), cam)).toMatchObject({
      id: lost.id,
      isNew: false,
      state: 'cancelled',
    });
    expect(rig.send().map((e) => [e.id, (e.data as { state: string }).state])).toEqual([
      [id, 'raised'],
      [cancelled.message!.id, 'cancelled'],
      [lost.id, 'cancelled'],
    ]);
    expect(records.open()).toEqual([]);
    expect(
      records
        .messages()
        .map((m) => m.message.id)
        .sort(),
    ).toEqual([cancelled.message!.id, lost.id].sort());
    turns(120);
    expect(rig.waiting()).toEqual([]);
  });

  it('C2: the sixth and later press saves a row and nothing else: all hear it, at its place, and its name withdraws it', () => {
    for (let i = 0; i < 5; i++) records.report(sosOf('cam-1', { sos: `call-${i}`, at: T0 + i }), cam);
    const newest = records.open()[0]!;
    const press = (i: number, lat: number) =>
      records.report(sosOf('cam-1', { sos: `call-${i}`, at: T0 + i, position: { ...HERE, lat } }), cam);
    const [sixth, seventh] = [press(5, 30.25), press(6, 30.26)];
    expect(sixth).toMatchObject({ id: newest.id, isNew: true, message: { at: T0 + 5, place: { lat: 30.25 } } });
    expect(seventh).toMatchObject({ id: newest.id, isNew: true, message: { at: T0 + 6, place: { lat: 30.26 } } });
    expect(new Set([newest.id, sixth.message!.id, seventh.message!.id]).size).toBe(3);
    // A repeat of it is none.
    expect(press(6, 30.26).isNew).toBe(false);
    expect(rig.waiting().at(-1)!.data).toMatchObject({ id: newest.id, presses: 3, place: { lat: 30.26 } });
    expect(records.open()[0]).toMatchObject({ id: newest.id, pressed: T0 + 6, presses: 3, raised: T0 + 4 });
    records = open();
    const withdrawn = records.report(sosOf('cam-1', { sos: 'call-6', state: 'cancelled', at: T0 + 9 }), cam);
    expect(withdrawn).toMatchObject({ id: newest.id, isNew: true, state: 'cancelled' });
    expect(records.open()).toHaveLength(4);
    // An old repeat that comes late raises nothing again.
    expect(press(5, 30.25)).toMatchObject({ isNew: false, state: 'cancelled' });
  });

  it('C2: remembers the last 64 names of merged presses', () => {
    for (let i = 0; i < 100; i++) records.report(sosOf('cam-1', { sos: `call-${i}`, at: T0 + i }), cam);
    expect(rig.db.prepare('SELECT count(*) AS n FROM sosNames').get()).toEqual({ n: 64 });
    expect(records.open()).toHaveLength(5);
  });

  it('C2: a device that presses without end is written a second later, and everybody hears the last of it', () => {
    for (let i = 0; i < 5; i++) records.report(sosOf('cam-1', { sos: `call-${i}`, at: T0 + i }), cam);
    rig.send();
    for (let i = 5; i < 9; i++) {
      const where = { place: placeOf({ ...HERE, lat: 30 + i / 10 }, 'own', T0 + i) };
      const pressed = records.report(sosOf('cam-1', { sos: `call-${i}`, at: T0 + i }), cam, where, false);
      expect(pressed).toMatchObject({ isNew: false, state: 'raised' });
    }
    expect(rig.send()).toEqual([]);
    expect(records.turn()).toMatchObject([{ device: 'cam-1', message: { at: T0 + 8, place: { lat: 30.8 } } }]);
    expect(rig.send()).toMatchObject([{ data: { place: { lat: 30.8 } } }]);
    expect(records.turn()).toEqual([]);
  });

  it('C1: without a name is one call while it repeats itself, and another one after a silence', () => {
    const said = (sos: string) => records.report({ ...sosOf('cam-1', { sos }), unnamed: true }, cam);
    const first = said('same words');
    rig.pass(5_000);
    expect(said('same words')).toMatchObject({ id: first.id, isNew: false });
    expect(said('other words')).toMatchObject({ isNew: true });
    rig.pass(16_000);
    const again = said('same words');
    expect(again.isNew).toBe(true);
    expect(again.id).not.toBe(first.id);
  });
});

describe('the room', () => {
  it('is told again every 30 s until it has acknowledged, with one waiting repeat at most beside the first event', () => {
    const { id } = records.report(sosOf('cam-1'), cam);
    turns(29);
    expect(rig.waiting()).toHaveLength(1);
    turns(100);
    const waiting = rig.waiting();
    expect(waiting.map((e) => e.id === id)).toEqual([true, false]);
    expect(rig.send()).toHaveLength(2);
    turns(65);
    // The line is up again: each repeat is an event of its own.
    expect(new Set([...waiting, ...rig.send()].map((e) => e.id)).size).toBeGreaterThan(2);
    expect(records.acknowledge(id, 'Room 1')).toBe(true);
    expect(rig.send().map((e) => e.data)).toMatchObject([{ acknowledged: { by: 'Room 1' } }]);
    turns(120);
    expect(rig.waiting()).toEqual([]);
    expect(records.acknowledge(id, 'Room 2')).toBe(true);
    expect(records.acknowledge('nothing', 'Room 2')).toBe(false);
    expect(rig.audit().slice(1)).toEqual(['cam-1: sos raised', 'Room 1: sos acknowledged']);
    expect(records.open()).toMatchObject([{ id, acknowledged: { by: 'Room 1' } }]);
    rig.pass(13 * 3_600_000);
    expect(records.open()).toEqual([]);
  });

  it('is told again after a restart too, and when the wall clock was set back', () => {
    records.report(sosOf('cam-1', { at: T0 + 3_600_000 }), cam);
    records = open();
    turns(31);
    expect(rig.waiting()).toHaveLength(2);
    rig.pass(30 * 86_400_000);
    expect(records.open()).toHaveLength(1);
  });

  it('hears of a withdrawal in the place of the repeats that still wait', () => {
    const { id } = records.report(sosOf('cam-1'), cam);
    turns(95);
    records.report(sosOf('cam-1', { state: 'cancelled' }), cam);
    expect(rig.waiting().map((e) => [e.id === id, (e.data as { state: string }).state])).toEqual([
      [true, 'raised'],
      [false, 'cancelled'],
    ]);
  });
});

describe('where nothing can be kept', () => {
  it('a full outbox refuses the call whole, and takes it later', () => {
    const full = open({ rows: 0 });
    expect(() => full.report(sosOf('cam-1'), cam)).toThrow(OutboxFull);
    expect(records.open()).toEqual([]);
    expect(rig.audit()).toEqual(['Chief 1: device added']);
    expect(records.report(sosOf('cam-1'), cam).isNew).toBe(true);
  });

  it('a full disk refuses it whole, too', () => {
    rig.db.pragma(`max_page_count = ${rig.db.pragma('page_count', { simple: true }) as number}`);
    const fill = (): void => {
      for (let i = 0; ; i++) records.report(sosOf('cam-1', { sos: `n${i}`, state: 'cancelled', position: HERE }), cam);
    };
    expect(fill).toThrow(/full/);
    const rows = (table: string) => rig.db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number };
    expect(rows('sos').n).toBe(rows('outbox').n);
    expect(rig.audit()).toHaveLength(rows('sos').n + 1);
  });
});
