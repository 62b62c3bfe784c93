/** How long `npm start` takes: until it serves, and until the demo has told its whole story. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure, percentile, type Measure } from '../report.ts';

const HEALTH = 'http://127.0.0.1:8420/health';
const ROOT = new URL('../../../', import.meta.url).pathname;
const RUNS = 3;
const GIVE_UP_MS = 120_000;
/** The last things that the demo has to tell. */
const STORY = [/the command room acknowledged the hit/, /vehicles? passed so far/, /documents? presented so far/];

/** Port 8420 has to be free. The story is waited for in the last run only. */
export async function measureStart(): Promise<Measure[]> {
  if (await answers()) throw new Error('port 8420 is in use: end what listens there (another demo?) and run again');
  const servingMs: number[] = [];
  let storyMs = NaN;
  for (let run = 1; run <= RUNS; run++) {
    const startedAt = performance.now();
    // A process group of its own: npm does not pass every signal on.
    const child = spawn('npm', ['start'], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (t: string) => (output += t));
    try {
      await until(child, answers, () => output);
      servingMs.push(performance.now() - startedAt);
      if (run < RUNS) continue;
      const isTold = (): boolean => STORY.every((part) => part.test(output));
      await until(child, isTold, () => output);
      storyMs = performance.now() - startedAt;
    } finally {
      await end(child);
    }
  }
  const seconds = (ms: number): number => Math.round(ms / 100) / 10;
  return [
    measure('npm start -> serving, median', seconds(percentile(servingMs, 50)), 's', RUNS),
    measure('npm start -> serving, most', seconds(Math.max(...servingMs)), 's', RUNS, { most: 5 }),
    measure('npm start -> whole story told', seconds(storyMs), 's', 1, { most: 60 }),
  ];
}

/** Any status will do: without its list the box rightly answers with an alarm. */
async function answers(): Promise<boolean> {
  return fetch(HEALTH).then(
    () => true,
    () => false,
  );
}

async function until(child: ChildProcess, done: () => boolean | Promise<boolean>, output: () => string): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (!(await done())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() > giveUpAt)
      throw new Error(`npm start did not get there:\n${output().slice(-2000)}`);
    await sleep(20);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  process.kill(-child.pid!, 'SIGINT');
  await closed;
}
