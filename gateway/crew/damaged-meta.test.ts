/** W2: what the crew keeps in `meta` may say anything, or lie on a page that is gone: no start and no message of a device ends the box for it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import type { CrewMessage, Equipment } from '../contracts/crew.ts';
import { parseKnown } from '../monitor/alarms.ts';
import { FILLS, leavesOf, overwritePages } from '../store/damage/damage.fixtures.ts';
import { setMeta, type Db } from '../store/db.ts';
import { allDevices } from '../store/devices.ts';
import { readFaults } from '../store/device-faults.ts';
import { getRefused } from '../store/lists.ts';
import { listOrders } from '../store/orders.ts';
import { sosSince } from '../store/sos-table.ts';
import { CrewService } from './crew-service.ts';
import { openCrewRig, sosOf, T0, type CrewRig } from './crew.fixtures.ts';

const KEYS = ['credentialMisuse', 'deviceProblems', 'faults of cam-1', 'mode', 'listRefused'];
const ODD = ['{}', '[null]', '[{}]', '["x"]', '[["x"]]', '5', 'null', '"x = two clients"', 'cut'];

let rig: CrewRig;
let told: CrewMessage[];
const equipment: Equipment = {
  run: () => Promise.resolve(),
  deliver: (_, message) => told.push(message) > 0,
};
const openOn = (db: Db) => {
  const config = crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }] });
  const parts = { db, outbox: rig.outbox(), clock: rig.clock, config, log: SILENT_LOG };
  const crew = new CrewService({ ...parts, equipment: [{ id: 'broker', equipment }] });
  return { crew, host: crew.hostFor(equipment) };
};
beforeEach(() => {
  rig = openCrewRig();
  rig.add({ id: 'cam-1' });
  rig.add({ id: 'cam-2' });
  told = [];
});
afterEach(() => rig.close());

describe.each(ODD)('W2: %s in the place of what the crew keeps', (odd) => {
  it('is as if nothing had been kept: the crew opens, a refusal is counted, a turn tells nothing', () => {
    for (const key of KEYS) setMeta(rig.db, key, odd);
    const { crew, host } = openOn(rig.db);
    expect(() => host.refused('odd field', 'cam-1', { field: 'batt', why: 'expected' })).not.toThrow();
    expect(crew.view().refused).toEqual({ 'odd field': 1 });
    rig.pass(11_000);
    expect(() => crew.turn()).not.toThrow();
    expect(rig.waiting()).toEqual([]);
    expect(readFaults(rig.db, 'cam-1')).toMatchObject([{ why: 'odd field', field: 'batt', times: 1 }]);
    expect(getRefused(rig.db)).toBeUndefined();
    expect(rig.db.damage.counts()).toHaveProperty('meta');
  });

  it('in a row of a device, a call, an order or the positions that wait costs only that', () => {
    rig.db.prepare('UPDATE devices SET serials = ?').run(odd);
    const call = sosOf('cam-1');
    const { host } = openOn(rig.db);
    host.sos(call);
    rig.db.prepare('UPDATE sos SET place = ?, doubtful = ?').run(odd, odd);
    rig.db
      .prepare(`INSERT INTO orders (id, origin, byWhom, text, place, createdMs) VALUES ('o', 'box', 'x', 't', ?, ?)`)
      .run(odd, T0);
    const { crew } = openOn(rig.db);
    expect(sosSince(rig.db, 0)[0]).not.toHaveProperty('place');
    expect(listOrders(rig.db, 1)[0]).not.toHaveProperty('place');
    expect(allDevices(rig.db)[0]).toMatchObject({ id: 'cam-1' });
    const outbox = rig.outbox();
    for (let i = 0; i < 3; i++)
      outbox.enqueue({ type: 'io.sitebox.crew.v1', subject: 'crew', time: T0, data: {}, stream: 'crew', priority: 5 });
    if (odd !== 'cut') rig.db.prepare(`UPDATE outbox SET data = ? WHERE stream = 'crew'`).run(odd);
    host.report({ device: 'cam-2', at: rig.clock.now(), position: { lat: 30.25, lon: 120.125, trusted: true } });
    rig.pass(60_000);
    expect(() => crew.turn()).not.toThrow();
  });

  it('in the place of the alarms that the room was told clears none that it was not told', () => {
    expect([...parseKnown(odd)]).toEqual([]);
    expect([...parseKnown('{"a":5,"b":"was raised"}')]).toEqual([['b', 'was raised']]);
  });
});

describe.each(FILLS)('W2: all pages of `meta` overwritten with %s', (_, fill) => {
  it('keep neither the crew from opening nor a call from being told', () => {
    for (const key of KEYS) setMeta(rig.db, key, '[]');
    const db = overwritePages(rig.db, rig.folder, leavesOf(rig.db, 'meta'), fill);
    try {
      const { crew, host } = openOn(db);
      host.presence('cam-2', true);
      for (const why of ['odd field', 'not allowed'] as const) expect(() => host.refused(why, 'cam-1')).not.toThrow();
      expect(() => host.report({ device: 'cam-1', at: T0, clockWrong: true })).not.toThrow();
      expect(crew.view().refused).toMatchObject({ 'odd field': 1, 'not allowed': 1 });
      expect(() => host.sos(sosOf('cam-1'))).toThrow();
      expect(told).toContainEqual(expect.objectContaining({ kind: 'sos', device: 'cam-1' }));
      expect(db.damage.counts()).toHaveProperty('meta');
    } finally {
      db.close();
    }
  });
});
