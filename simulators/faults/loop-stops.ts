/** What loop-probe.ts has written of a box. */
import { existsSync, readFileSync } from 'node:fs';

export const LOOP_PROBE = new URL('./loop-probe.ts', import.meta.url).href;

export interface LoopStop {
  readonly ms: number;
  /** Processor time of the event loop in it. */
  readonly cpuMs: number;
}

/** The longest of each second since the start. */
export function stopsIn(file: string): LoopStop[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [ms = NaN, cpuMs = NaN] = line.split(' ').map(Number);
      return { ms, cpuMs };
    });
}
