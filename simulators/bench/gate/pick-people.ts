/**
 * Picks the faces of simulators/devices/gate/people.ts again, for when the drawing or the models have changed. Takes ten minutes. Prints the
 * seeds to put into FACE_SEEDS; no two of them come nearer to each other than `--apart` in any shot.
 *
 *   npx node simulators/bench/gate/pick-people.ts --from 1 --to 800 --apart 0.56
 */
import { parseArgs } from 'node:util';
import { seeded, type Random } from '../../scene/random.ts';
import { gapBetween, openMeasure, widthOf, type Measured } from './drawn-faces.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '800' },
    /** Least distance of two people, and largest of two shots of one. */
    apart: { type: 'string', default: '0.56' },
    together: { type: 'string', default: '0.4' },
  },
});

const STEPS = 400_000;

/**
 * A large set of people without a close pair: an independent set by random swaps. Whoever comes in sends out those close by; one for
 * one keeps the size and opens ways, and now and then one for two leaves a dead end.
 */
function pickApart(people: readonly Measured[], apart: number, random: Random): Measured[] {
  const close = people.map((one, i) => people.flatMap((p, j) => (j !== i && gapBetween(one, p) < apart ? [j] : [])));
  const picked = new Set<number>();
  let best: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const next = Math.floor(random() * people.length);
    const out = close[next]!.filter((j) => picked.has(j));
    if (picked.has(next) || out.length > 2 || (out.length === 2 && random() > 0.004)) continue;
    for (const j of out) picked.delete(j);
    picked.add(next);
    if (picked.size > best.length) best = [...picked];
  }
  return best.map((j) => people[j]!);
}

const measure = await openMeasure();
const steady: Measured[] = [];
for (let seed = Number(values.from); seed < Number(values.to); seed++) {
  const measured = await measure(seed);
  if (measured && widthOf(measured) <= Number(values.together)) steady.push(measured);
}
const picked = pickApart(steady, Number(values.apart), seeded(1)).map((p) => p.seed);
process.stdout.write(`${JSON.stringify({ count: picked.length, seeds: picked.sort((a, b) => a - b) })}\n`);
