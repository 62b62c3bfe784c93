import { expect, test } from 'vitest';
import type { Log } from '../types.ts';
import { explainOffset, openOffset } from './camera-clock.ts';

const H = 3_600_000;

test.each([
  [undefined, undefined],
  [0, undefined],
  [-60_000, undefined],
  [-8 * H - 900, '8 h behind: its time zone is probably UTC'],
  [8 * H, '8 h ahead: its time zone is probably wrong'],
  [-5.75 * H, '5.75 h behind: its time zone is probably wrong'],
  [-200_000, '200 s behind: set its clock (NTP)'],
  [-55.5 * 365 * 24 * H, '1750248000 s behind: set its clock (NTP)'],
])('an offset of %s ms: %s', (ms, expected) => {
  const off = explainOffset(ms);
  expect(off && `${off.what}: ${off.hint}`).toBe(expected);
});

test('a wrong clock is logged when it begins and when it is over; a message that was sent again late is no wrong clock', () => {
  const logged: string[] = [];
  const note = (_: object, message: string): void => void logged.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const offset = openOffset('cam-1', log);
  const say = (...offsets: number[]): void => offsets.forEach((ms) => offset.seen(1e12, 1e12 + ms));
  expect(offset.offsetMs()).toBeUndefined();
  offset.seen(1e12, undefined);
  say(-300, -10 * 60_000, -400);
  expect([offset.offsetMs(), logged]).toEqual([-300, []]);
  say(8 * H, 8 * H);
  expect(logged).toEqual(["the camera's clock is wrong"]);
  say(0, 0, 0, 0, 0);
  expect(logged).toEqual(["the camera's clock is wrong", "the camera's clock is right again"]);
});
