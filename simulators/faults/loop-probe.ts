/**
 * Loaded into a box by `NODE_OPTIONS=--import`: writes once a second, to the file that LOOP_PROBE names, how long the event loop stood still
 * at most in that second, and how much processor time its thread used in that stop: the rest it waited, for the disk or for a processor.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const EVERY_MS = 4;
const file = process.env['LOOP_PROBE'];

// Commands that the box runs, and its threads, load it too; only the box itself is looked at.
if (file !== undefined && isMainThread && process.argv[2] === 'start') {
  let [at, used] = [performance.now(), process.threadCpuUsage()];
  let longest = { ms: 0, cpuMs: 0 };
  setInterval(() => {
    const [now, cpu] = [performance.now(), process.threadCpuUsage()];
    const ms = now - at - EVERY_MS;
    if (ms > longest.ms) longest = { ms, cpuMs: (cpu.user - used.user + cpu.system - used.system) / 1000 };
    [at, used] = [now, cpu];
  }, EVERY_MS).unref();
  setInterval(() => {
    appendFileSync(file, `${longest.ms.toFixed(1)} ${longest.cpuMs.toFixed(1)}\n`);
    longest = { ms: 0, cpuMs: 0 };
  }, 1_000).unref();
}
