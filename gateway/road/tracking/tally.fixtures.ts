/** Drives simulated roads past a tracker and adds up what it made of the vehicles, against what they were. For tests. */
import { seeded } from '../../../simulators/scene/random.ts';
import { setSureAside } from '../../../models/plate/sure-plates.ts';
import type { Passage } from '../../contracts/plate.ts';
import { TRACK_DEFAULTS, type Track, type TrackOptions } from './model.ts';
import { surePlates } from './sure.ts';
import { advance, closeAll, type TrackEvent } from './track.ts';
import { simulateRoad, type Conditions, type SimulatedRoad, type SimulatedVehicle } from './traffic.fixtures.ts';

const WHERE = { lane: 'lane-1', camera: 'cam-1' };

function drive(road: SimulatedRoad, options: TrackOptions, rests: boolean): { events: TrackEvent[]; attempts: number } {
  let tracks: readonly Track[] = [];
  let attempts = 0;
  const events: TrackEvent[] = [];
  for (const { at, reads } of road.frames) {
    const sure = rests ? surePlates(tracks, at, options) : [];
    const { sightings, rest } = setSureAside(reads, sure, (read) => read.sharpness);
    attempts += rest.length;
    const step = advance(tracks, WHERE, at, rest, undefined, options, { sightings });
    tracks = step.tracks;
    events.push(...step.events);
  }
  return { events: [...events, ...closeAll(tracks, WHERE, options).events], attempts };
}

/** At every place most of the reads of a plate wide enough are right, and there are three at least. */
function isMostlyRight({ plate, reads }: SimulatedVehicle): boolean {
  const wide = reads.filter((r) => r.corners[1][0] - r.corners[0][0] >= TRACK_DEFAULTS.sureWidthPx);
  const right = (character: string, i: number) => wide.filter((r) => r.text[i] === character).length;
  return wide.length >= 3 && [...plate].every((character, i) => right(character, i) > 0.6 * wide.length);
}

interface Tally {
  attempts: number;
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

/** `rests`: plates that are surely read are not read again. */
export function tally(
  roads: number,
  conditions: Conditions,
  options = TRACK_DEFAULTS,
  { say = (p: Passage, _: SimulatedVehicle) => p.best.text, rests = true } = {},
): Tally {
  const sum: Tally = {
    attempts: 0,
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
    const { events, attempts } = drive(road, options, rests);
    sum.attempts += attempts;
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
