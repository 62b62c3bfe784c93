/** Answers the challenges of one server, connection by connection: the strongest that it offers, with nonces counted. */
import { randomBytes } from 'node:crypto';
import {
  basicAuthorization,
  digestAuthorization,
  isSupported,
  parseChallenges,
  type Challenge,
  type DigestCredentials,
} from './digest.codec.ts';

export class DigestLogin {
  readonly #who: DigestCredentials;
  #challenge: Challenge | undefined;
  #count = 0;

  constructor(who: DigestCredentials) {
    this.#who = who;
  }

  /** `stale`: the password was right, and only the nonce is too old. The offers are the values of WWW-Authenticate. */
  challenged(offers: readonly string[]): 'new' | 'stale' | 'unsupported' {
    const all = offers.flatMap(parseChallenges);
    const digests = all.filter(isSupported);
    const isSha = ({ params }: Challenge): boolean => params['algorithm']?.toLowerCase().startsWith('sha') ?? false;
    const best = digests.find(isSha) ?? digests[0] ?? all.find(({ scheme }) => scheme === 'basic');
    if (!best) return 'unsupported';
    this.#challenge = best;
    this.#count = 0;
    return best.params['stale']?.toLowerCase() === 'true' ? 'stale' : 'new';
  }

  /** The value of Authorization; undefined before the server has asked for one. */
  authorization(method: string, uri: string): string | undefined {
    if (!this.#challenge) return undefined;
    if (this.#challenge.scheme === 'basic') return basicAuthorization(this.#who);
    const cnonce = randomBytes(12).toString('hex');
    return digestAuthorization(this.#challenge, this.#who, { method, uri, cnonce, count: ++this.#count });
  }
}
