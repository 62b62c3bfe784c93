/**
 * Picks the faces of simulators/scene/people.ts again, for when the drawing or the models have changed. Takes minutes. Prints the
 * seeds to put into FACE_SEEDS; no two of them come nearer to each other than `--apart` in any shot.
 *
 *   node simulators/bench/pick-people.ts --from 1 --to 400 --apart 0.57
 */
import { parseArgs } from 'node:util';
import { seeded, type Random } from '../scene/random.ts';
import { gapBetween, openMeasure, widthOf, type Measured } from './drawn-faces.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '400' },
    /** Least distance of two people, and largest of two shots of one. */
    apart: { type: 'string', default: '0.57' },
    together: { type: 'string', default: '0.4' },
  },
});

/** The photo and the hardest variation tell most; the other shots are measured of those picked only. */
const TELLING = [0, 4];
const TRIES = 400;

/** The largest set of people without a close pair that is found in many tries: always next the one with the fewest close others. */
function pickApart(people: readonly Measured[], apart: number, random: Random): Measured[] {
  const close = people.map((one, i) => people.flatMap((p, j) => (j !== i && gapBetween(one, p) < apart ? [j] : [])));
  let best: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    const left = new Set(people.keys());
    const picked: number[] = [];
    while (left.size > 0) {
      // A little chance lets each try end elsewhere.
      const cost = (j: number): number => close[j]!.filter((k) => left.has(k)).length + random() * 3;
      const next = [...left].map((j) => ({ j, cost: cost(j) })).reduce((a, b) => (b.cost < a.cost ? b : a)).j;
      picked.push(next);
      for (const gone of [next, ...close[next]!]) left.delete(gone);
    }
    if (picked.length > best.length) best = picked;
  }
  return best.map((j) => people[j]!);
}

const measure = await openMeasure();
const apart = Number(values.apart);
const all = async (seeds: readonly number[], shots?: readonly number[]): Promise<Measured[]> => {
  const found: Measured[] = [];
  for (const seed of seeds) {
    const measured = await measure(seed, shots);
    if (measured && widthOf(measured) <= Number(values.together)) found.push(measured);
  }
  return found;
};
const seeds = Array.from({ length: Number(values.to) - Number(values.from) }, (_, i) => Number(values.from) + i);
const random = seeded(1);
const likely = pickApart(await all(seeds, TELLING), apart, random);
const sure = pickApart(await all(likely.map((p) => p.seed)), apart, random);
const picked = sure.map((p) => p.seed).sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ count: picked.length, seeds: picked })}\n`);
