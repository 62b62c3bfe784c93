/** How a simulated camera asks for a login: Basic, Digest in its forms, several at once; and an account that it locks. */
import { randomBytes } from 'node:crypto';
import {
  basicAuthorization,
  digestResponse,
  parseChallenges,
  type Challenge,
  type DigestCredentials,
} from '../../../adapters/shared/digest.codec.ts';

/** `plain`: Digest as RFC 2069 has it, without algorithm and qop · `empty-qop`: the same with `qop=""`. */
export type LoginOffer = 'plain' | 'empty-qop' | 'MD5' | 'MD5-sess' | 'SHA-256' | 'auth-int' | 'basic';

export interface LoginOptions {
  readonly user?: string;
  readonly password?: string;
  /** In this order, each in a field of its own; `plain` alone unless told. */
  readonly offers?: readonly LoginOffer[];
  /** After so many wrong logins the right one is refused as well. */
  readonly locksAfter?: number;
  /** Each nonce is good for so many requests; then the camera asks anew, and says `stale`. */
  readonly nonceUses?: number;
}

export type RtspLogin = ReturnType<typeof openRtspLogin>;

export function openRtspLogin({ user, password = '', offers = ['plain'], locksAfter, nonceUses }: LoginOptions) {
  const who = { user: user ?? '', password };
  let nonce = randomBytes(12).toString('hex');
  let uses = 0;
  let wrong = 0;
  const isRight = (given: string, method: string): boolean =>
    offers.some((offer) =>
      offer === 'basic'
        ? given === basicAuthorization(who)
        : digestIsRight(challengeOf(offer, nonce), who, given, method),
    );
  return {
    /** Logins that were wrong. */
    wrong: () => wrong,
    /** The values of WWW-Authenticate for a request that is refused; undefined where it may go on. */
    refuse(given: string | undefined, method: string): string[] | undefined {
      if (user === undefined) return undefined;
      if (given !== undefined && nonceUses !== undefined && uses >= nonceUses) {
        [nonce, uses] = [randomBytes(12).toString('hex'), 0];
        return offers.map((offer) => `${fieldOf(offer, nonce)}, stale=true`);
      }
      if (given !== undefined && (locksAfter === undefined || wrong < locksAfter) && isRight(given, method)) {
        uses++;
        return undefined;
      }
      if (given !== undefined) wrong++;
      return offers.map((offer) => fieldOf(offer, nonce));
    },
  };
}

const REALM = 'camera';

function challengeOf(offer: LoginOffer, nonce: string): Challenge {
  const algorithm = ['plain', 'empty-qop', 'basic'].includes(offer)
    ? {}
    : { algorithm: offer === 'auth-int' ? 'MD5' : offer };
  const qop = { plain: {}, basic: {}, 'empty-qop': { qop: '' }, 'auth-int': { qop: 'auth-int' } };
  const asked = offer in qop ? qop[offer as keyof typeof qop] : { qop: 'auth' };
  return { scheme: 'digest', params: { realm: REALM, nonce, ...algorithm, ...asked } };
}

function fieldOf(offer: LoginOffer, nonce: string): string {
  if (offer === 'basic') return `Basic realm="${REALM}"`;
  const params = Object.entries(challengeOf(offer, nonce).params);
  return `Digest ${params.map(([name, value]) => (name === 'algorithm' ? `${name}=${value}` : `${name}="${value}"`)).join(', ')}`;
}

function digestIsRight(challenge: Challenge, who: DigestCredentials, given: string, method: string): boolean {
  const {
    username,
    uri = '',
    nonce,
    response,
    algorithm,
    cnonce = '',
    nc = '1',
  } = parseChallenges(given)[0]?.params ?? {};
  const { params } = challenge;
  if (username !== who.user || nonce !== params['nonce'] || algorithm !== params['algorithm']) return false;
  return response === digestResponse(challenge, who, { method, uri, cnonce, count: parseInt(nc, 16) });
}
