/** C6, C1: an alarm bit of a terminal that has logged in is a call for help, wherever it stands and whatever else cannot be read. */
import { expect, it, test } from 'vitest';
import { crewDevice, openTestHost } from '../../../simulators/conformance/equipment.ts';
import { ANSWERS, readAnswer, writePacket } from './codec.ts';
import { connect, HERE, PHONE, TIME } from './jt808.fixtures.ts';
import { writeLocation } from './location.codec.ts';

const LOCATION = 0x0200;
const car = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [PHONE, 'T000042'] });
const PLACE = expect.objectContaining({ lat: 30.25, lon: 120.125 }) as unknown;
const alarm = (more: Partial<Parameters<typeof writeLocation>[0]> = {}): Buffer =>
  Buffer.from(writeLocation({ emergency: true, time: TIME, position: HERE, extras: [], ...more }));
const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);

function terminal() {
  const host = openTestHost([car]);
  const link = connect(host);
  link.login();
  const say = (message: number, body: Uint8Array) => readAnswer(link.ask(message, body)!.body).result;
  return { host, link, say };
}

/** Part `number` of two of a longer message: split bit, two more numbers in the head, a new check byte. */
function part(number: number, body: Uint8Array): Uint8Array {
  const whole = writePacket({ message: LOCATION, layout: 2013, version: 0, phone: PHONE, serial: 9, body });
  // Nothing in the samples has to be escaped.
  const [head, rest] = [Buffer.from(whole.subarray(1, 13)), whole.subarray(13, -2)];
  head[2]! |= 0x20;
  const bytes = Buffer.concat([head, u16(2), u16(number), rest]);
  const sum = bytes.reduce((xor, byte) => xor ^ byte, 0);
  return Buffer.concat([Buffer.of(0x7e), bytes, Buffer.of(sum), Buffer.of(0x7e)]);
}

test.each<[string, number, Uint8Array, place: unknown, doubtful: true | undefined]>([
  ['with a spare byte behind the extras', LOCATION, Buffer.concat([alarm(), Buffer.of(7)]), PLACE, undefined],
  ['with extras that are cut', LOCATION, Buffer.concat([alarm(), Buffer.of(1, 9, 0)]), PLACE, undefined],
  ['in 27 bytes', LOCATION, alarm().subarray(0, 27), PLACE, true],
  ['in 4 bytes', LOCATION, alarm().subarray(0, 4), undefined, undefined],
  ['of an impossible speed', LOCATION, alarm().fill(0x70, 18, 20), PLACE, undefined],
  ['with a clock that is not set', LOCATION, alarm().fill(0, 22), PLACE, undefined],
  ['in the answer to a question', 0x0201, Buffer.concat([u16(3), alarm()]), PLACE, undefined],
  ['in the answer to a command', 0x0500, Buffer.concat([u16(3), alarm()]), PLACE, undefined],
  ['with a picture', 0x0801, Buffer.concat([Buffer.alloc(8), alarm(), Buffer.alloc(90, 3)]), PLACE, undefined],
])('C6: an alarm bit %s is a call, and answered', (_, message, body, place, doubtful) => {
  const { host, say } = terminal();
  expect(say(message, body)).toBe(ANSWERS.done);
  expect(host.calls).toHaveLength(1);
  expect(host.calls[0]!.position).toEqual(place);
  expect(host.calls[0]!.doubtful).toBe(doubtful);
});

it('C6: of what was kept while the terminal was out of reach, the call is as old as it says', () => {
  const { host, say } = terminal();
  const time = Math.floor(Date.now() / 1000) * 1000 - 600_000;
  const items = [alarm({ emergency: false, time: time - 60_000 }), alarm({ time })];
  const batch = Buffer.concat([u16(2), Buffer.of(1), ...items.flatMap((item) => [u16(item.length), item])]);
  expect(say(0x0704, batch)).toBe(ANSWERS.done);
  expect(host.calls).toMatchObject([{ position: PLACE, positionAt: time }]);
  // Cut short, and without an alarm.
  expect(say(0x0704, batch.subarray(0, 20))).toBe(ANSWERS.notSupported);
  expect(host.calls).toHaveLength(1);
});

it('C6: the first part of a split packet has the alarm bit, the others have none', () => {
  const { host, link } = terminal();
  link.feed(part(1, Buffer.concat([alarm(), Buffer.of(1, 4, 0)])));
  expect(host.calls).toMatchObject([{ position: PLACE }]);
  link.feed(part(2, Buffer.alloc(40, 0xff)));
  expect(host.calls).toHaveLength(1);
  expect(host.refusals).toEqual([]);
});

it('C3: behind damage of the line the own place is kept, and doubtful', () => {
  const { host, link, say } = terminal();
  const damaged = Buffer.from(link.pack(LOCATION, alarm()));
  damaged[20]! ^= 1;
  link.feed(damaged);
  expect(host.calls).toEqual([]);
  expect(say(LOCATION, alarm())).toBe(ANSWERS.done);
  expect(host.calls).toMatchObject([{ position: PLACE, doubtful: true }]);
});

it('C2: pressed again after the bit went out has a name of its own', () => {
  const { host, say } = terminal();
  say(LOCATION, alarm());
  say(LOCATION, alarm({ emergency: false, time: TIME + 5_000 }));
  say(LOCATION, alarm({ time: TIME + 10_000 }));
  expect(new Set(host.calls.map((c) => c.sos)).size).toBe(2);
});

it('where a call cannot be kept there is no answer, and the connection ends', () => {
  const { host, link } = terminal();
  host.storeError = new Error('the disk is full');
  expect(link.ask(0x0201, Buffer.concat([u16(3), alarm()]))).toBeUndefined();
  expect(link.state.closed).toBe(true);
});
