/** The hardware address of a host that was spoken with just now, from the kernel's neighbours (proc(5), arp). */
import { readFileSync } from 'node:fs';

/** In lower case; undefined where the host is behind a router, or is the box. */
export function macOf(address: string): string | undefined {
  let table: string;
  try {
    table = readFileSync('/proc/net/arp', 'utf8');
  } catch {
    return undefined;
  }
  const row = table.split('\n').find((line) => line.startsWith(`${address} `));
  const mac = /\b[\da-f]{2}(?::[\da-f]{2}){5}\b/i.exec(row ?? '')?.[0].toLowerCase();
  return mac === '00:00:00:00:00:00' ? undefined : mac;
}
