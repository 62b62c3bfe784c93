import { expect, test } from 'vitest';
import { hostAllowed, isHostName, refusedHost } from './hosts.ts';

const names = ['gate-box.lan', '203.0.113.7'];

test.each([
  [undefined, '10.0.0.5'],
  ['localhost:8420', '127.0.0.1'],
  ['LOCALHOST.', '127.0.0.1'],
  ['127.0.0.1:8420', '127.0.0.1'],
  ['[::1]:8420', '::1'],
  ['10.0.0.5:8420', '10.0.0.5'],
  ['10.0.0.5', '::ffff:10.0.0.5'],
  ['[::ffff:10.0.0.5]:8420', '10.0.0.5'],
  ['[::FFFF:a00:5]', '::ffff:10.0.0.5'],
  ['[0:0:0:0:0:ffff:10.0.0.5]', '10.0.0.5'],
  ['[::ffff:127.0.0.1]', '::ffff:127.0.0.1'],
  ['[::ffff:203.0.113.7]', '10.0.0.5'],
  ['[fe80::1]:80', 'fe80::1%eth0'],
  ['[FE80:0:0:0:0:0:0:1]', 'fe80::1'],
  ['Gate-Box.lan:80', '10.0.0.5'],
  ['203.0.113.7:443', '10.0.0.5'],
])('S2: %s is answered on %s', (host, address) => expect(hostAllowed(host, address, names)).toBe(true));

test.each([
  'evil.example',
  'evil.example:8420',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'gate-box.lan.evil.example',
  '10.0.0.6',
  '[::ffff:10.0.0.6]',
  '[::ffff:0:10.0.0.5]',
  '[64:ff9b::10.0.0.5]',
  'evil.example#localhost',
  'localhost@evil.example',
  'evil.example/localhost',
  'a b',
  '',
  'localhost:port',
])('S2: %j is not', (host) => expect(hostAllowed(host, '10.0.0.5', names)).toBe(false));

test.each<[400 | 421 | undefined, string, string[]]>([
  [undefined, '/', ['10.0.0.5']],
  [undefined, '/', []],
  [undefined, '/http://evil.example/', ['10.0.0.5']],
  [undefined, 'http://10.0.0.5:8420/', ['10.0.0.5']],
  [400, '/', ['10.0.0.5', 'evil.example']],
  [400, '/', ['evil.example', '10.0.0.5']],
  [400, '/', ['10.0.0.5', '10.0.0.5']],
  [421, '/', ['evil.example']],
  [421, '/', ['']],
  [421, 'http://evil.example/', ['10.0.0.5']],
  [421, 'HTTP://evil.example', ['10.0.0.5']],
  [421, 'http://evil.example?10.0.0.5/', ['10.0.0.5']],
  [421, 'http://10.0.0.5@evil.example/', ['10.0.0.5']],
  [421, 'http:///', ['10.0.0.5']],
  [421, 'http://10.0.0.5/', ['evil.example']],
])('S2: %s for %s and the Host headers %j', (status, url, host) =>
  expect(refusedHost({ url, headersDistinct: { host }, socket: { localAddress: '10.0.0.5' } }, names)).toBe(status),
);

test('names of the configuration have no port and no path', () => {
  expect(['gate-box.lan', '10.0.0.5', '[fd00::1]'].map(isHostName)).toEqual([true, true, true]);
  expect(['gate-box:80', 'http://gate-box', 'gate-box/', '', 'a b'].map(isHostName)).toEqual(Array(5).fill(false));
});
