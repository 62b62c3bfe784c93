/** A command room whose id was changed: what waits for the old one is said, and leaves once it is named again. */
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { testDb } from '../store/db.fixtures.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { orphansStatus } from './orphans.ts';

test('L3: events for a command room that is named no more are an alarm', () => {
  const folder = tempFolder();
  const db = testDb(folder);
  const limits = { rows: 100, bytes: 1e6 };
  const relays = ['hq', 'room'];
  const outbox = new OutboxWriter(db, { source: '/s', relays, limits, now: () => 1, wake: () => undefined });
  for (const subject of ['a', 'b'])
    outbox.enqueue({ type: 'io.sitebox.alarm.v1', subject, time: 1, data: {}, stream: subject });
  let now = 0;
  const problemsWith = (relays: string[]) => orphansStatus(db, relays, () => now).problems!();
  expect(problemsWith(relays)).toEqual([]);
  const renamed = orphansStatus(db, ['headquarters', 'room'], () => now);
  const what = '2 events wait for command room hq, which `upstream` does not name any more';
  expect(renamed.problems!()).toMatchObject([{ key: 'orphaned:hq', what }]);
  db.prepare("DELETE FROM outbox WHERE relay = 'hq'").run();
  now = 60_000;
  db.prepare("DELETE FROM meta WHERE key = 'outbox:hq'").run();
  expect(renamed.problems!()).toEqual([]);
  const plan = db.prepare('EXPLAIN QUERY PLAN SELECT relay FROM outbox WHERE relay > ? ORDER BY relay LIMIT 1').all('');
  expect(JSON.stringify(plan)).toContain('USING COVERING INDEX');
});
