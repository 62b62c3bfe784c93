import { expect, it } from 'vitest';
import type { AccessUnit } from '../../../gateway/contracts/source.ts';
import { Feeder } from './feeder.ts';

const FPS = 5;
/** Pictures at 25 a second, the first of each second a key picture. */
const unitAt = (i: number, codec: AccessUnit['codec'] = 'h264', bytes = 10): AccessUnit => {
  return { codec, key: i % 25 === 0 || codec === 'mjpeg', pts: undefined, at: i * 40, bytes: new Uint8Array(bytes) };
};

function bench() {
  const fed: string[] = [];
  const decoder = {
    backlogBytes: 0,
    waitMs: 0,
    feed: (unit: AccessUnit, show: boolean) => void fed.push(`${unit.at / 40}${show ? ' shown' : ''}`),
  };
  let now = 0;
  const feeder = new Feeder({ fps: FPS, decoder, mono: () => now });
  const take = (i: number, awake: boolean, unit = unitAt(i)): string[] => {
    now = i * 40;
    feeder.take(unit, awake);
    return fed.splice(0);
  };
  return { take, decoder };
}

it('decodes every picture while awake, and shows the first of each 1/fps', () => {
  const { take } = bench();
  const fed = Array.from({ length: 11 }, (_, i) => take(i, true)).flat();
  expect(fed).toEqual(['0 shown', '1', '2', '3', '4', '5 shown', '6', '7', '8', '9', '10 shown']);
});

it('decodes key pictures alone while asleep, catches up when woken, and shows the last at once', () => {
  const { take } = bench();
  for (let i = 0; i < 25; i++) expect(take(i, false)).toEqual(i === 0 ? ['0 shown'] : []);
  expect(take(25, false)).toEqual(['25 shown']);
  for (let i = 26; i < 29; i++) take(i, false);
  expect(take(29, true)).toEqual(['26', '27', '28', '29 shown']);
  expect(take(30, true)).toEqual(['30 shown']);
  expect(take(31, true)).toEqual(['31']);
  // Asleep again in the middle of a second, and woken in the same one.
  expect(take(32, false)).toEqual([]);
  expect(take(33, true)).toEqual(['32', '33 shown']);
});

it('begins with a key picture', () => {
  const { take } = bench();
  expect(take(24, true)).toEqual([]);
  expect(take(25, true)).toEqual(['25 shown']);
});

it('waits for the next key picture where too much was missed, or where the decoder is behind', () => {
  const { take, decoder } = bench();
  take(0, false);
  take(1, false, unitAt(1, 'h264', 5 * 2 ** 20));
  expect(take(2, true)).toEqual([]);
  expect(take(25, true)).toEqual(['25 shown']);
  decoder.backlogBytes = 9 * 2 ** 20;
  expect(take(26, true)).toEqual([]);
  expect(take(50, true)).toEqual([]);
  decoder.backlogBytes = 0;
  expect(take(51, true)).toEqual([]);
  expect(take(75, true)).toEqual(['75 shown']);
});

it('goes on with the next key picture where one has waited for a second: the oldest pictures are of no use', () => {
  const { take, decoder } = bench();
  expect(take(0, true)).toEqual(['0 shown']);
  [decoder.backlogBytes, decoder.waitMs] = [1, 1_100];
  for (let i = 1; i < 30; i++) expect(take(i, true)).toEqual([]);
  [decoder.backlogBytes, decoder.waitMs] = [0, 0];
  expect(take(30, true)).toEqual([]);
  expect(take(50, true)).toEqual(['50 shown']);
  // Nothing is left before the decoder: it waits for a later picture, as with B pictures.
  decoder.waitMs = 1_100;
  expect(take(51, true)).toEqual(['51']);
});

it('decodes of MJPEG only what is shown', () => {
  const { take } = bench();
  const fed = Array.from({ length: 11 }, (_, i) => take(i, true, unitAt(i, 'mjpeg'))).flat();
  expect(fed).toEqual(['0 shown', '5 shown', '10 shown']);
});
