/** How a simulated camera checks a login: WS-UsernameToken in the message, with the camera's own clock, or HTTP Digest. */
import { createHash } from 'node:crypto';
import { digestResponse, parseChallenges } from '../../../adapters/shared/digest.codec.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** A token of another time is a replay. */
const MAX_TOKEN_AGE_S = 5;

const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };

/** OASIS Web Services Security UsernameToken Profile 1.0. */
export function hasToken(body: string, { user, password }: Account, now: Date): boolean {
  const part = (name: string): string => new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)`).exec(body)?.[1] ?? '';
  const [nonce, created] = [part('Nonce'), part('Created')];
  const digest = createHash('sha1').update(
    Buffer.concat([Buffer.from(nonce, 'base64'), Buffer.from(created + password)]),
  );
  const isOfNow = Math.abs(Date.parse(created) - now.getTime()) <= MAX_TOKEN_AGE_S * 1000;
  const name = part('Username').replace(/&(lt|gt|quot|amp);/g, (_, code: string) => PREDEFINED[code]!);
  return name === user && part('Password') === digest.digest('base64') && isOfNow;
}

export const DIGEST_CHALLENGE = 'Digest realm="camera", nonce="5f3a0b", qop="auth", algorithm=SHA-256';

/** Of `Authorization`, for a POST to `uri`. */
export function hasDigest(authorization: string | undefined, who: Account, uri: string): boolean {
  const { username, response, cnonce = '', nc = '' } = parseChallenges(authorization ?? '')[0]?.params ?? {};
  const request = { method: 'POST', uri, cnonce, count: Number.parseInt(nc, 16) };
  return username === who.user && response === digestResponse(parseChallenges(DIGEST_CHALLENGE)[0]!, who, request);
}
