/** Why a port cannot be opened, and why an address cannot be reached: what the codes of Node and TLS mean to the person who has to act. */

import { codeOf } from './errors.ts';
import { english, words } from './words/words.ts';

/** `key`: where the configuration has `host` and `port`. */
export function whyNotListening(error: unknown, key = 'listen'): string {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return english('listen-taken', { key });
  if (code === 'EACCES') return english('listen-privilege', { key });
  if (code === 'EADDRNOTAVAIL') return english('listen-no-address', { key });
  return english('listen-failed', { code: code ?? words('cause-unknown'), key });
}

type Peer = 'broker' | 'camera' | 'converter' | 'room';

/** Of `peer` at the address in `key`; undefined where the code says nothing that a person could act on. */
export function whyNotConnected(error: unknown, peer: Peer, key = 'url'): string | undefined {
  const why: Readonly<Record<string, string>> = {
    ECONNREFUSED: english(`connect-refused-${peer}`, { key }),
    ENOTFOUND: english('connect-name-unknown', { key }),
    EAI_AGAIN: english('connect-name-service'),
    EHOSTUNREACH: english('connect-no-way'),
    ENETUNREACH: english('connect-no-way'),
    ECONNRESET: english('connect-cut'),
    EPROTO: english('connect-no-tls'),
    CERT_HAS_EXPIRED: english('certificate-expired'),
    CERT_NOT_YET_VALID: english('certificate-not-yet-valid'),
    ERR_TLS_CERT_ALTNAME_INVALID: english('certificate-other-name', { key }),
  };
  const code = codeOf(error);
  if (code === undefined) return undefined;
  return why[code] ?? (/SELF_SIGNED|UNABLE_TO/.test(code) ? english('certificate-unknown-authority') : undefined);
}
