/**
 * Simulated roads for the tests of tracks: vehicles under a camera, and what a reader with known faults makes of them. Everything
 * follows from the random numbers given. The plates are computed and belong to nobody.
 */
import type { Instant } from '../../contracts/base.ts';
import type { CharChoice, PlateRead } from '../../contracts/plate.ts';
import type { Quad } from '../../contracts/picture.ts';

export interface SimulatedVehicle {
  readonly plate: string;
  readonly approaching: boolean;
  /** Of its reads, in the order of the frames. */
  readonly reads: PlateRead[];
}

export interface SimulatedRoad {
  readonly frames: readonly { readonly at: Instant; readonly reads: readonly PlateRead[] }[];
  readonly vehicles: readonly SimulatedVehicle[];
  /** Which vehicle a read was of. */
  readonly owner: ReadonlyMap<Quad, SimulatedVehicle>;
}

/** Uniform in [0, 1). */
type Random = () => number;

const PROVINCES = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DIGITS = '0123456789';
const ALIKE: Readonly<Record<string, string>> = {
  0: 'DQ',
  1: '7T',
  2: 'Z',
  3: '8',
  4: 'A',
  5: 'S',
  6: 'G',
  7: 'T1',
  8: 'B3',
  9: '8',
  A: '4',
  B: '8',
  C: 'L',
  D: '0Q',
  E: 'F',
  F: 'E',
  G: '6',
  H: 'MN',
  J: '1',
  K: 'X',
  L: 'C',
  M: 'HN',
  N: 'HM',
  P: 'F',
  Q: '0',
  R: 'K',
  S: '5',
  T: '17',
  U: 'V',
  V: 'Y',
  W: 'V',
  X: 'K',
  Y: 'V',
  Z: '2',
};

const pick = (random: Random, from: string): string => from[Math.floor(random() * from.length)]!;
const between = (random: Random, least: number, most: number): number => least + random() * (most - least);

/** The first of a fleet; `next` gives the following numbers. */
function somePlate(random: Random): string {
  const serial = Array.from({ length: 3 }, () => pick(random, random() < 0.2 ? LETTERS : DIGITS)).join('');
  return pick(random, PROVINCES) + pick(random, LETTERS) + serial + String(10 + Math.floor(random() * 80));
}
const nextOfFleet = (plate: string, by: number): string => plate.slice(0, -2) + String(Number(plate.slice(-2)) + by);

/** What the simulated camera and its traffic are like. */
export interface Conditions {
  /** Frames a second; one is drawn for each road. */
  readonly fps: readonly number[];
  /** Plates are read from this width on. */
  readonly minPx: number;
  /** How likely the next vehicle carries the next number. */
  readonly fleet: number;
}

interface Camera {
  /** Plate width in pixels at one metre. */
  readonly scale: number;
  readonly heightM: number;
  readonly horizonPx: number;
  readonly farthestM: number;
}

const PLATE_M = 0.44;
const [WIDTH, HEIGHT] = [1920, 1080];

/** Vehicles of one lane that drive one behind the other, all at the speed of the first. */
interface Row {
  readonly lateralM: number;
  readonly approaching: boolean;
  readonly beginsAt: Instant;
  readonly speed: number;
  /** Stands for `standsMs` after `standsAfterM`. */
  readonly standsAfterM: number;
  readonly standsMs: number;
  /** Something stands before this lane for a while. */
  readonly hiddenFrom: Instant;
  readonly hiddenMs: number;
  readonly members: readonly { readonly vehicle: SimulatedVehicle; readonly behindM: number }[];
}

function makeRow(random: Random, lateralM: number, plate: string, fleet: number): Row {
  const approaching = random() < 0.7;
  const speed = random() < 0.3 ? between(random, 15, 30) : between(random, 2, 15);
  const stands = speed < 8 && random() < 0.5;
  let behindM = 0;
  const members = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => {
    behindM += i === 0 ? 0 : Math.max(7, speed * between(random, 0.9, 2));
    const text = i === 0 || random() < fleet ? nextOfFleet(plate, i) : somePlate(random);
    return { vehicle: { plate: text, approaching, reads: [] }, behindM };
  });
  return {
    lateralM,
    approaching,
    speed,
    members,
    beginsAt: random() * 1_500,
    standsAfterM: stands ? between(random, 5, 40) : Infinity,
    standsMs: stands ? between(random, 3_000, 12_000) : 0,
    hiddenFrom: random() * 10_000,
    hiddenMs: random() < 0.3 ? between(random, 500, 6_000) : 0,
  };
}

function drivenM(row: Row, at: Instant): number {
  const ms = at - row.beginsAt;
  const untilStop = (row.standsAfterM / row.speed) * 1000;
  const driving = ms <= untilStop ? ms : Math.max(untilStop, ms - row.standsMs);
  return (row.speed * driving) / 1000;
}

/** Undefined outside the picture. Each corner is up to 3 % of the width off. */
function cornersAt(camera: Camera, lateralM: number, distanceM: number, random: Random): Quad | undefined {
  if (distanceM < 4 || distanceM > camera.farthestM) return undefined;
  const width = camera.scale / distanceM;
  const x = WIDTH / 2 + (lateralM / PLATE_M) * width;
  const y = camera.horizonPx + (camera.heightM / PLATE_M) * width;
  if (x < width / 2 || x > WIDTH - width / 2 || y < width / 6 || y > HEIGHT - width / 6) return undefined;
  const jitter = () => (random() - 0.5) * 0.06 * width;
  const [w, h] = [width / 2, width / 6];
  return [
    [x - w + jitter(), y - h + jitter()],
    [x + w + jitter(), y - h + jitter()],
    [x + w + jitter(), y + h + jitter()],
    [x - w + jitter(), y + h + jitter()],
  ];
}

/** Of one character, by the width of the plate: 15 % at 35 pixels, 2 % at 64, 0.3 % from 120 on. */
const misreadRate = (width: number): number => 0.003 + 0.15 * Math.exp(-(width - 35) / 14);

/** Misreads name the true character for second best more often than not; one in ten is as confident as a good read. */
function readOf(plate: string, corners: Quad, random: Random): PlateRead {
  const width = corners[1][0] - corners[0][0];
  const rate = misreadRate(width);
  const characters: number[] = [];
  const alternatives: CharChoice[] = [];
  let text = '';
  for (const [position, character] of [...plate].entries()) {
    const wrong = random() < (position === 0 ? 2 * rate : rate);
    const alike = pick(random, position === 0 ? PROVINCES : ALIKE[character]!);
    const other = position === 1 && !LETTERS.includes(alike) ? pick(random, LETTERS) : alike;
    const own = !wrong ? 1 - rate * random() * 1.5 : random() < 0.1 ? 0.995 : between(random, 0.5, 0.9);
    const [shown, second] = wrong ? [other, character] : [character, other];
    if (shown !== second && random() < 0.7) {
      alternatives.push({ position, character: second, probability: (1 - own) * 0.8 });
    }
    text += shown;
    characters.push(own);
  }
  const probability = characters.reduce((a, b) => a * b, 1);
  return {
    text,
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    probability,
    characters,
    alternatives,
    corners,
    band: probability >= 0.9 ? 'accept' : probability >= 0.3 ? 'check' : 'reject',
    sharpness: Math.min(1, width / 150),
  };
}

/**
 * One camera over one to three lanes, until the last vehicle has gone. Lanes begin at about the same time, so that vehicles are side by
 * side, and the numbers of a fleet run on from lane to lane.
 */
export function simulateRoad(random: Random, { fps, minPx, fleet }: Conditions): SimulatedRoad {
  const scale = between(random, 1000, 2200);
  const camera: Camera = {
    scale,
    heightM: between(random, 2.5, 6),
    horizonPx: between(random, -400, 100),
    farthestM: scale / minPx,
  };
  const lanes = 1 + Math.floor(random() * 3);
  const first = somePlate(random);
  const rows = Array.from({ length: lanes }, (_, lane) =>
    makeRow(random, (lane - (lanes - 1) / 2) * 3.5, nextOfFleet(first, lane * 3), fleet),
  );
  const stepMs = 1000 / fps[Math.floor(random() * fps.length)]!;
  const owner = new Map<Quad, SimulatedVehicle>();
  const frames: { at: Instant; reads: PlateRead[] }[] = [];
  const done = (row: Row, at: Instant) => drivenM(row, at) > row.members.at(-1)!.behindM + camera.farthestM;
  for (let at = 0; !rows.every((row) => done(row, at)); at += stepMs) {
    const reads: PlateRead[] = [];
    for (const row of rows) {
      const hidden = at >= row.hiddenFrom && at < row.hiddenFrom + row.hiddenMs;
      for (const { vehicle, behindM } of row.members) {
        const m = drivenM(row, at) - behindM;
        const distanceM = row.approaching ? camera.farthestM - m : m;
        const corners = m > 0 ? cornersAt(camera, row.lateralM, distanceM, random) : undefined;
        if (!corners || hidden || random() < 0.1) continue;
        const read = readOf(vehicle.plate, corners, random);
        owner.set(corners, vehicle);
        reads.push(read);
        if (read.band !== 'reject') vehicle.reads.push(read);
      }
    }
    frames.push({ at, reads: reads.sort(() => random() - 0.5) });
  }
  return { frames, vehicles: rows.flatMap((r) => r.members.map((m) => m.vehicle)), owner };
}
