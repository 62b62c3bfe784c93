/**
 * Whether a line can be trusted. The XOR of JT/T 808 and of NMEA lets one damaged packet in 256 through (and every swap of two bytes), the
 * CRC of MAVLink one in 65,536; no look at the packet alone can tell. But what damages one packet damages others, and those are
 * noticed. So after a damaged packet no position is trusted until a row of intact ones has come. Everything else a packet says is taken
 * at once, a call for help above all.
 *
 * What is left is damage so rare that whole rows lie between: then the check of the positions themselves holds back what is far off.
 */
export interface FrameTrust {
  /** A packet was damaged on its way. */
  damaged(): void;
  /** An intact packet came: false where a position in it must not be trusted yet. */
  intact(): boolean;
}

/** `count`: intact packets between a damaged one and the first position that is trusted again, some seconds to a minute of the protocol. */
export function openFrameTrust(count: number): FrameTrust {
  let missing = 0;
  return {
    damaged: () => void (missing = count),
    intact() {
      if (missing === 0) return true;
      missing -= 1;
      return false;
    },
  };
}
