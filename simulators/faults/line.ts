/**
 * The line, measured: how fast a backlog leaves at a room that takes its time for each request, and how soon a hit that is raised meanwhile
 * is acknowledged. The box is a process of its own, this one is the room. Exported for the bench of the faults.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LineBoxOptions, LineBoxSays } from './line-box.ts';
import { startLineRoom } from './line-room.ts';

export interface OutboxLoad {
  readonly rows: number;
  readonly hitEvery: number;
  readonly pictureBytes: number;
  /** Each request is answered after this. */
  readonly answerMs: number;
}

export interface LineFigures {
  readonly rowsPerS: number;
  readonly tookS: number;
  /** Of hits raised while the backlog left: from the disk to the room's answer. */
  readonly hitP95Ms: number;
  readonly hitsRaised: number;
  /** Requests under way at one time, at most. */
  readonly maxAtOnce: number;
  /** What came wrongly: twice over, before its pictures, before an earlier one of its stream. None is right. */
  readonly faults: readonly string[];
}

/** The promise of the issue: 500 rows a second, 1 s. */
export const BACKLOG: OutboxLoad = { rows: 20_000, hitEvery: 5, pictureBytes: 60_000, answerMs: 50 };

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BOX = new URL('./line-box.ts', import.meta.url).pathname;

export async function measureLine(options: OutboxLoad = BACKLOG): Promise<LineFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-line-'));
  const raised = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  let drained = (): void => undefined;
  const empty = new Promise<void>((resolve) => (drained = resolve));
  const room = await startLineRoom({
    answerMs: options.answerMs,
    acknowledged(id) {
      acknowledged.set(id, wallNow());
      if (acknowledged.size - raised.size >= options.rows) drained();
    },
  });
  const box: LineBoxOptions = { ...options, folder, url: room.url, secret: SECRET };
  const child = fork(BOX, [JSON.stringify(box)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit');
  try {
    const filled = new Promise<void>((resolve) => {
      child.on('message', (said: LineBoxSays) => {
        if (said.kind === 'filled') resolve();
        else raised.set(said.id, said.wall);
      });
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
      hitsRaised: latencies.length,
      hitP95Ms: latencies[Math.ceil(latencies.length * 0.95) - 1] ?? Infinity,
      maxAtOnce: room.maxAtOnce(),
      faults: room.faults,
    };
  } finally {
    child.disconnect();
    await gone;
    await room.close();
    rmSync(folder, { recursive: true });
  }
}

/** The same in both processes. */
function wallNow(): number {
  return performance.timeOrigin + performance.now();
}

if (import.meta.filename === process.argv[1]) console.log(await measureLine());
