/**
 * The line, measured: how fast a backlog leaves at a room that takes its time for each request, and how soon a hit that is raised meanwhile
 * is acknowledged. The box is a process of its own, this one is the room. Exported for the bench of the faults.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LineBoxOptions, LineBoxSays } from './line-box.ts';
import { startLineRoom } from './line-room.ts';

type OutboxLoad = Pick<LineBoxOptions, 'rows' | 'hitEvery' | 'pictureBytes'> & {
  /** Each request is answered after this. */
  readonly answerMs: number;
};

/** The promise of the issue: 500 rows a second, 1 s. */
export const BACKLOG: OutboxLoad = { rows: 20_000, hitEvery: 5, pictureBytes: 60_000, answerMs: 50 };

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BOX = new URL('./line-box.ts', import.meta.url).pathname;

export async function measureLine(options: OutboxLoad = BACKLOG) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-line-'));
  const raised = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  const { promise: empty, resolve: drained } = Promise.withResolvers<void>();
  const room = await startLineRoom(options.answerMs, (id) => {
    // The same clock in both processes.
    acknowledged.set(id, performance.timeOrigin + performance.now());
    if (acknowledged.size - raised.size >= options.rows) drained();
  });
  const box: LineBoxOptions = { ...options, folder: folder.path, url: room.url, secret: SECRET };
  const child = fork(BOX, [JSON.stringify(box)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit');
  try {
    const { promise: filled, resolve } = Promise.withResolvers<void>();
    child.on('message', (message: LineBoxSays) => {
      if (message.kind === 'filled') resolve();
      else raised.set(message.id, message.wall);
    });
    await Promise.race([filled, gone.then(() => Promise.reject(new Error('the box ended before it began')))]);
    const startedAt = performance.now();
    child.send('go');
    await Promise.race([empty, gone.then(() => Promise.reject(new Error('the box ended too soon')))]);
    const tookS = (performance.now() - startedAt) / 1000;
    const latencies = [...raised].flatMap(([id, at]) => (acknowledged.has(id) ? [acknowledged.get(id)! - at] : []));
    latencies.sort((a, b) => a - b);
    return {
      rowsPerS: acknowledged.size / tookS,
      tookS,
      /** Hits raised while the backlog left, and how long each took from the disk to the room's answer. */
      hitsRaised: latencies.length,
      hitP95Ms: latencies[Math.ceil(latencies.length * 0.95) - 1] ?? Infinity,
      maxAtOnce: room.maxAtOnce(),
      faults: room.faults,
    };
  } finally {
    child.disconnect();
    await gone;
    await room.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(await measureLine());
