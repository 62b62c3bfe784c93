/**
 * Whether a line may be believed. The XOR of JT/T 808 and of NMEA lets one damaged packet in 256 through, the CRC of MAVLink one in
 * 65,536; no look at the packet alone can tell. But what damages one packet damages others, and those are noticed. So after a damaged
 * packet no position is believed until a row of whole ones has come: where all packets are damaged, five would have to get through
 * in a row. Everything else a packet says is taken at once, a call for help above all.
 */

/** Whole packets between a damaged one and the first position that is believed again. */
export const WHOLE_BEFORE_BELIEF = 4;

export interface Doubt {
  /** A packet came that is not what was sent. */
  damaged(): void;
  /** A whole packet came: may a position in it be believed? */
  whole(): boolean;
}

export function openDoubt(): Doubt {
  let missing = 0;
  return {
    damaged: () => void (missing = WHOLE_BEFORE_BELIEF),
    whole() {
      if (missing === 0) return true;
      missing -= 1;
      return false;
    },
  };
}
