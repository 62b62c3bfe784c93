/** Delivery of events with pictures, which are read from the store as each is sent. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pictureOf } from '../../simulators/conformance/relay.ts';
import { addHit, openRig, relayOf, type Rig } from './deliver.fixtures.ts';
import { outboxTotals } from '../store/outbox/outbox.ts';
import type { Envelope } from '../contracts/relay.ts';

let rig: Rig;
const WITHIN = { timeout: 15_000, interval: 10 };

beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

it('L3: a picture that cannot be read just now keeps its hit waiting, never refused, and it goes once it can be read', async () => {
  const hit = addHit(rig, 1, [pictureOf('a plate')]);
  // The rows are as they were; only reading one fails, with an error of SQLite's that says nothing of damage.
  rig.db.exec(`ALTER TABLE evidence RENAME TO away;
    CREATE VIEW evidence AS SELECT sha256, abs(-9223372036854775807 - length(bytes) / length(bytes)) AS mediaType, bytes FROM away`);
  const sent: Envelope[] = [];
  const { relay } = relayOf((e) => Promise.resolve(void sent.push(e)));
  const d = rig.deliver(relay);
  await vi.waitFor(() => expect(d.state().error).toMatch(/could not be read from the store: integer overflow/), WITHIN);
  const other = rig.add('alarm', { type: 'io.sitebox.alarm.v1' });
  await vi.waitFor(() => expect(sent.map((e) => e.id)).toEqual([other]), WITHIN);
  await vi.waitFor(() => expect(d.state().failed).toBeGreaterThan(1), WITHIN);
  expect(d.state().rejected).toBe(0);
  expect(outboxTotals(rig.db, 'room')).toMatchObject({ dead: 0 });
  rig.db.exec('DROP VIEW evidence; ALTER TABLE away RENAME TO evidence');
  await vi.waitFor(() => expect(rig.rows()).toBe(0), WITHIN);
  expect(sent.map((e) => [e.id, e.evidence.length])).toEqual([
    [other, 0],
    [hit, 1],
  ]);
  expect(d.state().error).toBeUndefined();
});

it('L3: a picture of which not even the length can be read keeps only its own hit waiting', async () => {
  const bad = pictureOf('a bad sector');
  addHit(rig, 1, [bad]);
  const others = [addHit(rig, 2, [pictureOf('a plate')]), rig.add('alarm', { type: 'io.sitebox.alarm.v1' })];
  rig.db.exec(`ALTER TABLE evidence RENAME TO away;
    CREATE VIEW evidence AS SELECT sha256, mediaType, CASE sha256 WHEN '${bad.sha256}'
      THEN abs(-9223372036854775807 - length(bytes) / length(bytes)) ELSE bytes END AS bytes FROM away`);
  const { relay, seen } = relayOf(() => Promise.resolve());
  const d = rig.deliver(relay);
  await vi.waitFor(() => expect(rig.rows()).toBe(1), WITHIN);
  expect(seen).toEqual(others);
  await vi.waitFor(() => expect(d.state().error).toMatch(/could not be read from the store/), WITHIN);
  expect(d.state().rejected).toBe(0);
});

it('L3: pictures that the line has no place for hold up nothing that has none, of whatever priority', async () => {
  const plain = [rig.add('older hit'), rig.add('alarm', { type: 'io.sitebox.alarm.v1' })];
  const hits = Array.from({ length: 20 }, (_, n) => addHit(rig, n, [pictureOf(`plate ${n}`)]));
  const { relay, seen } = relayOf((e) => (e.evidence.length > 0 ? new Promise(() => undefined) : Promise.resolve()));
  const d = rig.deliver(relay);
  await vi.waitFor(() => expect(rig.rows()).toBe(20), WITHIN);
  // Nothing is known of the line yet: one picture at a time, the youngest first.
  expect(seen).toEqual([hits.at(-1), ...plain]);
  plain.push(rig.add('later alarm', { type: 'io.sitebox.alarm.v1' }));
  await vi.waitFor(() => expect(seen).toEqual([hits.at(-1), ...plain]), WITHIN);
  await d.stop();
});
