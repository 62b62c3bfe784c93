import { expect, it } from 'vitest';
import { allowListKey, openAllowList } from './allow.ts';

it('allows addresses and networks of both families, and no others', () => {
  const allows = openAllowList(['192.168.1.20', '10.1.0.0/16', '2001:db8::5', 'fe80::/10']);
  const yes = ['192.168.1.20', '::ffff:192.168.1.20', '10.1.255.255', '2001:db8::5', '2001:DB8:0::5', 'fe80::1%eth0'];
  const no = ['192.168.1.21', '10.2.0.0', '::ffff:10.2.0.1', '2001:db8::6', '::1', '', 'localhost', undefined];
  expect(yes.filter((address) => !allows(address))).toEqual([]);
  expect(no.filter((address) => allows(address))).toEqual([]);
});

it('refuses a list that allows everybody, or that is not one', () => {
  const isTaken = (...list: string[]): boolean => allowListKey.safeParse(list).success;
  expect(isTaken('192.168.1.0/24', '::1')).toBe(true);
  for (const bad of [
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    '10.0.0.0/8/8',
    'camera',
    '::1/129',
    '',
  ]) {
    expect([bad, isTaken(bad)]).toEqual([bad, false]);
  }
  expect(isTaken()).toBe(false);
});
