/**
 * Decides whether positions from a line may be trusted. The XOR of JT/T 808 and NMEA passes one damaged packet in 256 (and every swap of two
 * bytes), the CRC of MAVLink one in 65,536; the packet alone cannot show it. But noise that damages one packet damages others, and those are
 * detected. So after a damaged packet no position is trusted until a run of intact ones has come. Everything else in a packet is taken at once,
 * above all a call for help. Rarer damage, with whole runs between, is left to the plausibility check of the positions.
 */
export type FrameTrust = ReturnType<typeof openFrameTrust>;

/** `count`: intact packets between a damaged one and the first position that is trusted again, some seconds to a minute of the protocol. */
export function openFrameTrust(count: number) {
  let missing = 0;
  return {
    /** A packet was damaged on its way. */
    damaged: (): void => void (missing = count),
    /** An intact packet came: false where a position in it must not be trusted yet. */
    intact(): boolean {
      if (missing === 0) return true;
      missing -= 1;
      return false;
    },
  };
}
