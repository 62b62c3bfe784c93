/** How far the clock of a camera stands from the box's, and which of its reads were sent late. No time of a camera is the time of a read of now. */
import type { PushedRead } from '../contracts/push.ts';
import type { Instant, Log } from '../contracts/base.ts';
import { english } from '../contracts/words/words.ts';

type TimesOfRead = Pick<PushedRead, 'at' | 'capturedAt' | 'retransmitted'>;

export type ClockOffset = ReturnType<typeof openClockOffset>;

/** More than any line delays a message. */
export const CLOCK_OFF_MS = 60_000;
/** Of the last few, the least late one tells. */
const REMEMBERED = 5;
/** A clock that was set back makes every read look late, by the same time. That is believed after so many of them in so long. */
const SET_BACK = { reads: 3, ms: 60_000, apartMs: 10_000 };

export function openClockOffset(camera: string, log: Log) {
  let last: readonly number[] = [];
  let told = false;
  /** Reads that look equally late, without one of now among them. */
  let doubt: { readonly since: Instant; readonly offset: number; readonly reads: number } | undefined;
  /** The camera's clock less the box's; undefined while it has told no time. */
  const offsetMs = (): number | undefined => (last.length === 0 ? undefined : Math.max(...last));

  const learn = (offset: number): void => {
    last = [...last, offset].slice(-REMEMBERED);
    const off = explainOffset(offsetMs());
    if (off && !told) log.warn({ camera, clock: off.what, hint: off.hint }, "the camera's clock is wrong");
    if (!off && told) log.info({ camera }, "the camera's clock is right again");
    told = off !== undefined;
  };
  /** What was kept comes with times that lie apart; a clock that was set back is equally wrong each time. */
  const wasSetBack = (at: Instant, offset: number): boolean => {
    const goesOn = doubt && Math.abs(doubt.offset - offset) <= SET_BACK.apartMs;
    doubt = goesOn ? { ...doubt!, reads: doubt!.reads + 1 } : { since: at, offset, reads: 1 };
    return doubt.reads >= SET_BACK.reads && at - doubt.since >= SET_BACK.ms;
  };
  const isLate = (at: Instant, offset: number, retransmitted: boolean): boolean => {
    const usual = offsetMs();
    const lateMs = (usual ?? 0) - offset;
    // What was sent again within a minute has its vehicle still near.
    if (retransmitted) return Math.abs(lateMs) > CLOCK_OFF_MS;
    if (usual === undefined || lateMs <= CLOCK_OFF_MS) return false;
    // A clock that was ahead, and tells the right time now, was put right.
    if (Math.abs(offset) > CLOCK_OFF_MS && !wasSetBack(at, offset)) return true;
    last = [];
    return false;
  };

  return {
    /**
     * A read of the camera, with the time it says. Undefined for one of now; otherwise when the vehicle was there, by the camera's clock, put
     * right where that is known to be wrong: the camera had kept the read and sent it late. The offset does not learn from such a read.
     */
    seen({ at, capturedAt, retransmitted }: TimesOfRead): Instant | undefined {
      if (capturedAt === undefined) return retransmitted ? at : undefined;
      const offset = capturedAt - at;
      if (isLate(at, offset, retransmitted === true)) {
        const usual = offsetMs() ?? 0;
        return Math.min(at, Math.abs(usual) > CLOCK_OFF_MS ? capturedAt - usual : capturedAt);
      }
      if (retransmitted) return undefined;
      doubt = undefined;
      learn(offset);
      return undefined;
    },
    offsetMs,
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * In words, with what is likely to be the cause; undefined for a clock that is right. `hintOf`: what to say of it, by the whole quarters of an hour
 * that a wrong time zone explains, undefined where none does; by default for a camera, which writes times of its own zone.
 */
export function explainOffset(
  ms: number | undefined,
  hintOf: (quarters: number | undefined) => string = cameraHint,
): { readonly what: string; readonly hint: string } | undefined {
  if (ms === undefined || Math.abs(ms) <= CLOCK_OFF_MS) return undefined;
  const quarters = Math.round(ms / (HOUR / 4));
  // Time zones lie whole quarters of an hour apart, at most 14 hours from UTC.
  const isZone = quarters !== 0 && Math.abs(ms - quarters * (HOUR / 4)) <= CLOCK_OFF_MS && Math.abs(ms) <= 26 * HOUR;
  const [hours, seconds] = [Math.abs(quarters) / 4, Math.round(Math.abs(ms) / 1000)];
  const what = isZone
    ? english(ms < 0 ? 'offset-hours-behind' : 'offset-hours-ahead', { hours })
    : english(ms < 0 ? 'offset-seconds-behind' : 'offset-seconds-ahead', { seconds });
  return { what, hint: hintOf(isZone ? quarters : undefined) };
}

/** UTC instead of Chinese time. */
const UTC_QUARTERS = -32;

function cameraHint(quarters: number | undefined): string {
  if (quarters === undefined) return english('offset-set-ntp');
  return english(quarters === UTC_QUARTERS ? 'offset-zone-utc' : 'offset-zone-wrong');
}
