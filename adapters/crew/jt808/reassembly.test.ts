/** C6: an alarm bit in any part of a split message is a call, wherever it is cut, in whatever order, and where parts are missing. */
import { expect, it } from 'vitest';
import { crewDevice, openTestHost } from '../../../simulators/conformance/equipment.ts';
import { ANSWERS, readAnswer, writePacket, type Packet } from './codec.ts';
import { connect, HERE, PHONE, TIME } from './jt808.fixtures.ts';
import { writeLocation } from './location.codec.ts';
import { MAX_JOINED_BYTES, MAX_PART_GAP_S, openReassembly } from './reassembly.ts';

const LOCATION = 0x0200;
const BATCH = 0x0704;
const PLACE = expect.objectContaining({ lat: 30.25, lon: 120.125 }) as unknown;
const car = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [PHONE, 'T000042'] });
const location = (more: Partial<Parameters<typeof writeLocation>[0]> = {}): Buffer =>
  Buffer.from(writeLocation({ emergency: false, time: TIME, position: HERE, extras: [], ...more }));
const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);
const batch = (items: readonly Buffer[]): Buffer =>
  Buffer.concat([u16(items.length), Buffer.of(1), ...items.flatMap((item) => [u16(item.length), item])]);

/** One part: split bit, two more numbers in the head, a new check byte. */
function part(message: number, parts: number, number: number, body: Uint8Array): Uint8Array {
  const whole = Buffer.from(writePacket({ message, layout: 2013, version: 0, phone: PHONE, serial: 0, body }));
  const plain: number[] = [];
  for (let i = 1; i < whole.length - 1; i++) plain.push(whole[i] === 0x7d ? 0x7c + whole[++i]! : whole[i]!);
  plain[2]! |= 0x20;
  const bytes = [...plain.slice(0, 10), 0, number, ...u16(parts), ...u16(number), ...plain.slice(12, -1)];
  bytes.push(bytes.reduce((xor, byte) => xor ^ byte, 0));
  const escaped = bytes.flatMap((byte) => (byte === 0x7d || byte === 0x7e ? [0x7d, byte - 0x7c] : [byte]));
  return Uint8Array.from([0x7e, ...escaped, 0x7e]);
}

function cut(message: number, body: Uint8Array, ...at: readonly number[]): Uint8Array[] {
  const ends = [0, ...at, body.length];
  return ends.slice(1).map((end, i) => part(message, ends.length - 1, i + 1, body.subarray(ends[i], end)));
}

function terminal() {
  const host = openTestHost([car]);
  const link = connect(host);
  link.login();
  const names = () => new Set(host.calls.map((call) => call.sos));
  /** The result that each part is answered with. */
  const send = (parts: readonly Uint8Array[]) =>
    parts.map((bytes) => {
      const answer = link.feedAndHear(bytes);
      return answer && readAnswer(answer.body).result;
    });
  return { host, link, names, send };
}

const minutesAgo = (minutes: number): number => Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000;
const track = (from: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => location({ time: minutesAgo(from) + i * 1_000 }));

it('C6: 46 kept locations in 3 parts, the alarm in the 41st: a call with its place and time, each part answered', () => {
  const { host, send } = terminal();
  const time = minutesAgo(10);
  const body = batch([...track(60, 40), location({ emergency: true, time }), ...track(5, 5)]);
  expect(send(cut(BATCH, body, 600, 1_200))).toEqual([ANSWERS.done, ANSWERS.done, ANSWERS.done]);
  expect(host.calls).toMatchObject([{ device: 'car-1', position: PLACE, positionAt: time }]);
  expect(host.refusals).toEqual([]);
});

it('C6: a batch cut at any byte, in either order, is one call with its place', () => {
  const time = minutesAgo(10);
  const body = batch([location({ time }), location({ emergency: true, time }), location({ time })]);
  for (let at = 1; at < body.length; at++) {
    for (const turn of [(parts: Uint8Array[]) => parts, (parts: Uint8Array[]) => parts.reverse()]) {
      const { host, names, send } = terminal();
      expect(send(turn(cut(BATCH, body, at)))).toEqual([ANSWERS.done, ANSWERS.done]);
      expect(names().size, `cut at ${at}`).toBe(1);
      expect(host.calls.at(-1), `cut at ${at}`).toMatchObject({ position: PLACE, positionAt: time });
      expect(host.calls.at(-1)!.doubtful).toBeUndefined();
    }
  }
});

it('C6: a location cut at any byte is read from its parts: one call, its place, a report, nothing refused', () => {
  const body = location({ emergency: true, extras: [{ id: 1, bytes: Uint8Array.of(0, 0, 0, 1) }] });
  for (let at = 1; at < body.length; at++) {
    for (const turn of [(parts: Uint8Array[]) => parts, (parts: Uint8Array[]) => parts.reverse()]) {
      const { host, names, send } = terminal();
      expect(send(turn(cut(LOCATION, body, at)))).toEqual([ANSWERS.done, ANSWERS.done]);
      expect(names().size, `cut at ${at}`).toBe(1);
      expect(host.calls.at(-1), `cut at ${at}`).toMatchObject({ position: PLACE });
      expect(host.reports.flatMap((r) => r.position ?? [])).toEqual([HERE]);
      expect(host.refusals).toEqual([]);
    }
  }
});

it('C6: of a batch whose other parts are lost, what is there is read', () => {
  const time = minutesAgo(10);
  const body = batch([...track(60, 20), location({ emergency: true, time }), ...track(5, 5)]);
  // 30 bytes an item: 40 bytes before the alarm begins, in the middle of the location before.
  for (const at of [3 + 20 * 30 - 40, 3 + 20 * 30 - 1, 3 + 19 * 30]) {
    const { host, send } = terminal();
    const [, second] = cut(BATCH, body, at);
    if (at === 3 + 20 * 30 - 1) {
      // The alarm's own length is cut; the location behind it is found, and the first part says the rest.
      expect(send(cut(BATCH, body, at))).toEqual([ANSWERS.done, ANSWERS.done]);
    } else expect(send([second!])).toEqual([ANSWERS.done]);
    expect(host.calls, `from ${at}`).toMatchObject([{ position: PLACE, positionAt: time }]);
  }
});

it('C6: a batch without an alarm is no call, whichever part is missing', () => {
  const body = batch(track(60, 30));
  for (let at = 1; at < body.length; at += 7) {
    for (const bytes of cut(BATCH, body, at)) {
      const { host, send } = terminal();
      send([bytes]);
      expect(host.calls, `cut at ${at}`).toEqual([]);
    }
  }
});

it('a part that is sent again is no other call, and a call that could not be kept ends the connection', () => {
  const { host, names, send, link } = terminal();
  const body = batch([location({ emergency: true, time: minutesAgo(10) }), ...track(5, 5)]);
  const [first, second] = cut(BATCH, body, 60);
  send([first!, first!, second!]);
  expect(names().size).toBe(1);
  host.storeError = new Error('the disk is full');
  expect(send([first!])).toEqual([undefined]);
  expect(link.state.closed).toBe(true);
});

it('what is joined has limits in time and bytes; a batch that is given up is counted', () => {
  let now = 0;
  let givenUp = 0;
  const join = openReassembly(
    () => givenUp++,
    () => now,
  );
  const packet = (number: number, body: Uint8Array, parts = 100): Packet => ({
    message: BATCH,
    layout: 2013,
    version: 0,
    phone: PHONE,
    serial: number,
    split: true,
    part: number,
    parts,
    body,
  });
  expect(join(packet(1, batch([])), true)!.front).toHaveLength(3);
  now += MAX_PART_GAP_S * 1_000;
  expect(join(packet(2, Buffer.alloc(10)), true)!.front).toHaveLength(13);
  expect(givenUp).toBe(0);
  now += MAX_PART_GAP_S * 1_000 + 1;
  expect(join(packet(3, Buffer.alloc(10)), true)!.front).toHaveLength(0);
  expect(givenUp).toBe(1);
  // Another message begins.
  expect(join(packet(3, Buffer.alloc(11)), true)!.front).toHaveLength(0);
  expect(givenUp).toBe(2);
  const whole = Buffer.alloc(1_023);
  let longest = 0;
  for (let n = 1; n <= 99; n++) longest = Math.max(longest, join(packet(n, whole, 99), true)!.front.length);
  expect(longest).toBeGreaterThan(MAX_JOINED_BYTES - 2 * 1_023);
  expect(longest).toBeLessThanOrEqual(MAX_JOINED_BYTES);
  // Nothing that can hold no alarm is kept.
  expect(join({ ...packet(1, whole), message: 0x0900 }, true)).toBeUndefined();
});
