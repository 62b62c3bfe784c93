/** Cuts a stream of bytes into frames of one length. */

/**
 * Returns the function to feed. Each frame gets a buffer of its own and exact length, so that it may be transferred to a thread;
 * `onFrame` is called for whole frames only, and not at all once `ended` says so, not even within one piece.
 */
export function frameSplitter(
  bytes: number,
  onFrame: (rgb: Uint8Array<ArrayBuffer>) => void,
  ended: () => boolean,
): (chunk: Uint8Array) => void {
  let frame = new Uint8Array(bytes);
  let filled = 0;
  return (chunk) => {
    for (let from = 0; from < chunk.length && !ended();) {
      const part = chunk.subarray(from, from + bytes - filled);
      frame.set(part, filled);
      from += part.length;
      filled += part.length;
      if (filled < bytes) continue;
      const whole = frame;
      frame = new Uint8Array(bytes);
      filled = 0;
      onFrame(whole);
    }
  };
}
