/**
 * Credentials of devices. On disk: argon2id (RFC 9106; 19 MiB, 2 passes, 1 lane, as the OWASP Password Storage Cheat Sheet has it). In
 * memory: once a login has succeeded, a keyed hash of it, so that a thousand devices that come back after a gap cost nothing.
 */
import { hash as argon2, verify as argon2Verify } from '@node-rs/argon2';
import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes a core and 19 MiB for some 20 ms: two at a time leave threads for the rest of the box. */
const MAX_CONCURRENT = 2;
/** About three seconds of work: a client that waits longer has given up. A device that is refused here tries again. */
const MAX_WAITING = 256;
/** Crockford's base 32: no letter that could be a digit, no U. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUPS = 7;

/** Seven groups of four: 140 random bits, to be read out and typed in. */
export function newSecret(): string {
  const group = (): string => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

export function hashSecret(secret: string): Promise<string> {
  return argon2(secret, COST);
}

export function openCredentialVerifier() {
  /** New at each start and nowhere else: what is remembered is worth nothing outside this process. */
  const key = randomBytes(32);
  const verified = new Map<string, Buffer>();
  const limited = limitConcurrency();
  let decoy: Promise<string> | undefined;
  // The stored hash is part of it: a new secret, with its new salt, is never mistaken for the old one.
  const digest = (user: string, hash: string, secret: Uint8Array): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([user, hash]))
      .update(secret)
      .digest();
  return {
    /**
     * Whether `secret` is the one of `user` with this `hash` (PHC form); undefined, where the user is not registered or has none, takes
     * the same work. `busy`: too many wait already, and nothing was compared.
     */
    async verify(user: string, hash: string | undefined, secret: Uint8Array): Promise<'right' | 'wrong' | 'busy'> {
      const before = verified.get(user);
      if (hash !== undefined && before && timingSafeEqual(before, digest(user, hash, secret))) return 'right';
      const matches = await limited(async () => {
        decoy ??= hashSecret(newSecret());
        return matchesHash(hash ?? (await decoy), secret);
      });
      if (matches === undefined) return 'busy';
      if (!matches || hash === undefined) return 'wrong';
      verified.set(user, digest(user, hash, secret));
      return 'right';
    },
    /** The user has gone, or has another secret now. */
    forget: (user: string) => void verified.delete(user),
  };
}

/** A hash that cannot be read (a damaged row) matches no secret. */
async function matchesHash(hash: string, secret: Uint8Array): Promise<boolean> {
  try {
    return await argon2Verify(hash, secret);
  } catch {
    return false;
  }
}

/** Runs at most MAX_CONCURRENT tasks; MAX_WAITING more wait in order; undefined for a task beyond that. */
function limitConcurrency(): (work: () => Promise<boolean>) => Promise<boolean | undefined> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < MAX_CONCURRENT) running++;
    else if (waiting.length >= MAX_WAITING) return undefined;
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return await work();
    } finally {
      // The place goes to the next in line, or is free.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** More devices log in at once than can be checked; they try again. */
export class LoginsBusy extends Error {
  constructor() {
    super('too many logins at once');
    this.name = 'LoginsBusy';
  }
}
