/** The server's side of HTTP Digest (RFC 7616) with qop=auth: offers, and answers checked once each. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { digestResponse, parseChallenges, type DigestCredentials } from '../../shared/digest.codec.ts';

/** `stale`: the password is right, but the nonce is used up or old; the camera answers a new one by itself. */
export type LoginResult = 'right' | 'wrong' | 'stale';

export type DigestGuard = ReturnType<typeof openDigestGuard>;

const REALM = 'sitebox';
/** MD5 first: cameras that read only the first offer know only that. Those that can choose may take the second. */
const ALGORITHMS = ['MD5', 'SHA-256'];
const NONCE_LIFE_MS = 10 * 60_000;
const MAX_NONCES = 256;

/** True for equal texts, in a time that says nothing about where they differ. */
export function constantTimeEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * A nonce carries its own time and seal, so those that nobody answers are not kept; of the answered ones the highest count is, and
 * a count that does not rise is a replay.
 */
export function openDigestGuard(who: DigestCredentials, now: () => number = () => performance.now()) {
  const secret = randomBytes(32);
  const used = new Map<string, number>();
  /** Nonces from before this are forgotten, and therefore no longer taken. */
  let oldestMs = 0;

  const seal = (body: string): string => createHmac('sha256', secret).update(body).digest('hex').slice(0, 32);
  const issuedAt = (nonce: string): number => Number.parseInt(nonce.slice(0, 12), 16);
  const newNonce = (): string => {
    const body = Math.floor(now()).toString(16).padStart(12, '0') + randomBytes(8).toString('hex');
    return body + seal(body);
  };
  const isFresh = (nonce: string): boolean => now() - issuedAt(nonce) < NONCE_LIFE_MS && issuedAt(nonce) >= oldestMs;
  const use = (nonce: string, count: number): boolean => {
    if (count <= (used.get(nonce) ?? 0)) return false;
    const first = used.keys().next();
    if (used.size >= MAX_NONCES && !used.has(nonce) && !first.done) {
      oldestMs = Math.max(oldestMs, issuedAt(first.value) + 1);
      used.delete(first.value);
    }
    used.set(nonce, count);
    return true;
  };

  return {
    /** Checks an `Authorization` field for one request; `uri` as it stands in the request line. */
    check(authorization: string, method: string, uri: string): LoginResult {
      const challenge = parseChallenges(authorization).find((c) => c.scheme === 'digest');
      const given = challenge?.params ?? {};
      const { nonce = '', nc = '', cnonce = '', response = '', algorithm = 'MD5', username = '' } = given;
      const isOurs = /^[\da-f]{60}$/.test(nonce) && constantTimeEqual(seal(nonce.slice(0, 28)), nonce.slice(28));
      const isWellFormed =
        ALGORITHMS.includes(algorithm.toUpperCase()) &&
        given['qop']?.toLowerCase() === 'auth' &&
        given['realm'] === REALM &&
        given['uri'] === uri &&
        cnonce !== '' &&
        /^[\da-f]{8}$/.test(nc);
      if (!isWellFormed) return 'wrong';
      const count = Number.parseInt(nc, 16);
      const want = digestResponse({ scheme: 'digest', params: { realm: REALM, nonce, algorithm, qop: 'auth' } }, who, {
        method,
        uri,
        cnonce,
        count,
      });
      // Both are compared before either counts, so that a wrong user takes as long as a wrong password.
      const isUser = constantTimeEqual(username, who.user);
      const isResponse = constantTimeEqual(response.toLowerCase(), want);
      if (!isUser || !isResponse) return 'wrong';
      // A camera that goes on with a nonce of before the restart of the box knows the password.
      return isOurs && isFresh(nonce) && use(nonce, count) ? 'right' : 'stale';
    },
    /** Values of `WWW-Authenticate`. */
    offers: (stale: boolean): string[] =>
      ALGORITHMS.map(
        (algorithm) =>
          `Digest realm="${REALM}", qop="auth", algorithm=${algorithm}, nonce="${newNonce()}"${stale ? ', stale=true' : ''}`,
      ),
  };
}
