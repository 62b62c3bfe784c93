/** From when until when an instruction is in force, pure. */
import type { Instant } from '../../gateway/contracts/base.ts';

/** From now on; the ids of instructions are remembered for longer. */
export const MAX_VALID_MS = 7 * 86_400_000;
/** The room's clock may be ahead by so much. */
export const AHEAD_TOLERANCE_MS = 5 * 60_000;

export interface Validity {
  readonly now: Instant;
  /**
   * Absent only where the way itself proves that the room says it now: over it an instruction without an end holds for MAX_VALID_MS.
   */
  readonly endRequired?: true;
}

/** Gives when it ends; throws an Error in words where it is not in force. */
export function expiryOf(
  { time, expirytime }: { readonly time: string; readonly expirytime?: string | undefined },
  { now, endRequired }: Validity,
): Instant {
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
  const ahead = Date.parse(time) - now;
  if (ahead > AHEAD_TOLERANCE_MS)
    throw new Error(
      `the instruction is not valid yet: its time lies ${seconds(ahead)} ahead, at most ${seconds(AHEAD_TOLERANCE_MS)} is borne; set the clocks`,
    );
  if (expirytime === undefined) {
    if (endRequired) throw new Error("the instruction's expirytime is missing: expected an RFC 3339 time");
    return now + MAX_VALID_MS;
  }
  const expires = Date.parse(expirytime);
  if (expires <= now) throw new Error('the instruction has expired');
  if (expires > now + MAX_VALID_MS + AHEAD_TOLERANCE_MS)
    throw new Error(
      `the instruction is valid for too long: expected an expirytime within ${MAX_VALID_MS / 86_400_000} days`,
    );
  return expires;
}
