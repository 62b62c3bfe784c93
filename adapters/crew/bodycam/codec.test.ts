/** Body-cam messages both ways, what is refused, and damaged messages. */
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import type { CrewMessage } from '../../../gateway/equipment.ts';
import {
  decodeAnswer,
  decodeCommand,
  decodeSos,
  decodeStatus,
  decodeTelemetry,
  encodeAnswer,
  encodeCommand,
  encodeSos,
  encodeStatus,
  encodeTelemetry,
  MAX_MESSAGE_BYTES,
} from './codec.ts';

const AT = Date.UTC(2026, 10, 21, 2, 2, 3);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The sample of the interface description. */
const SAMPLE = `{"v":1,"tst":${AT / 1000},"seq":42,"lat":30.25,"lon":120.125,"crs":"WGS84","acc":8,"alt":126,"vel":4.5,"cog":90,"batt":63,"bs":1,"sig":-87,"rec":"on","sos":false}`;

it('reads the sample', () => {
  expect(decodeTelemetry(bytes(SAMPLE), 'cam-1', AT + 250)).toEqual({
    ...{ device: 'cam-1', at: AT + 250, clockOffsetMs: -250, sequence: 42 },
    position: { lat: 30.25, lon: 120.125, accuracyM: 8, altitudeM: 126, speedKmh: 4.5, courseDeg: 90, trusted: true },
    ...{ batteryPercent: 63, charging: false, recording: 'on', signalDbm: -87 },
  });
});

it('reads what devices write', () => {
  const position = { lat: -33.5, lon: -70.25, accuracyM: 3, altitudeM: 500, speedKmh: 12, courseDeg: 359.5 };
  const state = { batteryPercent: 5, charging: true, recording: 'fault', signalDbm: -100 } as const;
  expect(decodeTelemetry(encodeTelemetry({ at: AT, sequence: 0, position, ...state, everyS: 30 }), 'a', AT)).toEqual({
    ...{ device: 'a', at: AT, clockOffsetMs: 0, sequence: 0, position: { ...position, trusted: true } },
    ...{ ...state, intervalS: 30 },
  });
  expect(decodeTelemetry(encodeTelemetry({ at: AT }), 'a', AT)).toEqual({ device: 'a', at: AT, clockOffsetMs: 0 });
  const place = { lat: 30.25, lon: 120.125 };
  expect(decodeSos(encodeSos({ sos: 'u-1', state: 'raised', at: AT, position: place }), 'a', AT)).toEqual({
    ...{ device: 'a', sos: 'u-1', state: 'raised', at: AT, position: { ...place, trusted: true } },
  });
  expect(decodeStatus(encodeStatus(true))).toBe(true);
  expect(decodeAnswer(encodeAnswer('O-1', 'refused', AT, '车坏了'), 'a', AT)).toEqual({
    ...{ device: 'a', order: 'O-1', state: 'refused', at: AT, reason: '车坏了' },
  });
});

const place = { lat: 30.25, lon: 120.125, name: '东门' };
const shown = { tst: AT / 1000, lat: 30.25, lon: 120.125, place: '东门' };
test.each<[CrewMessage, object]>([
  [{ kind: 'acknowledged', id: 'M', sos: 'u-1' }, { ack: 'u-1' }],
  [
    { kind: 'sos', id: 'M', state: 'raised', at: AT, place, device: 'cam-2' },
    { sos: { state: 'raised', device: 'cam-2', ...shown } },
  ],
  [{ kind: 'sos', id: 'M', state: 'cancelled', at: AT }, { sos: { state: 'cancelled', tst: AT / 1000 } }],
  [{ kind: 'order', id: 'M', text: '去东门', at: AT, place }, { order: { text: '去东门', ...shown } }],
  [
    { kind: 'alert', id: 'M', at: AT, confirmed: false, what: 'stolen', instruction: 'look', place },
    { alert: { confirmed: false, what: 'stolen', instruction: 'look', ...shown } },
  ],
  [{ kind: 'interval', id: 'M', seconds: 5 }, { interval: 5 }],
])('a device reads %j', (message, expected) => {
  expect(decodeCommand(encodeCommand(message))).toEqual({ v: 1, id: 'M', ...expected });
});

test.each([
  ['lat alone', SAMPLE.replace('"lon":120.125,', ''), /lat and lon/],
  ['a latitude that is none', SAMPLE.replace('30.25', '91'), /telemetry: lat /],
  ['a latitude in quotes', SAMPLE.replace('30.25', '"30.25"'), /telemetry: lat /],
  ['a clock two days off', SAMPLE.replace(`${AT / 1000}`, `${AT / 1000 - 2 * 86_400}`), /tst: /],
  ['no version', SAMPLE.replace('"v":1,', ''), /telemetry: v /],
  ['another version', SAMPLE.replace('"v":1', '"v":2'), /telemetry: v /],
  ['a battery of 200', SAMPLE.replace('"batt":63', '"batt":200'), /telemetry: batt /],
  ['no JSON', SAMPLE.slice(0, -1), /not JSON/],
  ['a list', `[${SAMPLE}]`, /the message is not/],
  ['too much', `${SAMPLE}${' '.repeat(MAX_MESSAGE_BYTES)}`, /more than 4096 bytes/],
  ['depth', `${'['.repeat(2_000)}${']'.repeat(2_000)}`, /telemetry: /],
])('refuses %s, and repeats nothing of it', (_, text, why) => {
  const refused = (): unknown => decodeTelemetry(bytes(text), 'a', AT);
  expect(refused).toThrow(why);
  expect(refused).not.toThrow(/30\.25|120\.125|91|200/);
});

it('takes the place off Africa, which receivers without a fix name, for none', () => {
  const text = SAMPLE.replace('30.25', '0').replace('120.125', '0');
  expect(decodeTelemetry(bytes(text), 'a', AT)).not.toHaveProperty('position');
});

it('keeps nothing that a message smuggles in', () => {
  const text = SAMPLE.replace('{', '{"__proto__":{"trusted":false},"device":"other","faces":[1],');
  const report = decodeTelemetry(bytes(text), 'a', AT);
  expect(report).toMatchObject({ device: 'a', position: { trusted: true } });
  expect(Object.keys(report)).not.toContain('faces');
});

it('of damaged messages some still make sense as JSON; nothing but an Error comes of the others', () => {
  const original = bytes(SAMPLE);
  const damage = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(damage, (changes) => {
      const damaged = Uint8Array.from(original);
      for (const [at, byte] of changes) damaged[at] = byte;
      let position;
      try {
        position = decodeTelemetry(damaged, 'a', AT).position;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      // MQTT travels over TCP, whose checksum keeps damage out: what is left to the codec is never to give a position that is none.
      if (!position) return;
      expect(Math.abs(position.lat)).toBeLessThanOrEqual(90);
      expect(Math.abs(position.lon)).toBeLessThanOrEqual(180);
    }),
    { numRuns: 2_000, seed: 7 },
  );
});
