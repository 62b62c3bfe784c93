/**
 * Whether a line may be believed. The XOR of JT/T 808 and of NMEA lets one damaged packet in 256 through (and every swap of two bytes), the
 * CRC of MAVLink one in 65,536; no look at the packet alone can tell. But what damages one packet damages others, and those are
 * noticed. So after a damaged packet no position is believed until a row of whole ones has come. Everything else a packet says is taken
 * at once, a call for help above all.
 *
 * What is left is damage so rare that whole rows lie between: then the check of the positions themselves holds back what is far off.
 */
export interface Doubt {
  /** A packet came that is not what was sent. */
  damaged(): void;
  /** A whole packet came: may a position in it be believed? */
  whole(): boolean;
}

/** `row`: whole packets between a damaged one and the first position that is believed again; some seconds of the protocol at hand, or a minute. */
export function openDoubt(row: number): Doubt {
  let missing = 0;
  return {
    damaged: () => void (missing = row),
    whole() {
      if (missing === 0) return true;
      missing -= 1;
      return false;
    },
  };
}
