/**
 * W14: a box that is started and stopped again and again in one process, at moments that fall into everything its reading threads do: while
 * they load, while they read frames, while nothing is to do. Run as a program (`node cycles.ts FOLDER CYCLES SEED`) it is the process that may die;
 * `runCycles` starts it and says how far it came.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SILENT_LOG } from '../../gateway/contracts/base.ts';
import type { InferenceJob, InferenceResults } from '../../gateway/inference/jobs.ts';
import { openPool, untilFree } from '../../gateway/inference/pool.ts';
import { program } from '../../sitebox.ts';
import { startGateway } from '../../gateway/start/start.ts';
import { seeded } from '../scene/random.ts';
import { laySite } from '../product/site.ts';
import { BOARD, boardsOf, drawPlates, openBoardPainter } from './boards.ts';

export interface CyclesResult {
  /** Starts that were followed by a stop in order. */
  readonly done: number;
  /** The signal or exit code that ended the process; 0 is well. */
  readonly end: string | number | null;
  /** What it said last. */
  readonly text: string;
  readonly seconds: number;
}

/** Milliseconds after the start within which the stop comes: threads load for some hundreds, then they read. */
const LATEST_STOP_MS = 1_500;
const LAST_WORDS = 2_000;
const JOB_MS = 600_000;
/** Parts of a job at whose borders a thread is asked to end. */
const MOMENTS = 9;
const [WIDTH, HEIGHT] = [1920, 1080];
const GREY = { width: WIDTH, height: HEIGHT, rgb: new Uint8Array(WIDTH * HEIGHT * 3).fill(120) };
/** Lays a box out in `folder` (which the caller removes) and runs `cycles` starts and stops of it in a process of their own. */
export async function runCycles(folder: string, cycles: number, seed = 1): Promise<CyclesResult> {
  return await inChild(await layBox(folder), `${cycles}`, `${seed}`);
}

async function inChild(...args: readonly string[]): Promise<CyclesResult> {
  const startedAt = performance.now();
  const self = new URL(import.meta.url).pathname;
  const child = spawn(process.execPath, [self, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let [text, done] = ['', 0];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      done += piece.split('stopped in order').length - 1;
      text = (text + piece).slice(-LAST_WORDS);
    });
  }
  try {
    await ended;
  } finally {
    child.kill('SIGKILL');
  }
  return { done, end: child.signalCode ?? child.exitCode, text, seconds: (performance.now() - startedAt) / 1000 };
}

/** Two cameras that always have something new to read, two threads, and no network. */
async function layBox(folder: string): Promise<string> {
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures, { recursive: true });
  const paint = openBoardPainter(2);
  for (const [i, plates] of boardsOf(drawPlates(2, 36)).entries())
    writeFileSync(join(pictures, `${i}.jpg`), await paint(plates));
  const camera = { kind: 'folder', path: pictures, ...BOARD };
  const cameras = { 'cam-1': camera, 'cam-2': camera };
  const { configFile } = await laySite({ folder, port: 0, cameras, more: { inference: { threads: 2 } } });
  return configFile;
}

async function cycle(configFile: string, cycles: number, seed: number): Promise<void> {
  const random = seeded(seed);
  for (let i = 0; i < cycles; i++) {
    const gateway = await startGateway(configFile, program, SILENT_LOG);
    await sleep(random() * LATEST_STOP_MS);
    await gateway.stop();
    console.log('stopped in order');
  }
}

/** The reading threads alone, asked to end while they read; with next to no grace, as on a computer that is slow. */
async function cycleThreads(cycles: number, force: boolean): Promise<void> {
  for (let i = 0; i < cycles; i++) {
    const workerUrl = new URL('../../models/worker.ts', import.meta.url);
    const pool = openPool<InferenceJob, InferenceResults>({
      threads: 2,
      workerUrl,
      log: SILENT_LOG,
      workerData: { plates: true },
      graceMs: 1,
      force,
    });
    await untilFree(pool);
    const job = { kind: 'plates', frame: { source: 'cam', at: 0, ...GREY } } as const;
    // How long it takes on this machine at this moment: the end is to come in its middle.
    const begun = performance.now();
    await pool.run(job, [], JOB_MS);
    const tookMs = performance.now() - begun;
    const read = pool.run(job, [], JOB_MS).catch(() => undefined);
    await sleep((tookMs * ((i % MOMENTS) + 1)) / (MOMENTS + 1));
    await pool.close();
    await read;
    console.log('stopped in order');
  }
}

/** `force`: as it was before W14. */
export function runThreadCycles(cycles: number, force: boolean): Promise<CyclesResult> {
  return inChild('threads', `${cycles}`, `${force}`);
}

if (import.meta.main) {
  const [what = '', first = '', second = ''] = process.argv.slice(2);
  if (what === 'threads') await cycleThreads(Number(first), second === 'true');
  else await cycle(what, Number(first), Number(second));
}
