import { expect, test } from 'vitest';
import { newId, openClock, type TimeStore } from './clock.ts';

const YEAR = 365 * 86_400_000;
const NOON = Date.UTC(2026, 10, 21, 12);

function memory(start?: number): TimeStore & { saved: number[] } {
  const saved: number[] = [];
  return { saved, load: () => saved.at(-1) ?? start, save: (highest) => void saved.push(highest) };
}

test('a clock set back ten years does not turn trusted time back, and the state says how far it is behind', () => {
  let wall = NOON;
  const clock = openClock(memory(), () => wall);
  expect(clock.trusted()).toBe(NOON);
  wall -= 10 * YEAR;
  expect(clock.now()).toBe(NOON - 10 * YEAR);
  expect(clock.trusted()).toBe(NOON);
  expect(clock.state()).toEqual({ highest: NOON, behindMs: 10 * YEAR });
});

test('the highest time survives a restart with the clock set back', () => {
  const keeper = memory();
  openClock(keeper, () => NOON).keep();
  expect(openClock(keeper, () => NOON - YEAR).trusted()).toBe(NOON);
  // Without the kept time the restart would believe the clock.
  expect(openClock(memory(), () => NOON - YEAR).trusted()).toBe(NOON - YEAR);
});

test('the highest time is written seldom, not at every look', () => {
  let wall = NOON;
  const keeper = memory();
  const clock = openClock(keeper, () => wall);
  for (let i = 0; i < 600; i++) {
    wall += 100;
    clock.keep();
  }
  expect(keeper.saved.length).toBeLessThanOrEqual(7);
  expect(wall - keeper.saved.at(-1)!).toBeLessThanOrEqual(10_000);
});

test('W3: looking at the time writes nothing, and a time that could not be written is written the next time', () => {
  let broken = true;
  const saved: number[] = [];
  const save = (highest: number): void => {
    if (broken) throw new Error('planted');
    saved.push(highest);
  };
  const clock = openClock({ load: () => undefined, save }, () => NOON);
  expect([clock.trusted(), clock.state().highest]).toEqual([NOON, NOON]);
  expect(() => clock.keep()).toThrow('planted');
  broken = false;
  clock.keep();
  expect(saved).toEqual([NOON]);
});

test('ids have the layout of a ULID, differ, and sort by time', () => {
  const ids = [newId(NOON), newId(NOON + 1), newId(NOON + YEAR)];
  for (const id of ids) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(newId(0).slice(0, 10)).toBe('0000000000');
  // The example of the ULID specification: 1469918176385 ms is 01ARYZ6S41.
  expect(newId(1469918176385).slice(0, 10)).toBe('01ARYZ6S41');
  expect(new Set(Array.from({ length: 1000 }, () => newId(NOON))).size).toBe(1000);
});
