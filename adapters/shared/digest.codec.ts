/** HTTP and RTSP access authentication, Basic (RFC 7617) and Digest (RFC 7616), as pure text. */
import { createHash } from 'node:crypto';

/** One challenge of a `WWW-Authenticate` field: the scheme in lower case, and its parameters by lower-case name. */
export interface Challenge {
  readonly scheme: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface DigestCredentials {
  readonly user: string;
  readonly password: string;
}

/** The request that an answer is bound to. `cnonce` is the client's random text; `count` the use of this nonce, from 1. */
export interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  readonly cnonce: string;
  readonly count: number;
}

const PARAMETER = /^([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/;
const SCHEME = /^([A-Za-z][\w-]*)(?=\s|,|$)/;

/** Parses `WWW-Authenticate` (one field may hold several challenges) or `Authorization`. Skips unreadable parts. */
export function parseChallenges(field: string): Challenge[] {
  const found: { scheme: string; params: Record<string, string> }[] = [];
  let rest = field.trim();
  while (rest !== '') {
    const parameter = PARAMETER.exec(rest);
    const scheme = parameter ? null : SCHEME.exec(rest);
    if (scheme) found.push({ scheme: scheme[1]!.toLowerCase(), params: {} });
    const last = found.at(-1);
    if (parameter && last) {
      last.params[parameter[1]!.toLowerCase()] = parameter[2]?.replace(/\\(.)/g, '$1') ?? parameter[3]!;
    }
    const taken = parameter?.[0].length ?? scheme?.[0].length ?? 1;
    rest = rest.slice(taken).replace(/^[\s,]+/, '');
  }
  return found;
}

/** The `Authorization` value for Basic. */
export function basicAuthorization(who: DigestCredentials): string {
  return `Basic ${Buffer.from(`${who.user}:${who.password}`, 'utf8').toString('base64')}`;
}

const HASHES: Readonly<Record<string, string>> = {
  md5: 'md5',
  'md5-sess': 'md5',
  'sha-256': 'sha256',
  'sha-256-sess': 'sha256',
};

/** The challenge binds the password to one nonce of each side (RFC 7616 section 3.4.2). */
const isSession = ({ params }: Challenge): boolean => /-sess$/i.test(params['algorithm'] ?? '');

/** Whether this file can answer: MD5 or SHA-256, for a session or not, without qop or with qop=auth. */
export function isSupported(challenge: Challenge): boolean {
  const { algorithm = 'md5', qop, nonce, realm } = challenge.params;
  return (
    challenge.scheme === 'digest' &&
    nonce !== undefined &&
    realm !== undefined &&
    algorithm.toLowerCase() in HASHES &&
    (isWithoutQop(qop) || qops(qop!).includes('auth'))
  );
}

/** Some cameras write `qop=""` where they mean none. */
const isWithoutQop = (qop: string | undefined): boolean => qop === undefined || qop.trim() === '';
const qops = (text: string): string[] => text.split(',').map((q) => q.trim().toLowerCase());

/** The `response` parameter, RFC 7616 section 3.4.1; without qop the older form of RFC 2069, which cameras still use. */
export function digestResponse(challenge: Challenge, who: DigestCredentials, request: DigestRequest): string {
  const { algorithm = 'md5', qop, nonce = '', realm = '' } = challenge.params;
  const name = HASHES[algorithm.toLowerCase()] ?? 'md5';
  const hash = (text: string): string => createHash(name).update(text, 'utf8').digest('hex');
  const login = hash(`${who.user}:${realm}:${who.password}`);
  const a1 = isSession(challenge) ? hash(`${login}:${nonce}:${request.cnonce}`) : login;
  const a2 = hash(`${request.method}:${request.uri}`);
  if (isWithoutQop(qop)) return hash(`${a1}:${nonce}:${a2}`);
  return hash(`${a1}:${nonce}:${count(request)}:${request.cnonce}:auth:${a2}`);
}

const count = (request: DigestRequest): string => request.count.toString(16).padStart(8, '0');

/** The `Authorization` value for a Digest challenge that `isSupported` accepts. */
export function digestAuthorization(challenge: Challenge, who: DigestCredentials, request: DigestRequest): string {
  const quote = (text: string): string => `"${text.replace(/(["\\])/g, '\\$1')}"`;
  const { algorithm, qop, nonce = '', realm = '', opaque } = challenge.params;
  const parts = [
    `username=${quote(who.user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(request.uri)}`,
    `response=${quote(digestResponse(challenge, who, request))}`,
  ];
  if (algorithm !== undefined) parts.push(`algorithm=${algorithm}`);
  if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
  if (!isWithoutQop(qop)) parts.push('qop=auth', `nc=${count(request)}`);
  if (!isWithoutQop(qop) || isSession(challenge)) parts.push(`cnonce=${quote(request.cnonce)}`);
  return `Digest ${parts.join(', ')}`;
}
