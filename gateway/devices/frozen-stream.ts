/** The health of a camera is the age of its last decoded picture that differs from the one before: a frozen stream is not alive. */
import type { Instant } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';

/** Every 97th byte: coarse enough to be free, and any sensor noise at all changes it. */
const STRIDE = 97;

export function openFrozenStreamDetector() {
  let print = -1;
  let at: Instant | undefined;
  return {
    seen(frame: Frame): void {
      const next = fingerprint(frame.rgb);
      if (next === print) return;
      print = next;
      at = frame.at;
    },
    /** When the picture last changed, by the box's clock; undefined before the first frame. */
    changedAt: () => at,
  };
}

/** FNV-1a, 32 bits (draft-eastlake-fnv), over a sample of the bytes. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i += STRIDE) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
