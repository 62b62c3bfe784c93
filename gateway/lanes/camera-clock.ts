/** How far the clock of a camera stands from the box's. It is only watched: no time of a camera is the time of anything. */
import type { Instant, Log } from '../types.ts';

export interface Offset {
  /** A message of the camera, with the time it says. */
  seen(at: Instant, capturedAt: Instant | undefined): void;
  /** The camera's clock less the box's; undefined while it has told no time. */
  offsetMs(): number | undefined;
}

/** More than any line delays a message. */
export const CLOCK_OFF_MS = 60_000;
/** A message that was sent again late looks like a slow clock: of the last few, the least late one tells. */
const REMEMBERED = 5;

export function openOffset(camera: string, log: Log): Offset {
  let last: readonly number[] = [];
  let told = false;
  const offsetMs = (): number | undefined => (last.length === 0 ? undefined : Math.max(...last));
  return {
    seen(at, capturedAt) {
      if (capturedAt === undefined) return;
      last = [...last, capturedAt - at].slice(-REMEMBERED);
      const off = explainOffset(offsetMs());
      if (off && !told) log.warn({ camera, clock: off.what, hint: off.hint }, "the camera's clock is wrong");
      if (!off && told) log.info({ camera }, "the camera's clock is right again");
      told = off !== undefined;
    },
    offsetMs,
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** In words, with what is likely to be the cause; undefined for a clock that is right. */
export function explainOffset(ms: number | undefined): { readonly what: string; readonly hint: string } | undefined {
  if (ms === undefined || Math.abs(ms) <= CLOCK_OFF_MS) return undefined;
  const way = ms < 0 ? 'behind' : 'ahead';
  const quarters = Math.round(ms / (HOUR / 4));
  // Time zones lie whole quarters of an hour apart, at most 14 hours from UTC.
  const isZone = quarters !== 0 && Math.abs(ms - quarters * (HOUR / 4)) <= CLOCK_OFF_MS && Math.abs(ms) <= 26 * HOUR;
  const size = isZone ? `${Math.abs(quarters) / 4} h` : `${Math.round(Math.abs(ms) / 1000)} s`;
  const hint = !isZone
    ? 'set its clock (NTP)'
    : quarters === -32
      ? 'its time zone is probably UTC'
      : 'its time zone is probably wrong';
  return { what: `${size} ${way}`, hint };
}
