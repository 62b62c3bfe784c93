import { expect, test } from 'vitest';
import { SILENT_LOG, type Log } from '../contracts/base.ts';
import { explainOffset, openClockOffset } from './clock-offset.ts';

const H = 3_600_000;

test.each([
  [undefined, undefined],
  [0, undefined],
  [-60_000, undefined],
  [-8 * H - 900, '8 hours behind: its time zone is probably UTC'],
  [8 * H, '8 hours ahead: its time zone is probably wrong'],
  [-5.75 * H, '5.75 hours behind: its time zone is probably wrong'],
  [-200_000, '200 seconds behind: set its clock (NTP)'],
  [-55.5 * 365 * 24 * H, '1750248000 seconds behind: set its clock (NTP)'],
])('an offset of %s ms: %s', (ms, expected) => {
  const off = explainOffset(ms);
  expect(off && `${off.what}: ${off.hint}`).toBe(expected);
});

test('a wrong clock is logged when it begins and when it is over; a message that was sent again late is no wrong clock', () => {
  const logged: string[] = [];
  const note = (_: object, message: string): void => void logged.push(message);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const offset = openClockOffset('cam-1', log);
  const say = (...offsets: number[]): void => offsets.forEach((ms) => offset.seen({ at: 1e12, capturedAt: 1e12 + ms }));
  expect(offset.offsetMs()).toBeUndefined();
  offset.seen({ at: 1e12 });
  say(-300, -10 * 60_000, -400);
  expect([offset.offsetMs(), logged]).toEqual([-300, []]);
  say(8 * H, 8 * H);
  expect(logged).toEqual(["the camera's clock is wrong"]);
  say(0, 0, 0, 0, 0);
  expect(logged).toEqual(["the camera's clock is wrong", "the camera's clock is right again"]);
});

const T = 1e12;

test('P3: a read that the camera kept is late, by its own word or by a clock that is known; the offset does not learn from it', () => {
  const offset = openClockOffset('cam-1', SILENT_LOG);
  const flagged = { at: T, capturedAt: T - 1.5 * H, retransmitted: true } as const;
  expect(offset.seen(flagged)).toBe(T - 1.5 * H);
  expect(offset.seen({ at: T, retransmitted: true })).toBe(T);
  expect(offset.offsetMs()).toBeUndefined();
  // Nothing is known of the clock yet: it may be wrong.
  const other = openClockOffset('cam-2', SILENT_LOG);
  expect(other.seen({ at: T, capturedAt: T - 700 })).toBeUndefined();
  expect(other.seen({ at: T, capturedAt: T - 1.5 * H })).toBe(T - 1.5 * H);
  // Sent again within the minute: its vehicle is still near.
  expect(other.seen({ at: T, capturedAt: T - 30_000, retransmitted: true })).toBeUndefined();
  expect(other.offsetMs()).toBe(-700);
});

test('P3: the time of a late read is put right where the clock is known to be wrong', () => {
  const offset = openClockOffset('cam-1', SILENT_LOG);
  offset.seen({ at: T, capturedAt: T - 8 * H });
  expect(offset.seen({ at: T, capturedAt: T - 9.5 * H })).toBe(T - 1.5 * H);
  expect(offset.seen({ at: T, capturedAt: T + H, retransmitted: true })).toBe(T);
  expect(offset.offsetMs()).toBe(-8 * H);
});

test('P3: a clock that was set back makes reads late for a minute, not for ever; what was kept stays late', () => {
  const offset = openClockOffset('cam-1', SILENT_LOG);
  offset.seen({ at: T, capturedAt: T });
  const lateAt = (ms: number): boolean => offset.seen({ at: T + ms, capturedAt: T + ms - 2 * H }) !== undefined;
  expect([0, 20_000, 40_000, 59_000].map(lateAt)).toEqual([true, true, true, true]);
  expect([lateAt(61_000), lateAt(62_000)]).toEqual([false, false]);
  expect(offset.offsetMs()).toBe(-2 * H);
  // An hour's worth, sent within a minute and a half.
  const kept = openClockOffset('cam-2', SILENT_LOG);
  kept.seen({ at: T, capturedAt: T });
  const late = Array.from({ length: 90 }, (_, i) => {
    return kept.seen({ at: T + i * 1_000, capturedAt: T - H + i * 40_000 }) !== undefined;
  });
  expect(late.slice(0, 87)).not.toContain(false);
});
