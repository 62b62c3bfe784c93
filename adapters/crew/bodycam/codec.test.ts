/** Body-cam messages both ways, and what is refused. */
import { describe, expect, it, test } from 'vitest';
import type { CrewMessage } from '../../../gateway/contracts/crew.ts';
import { Malformed } from '../topics/json.codec.ts';
import {
  decodeAnswer,
  decodeReply,
  decodeCommand,
  decodeSos,
  decodeStatus,
  decodeTelemetry,
  encodeAnswer,
  encodeReceipt,
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
    device: 'cam-1',
    at: AT + 250,
    clockOffsetMs: -250,
    sequence: 42,
    position: { lat: 30.25, lon: 120.125, accuracyM: 8, altitudeM: 126, speedKmh: 4.5, courseDeg: 90, trusted: true },
    batteryPercent: 63,
    charging: false,
    recording: 'on',
    signalDbm: -87,
  });
});

it('reads what devices write', () => {
  const position = { lat: -33.5, lon: -70.25, accuracyM: 3, altitudeM: 500, speedKmh: 12, courseDeg: 359.5 };
  const state = { batteryPercent: 5, charging: true, recording: 'fault', signalDbm: -100 } as const;
  expect(decodeTelemetry(encodeTelemetry({ at: AT, sequence: 0, position, ...state, everyS: 30 }), 'a', AT)).toEqual({
    device: 'a',
    at: AT,
    clockOffsetMs: 0,
    sequence: 0,
    position: { ...position, trusted: true },
    ...state,
    intervalS: 30,
  });
  expect(decodeTelemetry(encodeTelemetry({ at: AT }), 'a', AT)).toEqual({ device: 'a', at: AT, clockOffsetMs: 0 });
  const place = { lat: 30.25, lon: 120.125 };
  expect(decodeSos(encodeSos({ sos: 'u-1', state: 'raised', at: AT, position: place }), 'a', AT)).toEqual({
    device: 'a',
    sos: 'u-1',
    state: 'raised',
    at: AT,
    position: { ...place, trusted: true },
  });
  expect(decodeStatus(encodeStatus(true))).toBe(true);
  expect(decodeAnswer(encodeAnswer('O-1', 'refused', AT, '车坏了'), 'a', AT)).toEqual({
    device: 'a',
    order: 'O-1',
    state: 'refused',
    at: AT,
    reason: '车坏了',
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
  [
    {
      kind: 'sos',
      id: 'M',
      state: 'raised',
      at: AT,
      place: { lat: 30.25, lon: 120.125, origin: 'last known', ageS: 40, trusted: false },
      doubtful: { lat: 30.5, lon: 120 },
    },
    {
      sos: {
        state: 'raised',
        tst: AT / 1000,
        lat: 30.25,
        lon: 120.125,
        origin: 'last known',
        age: 40,
        trusted: false,
        doubtful: { lat: 30.5, lon: 120 },
      },
    },
  ],
  [{ kind: 'sos', id: 'M', state: 'raised', at: AT }, { sos: { state: 'raised', tst: AT / 1000, origin: 'none' } }],
  [{ kind: 'acknowledged', id: 'M', sos: 7 }, { ack: 7 }],
  [{ kind: 'sos', id: 'M', state: 'cancelled', at: AT }, { sos: { state: 'cancelled', tst: AT / 1000 } }],
  [{ kind: 'order', id: 'M', text: '去东门', at: AT, place }, { order: { text: '去东门', ...shown } }],
  [
    { kind: 'alert', id: 'M', hit: 'H', at: AT, confirmed: false, what: 'stolen', instruction: 'look', place },
    { alert: { hit: 'H', confirmed: false, what: 'stolen', instruction: 'look', ...shown } },
  ],
  [{ kind: 'interval', id: 'M', seconds: 5 }, { interval: 5 }],
])('a device reads %j', (message, expected) => {
  expect(decodeCommand(encodeCommand(message))).toEqual({ v: 1, id: 'M', ...expected });
});

test.each([
  ['no version', SAMPLE.replace('"v":1,', ''), /^v: /],
  ['another version', SAMPLE.replace('"v":1', '"v":2'), /^v: /],
  ['no JSON', SAMPLE.slice(0, -1), /expected JSON/],
  ['a list', `[${SAMPLE}]`, /^message: /],
  ['too much', `${SAMPLE}${' '.repeat(MAX_MESSAGE_BYTES)}`, /at most 4096 bytes/],
  ['depth', `${'['.repeat(2_000)}${']'.repeat(2_000)}`, /at most 8 /],
  ['depth beside what is right', SAMPLE.replace('{', `{"x":${'['.repeat(9)}${']'.repeat(9)},`), /at most 8 /],
  [
    'what reaches for the prototype',
    SAMPLE.replace('{', '{"x":{"__proto__":{"trusted":false}},'),
    /a key that no message has/,
  ],
  ['the same, disguised', SAMPLE.replace('{', '{"\\u005f_proto__":{},'), /a key that no message has/],
])('refuses %s, and repeats nothing of it', (_, text, why) => {
  const refused = (): unknown => decodeTelemetry(bytes(text), 'a', AT);
  expect(refused).toThrow(Malformed);
  expect(refused).toThrow(why);
  expect(refused).not.toThrow(/30\.25|120\.125|91|GCJ|200/);
});

describe('C5: fields stand alone', () => {
  const tst = `"tst":${AT / 1000}`;
  test.each<[field: string, text: string, gone: string]>([
    ['batt', SAMPLE.replace('"batt":63', '"batt":-1'), 'batteryPercent'],
    ['batt', SAMPLE.replace('"batt":63', '"batt":255'), 'batteryPercent'],
    ['batt', SAMPLE.replace('"batt":63', '"batt":null'), 'batteryPercent'],
    ['alt', SAMPLE.replace('"alt":126', '"alt":-9999'), 'position.altitudeM'],
    ['alt', SAMPLE.replace('"alt":126', '"alt":NaN'), 'position.altitudeM'],
    ['vel', SAMPLE.replace('"vel":4.5', '"vel":-1'), 'position.speedKmh'],
    ['cog', SAMPLE.replace('"cog":90', '"cog":-1'), 'position.courseDeg'],
    ['sig', SAMPLE.replace('"sig":-87', '"sig":99'), 'signalDbm'],
    ['rec', SAMPLE.replace('"rec":"on"', '"rec":"paused"'), 'recording'],
    ['seq', SAMPLE.replace('"seq":42', '"seq":-1'), 'sequence'],
    ['tst', SAMPLE.replace(tst, `"tst":${AT}`), 'clockOffsetMs'],
    ['tst', SAMPLE.replace(tst, '"tst":"2026-11-21T02:02:03Z"'), 'clockOffsetMs'],
    ['tst', SAMPLE.replace(tst, '"tst":3'), 'clockOffsetMs'],
    ['tst', SAMPLE.replace(`${tst},`, ''), 'clockOffsetMs'],
    ['lat', SAMPLE.replace('30.25', '91'), 'position'],
    ['lat', SAMPLE.replace('30.25', '1e999'), 'position'],
    ['lat', SAMPLE.replace('30.25', '"30.25"'), 'position'],
    ['lat', SAMPLE.replace('30.25', 'null'), 'position'],
    ['lat, lon', SAMPLE.replace('"lon":120.125,', ''), 'position'],
    ['lat, lon', SAMPLE.replace('"lat":30.25,', ''), 'position'],
    ['crs', SAMPLE.replace('WGS84', 'GCJ02'), 'position'],
  ])('%s is left out and named: %s', (field, text, gone) => {
    const whole = decodeTelemetry(bytes(SAMPLE), 'cam-1', AT);
    const { invalidFields: odd, clockWrong, ...rest } = decodeTelemetry(bytes(text), 'cam-1', AT);
    expect(odd).toEqual([{ field, why: expect.stringContaining('expected') as string }]);
    expect(JSON.stringify(odd)).not.toMatch(/30\.25|120\.125|GCJ|255|9999|paused/);
    expect(clockWrong).toBe(field === 'tst' ? true : undefined);
    const [first, inner] = gone.split('.') as [string, string?];
    const expected = JSON.parse(JSON.stringify(whole)) as Record<string, Record<string, unknown>>;
    if (inner === undefined) delete expected[first];
    else delete expected[first]![inner];
    expect(rest).toEqual(expected);
  });
});

it('takes the place off Africa, which receivers without a fix name, for none', () => {
  const text = SAMPLE.replace('30.25', '0').replace('120.125', '0');
  expect(decodeTelemetry(bytes(text), 'a', AT)).not.toHaveProperty('position');
});

it.each([
  '"lat":-90,"lon":180,"acc":0,"alt":-500,"vel":1000,"cog":360',
  '"lat":30.25,"lon":120.125,"acc":-1,"alt":20001,"vel":"5","cog":361',
  '"lat":30.25,"lon":120.125,"crs":"WGS84"',
  '"lat":30.25,"lon":120.125,"crs":"GCJ02"',
  '"lat":90.1,"lon":120.125',
  '"lat":30.25',
  '"lat":0,"lon":0',
])('C5: reads a place in telemetry as in a call for help: %s', (place) => {
  const report = decodeTelemetry(bytes(`{"v":1,"tst":${AT / 1000},${place}}`), 'cam-1', AT);
  const call = decodeSos(bytes(`{"v":1,"sosId":"a","state":"raised",${place}}`), 'cam-1', AT);
  expect(call.position).toEqual(report.position);
});

it('keeps nothing that a message smuggles in', () => {
  const text = SAMPLE.replace('{', '{"device":"other","trusted":false,"faces":[1],');
  const report = decodeTelemetry(bytes(text), 'a', AT);
  expect(report).toMatchObject({ device: 'a', position: { trusted: true } });
  expect(Object.keys(report)).not.toContain('faces');
});

describe('a call for help', () => {
  const call = (more: object): Uint8Array => bytes(JSON.stringify({ v: 1, sosId: 'u-1', state: 'raised', ...more }));
  const where = { lat: 30.25, lon: 120.125 };

  it.each([
    ['a clock of 1970', { tst: 3, ...where }, true],
    ['no time', where, true],
    ['a time in words', { tst: 'now', ...where }, true],
    ['half a position', { tst: AT / 1000, lat: 30.25 }, false],
    ['an impossible position', { tst: AT / 1000, lat: 91, lon: 120 }, false],
    ['a position of another datum', { tst: AT / 1000, ...where, crs: 'GCJ02' }, false],
    ['no fix', { tst: AT / 1000, lat: 0, lon: 0 }, false],
  ])('is heard with %s', (_, more, placed) => {
    const report = decodeSos(call(more), 'a', AT);
    expect(report).toMatchObject({ device: 'a', sos: 'u-1', state: 'raised', at: AT });
    expect(report.position !== undefined).toBe(placed);
  });
});

it('tells the receipt of a message from an answer to an order', () => {
  expect(decodeReply(encodeReceipt('M-1'), 'a', AT)).toEqual({ received: 'M-1' });
  expect(decodeReply(encodeAnswer('O-1', 'read', AT), 'a', AT)).toMatchObject({ answer: { order: 'O-1' } });
  for (const text of ['{"v":1}', '{"v":2,"received":"M-1"}', '{"v":1,"received":7}', '{"v":1,"received":""}'])
    expect(() => decodeReply(Buffer.from(text), 'a', AT)).toThrow(Malformed);
});

it('cuts the reason of a refusal, and takes none of another answer', () => {
  const reason = `a\u0007b${'车'.repeat(300)}`;
  expect(decodeAnswer(encodeAnswer('O-1', 'refused', AT, reason), 'a', AT).reason).toBe(`a b${'车'.repeat(197)}`);
  expect(decodeAnswer(encodeAnswer('O-1', 'done', AT, reason), 'a', AT)).not.toHaveProperty('reason');
});
