/** The document readers of the configuration while they run, and what they say in /health and /metrics. */
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import type { ReaderPart } from '../contracts/parts.ts';
import { labelled, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { words } from '../contracts/words/words.ts';
import type { Supervisor } from '../supervise.ts';
import { partOf } from './run.ts';

type DocumentReader = ReturnType<typeof openReader>;

/** A reader that was never there is given the time in which it can come up. */
const STARTING_MS = 15_000;

export function openReader({ id, lane }: ReaderPart, supervisor: Supervisor) {
  return { id, lane, run: supervisor.state(partOf({ kind: 'reader', id })) };
}

export function readersStatus(
  readers: readonly DocumentReader[],
  clock: Pick<Clock, 'now'>,
  startedAt: Instant,
): Status {
  const perReader = labelled('reader', () => readers);
  return {
    problems: () => readers.flatMap((reader) => readerProblem(reader, clock.now() - startedAt)),
    readings: () => [
      perReader('sitebox_reader_up', 'gauge', '1 while the reader answers', (r) => [r.id, Number(r.run.up)]),
      perReader('sitebox_reader_losses_total', 'counter', 'Times the reader was lost', (r) => [r.id, r.run.losses]),
    ],
    health: () => ({
      readers: readers.map(({ id, lane, run }) => ({ id, lane, up: run.up, error: run.error ?? null })),
    }),
  };
}

function readerProblem({ id, lane, run: { up, error } }: DocumentReader, runningMs: number): Problem[] {
  if (up || (error === undefined && runningMs < STARTING_MS)) return [];
  return [problem(`reader:${id}`, 'reader-silent', { id, lane, cause: error ?? words('reader-never-answered') })];
}
