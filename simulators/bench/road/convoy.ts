/** Three cameras, each before a lane of its own with traffic side by side in both directions, and one box that must miss no vehicle. */
import { randomTraffic } from '../../scene/scene.ts';
import type { Measure } from '../report.ts';
import { drive } from './drive.ts';
import { counted, delays, passes } from './road-measures.ts';

const CAMERAS = ['north', 'south', 'bridge'];
const SEED = 70;
/** Of each camera and turn: with this pause between them (one every three seconds in a lane) a turn takes a minute. */
const MAX_VEHICLES = 34;
const EVERY_S = 1.5;
/** Nothing stands in a clip's first picture, so a drive that ends a moment late shows no vehicle twice. */
const LEAD_S = 1;
/** Vehicles of one lane drive nearly alike: none drives through the one in front. */
const SPEED = { from: 9, to: 11 };
/** Pictures a second that the box looks at, of those that a camera sends. */
const LOOKED_AT = 5;
const THREADS = 2;

/** So many vehicles before each camera, and how often all of them pass: the fewest turns that give at least so many passages. */
export function planFor(passages: number): { readonly vehicles: number; readonly turns: number } {
  const vehicles = Math.min(MAX_VEHICLES, Math.ceil(passages / CAMERAS.length));
  return { vehicles, turns: Math.ceil(passages / (CAMERAS.length * vehicles)) };
}

export async function measureConvoy(passages: number, progress: (text: string) => void): Promise<Measure[]> {
  const { vehicles: count, turns } = planFor(passages);
  const traffic = CAMERAS.map((id, n) => {
    const vehicles = randomTraffic(SEED + n, { count, everyS: EVERY_S }).map((v, i) => ({
      ...v,
      startS: v.startS + LEAD_S,
      speedMps: SPEED.from + ((i * 0.37) % 1) * (SPEED.to - SPEED.from),
    }));
    return { id, seed: SEED + n, vehicles };
  });
  const how = { turns, camera: { fps: LOOKED_AT }, more: { inference: { threads: THREADS } } };
  const { lines, roads, metrics, work } = await drive(traffic, how, progress);
  return [...delays(lines, 500), ...passes(lines, roads, turns, 0), ...counted(metrics, roads, turns, 0), ...work];
}
