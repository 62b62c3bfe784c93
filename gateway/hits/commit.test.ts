/** A hit that is on disk is not made another one by what fails behind it. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { openRig } from '../upstream/deliver.fixtures.ts';
import { openMetrics } from '../metrics.ts';
import type { Clock } from '../clock/clock.ts';
import type { Hit } from '../contracts/hit.ts';
import { openHitCommitter } from './commit.ts';
import { HitBuffer } from './hit-buffer.ts';

const HIT = {
  id: 'H-1',
  lane: 'lane-1',
  entry: 'E-1',
  listed: '皖A12345',
  certainty: 'exact',
  sightings: 1,
  first: 1,
  last: 2,
  list: { type: 'plate-list', version: 1, sha256: 'a' },
  clock: { highest: 2, behindMs: 0 },
  state: 'unreviewed',
} as unknown as Hit;

test('L3: a hit that is stored counts once, and is not said to wait, where the crew could not be told of it', async () => {
  const rig = openRig();
  onTestFinished(() => rig.close());
  const { db, outbox } = rig;
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const clock = { now: () => 3, mono: () => 0 } as unknown as Clock;
  const raised = vi.fn(() => {
    throw new Error('the line to 皖A12345 is gone');
  });
  const parts = { db, outbox, windowMs: 60_000, clock, metrics: openMetrics('test'), log, raised };
  const hits = openHitCommitter(parts);
  const buffer = new HitBuffer((hit, evidence) => hits.commit(hit, evidence), log);
  const kept = buffer.raise(HIT, []);
  expect(buffer.status.problems!()).toEqual([]);
  buffer.retry();
  expect(await kept).toBe('H-1');
  expect(raised).toHaveBeenCalledOnce();
  expect(db.prepare('SELECT id, seen FROM hits').all()).toEqual([{ id: 'H-1', seen: 1 }]);
  expect(log.error.mock.calls).toEqual([[{ hit: 'H-1', cause: 'Error' }, 'what follows a hit failed']]);
});
