/** What the inference threads say in /health and /metrics: how many are ready, and whether faces can be compared. */
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import { single, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import type { LoadedModels } from './jobs.ts';
import type { Recogniser } from './recogniser.ts';

export interface InferenceStatusOptions {
  readonly recogniser: Pick<Recogniser, 'state' | 'loadedModels'>;
  /** Whether the threads read plates, and do not only compare faces. */
  readonly readsPlates: boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly startedAt: Instant;
}

/** Threads load their models in this time. */
const STARTING_MS = 15_000;

export function inferenceStatus({ recogniser, readsPlates, clock, startedAt }: InferenceStatusOptions): Status {
  return {
    problems: () => [
      ...facesProblem(recogniser.loadedModels()),
      ...(clock.now() - startedAt < STARTING_MS ? [] : threadsProblem(recogniser.state(), readsPlates)),
    ],
    readings: () => [
      single('sitebox_inference_threads_ready', 'gauge', 'Reading threads ready', () => recogniser.state().ready),
      single(
        'sitebox_inference_restarts_total',
        'counter',
        'Reading threads replaced',
        () => recogniser.state().restarts,
      ),
    ],
    health: () => ({ inference: recogniser.state() }),
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
function facesProblem(loaded: LoadedModels | undefined): Problem[] {
  if (!loaded?.faces || !('problem' in loaded.faces)) return [];
  return [problem('faces', 'faces-off', { cause: loaded.faces.problem })];
}
