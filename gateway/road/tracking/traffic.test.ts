/** Tracks of thousands of vehicles on simulated roads: each is counted once, with its own text. */
import { expect, test } from 'vitest';
import type { Passage } from '../../contracts/plate.ts';
import { TRACK_DEFAULTS } from './model.ts';
import { tally } from './tally.fixtures.ts';
import type { Conditions, SimulatedVehicle } from './traffic.fixtures.ts';

const ROAD: Conditions = { fps: [5, 10], minPx: 40, fleet: 0 };
const FLEETS: Conditions = { ...ROAD, fleet: 0.5 };

test.each([
  ['strangers', ROAD],
  ['fleets of running numbers', FLEETS],
])('%s: each vehicle is counted once, with the text that its reads have', (_, conditions) => {
  const sum = tally(400, conditions);
  expect(sum.vehicles).toBeGreaterThan(1400);
  // What remains was read once only, and misread, or in the same place as the vehicle before it.
  expect(sum.doubled).toBeLessThanOrEqual(sum.vehicles / 500);
  expect(sum.missed).toBeLessThanOrEqual(sum.vehicles / 500);
  expect(sum.wrong).toBeLessThanOrEqual(sum.clear / 500);
  expect(sum.right).toBeGreaterThan(sum.vehicles * 0.99);
  expect(sum.wrongAccepted).toBeLessThanOrEqual(sum.vehicles / 500);
  expect(sum.wrongWay).toBeLessThanOrEqual(sum.vehicles / 500);
});

test('plates that are surely read need not be read at every frame: a third of the reads is spared, and nothing is lost by it', () => {
  const [spared, full] = [tally(300, FLEETS), tally(300, FLEETS, TRACK_DEFAULTS, { rests: false })];
  expect(spared.attempts).toBeLessThan((2 / 3) * full.attempts);
  for (const what of ['missed', 'doubled', 'wrongAccepted', 'wrongWay'] as const)
    expect(spared[what], what).toBeLessThanOrEqual(full[what] + full.vehicles / 1000);
  expect(spared.right).toBeGreaterThanOrEqual(full.right - full.vehicles / 1000);
});

test('the guard catches tracks without memory', () => {
  const forgetful = tally(150, FLEETS, { ...TRACK_DEFAULTS, rememberMs: 0 });
  expect(forgetful.doubled).toBeGreaterThan(forgetful.vehicles / 100);
});

test('from afar the vote is right where the commonest whole string is not', () => {
  const far = { ...FLEETS, minPx: 28 };
  const wholeString = (_: Passage, { reads }: SimulatedVehicle) => {
    const votes = new Map<string, number>();
    for (const { text } of reads) votes.set(text, (votes.get(text) ?? 0) + 1);
    return [...votes].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  };
  const voted = tally(150, far);
  const broken = tally(150, far, TRACK_DEFAULTS, { say: wholeString });
  expect(voted.right).toBeGreaterThan(voted.vehicles * 0.995);
  expect(broken.right).toBeLessThan(broken.vehicles * 0.99);
});
