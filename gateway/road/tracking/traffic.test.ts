/** Tracks of thousands of vehicles on simulated roads: each is counted once, with its own text. */
import { expect, test } from 'vitest';
import { seeded } from '../../../simulators/scene/random.ts';
import type { Passage } from '../../contracts/plate.ts';
import { advance, closeAll, type TrackEvent } from './track.ts';
import { TRACK_DEFAULTS, type Track, type TrackOptions } from './model.ts';
import { simulateRoad, type Conditions, type SimulatedRoad, type SimulatedVehicle } from './traffic.fixtures.ts';

const WHERE = { lane: 'lane-1', camera: 'cam-1' };

function drive(road: SimulatedRoad, options: TrackOptions): TrackEvent[] {
  let tracks: readonly Track[] = [];
  const events: TrackEvent[] = [];
  for (const { at, reads } of road.frames) {
    const step = advance(tracks, WHERE, at, reads, undefined, options);
    tracks = step.tracks;
    events.push(...step.events);
  }
  return [...events, ...closeAll(tracks, WHERE, options).events];
}

/** At every place most of the reads of a plate wide enough are right, and there are three at least. */
function isMostlyRight({ plate, reads }: SimulatedVehicle): boolean {
  const wide = reads.filter((r) => r.corners[1][0] - r.corners[0][0] >= TRACK_DEFAULTS.sureWidthPx);
  const right = (character: string, i: number) => wide.filter((r) => r.text[i] === character).length;
  return wide.length >= 3 && [...plate].every((character, i) => right(character, i) > 0.6 * wide.length);
}

interface Tally {
  vehicles: number;
  doubled: number;
  missed: number;
  /** Of whom the last that was said is right. */
  right: number;
  /** Whose reads are mostly right, of whom the last that was said is not. */
  clear: number;
  wrong: number;
  wrongAccepted: number;
  wrongWay: number;
}

function tally(
  roads: number,
  conditions: Conditions,
  options = TRACK_DEFAULTS,
  say = (p: Passage, _: SimulatedVehicle) => p.best.text,
) {
  const sum: Tally = {
    vehicles: 0,
    doubled: 0,
    missed: 0,
    right: 0,
    clear: 0,
    wrong: 0,
    wrongAccepted: 0,
    wrongWay: 0,
  };
  for (let seed = 0; seed < roads; seed++) {
    const road = simulateRoad(seeded(seed), conditions);
    const events = drive(road, options);
    for (const vehicle of road.vehicles.filter((v) => v.reads.length > 0)) {
      const own = events.filter((e) => road.owner.get(e.passage.best.corners) === vehicle);
      const counts = own.filter((e) => e.kind === 'count').length;
      const last = own.filter((e) => e.kind === 'look up').at(-1)?.passage;
      sum.vehicles++;
      sum.doubled += Number(counts > 1);
      sum.missed += Number(counts === 0);
      if (!last) continue;
      const wrong = say(last, vehicle) !== vehicle.plate;
      sum.right += Number(!wrong);
      sum.clear += Number(isMostlyRight(vehicle));
      sum.wrong += Number(wrong && isMostlyRight(vehicle));
      sum.wrongAccepted += Number(wrong && last.best.band === 'accept');
      sum.wrongWay += Number(last.direction === (vehicle.approaching ? 'leaving' : 'approaching'));
    }
  }
  return sum;
}

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
  const broken = tally(150, far, TRACK_DEFAULTS, wholeString);
  expect(voted.right).toBeGreaterThan(voted.vehicles * 0.995);
  expect(broken.right).toBeLessThan(broken.vehicles * 0.99);
});
