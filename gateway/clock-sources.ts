/** Who else may know the time: the system's NTP service, the list office, the command room. */
import { statSync } from 'node:fs';
import { MAX_STEP_MS, type TimeSource } from './clock-belief.ts';
import type { Instant } from './types.ts';

/** systemd-timesyncd touches these: the first when it has set the clock, the second every minute while it is in step. */
const TIMESYNC = ['/run/systemd/timesync/synchronized', '/var/lib/systemd/timesync/clock'];
const HOUR_MS = 3_600_000;
/** A list is at most a week old. */
const LIST_LIFE_MS = 7 * 24 * HOUR_MS;

/** In step under the present time: the mark was made after the jump, and not long ago. chrony leaves no mark that we may read. */
export function ntpSource(files: readonly string[] = TIMESYNC): TimeSource {
  return {
    name: 'NTP',
    speaksFor(wall, believed) {
      const marks = files.flatMap((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? []);
      if (marks.length === 0) return undefined;
      return marks.some((mark) => mark > believed && mark > wall - HOUR_MS && mark <= wall + MAX_STEP_MS);
    },
  };
}

/** `issued`: when the newest list was signed that verified here. */
export function listSource(issued: () => Instant | undefined): TimeSource {
  return {
    name: 'the list office',
    speaksFor(wall) {
      const at = issued();
      return at === undefined ? undefined : wall > at - 2 * MAX_STEP_MS && wall < at + LIST_LIFE_MS;
    },
  };
}

export interface HeardTime {
  readonly at: Instant;
  /** `performance.now()` when it came. */
  readonly mono: number;
}

/** What a command room said over TLS not long ago. */
export function roomSource(id: string, heard: () => HeardTime | undefined, mono: () => number): TimeSource {
  return {
    name: `room ${id}`,
    speaksFor(wall) {
      const last = heard();
      if (!last || mono() - last.mono > HOUR_MS) return undefined;
      return Math.abs(last.at + (mono() - last.mono) - wall) <= MAX_STEP_MS;
    },
  };
}
