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

export type Deduplicator = ReturnType<typeof openDeduplicator>;

const MAX_MESSAGES = 1_000;
const REMEMBERED_MS = 10 * 60_000;

/**
 * Remembers 1,000 messages for 10 minutes, by a digest under a key of its own: neither plates nor reads stay in memory. A message
 * that could not be kept is forgotten, so that the next try counts; one still under way shares its settlement.
 */
export function openDeduplicator(now: () => number = () => performance.now()) {
  const secret = randomBytes(32);
  const messages = new Map<string, { readonly settled: Promise<Settlement>; readonly sinceMs: number }>();
  const forgetOld = (): void => {
    for (const [key, { sinceMs }] of messages) {
      if (messages.size < MAX_MESSAGES && now() - sinceMs < REMEMBERED_MS) return;
      messages.delete(key);
    }
  };
  return {
    /** `identity`: what makes two messages the same one; undefined is like no other. */
    claim(identity: readonly string[] | undefined): Claim {
      forgetOld();
      const key = createHmac('sha256', secret)
        .update(identity ? JSON.stringify(identity) : randomBytes(32))
        .digest('base64');
      const before = messages.get(key);
      if (before) return { isFirst: false, settled: before.settled, settle: () => undefined };
      const { promise: settled, resolve } = Promise.withResolvers<Settlement>();
      const entry = { settled, sinceMs: now() };
      messages.set(key, entry);
      let isSettled = false;
      return {
        isFirst: true,
        settled,
        settle(error) {
          if (isSettled) return;
          isSettled = true;
          if (error && messages.get(key) === entry) messages.delete(key);
          resolve(error);
        },
      };
    },
  };
}
