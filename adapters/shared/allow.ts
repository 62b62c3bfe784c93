/** Allow-lists of addresses and networks. */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { english } from '../../gateway/contracts/words/words.ts';

/** An address or a network in CIDR notation; the whole internet is not an allow-list. */
const source = z.string().refine((text) => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  );
}, english('allow-expected'));

export const allowListKey = z.array(source).min(1).max(64);

export function openAllowList(sources: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const text of sources) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    // A dual-stack socket writes IPv4 addresses as ::ffff:…; link-local addresses carry their interface.
    const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}
