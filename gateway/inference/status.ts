/** What the inference threads say in /health and /metrics: how many are ready, and whether faces can be compared. */
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import { single, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import type { About } from './jobs.ts';
import type { Pool } from './pool.ts';

export interface InferenceStatusOptions {
  readonly pool: Pick<Pool<never, never>, 'state' | 'about'>;
  /** Whether the threads read plates, and do not only compare faces. */
  readonly readsPlates: boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly startedAt: Instant;
}

/** Threads load their models in this time. */
const STARTING_MS = 15_000;

export function inferenceStatus({ pool, readsPlates, clock, startedAt }: InferenceStatusOptions): Status {
  return {
    problems: () => [
      ...facesProblem(pool.about() as About | undefined),
      ...(clock.now() - startedAt < STARTING_MS ? [] : threadsProblem(pool.state(), readsPlates)),
    ],
    readings: () => [
      single('sitebox_inference_threads_ready', 'gauge', 'Reading threads ready', () => pool.state().ready),
      single('sitebox_inference_restarts_total', 'counter', 'Reading threads replaced', () => pool.state().restarts),
    ],
    health: () => ({ inference: pool.state() }),
  };
}

function threadsProblem({ ready, threads }: { ready: number; threads: number }, readsPlates: boolean): Problem[] {
  if (ready === threads) return [];
  const [none, slow] = readsPlates
    ? (['no-plate-read', 'plates-read-slowly'] as const)
    : (['no-picture-analysed', 'pictures-analysed-slowly'] as const);
  return [problem('inference', ready === 0 ? none : slow, { ready, threads })];
}

/** What keeps faces from being compared though a lane is to compare them. */
function facesProblem(about: About | undefined): Problem[] {
  if (!about?.faces || !('problem' in about.faces)) return [];
  return [problem('faces', 'faces-off', { cause: about.faces.problem })];
}
