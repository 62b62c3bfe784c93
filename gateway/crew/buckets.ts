/** How much each sender may have done for it at once: a token bucket each. A sender is a device, or a kind of senders. */
import type { Clock } from '../clock/clock.ts';

export interface Buckets {
  /** False: it has used up what it may. */
  take(sender: string): boolean;
  /** Forgets senders that may do everything again. */
  turn(): void;
}

export function openBuckets(
  { size, perS }: { readonly size: number; readonly perS: number },
  clock: Pick<Clock, 'mono'>,
): Buckets {
  const buckets = new Map<string, { readonly left: number; readonly mono: number }>();
  const leftOf = (sender: string): number => {
    const bucket = buckets.get(sender);
    return bucket ? Math.min(size, bucket.left + ((clock.mono() - bucket.mono) / 1000) * perS) : size;
  };
  return {
    take(sender) {
      const left = leftOf(sender);
      const may = left >= 1;
      buckets.set(sender, { left: may ? left - 1 : left, mono: clock.mono() });
      return may;
    },
    turn() {
      for (const sender of buckets.keys()) if (leftOf(sender) >= size) buckets.delete(sender);
    },
  };
}
