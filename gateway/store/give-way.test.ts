import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

/** The nice value of the calling thread, field 19 of /proc/thread-self/stat (proc(5)). */
const NICE = `Number(require('node:fs').readFileSync('/proc/thread-self/stat', 'utf8').replace(/^.*\\) /s, '').split(' ')[16])`;

test('W6, L8: a thread whose work has time gives way to the event loop, and only that thread', async () => {
  const module = new URL('./give-way.ts', import.meta.url).href;
  const worker = new Worker(
    `import(${JSON.stringify(module)}).then(({ giveWay }) => {
      const before = ${NICE};
      giveWay();
      require('node:worker_threads').parentPort.postMessage([before, ${NICE}]);
    });`,
    { eval: true },
  );
  onTestFinished(async () => void (await worker.terminate()));
  const [[before, after]] = (await once(worker, 'message')) as [[number, number]];
  expect(after).toBeGreaterThan(before);
  const own = Number(
    readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[16],
  );
  expect(own).toBe(before);
});
