/**
 * Loaded into a box by `NODE_OPTIONS=--import`: writes once a second, to the file that LOOP_PROBE names, how long the event loop stood still
 * at most in that second. One number a line, in milliseconds.
 */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 2;
const file = process.env['LOOP_PROBE'];

// Commands that the box runs, and its threads, load it too; only the box itself is looked at.
if (file !== undefined && isMainThread && process.argv[2] === 'start') {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  setInterval(() => {
    appendFileSync(file, `${(loop.max / 1e6 - RESOLUTION_MS).toFixed(1)}\n`);
    loop.reset();
  }, 1_000).unref();
}
