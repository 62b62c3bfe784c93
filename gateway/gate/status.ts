/** What /health says of the gate lanes. */
import type { Problem, Status } from '../contracts/status.ts';
import type { GateLane } from './gate-lane.ts';
import { MAX_WAITING } from './presentation-queue.ts';
import { problem } from '../contracts/words/problem.ts';

const FLOOD_MS = 60_000;

/** A reader that emits documents faster than a hand can lay them down is faulty, and its readings cannot be trusted. */
export function gatesStatus(gates: readonly GateLane[], now: () => number): Status {
  const flooding = (gate: GateLane): Problem[] =>
    [...gate.dropped()].flatMap(([reader, { count, recent }]) => {
      const isFlood = recent.length === MAX_WAITING && Math.abs(now() - recent[0]!) < FLOOD_MS;
      if (!isFlood) return [];
      return [problem(`reader-flood:${reader}`, 'reader-flood', { id: reader, lane: gate.lane, documents: count })];
    });
  return { problems: () => gates.flatMap(flooding) };
}
