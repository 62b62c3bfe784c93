/** C4: what a receiver mixes in between its sentences is passed over, and positions go on; damage of a sentence is still damage. */
import { expect, it, test } from 'vitest';
import { crewDevice, openTestHost } from '../../../simulators/conformance/equipment.ts';
import { openSentenceReader, writeReading, writeSentence } from './codec.ts';
import { openReceiver, INTACT_BEFORE_TRUST } from './equipment.ts';

const AIS = '!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n';
const pair = (i: number): string => {
  const time = Date.UTC(2026, 10, 21, 2, 2, i % 60);
  return writeReading('GN', { lat: 30.25, lon: 120.125, time, speedKmh: 0, courseDeg: 0, altitudeM: 10 });
};

/** 160 pairs with `foreign` behind each 20th; how many positions came of them, and what was refused. */
function mixed(foreign: string | Uint8Array): { positions: number; refused: number } {
  const host = openTestHost([crewDevice('jeep', { protocol: 'nmea' })]);
  const feed = openSentenceReader(openReceiver(host, 'jeep', true));
  for (let i = 0; i < 160; i++) {
    feed(Buffer.from(pair(i)));
    if (i % 20 === 10) feed(typeof foreign === 'string' ? Buffer.from(foreign, 'latin1') : foreign);
  }
  return { positions: host.reports.filter((r) => r.position).length, refused: host.refusals.length };
}

const payload = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256);
const ubx = Uint8Array.from([0xb5, 0x62, 1, 7, 300 & 255, 300 >> 8, ...payload, 1, 2]);
const rtcm = Uint8Array.from([0xd3, 300 >> 8, 300 & 255, ...payload, 1, 2, 3]);

test.each<[string, string | Uint8Array]>([
  ['AIS', AIS],
  ['AIS with a wrong checksum', AIS.replace('*24', '*00')],
  ['a maker’s own', writeSentence('PGRME,15.0,M,45.0,M,25.0,M')],
  ['a maker’s own without a checksum', '$PMTK001,604,3\r\n'],
  ['another talker', writeSentence('HEHDT,274.07,T')],
  ['UBX', ubx],
  ['RTCM 3', rtcm],
  ['another binary protocol', Uint8Array.from([0xaa, 0x44, 0x12, 0x1c, ...payload.map((n) => n | 0x80), 13, 10])],
  ['SBF, which begins with a $', Uint8Array.from([0x24, 0x40, 1, 2, 0xf1, 0x0f, 8, 0, 0xff, 0xfe, 13, 10])],
  ['words of the receiver', '> ready\r\nok\r\n'],
])('C4: %s costs no position', (_, foreign) => {
  expect(mixed(foreign)).toEqual({ positions: 320, refused: 0 });
});

test.each([
  ['a digit', writeSentence('GPRMC,020203.00,A,3015.00000,N,12007.50000,E,0,0,211126,,,A').replace('3015', '3115')],
  ['no checksum', '$GPRMC,020203.00,A,3015.00000,N,12007.50000,E,0,0,211126,,,A\r\n'],
  ['the $', writeSentence('GPGSV,1,1,00').slice(1)],
  ['a byte that is no text', writeSentence('GPGSV,1,1,00').replace('V', '\u0001')],
])('C4: %s is damage, and positions wait for whole sentences', (_, damaged) => {
  const { positions, refused } = mixed(damaged);
  expect(refused).toBe(8);
  // Behind the last one there are nine pairs.
  expect(positions).toBe(320 - 7 * INTACT_BEFORE_TRUST - 18);
});

it('C4: a head of a frame that is none hides nothing', () => {
  const heads = [[0xb5], [0xd3, 0xff], [0xb5, 0x62, 1, 2, 0xff, 0xff]];
  for (const head of heads) expect(mixed(Uint8Array.from([...head, 13, 10])).positions).toBe(320);
});
