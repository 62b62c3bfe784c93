/** From when until when an instruction is in force, pure. */
import type { Instant } from '../../gateway/contracts/base.ts';
import { english } from '../../gateway/contracts/words/words.ts';

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
  const aheadMs = Date.parse(time) - now;
  if (aheadMs > AHEAD_TOLERANCE_MS) {
    const seconds = Math.round(aheadMs / 1000);
    throw new Error(english('instruction-not-yet-valid', { seconds, most: AHEAD_TOLERANCE_MS / 1000 }));
  }
  if (expirytime === undefined) {
    if (endRequired) throw new Error(english('instruction-expiry-missing'));
    return now + MAX_VALID_MS;
  }
  const expires = Date.parse(expirytime);
  if (expires <= now) throw new Error(english('instruction-expired'));
  if (expires > now + MAX_VALID_MS + AHEAD_TOLERANCE_MS)
    throw new Error(english('instruction-valid-too-long', { days: MAX_VALID_MS / 86_400_000 }));
  return expires;
}
