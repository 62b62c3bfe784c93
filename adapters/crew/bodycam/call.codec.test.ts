/** C1: whatever stands on a device's own SOS topic is a call, with what can be read of it, and only a clean `cancelled` withdraws one. */
import { describe, expect, it, test } from 'vitest';
import { decodeSos } from './call.codec.ts';

const AT = Date.UTC(2026, 10, 21, 2, 2, 3);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const CALL = `{"v":1,"sosId":"u-1","state":"raised","tst":${AT / 1000},"lat":30.25,"lon":120.125,"alt":126}`;
const read = (payload: string | Uint8Array) =>
  decodeSos(typeof payload === 'string' ? bytes(payload) : payload, 'cam-1', AT);
const utf16 = (text: string, mark = '\ufeff') => Buffer.from(mark + text, 'utf16le');

test.each<[string, string | Uint8Array, sos: string, placed: boolean]>([
  ['NaN for a number', CALL.replace('126', 'NaN'), 'u-1', true],
  ['a zero behind it', `${CALL}\0`, 'u-1', true],
  ['a comma before the end', CALL.replace('126}', '126,}'), 'u-1', true],
  ['cut short behind the place', CALL.slice(0, -8), 'u-1', true],
  ['cut short in a number of the place', CALL.slice(0, CALL.indexOf('125')), 'u-1', false],
  ['no version', CALL.replace('"v":1,', ''), 'u-1', true],
  ['another version', CALL.replace('"v":1', '"v":2'), 'u-1', true],
  ['no state', CALL.replace('"state":"raised",', ''), 'u-1', true],
  ['another state', CALL.replace('raised', 'RAISED'), 'u-1', true],
  ['a number for a name', CALL.replace('"u-1"', '4711'), '4711', true],
  ['5,000 bytes', CALL.replace('{', `{"x":"${'y'.repeat(5_000)}",`), 'u-1', true],
  ['a mark in front', `\ufeff${CALL}`, 'u-1', true],
  ['UTF-16', utf16(CALL), 'u-1', true],
  ['UTF-16, big-endian', utf16(CALL).swap16(), 'u-1', true],
  ['UTF-16 without a mark', utf16(CALL, ''), 'u-1', true],
  ['a list', `[${CALL}]`, 'u-1', true],
  ['a text', JSON.stringify(CALL).replaceAll('\\', ''), 'u-1', true],
  ['one in another', `{"data":${CALL}}`, 'u-1', true],
  ['a byte that is no text', Buffer.concat([bytes(CALL.slice(0, -1)), Buffer.from([0xff, 0x7d])]), 'u-1', true],
  ['a key that no message has', CALL.replace('{', '{"__proto__":{},'), 'u-1', true],
  ['numbers in quotes', CALL.replace('"v":1', '"v":"1"').replace('30.25', '"30.25"'), 'u-1', true],
])('C1: with %s is a call of that name', (_, payload, sos, placed) => {
  const report = read(payload);
  expect(report).toMatchObject({ device: 'cam-1', sos, state: 'raised', at: AT });
  expect(report).not.toHaveProperty('unnamed');
  expect(report.position).toEqual(placed ? expect.objectContaining({ lat: 30.25, lon: 120.125 }) : undefined);
});

test.each<[string, string | Uint8Array]>([
  ['nothing', ''],
  ['blanks', ' \n '],
  ['a zero', '\0'],
  ['an empty object', '{}'],
  ['an empty list', '[]'],
  ['null', 'null'],
  ['a number', '7'],
  ['a word', 'SOS'],
  ['noise', Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) % 256)],
  ['no name', CALL.replace('"sosId":"u-1",', '')],
  ['an empty name', CALL.replace('u-1', '')],
  ['an object for a name', CALL.replace('"u-1"', '{}')],
  ['nests without end', '['.repeat(10_000)],
])('C1: %s is a call without a name, and the same words have the same one', (_, payload) => {
  const report = read(payload);
  expect(report).toMatchObject({ state: 'raised', unnamed: true });
  expect(report.sos).toMatch(/^\P{C}{1,64}$/u);
  expect(report.invalidFields).toHaveLength(1);
  expect(read(payload).sos).toBe(report.sos);
});

it('C1: a call without a name that is repeated a second later, some metres on, has the same one', () => {
  const [before, after] = [CALL, CALL.replace('30.25', '30.26').replace(`${AT / 1000}`, `${AT / 1000 + 5}`)].map(
    (call) => read(call.replace('"sosId":"u-1",', '')),
  );
  expect(after!.sos).toBe(before!.sos);
  expect(after!.position?.lat).toBe(30.26);
});

it('C1: names that cannot be kept are told apart, and said back as they came', () => {
  const long = [65, 200, 300].map((length) => read(CALL.replace('u-1', 'x'.repeat(length))));
  expect(new Set(long.map((r) => r.sos)).size).toBe(3);
  expect(long.map((r) => r.ackName)).toEqual(['x'.repeat(65), 'x'.repeat(200), undefined]);
  expect(long.some((r) => r.unnamed)).toBe(false);
  expect(read(CALL.replace('"u-1"', '4711')).ackName).toBe(4711);
});

describe('C1: withdrawn', () => {
  const GONE = CALL.replace('raised', 'cancelled');
  it('is a call by a message that is right', () => {
    expect(read(GONE)).toMatchObject({ sos: 'u-1', state: 'cancelled' });
    expect(read(GONE.replace('30.25', '91'))).toMatchObject({ state: 'cancelled' });
  });

  it.each(['4711', '0', '-7', '9007199254740991'])(
    'is one whose name is the number %s, by the same number',
    (number) => {
      const [raised, gone] = [CALL, GONE].map((message) => read(message.replace('"u-1"', number)));
      expect(raised).toMatchObject({ sos: number, ackName: Number(number), state: 'raised' });
      expect(gone).toMatchObject({ sos: number, ackName: Number(number), state: 'cancelled' });
      expect(gone).not.toHaveProperty('odd');
    },
  );

  test.each([
    ['another version', GONE.replace('"v":1', '"v":2')],
    ['NaN', GONE.replace('126', 'NaN')],
    ['a zero behind it', `${GONE}\0`],
    ['a comma before the end', GONE.replace('126}', '126,}')],
    ['capitals', GONE.replace('cancelled', 'CANCELLED')],
    ['both states', GONE.replace('{', '{"state":"raised",')],
    ['a list around it', `[${GONE}]`],
    ['a larger number for a name than its digits tell', GONE.replace('"u-1"', '9007199254740993')],
    ['half a number for a name', GONE.replace('"u-1"', '7.5')],
    ['5,000 bytes', GONE + ' '.repeat(5_000)],
  ])('is none by one with %s', (_, payload) => expect(read(payload).state).toBe('raised'));
});

it('repeats nothing of the message in what it says was odd', () => {
  const { invalidFields: odd } = read('{"v":1,"sosId":"\u0007secret","state":"secret"}');
  expect(JSON.stringify(odd)).not.toContain('secret');
});

it('C1: what stands where the name was and is no value of it names no call: two of them are two', () => {
  for (const torn of ['{"v":1,"sosId":"state":"RAISED",', '{"v":1,"sosId":"4"state":"raised"', '{"v":1,"sosId":"e"'])
    expect(read(torn)).toMatchObject({ state: 'raised', unnamed: true });
});
