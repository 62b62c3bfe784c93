/** The demo's road under a denser list: one camera, more vehicles, and every one of them wanted. */
import { randomTraffic } from '../../scene/scene.ts';
import { measure, type Measure } from '../report.ts';
import { drive } from './drive.ts';
import { counted, delays, of, passes } from './road-measures.ts';

/** One vehicle every two seconds. */
const SEED = 7;
const COUNT = 24;
const EVERY_S = 2;
/** The clip is played this often. */
const TURNS = 2;
/** Hits that a drive must give at least, so that percentiles mean something. */
const MIN_HITS = 40;

export async function measureTraffic(progress: (text: string) => void): Promise<Measure[]> {
  const vehicles = randomTraffic(SEED, { count: COUNT, everyS: EVERY_S });
  const traffic = [{ id: 'north-1', seed: SEED, vehicles }];
  const { lines, roads, metrics } = await drive(traffic, { turns: TURNS }, progress);
  const hits = of(lines, 'hit committed').length;
  return [
    ...delays(lines, 1000),
    measure('hits committed', hits, 'hits', hits, { least: MIN_HITS }),
    ...passes(lines, roads, TURNS),
    ...counted(metrics, roads, TURNS),
  ];
}
