/** Who else may know the time: the system's NTP service, the list office, the command room. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_STEP_MS, type TimeSource } from './believed-time.ts';
import type { Instant } from '../contracts/base.ts';
import type { Relay } from '../contracts/relay.ts';

/**
 * Touched by systemd-timesyncd at each synchronisation, and gone at the next boot (systemd-timesyncd.service(8)).
 * `var/lib/systemd/timesync/clock` proves nothing: it is touched every minute by the clock as it stands, with a server or without.
 */
const TIMESYNC_MARK = 'run/systemd/timesync/synchronized';
const HOUR_MS = 3_600_000;
/** A list is at most a week old. */
const LIST_LIFE_MS = 7 * 24 * HOUR_MS;

/** When systemd-timesyncd last synchronised the clock, by the clock of then; undefined: never since the boot. chrony leaves no mark that we may read. */
export function ntpMark(root = '/'): Instant | undefined {
  return statSync(join(root, TIMESYNC_MARK), { throwIfNoEntry: false })?.mtimeMs;
}

/** Was it in step at `mark`, and is that not long ago? timesyncd asks its server at least every 34 minutes. */
export function inStep(mark: Instant, time: Instant): boolean {
  return mark > time - HOUR_MS && mark <= time + MAX_STEP_MS;
}

/** For a clock that it has set since the jump; against one that has jumped away from the time at which it was in step within the hour. */
export function ntpSource(root?: string): TimeSource {
  return {
    name: 'NTP',
    speaksFor(wall, { aheadMs, lastedMs }) {
      const mark = ntpMark(root);
      if (mark === undefined) return undefined;
      const believed = wall - aheadMs;
      // A mark of after the jump lies ahead of the time of before by the whole jump.
      const since = mark > believed - lastedMs + MAX_STEP_MS / 2;
      if (since) return inStep(mark, wall) || undefined;
      return inStep(mark, believed) ? false : undefined;
    },
  };
}

/**
 * `issued`: when the newest list was signed that verified here; that time has passed. It refutes an earlier clock, and speaks for a clock within
 * its week only where the believed time is certainly wrong because it lies before: of two times after it, it cannot tell which one is right.
 */
export function listSource(issued: () => Instant | undefined): TimeSource {
  return {
    name: 'the list office',
    speaksFor(wall, { aheadMs }) {
      const at = issued();
      if (at === undefined) return undefined;
      const earliest = at - 2 * MAX_STEP_MS;
      if (wall <= earliest) return false;
      return wall - aheadMs <= earliest && wall < at + LIST_LIFE_MS ? true : undefined;
    },
  };
}

/** What a command room said over TLS not long ago. */
export function roomSource(id: string, heard: NonNullable<Relay['heard']>, mono: () => number): TimeSource {
  return {
    name: `room ${id}`,
    speaksFor(wall) {
      const last = heard();
      if (!last || mono() - last.mono > HOUR_MS) return undefined;
      return Math.abs(last.at + (mono() - last.mono) - wall) <= MAX_STEP_MS;
    },
  };
}
