/**
 * By which names a web server of the box may be asked. A page of somebody else's site can have its own name resolve to the box (DNS
 * rebinding) and would then count as ours in the browser; its requests still carry that name in `Host`. Imports nothing.
 */

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

/** Lower case, without port and final dot; addresses in their one spelling. Undefined for what is no host. */
function hostName(host: string): string | undefined {
  if (/[\s/@?#\\]/.test(host) || host === '') return undefined;
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

/** Whether `name` can stand in a list of names: a host without port. */
export function isHostName(name: string): boolean {
  return hostName(name) !== undefined && (!name.includes(':') || /^\[.*\]$/.test(name));
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** An address as it stands in a URL: IPv4 inside IPv6 as IPv4, IPv6 in brackets and without its zone. */
function literal(address: string): string {
  const [plain = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%');
  return plain.includes(':') ? `[${plain}]` : plain;
}
