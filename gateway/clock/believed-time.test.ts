import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { MAX_STEP_MS, MIN_LASTED_MS, type ClockJump, type TimeSource } from './believed-time.ts';
import { listSource, ntpSource, roomSource } from './sources.ts';
import { clockStatus } from './status.ts';
import { openClock, type PersistentClock, type TimeStore } from './clock.ts';
import { testDb } from '../store/db.fixtures.ts';
import { type Db } from '../store/db.ts';
import { setTrustedTime, timeKeeper } from '../store/time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const NOON = Date.UTC(2026, 10, 21, 12);

let folder: string;
let db: Db;
/** The clock of the box, and the monotonic time of the system, which nobody can set. */
let wall: number;
let mono: number;

beforeEach(() => {
  folder = tempFolder();
  db = testDb(folder);
  [wall, mono] = [NOON, 1_000];
});

const open = (sources: readonly TimeSource[] = [], keeper: TimeStore = timeKeeper(db)): PersistentClock =>
  openClock(keeper, () => wall, { mono: () => mono, sources });
/** Time passes, and the box does its tasks each second. */
function pass(clock: PersistentClock, ms: number): void {
  for (const end = mono + ms; mono < end;) {
    const step = Math.min(1_000, end - mono);
    wall += step;
    mono += step;
    clock.keep();
  }
}
const says = (name: string, answer: boolean | undefined): TimeSource => ({ name, speaksFor: () => answer });

describe('W7: a clock that stood a year ahead for 15 s', () => {
  it('leaves nothing behind, and what ends within that year does not hold meanwhile', () => {
    const clock = open();
    pass(clock, 60_000);
    wall += YEAR;
    pass(clock, 15_000);
    expect(clock.trusted()).toBe(wall);
    expect(clock.jump()).toMatchObject({ aheadMs: YEAR, lastedMs: expect.any(Number) as number });
    wall -= YEAR;
    pass(clock, 1_000);
    expect(clock.trusted()).toBe(NOON + 76_000);
    expect(clock.jump()).toBeUndefined();
    expect(timeKeeper(db).load()).toBeLessThanOrEqual(NOON + 76_000);
  });

  it('leaves nothing behind over a restart either, with the clock wrong before and after it', () => {
    pass(open(), 60_000);
    wall += YEAR;
    const wrong = open();
    pass(wrong, 15_000);
    expect(wrong.trusted()).toBe(wall);
    wall -= YEAR;
    const right = open();
    pass(right, 1_000);
    expect(right.trusted()).toBe(wall);
  });

  it('is an alarm while it lasts', () => {
    const sources = [says('NTP', true), says('the list office', false)];
    const clock = open(sources);
    const status = clockStatus(clock, sources);
    pass(clock, 60_000);
    expect(status.problems!()).toEqual([]);
    wall += YEAR;
    expect(status.problems!()).toMatchObject([{ key: 'clock-jump' }]);
    expect(status.problems!()[0]!.what).toContain('365 d 0 h ahead');
    pass(clock, MIN_LASTED_MS);
    expect(status.problems!()[0]!.what).toContain('only NTP speaks for it; against it: the list office');
    wall -= YEAR;
    expect(status.problems!()).toEqual([]);
  });
});

describe('a jump ahead', () => {
  it('is believed when it has lasted and two sources agree, not before and not by one', () => {
    const one = open([says('a', true), says('b', undefined), says('c', false)]);
    pass(one, 60_000);
    wall += DAY;
    pass(one, MIN_LASTED_MS + 60_000);
    expect(one.jump()).toBeDefined();
    wall = NOON;
    const two = open([says('a', true), says('b', true), says('c', undefined)]);
    pass(two, 60_000);
    wall += DAY;
    pass(two, MIN_LASTED_MS - 1_000);
    expect(two.jump()).toBeDefined();
    pass(two, 2_000);
    expect(two.jump()).toBeUndefined();
    wall -= DAY;
    expect(two.trusted()).toBeGreaterThan(NOON + DAY);
  });

  it('is not believed while one source speaks against it', () => {
    let third: boolean | undefined = false;
    const clock = open([says('a', true), says('b', true), { name: 'c', speaksFor: () => third }]);
    pass(clock, 60_000);
    wall += DAY;
    pass(clock, 2 * MIN_LASTED_MS);
    expect(clock.jump()).toBeDefined();
    third = undefined;
    pass(clock, 1_000);
    expect(clock.jump()).toBeUndefined();
  });

  it('counts anew when the clock jumps again', () => {
    const clock = open([says('a', true), says('b', true)]);
    wall += DAY;
    pass(clock, MIN_LASTED_MS - 1_000);
    wall += DAY;
    pass(clock, MIN_LASTED_MS - 1_000);
    expect(clock.jump()).toBeDefined();
  });

  it('of some minutes is none: NTP sets a clock like that', () => {
    const clock = open();
    pass(clock, 60_000);
    wall += MAX_STEP_MS - 1_000;
    pass(clock, 1_000);
    expect(clock.jump()).toBeUndefined();
    expect(clock.state().highest).toBe(wall);
  });
});

it('a clock set back stops no list from ending: the monotonic time goes on', () => {
  const clock = open();
  pass(clock, 60_000);
  wall -= YEAR;
  pass(clock, 3 * 3_600_000);
  expect(clock.trusted()).toBe(NOON + 60_000 + 3 * 3_600_000);
  expect(clock.state().behindMs).toBe(YEAR);
  // Over a restart as well.
  expect(open().trusted()).toBeGreaterThanOrEqual(NOON + 3 * 3_600_000);
});

it('what a person says is believed by a box that runs, also an earlier time, and is not written over', () => {
  wall += YEAR;
  const poisoned = open();
  pass(poisoned, 60_000);
  expect(timeKeeper(db).load()).toBeGreaterThan(NOON + YEAR);
  wall -= YEAR;
  expect(poisoned.trusted()).toBeGreaterThan(NOON + YEAR);
  setTrustedTime(db, { id: 'one', time: wall, by: 'Officer 9' });
  // The box of before saves once more, before it has looked.
  timeKeeper(db).save(NOON + YEAR, undefined);
  expect(timeKeeper(db).load()).toBe(wall);
  pass(poisoned, 20_000);
  expect(poisoned.trusted()).toBe(wall);
  expect(timeKeeper(db).load()).toBeLessThanOrEqual(wall);
  expect(open().trusted()).toBe(wall);
});

describe('sources', () => {
  /** A jump of `aheadMs` away from noon, `lastedMs` ago. */
  const jumped = (aheadMs: number, lastedMs = 0): [number, ClockJump] => [
    NOON + lastedMs + aheadMs,
    { aheadMs, lastedMs },
  ];

  const timesync = (place: string, name = 'synchronized'): string => {
    const dir = join(folder, place, 'systemd/timesync');
    mkdirSync(dir, { recursive: true });
    return join(dir, name);
  };

  it('NTP speaks for a clock that it has set after the jump, and against one that has left it', () => {
    const mark = timesync('run');
    const ntp = ntpSource(folder);
    expect(ntp.speaksFor(...jumped(DAY))).toBeUndefined();
    writeFileSync(mark, '');
    const markedAt = (at: number) => utimesSync(mark, at / 1000, at / 1000);
    markedAt(NOON - 60_000);
    expect(ntp.speaksFor(...jumped(DAY, 60_000))).toBe(false);
    // It has lost its server since: that says nothing any more.
    expect(ntp.speaksFor(...jumped(DAY, 2 * HOUR))).toBeUndefined();
    markedAt(NOON + DAY);
    expect(ntp.speaksFor(...jumped(DAY, 60_000))).toBe(true);
    expect(ntp.speaksFor(...jumped(DAY, 2 * HOUR))).toBeUndefined();
    expect(ntp.speaksFor(...jumped(2 * DAY))).toBeUndefined();
    // A jump that has lasted for longer than it is wide.
    markedAt(NOON + 6 * 60_000);
    expect(ntp.speaksFor(...jumped(6 * 60_000, 20 * 60_000))).toBe(true);
  });

  it('the list office refutes a clock of before its newest list, and speaks for one only where the believed time lies before', () => {
    expect(listSource(() => undefined).speaksFor(...jumped(DAY))).toBeUndefined();
    const signed = (at: number) => listSource(() => at);
    expect(signed(NOON + 2 * DAY).speaksFor(...jumped(DAY))).toBe(false);
    expect(signed(NOON + DAY).speaksFor(...jumped(2 * DAY))).toBe(true);
    expect(signed(NOON + DAY).speaksFor(...jumped(9 * DAY))).toBeUndefined();
    expect(signed(NOON - DAY).speaksFor(...jumped(5 * DAY))).toBeUndefined();
    // A box that was off for longer than a week: its old list must not keep it from the right time.
    expect(signed(NOON - DAY).speaksFor(...jumped(9 * DAY))).toBeUndefined();
  });

  it('a room speaks for what it said within the hour', () => {
    const room = roomSource(
      'hq',
      () => ({ at: NOON, mono: 1_000 }),
      () => mono,
    );
    mono = 61_000;
    expect([0, DAY].map((aheadMs) => room.speaksFor(...jumped(aheadMs, 60_000)))).toEqual([true, false]);
    mono = 2 * HOUR;
    expect(room.speaksFor(...jumped(0))).toBeUndefined();
  });

  it('W7: a clock 5 days ahead for 400 s is not believed: timesyncd without a server, a list of yesterday, a room that says the right time', () => {
    const kept = timesync('var/lib', 'clock');
    writeFileSync(kept, '');
    // As timesyncd does every minute, by the clock as it stands.
    const timesyncd: TimeSource = {
      name: 'none',
      speaksFor: (now) => void utimesSync(kept, now / 1000, now / 1000),
    };
    const room = roomSource(
      'hq',
      () => ({ at: NOON, mono: 1_000 }),
      () => mono,
    );
    const clock = open([timesyncd, ntpSource(folder), listSource(() => NOON - DAY), room]);
    pass(clock, 60_000);
    wall += 5 * DAY;
    pass(clock, 400_000);
    expect(clock.jump()).toMatchObject({ aheadMs: 5 * DAY });
    wall -= 5 * DAY;
    pass(clock, 1_000);
    expect(clock.trusted()).toBe(NOON + 461_000);
    expect(timeKeeper(db).load()).toBeLessThanOrEqual(NOON + 461_000);
  });

  it('W7: nor by one source and a list of yesterday', () => {
    const clock = open([says('a', true), listSource(() => NOON - DAY)]);
    pass(clock, 60_000);
    wall += 5 * DAY;
    pass(clock, 2 * MIN_LASTED_MS);
    expect(clock.jump()).toBeDefined();
  });
});
