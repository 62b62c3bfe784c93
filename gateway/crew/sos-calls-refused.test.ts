/** Calls for help where the store refuses, or cannot read what it holds: all hear them, and what can be kept is kept. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crewSchema } from '../config/crew.ts';
import type { EquipmentHost, CrewMessage, Equipment } from '../contracts/crew.ts';
import { FILLS, leavesOf, overwritePages } from '../store/damage/damage.fixtures.ts';
import { openDb, type Db } from '../store/db.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import { appendTracks } from '../store/tracks.ts';
import { SILENT_LOG, type Log } from '../contracts/base.ts';
import { CrewService } from './crew-service.ts';
import { openCrewRig, sosOf, T0, type CrewRig } from './crew.fixtures.ts';

const HERE = { lat: 30.25, lon: 120.125, trusted: true };
/** 220 m from HERE. */
const NEAR = { lat: 30.252, lon: 120.125, trusted: true };

let rig: CrewRig;
let crew: CrewService;
let host: EquipmentHost;
let heard: CrewMessage[];
let acknowledged: string[];

const equipment: Equipment = {
  run: () => Promise.resolve(),
  deliver(device, message) {
    if (device === 'chief-1') heard.push(message);
    if (message.kind === 'acknowledged') acknowledged.push(device);
    return true;
  },
};
function open(
  db: Db = rig.db,
  { limits = {}, log = SILENT_LOG }: { limits?: { rows?: number }; log?: Log } = {},
): void {
  const config = crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }], keepTracksH: 24 });
  const parts = { db, outbox: rig.outbox(limits, { db }), clock: rig.clock, config, log };
  crew = new CrewService({ ...parts, equipment: [{ id: 'broker', equipment }] });
  host = crew.hostFor(equipment);
  for (const id of ['chief-1', 'cam-1', 'cam-2']) host.presence(id, true);
  heard = [];
  acknowledged = [];
}
const told = () => heard.flatMap((m) => (m.kind === 'sos' ? [m] : []));
const report = (device: string, position: typeof HERE) => host.report({ device, at: rig.clock.now(), position });

beforeEach(() => {
  rig = openCrewRig();
  rig.add({ id: 'cam-1' });
  rig.add({ id: 'cam-2' });
  rig.add({ id: 'chief-1' });
});
afterEach(() => rig.close());

describe.each(FILLS)('W2: pages overwritten with %s', (_, fill) => {
  it.each(['tracks', 'tracksByDevice'])('of %s: a call without a place is stored and told', (table) => {
    appendTracks(rig.db, [{ device: 'cam-1', at: T0 - 1000, ...HERE }]);
    const db = overwritePages(rig.db, rig.folder, leavesOf(rig.db, table), fill);
    try {
      open(db);
      host.sos(sosOf('cam-1'));
      expect(told()).toMatchObject([{ state: 'raised', device: 'cam-1' }]);
      expect(acknowledged).toEqual(['cam-1']);
      expect(db.prepare('SELECT device FROM sos').all()).toEqual([{ device: 'cam-1' }]);
      expect(db.damage.counts()).toMatchObject({ tracks: 1 });
    } finally {
      db.close();
    }
  });

  it('of other calls: the crew opens, a new call is stored, told and shown, and follows its caller', () => {
    open();
    for (let i = 0; i < 5; i++) host.sos(sosOf('cam-2', { sos: `call-${i}` }));
    // As long as those of years: what comes after them lies on other pages.
    const add = rig.db.prepare(
      `INSERT INTO sos (id, device, name, role, kind, state, raisedMs) VALUES (?, 'cam-2', ?, 'officer', 'bodycam', 'cancelled', 0)`,
    );
    for (let i = 0; i < 500; i++) add.run(`old-${i}`, `old-${i} ${'x'.repeat(50)}`);
    const leaves = leavesOf(rig.db, 'sos');
    expect(leaves.length).toBeGreaterThan(2);
    const db = overwritePages(rig.db, rig.folder, leaves.slice(0, 1), fill);
    try {
      open(db);
      host.sos(sosOf('cam-1', { position: HERE }));
      expect(told()).toMatchObject([{ state: 'raised', device: 'cam-1' }]);
      expect(acknowledged).toEqual(['cam-1']);
      expect(crew.sos.open()).toMatchObject([{ place: { lat: 30.25 } }]);
      expect(crew.view().sosOpen).toBe(1);
      report('cam-1', NEAR);
      expect(told().at(-1)).toMatchObject({ device: 'cam-1', place: { lat: 30.252 } });
      rig.pass(31_000);
      expect(() => crew.turn()).not.toThrow();
      rig.pass(31_000);
      crew.turn();
      expect(db.damage.counts()).toMatchObject({ sos: 5 });
    } finally {
      db.close();
    }
  });
});

describe('C2: calls that the store refuses', () => {
  const call = (device: string, sos: string) => expect(() => host.sos(sosOf(device, { sos }))).toThrow(OutboxFull);

  it('are all told, once each, however many were before, of this device or of others', () => {
    open(rig.db, { limits: { rows: 0 } });
    for (let i = 0; i < 250; i++) call('cam-2', `call-${i}`);
    expect(told()).toHaveLength(250);
    expect(rig.db.gap.state()).toMatchObject({ rows: 250 });
    call('cam-1', 'call-1');
    expect(told().at(-1)).toMatchObject({ device: 'cam-1' });
    // What a third one says does not make the others repeat themselves.
    for (let i = 0; i < 250; i++) call('cam-2', `more-${i}`);
    heard = [];
    for (let i = 0; i < 3; i++) call('cam-1', 'call-1');
    call('cam-2', 'more-249');
    expect(told()).toEqual([]);
  });

  it('are told before they are counted: what fails then keeps nobody from hearing', () => {
    const warn = () => {
      throw new Error('no room for the log');
    };
    open(rig.db, { limits: { rows: 0 }, log: { ...SILENT_LOG, warn } });
    expect(() => host.sos(sosOf('cam-1'))).toThrow();
    expect(told()).toMatchObject([{ device: 'cam-1' }]);
  });
});

it('C2: a display that fails keeps neither the other displays nor the caller from hearing', () => {
  open();
  let shown = 0;
  crew.sos.subscribe(() => {
    throw new Error('display gone');
  });
  crew.sos.subscribe(() => void shown++);
  host.sos(sosOf('cam-1', { position: HERE }));
  expect([shown, acknowledged, told().length]).toEqual([1, ['cam-1'], 1]);
  // Its place is followed all the same.
  report('cam-1', NEAR);
  expect(told().at(-1)).toMatchObject({ place: { lat: 30.252 } });
});

it('C2: of presses and moves, one that the store refuses keeps none of the others from being told', () => {
  open();
  for (const device of ['cam-1', 'cam-2']) for (let i = 0; i < 30; i++) host.sos(sosOf(device, { sos: `call-${i}` }));
  const refuse = (device: string) =>
    rig.db.exec(
      `CREATE TRIGGER refuse BEFORE UPDATE ON sos WHEN old.${device} BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    );
  heard = [];
  refuse(`device = 'cam-2'`);
  crew.turn();
  expect(told()).toMatchObject([{ device: 'cam-1' }]);
  rig.db.exec('DROP TRIGGER refuse');
  crew.turn();
  expect(told()).toMatchObject([{ device: 'cam-1' }, { device: 'cam-2' }]);
  // The oldest of its five calls comes last.
  refuse(`name = 'call-0'`);
  heard = [];
  report('cam-1', HERE);
  expect(told().map(({ device }) => device)).toEqual(['cam-1', 'cam-1', 'cam-1', 'cam-1']);
  rig.db.exec('DROP TRIGGER refuse');
  rig.pass(11_000);
  crew.turn();
  expect(told()).toHaveLength(5);
});

it('C3: a turn in which nothing moved takes no lock of the store', () => {
  open();
  for (const device of ['cam-1', 'cam-2']) host.sos(sosOf(device, { position: HERE }));
  const pass = (): void => {
    rig.pass(1000);
    crew.turn();
  };
  for (let i = 0; i < 3; i++) pass();
  const other = openDb(rig.folder);
  try {
    rig.db.pragma('busy_timeout = 0');
    other.exec('BEGIN IMMEDIATE');
    expect(pass).not.toThrow();
    // Refused; it is moved where the lock is free again.
    report('cam-1', NEAR);
    expect(pass).toThrow(/locked|busy/);
    other.exec('ROLLBACK');
    pass();
    expect(told().at(-1)).toMatchObject({ device: 'cam-1', place: { lat: 30.252 } });
  } finally {
    other.close();
  }
});

it('C3: one call that cannot be moved, and a refused repeat, keep no other call from following its caller', () => {
  open();
  for (const device of ['cam-1', 'cam-2']) {
    host.sos(sosOf(device, { position: HERE }));
    report(device, { ...HERE, lat: 30.251 });
    // Within ten seconds: for the next turn.
    report(device, NEAR);
  }
  rig.db.exec(
    `CREATE TRIGGER refuse BEFORE UPDATE ON sos WHEN old.device = 'cam-1' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  );
  rig.pass(11_000);
  heard = [];
  expect(() => crew.turn()).toThrow('refused');
  expect(told()).toMatchObject([{ device: 'cam-2', place: { lat: 30.252 } }]);
  rig.db.exec('DROP TRIGGER refuse');
  crew.turn();
  expect(told().at(-1)).toMatchObject({ device: 'cam-1', place: { lat: 30.252 } });
});
