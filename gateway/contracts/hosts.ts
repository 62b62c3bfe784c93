/**
 * Host names that the web servers of the box answer to. A page of a foreign site can have its own name resolve to the box (DNS rebinding),
 * and the browser then treats it as ours; its requests still carry the foreign name in `Host`. Imports nothing.
 */

/** The members of Node's `IncomingMessage` that say which host a request is for. */
export interface HostRequest {
  readonly url?: string | undefined;
  readonly headersDistinct: { readonly host?: readonly string[] | undefined };
  readonly socket: { readonly localAddress?: string | undefined };
}

/**
 * The status with which a request is refused: 400 for more than one Host header, because readers may choose different ones (RFC 9112 section
 * 3.2); 421 for a foreign name in Host or in a target in absolute form, which takes precedence (3.2.2).
 */
export function refusedHost(
  { url = '', headersDistinct, socket }: HostRequest,
  names: readonly string[],
): 400 | 421 | undefined {
  const hosts = headersDistinct.host ?? [];
  if (hosts.length > 1) return 400;
  const [, target] = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url) ?? [];
  const asked = target === undefined ? [hosts[0]] : [hosts[0], target];
  return asked.every((host) => hostAllowed(host, socket.localAddress, names)) ? undefined : 421;
}

/** Whether `host` (a Host header, RFC 9110 section 7.2) is one of `names`, loopback, or the address that the connection came to. */
export function hostAllowed(
  host: string | undefined,
  localAddress: string | undefined,
  names: readonly string[],
): boolean {
  // HTTP/1.0 may leave it out; no browser does.
  if (host === undefined) return true;
  const asked = hostName(host);
  if (asked === undefined) return false;
  const own = localAddress === undefined ? undefined : hostName(literal(localAddress));
  return isLoopback(asked) || asked === own || names.some((name) => hostName(name) === asked);
}

/** Lower case, without port and final dot; addresses normalised, IPv4 inside IPv6 as IPv4. Undefined where it is not a host. */
function hostName(host: string): string | undefined {
  if (/[\s/@?#\\]/.test(host) || host === '') return undefined;
  try {
    const { hostname } = new URL(`http://${host}`);
    const [, high, low] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(hostname) ?? [];
    if (high === undefined || low === undefined) return hostname.replace(/\.$/, '');
    return [high, low].flatMap((half) => [parseInt(half, 16) >> 8, parseInt(half, 16) & 255]).join('.');
  } catch {
    return undefined;
  }
}

/** Whether `name` is a host without a port. */
export function isHostName(name: string): boolean {
  return hostName(name) !== undefined && (!name.includes(':') || /^\[.*\]$/.test(name));
}

/** Whether only programs of this machine reach a server that listens on `host`. */
export function isLoopbackHost(host: string): boolean {
  return isLoopback(hostName(literal(host)) ?? '');
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** An address as it stands in a URL: IPv6 in brackets and without its zone. */
function literal(address: string): string {
  const [plain = ''] = address.split('%');
  return plain.includes(':') ? `[${plain}]` : plain;
}
