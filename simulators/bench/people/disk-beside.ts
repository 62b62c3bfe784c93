/** How long the disk itself takes for one commit, asked for beside a box by another program: what the box waits for too, and cannot change. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BLOCK = Buffer.alloc(4096);
const EVERY_MS = 100;

/** Times of fdatasync in `folder` until `signal` aborts, ms. */
export async function commitTimes(folder: string, signal: AbortSignal): Promise<number[]> {
  await using file = await open(join(folder, 'beside'), 'w');
  const times: number[] = [];
  while (!signal.aborted) {
    await file.write(BLOCK, 0, BLOCK.length, 0);
    const start = performance.now();
    await file.datasync();
    times.push(performance.now() - start);
    await sleep(EVERY_MS);
  }
  return times;
}
