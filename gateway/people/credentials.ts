/** Hashes of secrets, argon2id in the PHC form (RFC 9106), compared by a bounded number of threads. Devices and people share it, each with a cost of its own. */
import { hash as argon2, verify as argon2Verify } from '@node-rs/argon2';
import { createHash, randomBytes, randomInt } from 'node:crypto';

/** What one hash takes: `memoryCost` in KiB, passes, lanes. */
export interface HashCost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** Crockford's base 32: no letter that could be a digit, no U. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TOKEN_BYTES = 32;

/** `groups` of four characters, 20 random bits each, to be read out and typed in. */
export function newCode(groups: number): string {
  const group = (): string => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}

/** 256 random bits for a program to keep. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What the store keeps of a token or code. Enough random bits need no slow hash. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function hashWith(secret: string | Uint8Array, cost: HashCost): Promise<string> {
  return argon2(secret, cost);
}

export interface HashComparerOptions {
  readonly cost: HashCost;
  /** Hashes at a time; each takes a core and the memory of its cost. */
  readonly maxConcurrent: number;
  /** More that wait in order; the rest are refused at once. */
  readonly maxWaiting: number;
}

/** `busy`: too many wait already, and nothing was compared. */
export type SecretVerdict = 'right' | 'wrong' | 'busy';

/** Compares secrets with hashes. */
export class HashComparer {
  readonly #options: HashComparerOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(options: HashComparerOptions) {
    this.#options = options;
  }

  /** Without a hash the answer is `wrong` after the same work, so that the time does not tell who is registered. */
  async compare(hash: string | undefined, secret: string | Uint8Array): Promise<SecretVerdict> {
    if (this.#running < this.#options.maxConcurrent) this.#running++;
    else if (this.#waiting.length >= this.#options.maxWaiting) return 'busy';
    else await new Promise<void>((start) => this.#waiting.push(start));
    try {
      this.#decoy ??= hashWith(newToken(), this.#options.cost);
      const matches = await matchesHash(hash ?? (await this.#decoy), secret);
      return matches && hash !== undefined ? 'right' : 'wrong';
    } finally {
      // The place goes to the next in line, or is free.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/** A hash that cannot be read (a damaged row) matches no secret. */
async function matchesHash(hash: string, secret: string | Uint8Array): Promise<boolean> {
  try {
    return await argon2Verify(hash, secret);
  } catch {
    return false;
  }
}
