/** Cameras send a message again until it is acknowledged, and sometimes after: each is acted on once and answered every time. */
import { createHmac, randomBytes } from 'node:crypto';

/** Undefined: all that must be kept is on disk. An error: it could not be kept. */
export type Settlement = Error | undefined;

export interface Claim {
  /** True for whoever is to act on the message, and then to call `settle` once. */
  readonly isFirst: boolean;
  readonly settled: Promise<Settlement>;
  readonly settle: (error?: Error) => void;
}

export interface Deduplicator {
  /** `identity`: what makes two messages the same one; undefined is like no other. */
  claim(identity: readonly string[] | undefined): Claim;
}

const MAX_KNOWN = 1_000;
const REMEMBERED_MS = 10 * 60_000;

/**
 * Remembers 1,000 messages for 10 minutes, by a digest under a key of its own: neither plates nor reads stay in memory. A message
 * that could not be kept is forgotten, so that the next try counts; one still under way shares its settlement.
 */
export function openDeduplicator(now: () => number = () => performance.now()): Deduplicator {
  const secret = randomBytes(32);
  const known = new Map<string, { readonly settled: Promise<Settlement>; readonly sinceMs: number }>();
  const forgetOld = (): void => {
    for (const [key, { sinceMs }] of known) {
      if (known.size < MAX_KNOWN && now() - sinceMs < REMEMBERED_MS) return;
      known.delete(key);
    }
  };
  return {
    claim(identity) {
      forgetOld();
      const key = createHmac('sha256', secret)
        .update(identity ? JSON.stringify(identity) : randomBytes(32))
        .digest('base64');
      const before = known.get(key);
      if (before) return { isFirst: false, settled: before.settled, settle: () => undefined };
      const { promise: settled, resolve } = Promise.withResolvers<Settlement>();
      const entry = { settled, sinceMs: now() };
      known.set(key, entry);
      let isSettled = false;
      return {
        isFirst: true,
        settled,
        settle(error) {
          if (isSettled) return;
          isSettled = true;
          if (error && known.get(key) === entry) known.delete(key);
          resolve(error);
        },
      };
    },
  };
}
