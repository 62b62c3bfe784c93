/**
 * Credentials of devices. On disk: argon2id (19 MiB, 2 passes, 1 lane, as the OWASP Password Storage Cheat Sheet has it). In memory: once a login
 * has succeeded, a keyed hash of it, so that a thousand devices that come back after a gap cost nothing.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HashComparer, hashWith, newCode, type SecretVerdict } from '../people/credentials.ts';

const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes some 20 ms: two at a time leave threads for the rest of the box. */
const MAX_CONCURRENT = 2;
/** About three seconds of work: a client that waits longer has given up. A device that is refused here tries again. */
const MAX_WAITING = 256;
/** 140 random bits, to be read out and typed in. */
const GROUPS = 7;

export function newSecret(): string {
  return newCode(GROUPS);
}

export function hashSecret(secret: string): Promise<string> {
  return hashWith(secret, COST);
}

export function openCredentialVerifier() {
  /** New at each start and nowhere else: what is remembered is worth nothing outside this process. */
  const key = randomBytes(32);
  const verified = new Map<string, Buffer>();
  const comparer = new HashComparer({ cost: COST, maxConcurrent: MAX_CONCURRENT, maxWaiting: MAX_WAITING });
  // The stored hash is part of it: a new secret, with its new salt, is never mistaken for the old one.
  const digest = (user: string, hash: string, secret: Uint8Array): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([user, hash]))
      .update(secret)
      .digest();
  return {
    /**
     * Whether `secret` is the one of `user` with this `hash` (PHC form); undefined, where the user is not registered or has none, takes
     * the same work.
     */
    async verify(user: string, hash: string | undefined, secret: Uint8Array): Promise<SecretVerdict> {
      const before = verified.get(user);
      if (hash !== undefined && before && timingSafeEqual(before, digest(user, hash, secret))) return 'right';
      const verdict = await comparer.compare(hash, secret);
      if (verdict === 'right' && hash !== undefined) verified.set(user, digest(user, hash, secret));
      return verdict;
    },
    /** The user has gone, or has another secret now. */
    forget: (user: string) => void verified.delete(user),
  };
}

/** More devices log in at once than can be checked; they try again. */
export class LoginsBusy extends Error {
  constructor() {
    super('too many logins at once');
    this.name = 'LoginsBusy';
  }
}
