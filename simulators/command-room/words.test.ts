import { expect, it } from 'vitest';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import { describeEvent } from './words.ts';

const said = (type: string, data: object, version = 'v2'): string =>
  describeEvent(
    {
      id: 'E',
      source: '/sites/demo/boxes/box-001',
      subject: 'cam-1',
      time: 0,
      sequence: 7,
      evidence: [],
      type: `io.sitebox.${type}.${version}`,
      data,
    } as unknown as ReceivedEvent,
    true,
    'room',
  );
const call = { device: 'cam-1', role: 'officer', kind: 'bodycam', state: 'raised' };

it.each([{ place: null }, {}])('a call without a known place: %j', (where) => {
  expect(said('sos', { ...call, ...where })).toBe('00:00:00 room #7 SOS cam-1 (officer, bodycam)');
});

it('a call with its place', () => {
  expect(said('sos', { ...call, place: { lat: 30.25, lon: 120.125 } })).toMatch(/ at 30\.25000, 120\.12500$/);
});

it('S5: a device that knocks, and from where', () => {
  const data = { device: 'cam-1', what: 'revoked device login', state: 'raised', addresses: ['192.0.2.1'] };
  expect(said('device', data)).toMatch(/cam-1: revoked device login from 192\.0\.2\.1$/);
});

it.each([
  ['plate.hit', { seen: 2 }, { sightings: 2 }],
  ['plate.hit', { seen: 1 }, { sightings: 1 }],
  ['document.hit', { seen: 3 }, { sightings: 3 }],
])('%s of a box of 0.1.0 reads like one of today: %j', (type, old, today) => {
  expect(said(type, old, 'v1')).toBe(said(type, today));
});
