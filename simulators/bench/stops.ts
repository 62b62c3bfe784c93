import type { LoopStop } from '../faults/loop-stops.ts';
import { milliseconds, type Measure } from './report.ts';

const MAX_STOP_MS = 50;

/** The longest of all, and what the box itself did in it. */
export function measureStops(name: string, stops: readonly LoopStop[]): Measure[] {
  const { ms, cpuMs } = stops.reduce((a, b) => (b.ms > a.ms ? b : a));
  return [
    milliseconds(name, ms, stops.length, { most: MAX_STOP_MS }),
    milliseconds('of it processor time of the loop; the rest it waited', cpuMs, stops.length),
  ];
}
