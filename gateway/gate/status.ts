/** What the gate lanes say in /health and /metrics: outcomes and comparisons as numbers, and a reader that floods a lane. */
import type { Clock } from '../clock/clock.ts';
import type { Problem, Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import type { GateLane } from './gate-lane.ts';
import { MAX_WAITING } from './presentation-queue.ts';

const FLOOD_MS = 60_000;

export function gatesStatus(gates: readonly GateLane[], clock: Pick<Clock, 'now'>): Status {
  return {
    problems: () => gates.flatMap((gate) => floodProblem(gate, clock.now())),
    readings: () => [
      {
        name: 'sitebox_documents_superseded_total',
        type: 'counter',
        help: 'Documents that were dropped without a look-up',
        labels: ['reader'],
        read: () =>
          gates.flatMap((g) => [...g.counts.dropped()].map(([reader, { count }]) => [[reader], count] as const)),
      },
      {
        name: 'sitebox_comparisons_total',
        type: 'counter',
        help: '1:1 comparisons by outcome, or by why there was none',
        labels: ['lane', 'outcome'],
        read: () =>
          gates.flatMap((g) => [...g.counts.comparisons()].map(([outcome, n]) => [[g.lane, outcome], n] as const)),
      },
    ],
    health: () => ({
      gates: gates.map((gate) => ({
        lane: gate.lane,
        compares: gate.compares,
        // The text of the sign, so that whoever looks after the site can see what visitors are told.
        sign: gate.sign ?? null,
        outcomes: gate.counts.outcomes(),
        comparisons: Object.fromEntries(gate.counts.comparisons()),
      })),
    }),
  };
}

/** A reader that emits documents faster than a hand can lay them down is faulty, and its readings cannot be trusted. */
function floodProblem(gate: GateLane, now: number): Problem[] {
  return [...gate.counts.dropped()].flatMap(([reader, { count, recent }]) => {
    const isFlood = recent.length === MAX_WAITING && Math.abs(now - recent[0]!) < FLOOD_MS;
    if (!isFlood) return [];
    return [problem(`reader-flood:${reader}`, 'reader-flood', { id: reader, lane: gate.lane, documents: count })];
  });
}
