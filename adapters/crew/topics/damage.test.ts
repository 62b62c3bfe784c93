/**
 * Damaged messages of everything that comes over MQTT: each is refused in words or says what stands in it; nothing else happens. TCP and
 * TLS keep most damage out; a digit that has become another one in between no codec can tell from a journey.
 */
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { encodeAnswer, encodeSos, encodeStatus, encodeTelemetry } from '../bodycam/codec.ts';
import { encodeOsd, encodeTopology } from '../dji/codec.ts';
import { Malformed, readMessage, readTopic } from './codec.ts';

const AT = Date.UTC(2026, 10, 21, 2, 2, 3);
const position = { lat: 30.25, lon: 120.125, accuracyM: 8, speedKmh: 4.5, courseDeg: 90 };
const flight = { mode_code: 3, latitude: 30.25, longitude: 120.125, height: 128.2, battery: { capacity_percent: 81 } };

const MESSAGES: readonly (readonly [topic: string, payload: Buffer])[] = [
  ['bodycam/v1/cam-1/telemetry', encodeTelemetry({ at: AT, sequence: 42, position, batteryPercent: 63 })],
  ['bodycam/v1/cam-1/sos', encodeSos({ sos: 'u-1', state: 'raised', at: AT, position })],
  ['bodycam/v1/cam-1/order', encodeAnswer('O-1', 'refused', AT, '车坏了')],
  ['bodycam/v1/cam-1/status', encodeStatus(true)],
  ['thing/product/DRONE1/osd', encodeOsd({ at: AT, gateway: 'RC1', data: flight }, 't')],
  ['thing/product/DRONE1/osd', encodeOsd({ at: AT, gateway: 'RC1', data: { host: flight } }, 't')],
  ['sys/product/RC1/status', encodeTopology(AT, 't', ['DRONE1'])],
  [
    'thing/product/RC1/events',
    Buffer.from('{"tid":"t","bid":"b","method":"hms","need_reply":1,"data":{"list":[],"latitude":30.25}}'),
  ],
];

/** What a reader of JSON is most likely to trip over. */
const TOKENS = [
  ...[
    '{',
    '}',
    '[',
    '"',
    ',',
    ':',
    'null',
    '1e999',
    '-',
    '.',
    '0',
    '9',
    '\\ud800',
    '\0',
    '\u202e',
    '"lat":',
    '"lon":1,',
  ],
  ...['"__proto__":{"a":1},', '"host":{', '"latitude":5,', '"gateway":"DRONE1",', '['.repeat(40)],
];
const bytes = fc.uint8Array({ minLength: 1, maxLength: 4 });
const token = fc.constantFrom(...TOKENS).map((text) => Buffer.from(text));
/** At `at`, `length` bytes give way to others, to nothing, or to themselves twice. */
const change = fc.record({
  at: fc.nat(10_000),
  length: fc.nat(8),
  by: fc.oneof(bytes, token, fc.constant(Buffer.alloc(0)), fc.constant('twice' as const)),
});

function damaged(
  payload: Buffer,
  changes: readonly { at: number; length: number; by: Uint8Array | 'twice' }[],
): Buffer {
  return changes.reduce((before, { at, length, by }) => {
    const from = at % (before.length + 1);
    const piece = before.subarray(from, from + length);
    const instead = by === 'twice' ? Buffer.concat([piece, piece]) : by;
    return Buffer.concat([before.subarray(0, from), instead, before.subarray(from + length)]);
  }, payload);
}

/** The numbers that stand in the text behind `name`, as another reader sees them. */
function standThere(text: string, name: string): number[] {
  return [...text.matchAll(new RegExp(`"${name}"\\s*:\\s*([-+.0-9eE]+)`, 'g'))].map((match) => Number(match[1]));
}

type Read = (topic: string, payload: Buffer) => ReturnType<typeof readMessage>;
const read: Read = (topic, payload) => readMessage(readTopic(topic)!, payload, AT, 'd');

function property(reader: Read, seen = { refused: 0, placed: 0, read: 0 }) {
  return fc.property(
    fc.constantFrom(...MESSAGES),
    fc.array(change, { minLength: 1, maxLength: 2 }),
    (message, changes) => {
      const [topic, payload] = message;
      const bad = damaged(payload, changes);
      let said;
      try {
        said = reader(topic, bad);
      } catch (error) {
        // A mistake of the reader is not a mistake of the message.
        if (!(error instanceof Malformed)) throw error;
        seen.refused += 1;
        return;
      }
      seen.read += 1;
      const place = 'report' in said ? said.report.position : 'sos' in said ? said.sos.position : undefined;
      if (!place) return;
      seen.placed += 1;
      const text = bad.toString();
      const names = topic.startsWith('bodycam') ? ['lat', 'lon'] : ['latitude', 'longitude'];
      expect(standThere(text, names[0]!)).toContain(place.lat);
      expect(standThere(text, names[1]!)).toContain(place.lon);
      expect(Math.abs(place.lat) <= 90 && Math.abs(place.lon) <= 180).toBe(true);
    },
  );
}

it('4,000 damaged messages are refused in words or read as they stand', () => {
  const seen = { refused: 0, placed: 0, read: 0 };
  fc.assert(property(read, seen), { numRuns: 4_000, seed: 5 });
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(100);
});

test.each<[string, Read]>([
  [
    'that takes what is missing for zero',
    (topic, payload) => {
      const m = JSON.parse(payload.toString()) as { lat?: number; lon?: number };
      if (!topic.endsWith('telemetry')) return {};
      return { report: { device: 'd', at: AT, position: { lat: m.lat ?? 0, lon: m.lon ?? 0, trusted: true } } };
    },
  ],
  ['that trips', (_, payload) => ({ presence: JSON.parse(payload.toString()) as boolean })],
])('would catch a reader %s', (_, broken) => {
  expect(fc.check(property(broken), { numRuns: 4_000, seed: 5 }).failed).toBe(true);
});
