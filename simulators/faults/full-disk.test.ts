import { expect, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { callOnFullDisk } from './full-disk.ts';

test.for(['tmpfs', 'ext4'] as const)(
  'W1, W4: a call for help on a full %s has the ballast; without it all are told, none is acknowledged, and it is once there is room',
  { timeout: 240_000 * PATIENCE_FACTOR },
  async (kind, context) => {
    const folder = tempFolder();
    const outcome = await callOnFullDisk(folder, { kind, megabytes: 150 });
    if (typeof outcome === 'string') return context.skip(outcome);
    console.log(kind, outcome);
    expect(outcome).toMatchObject({ receiptsWithoutRoom: 0, lost: [] });
    // The bench holds the box to 1 s and 5 s; a loaded machine has a little more.
    expect(outcome.withBallastMs).toBeLessThan(5_000 * PATIENCE_FACTOR);
    expect(outcome.acknowledgedAfterMs).toBeLessThan(10_000 * PATIENCE_FACTOR);
  },
);
