/** Why a port cannot be opened, and why an address cannot be reached: what the codes of Node and TLS mean to the person who has to act. */

const UNKNOWN_AUTHORITY =
  'its certificate is from an unknown authority: give the authority in `ca` (of one signed by itself, the certificate)';

/** `key`: where the configuration has `host` and `port`. */
export function whyNotListening(error: unknown, key = 'listen'): string {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return `something else listens there already: end it, or choose another \`${key}.port\``;
  if (code === 'EACCES') return `this user may not listen there: choose a \`${key}.port\` from 1024 on`;
  if (code === 'EADDRNOTAVAIL') return `this box has no such address: check \`${key}.host\``;
  return `it cannot be opened (${code ?? 'unknown cause'}): check \`${key}\``;
}

/** Of `peer` at the address in `key`; undefined where the code says nothing that a person could act on. */
export function whyNotConnected(error: unknown, peer: string, key = 'url'): string | undefined {
  const why: Readonly<Record<string, string>> = {
    ECONNREFUSED: `nothing listens there: is the ${peer} running, and is the port in \`${key}\` right?`,
    ENOTFOUND: `the host name is not known: check \`${key}\` and the name service`,
    EAI_AGAIN: 'the name service does not answer',
    EHOSTUNREACH: 'there is no way to that address: check address and network',
    ENETUNREACH: 'there is no way to that address: check address and network',
    ECONNRESET: 'the connection was cut before an answer came',
    EPROTO: 'it does not speak TLS as expected: is the port right?',
    CERT_HAS_EXPIRED: 'its certificate has expired: it has to be renewed there (or the clock of this box is wrong)',
    CERT_NOT_YET_VALID: 'its certificate is not valid yet: the clock of this box is probably wrong',
    ERR_TLS_CERT_ALTNAME_INVALID: `its certificate is for another name: check the name in \`${key}\``,
  };
  const code = codeOf(error);
  if (code === undefined) return undefined;
  return why[code] ?? (/SELF_SIGNED|UNABLE_TO/.test(code) ? UNKNOWN_AUTHORITY : undefined);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
