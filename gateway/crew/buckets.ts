/** How much each device may have done for it at once: a token bucket a device. */
import type { Clock } from '../clock.ts';

export interface Buckets {
  /** False: it has used up what it may. */
  take(device: string): boolean;
  /** Forgets devices that may do everything again. */
  turn(): void;
}

export function openBuckets(
  { size, perS }: { readonly size: number; readonly perS: number },
  clock: Pick<Clock, 'mono'>,
): Buckets {
  const buckets = new Map<string, { readonly left: number; readonly mono: number }>();
  const leftOf = (device: string): number => {
    const bucket = buckets.get(device);
    return bucket ? Math.min(size, bucket.left + ((clock.mono() - bucket.mono) / 1000) * perS) : size;
  };
  return {
    take(device) {
      const left = leftOf(device);
      const may = left >= 1;
      buckets.set(device, { left: may ? left - 1 : left, mono: clock.mono() });
      return may;
    },
    turn() {
      for (const device of buckets.keys()) if (leftOf(device) >= size) buckets.delete(device);
    },
  };
}
