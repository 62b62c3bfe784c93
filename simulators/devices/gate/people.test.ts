import { beforeAll, describe, expect, it } from 'vitest';
import { checkDigitFits } from '../../../gateway/contracts/citizen-number.ts';
import { openFaceComparer, type FaceComparer } from '../../../models/face/index.ts';
import { loadPicture } from '../../../models/picture.ts';
import { gapBetween, openMeasure, widthOf, type FaceMeasure, type Measured } from '../../bench/gate/drawn-faces.ts';
import { CARD_KINDS } from '../reader/cards.ts';
import { encodeBmp, openFacePainter, snapshot, type FaceShot } from '../../scene/face.ts';
import * as shots from '../../scene/face-shots.ts';
import { documentNumber, people } from './people.ts';
import { seeded } from '../../scene/random.ts';

/** The chain takes two faces for one person below 0.51; both sides keep clear of it. */
const MAX_TOGETHER = 0.42;
const MIN_APART = 0.56;

/** Everything that is wrong with the distances between and within people. */
function problemsOf(measured: readonly Measured[]): string[] {
  const wide = measured.filter((one) => !(widthOf(one) <= MAX_TOGETHER)).map((one) => `${one.seed} is not one person`);
  const near = measured.flatMap((one, i) =>
    measured.slice(i + 1).flatMap((p) => {
      const gap = gapBetween(one, p);
      return gap >= MIN_APART ? [] : [`${one.seed} and ${p.seed} are ${gap.toFixed(3)} apart`];
    }),
  );
  return [...wide, ...near];
}

/** Drawing a head costs more than placing it in a shot: both parts use the same heads. */
const painter = openFacePainter();

describe('people who do not exist', () => {
  let measure: FaceMeasure;
  const measured: Measured[] = [];
  beforeAll(async () => {
    measure = await openMeasure(painter);
    for (const { seed } of people) {
      const found = await measure(seed);
      if (!found) throw new Error(`no face is found in a shot of ${seed}`);
      measured.push(found);
    }
  });

  it('are at least 24, each the same person in every shot, and no two alike in any', () => {
    expect(people.length).toBeGreaterThanOrEqual(24);
    expect(problemsOf(measured)).toEqual([]);
  });

  it('would be told if one of them came twice, or looked different each time', async () => {
    const [first, second] = [measured[0]!, measured[1]!];
    const again = await measure(first.seed, [0, 2]);
    expect(problemsOf([...measured, again!])).toEqual([expect.stringMatching(`${first.seed} and ${first.seed} are`)]);
    const changing = { seed: first.seed, shots: [...first.shots, ...second.shots] };
    expect(problemsOf([changing])).toEqual([`${first.seed} is not one person`]);
  });
});

describe('a gate lane', () => {
  let faces: FaceComparer;
  beforeAll(async () => {
    faces = await openFaceComparer({ chain: 'built-in' });
  });
  const photoOf = async (seed: number): Promise<Uint8Array> => encodeBmp(await painter.draw(shots.portraitShot(seed)));
  const compare = async (shot: FaceShot, grain: { noise: number; quality: number }, ...photos: number[]) => {
    const jpeg = await snapshot(await painter.draw(shot), { ...grain, random: seeded(7) });
    return faces.compare(await loadPicture(jpeg), await Promise.all(photos.map(photoOf)));
  };

  it('takes every holder for the one on the photo, and nobody else, at the threshold of the chain', async () => {
    const random = seeded(4);
    for (const [i, { seed }] of people.entries()) {
      const variation = shots.randomVariation(random);
      const other = people[(i + 1) % people.length]!;
      const grain = { noise: variation.noise, quality: variation.jpegQuality };
      const comparisons = await compare(shots.laneShot(seed, variation), grain, seed, other.seed);
      expect({ seed, outcomes: comparisons.map((c) => c.outcome) }).toEqual({ seed, outcomes: ['same', 'different'] });
    }
  });

  it('sees no face of those who turn away', async () => {
    const random = seeded(6);
    for (const { seed } of people) {
      const variation = shots.randomVariation(random);
      const grain = { noise: variation.noise, quality: 85 };
      const comparisons = await compare(shots.awayShot(seed, variation), grain, seed);
      expect([seed, comparisons]).toEqual([seed, [{ outcome: 'not compared', why: expect.any(String) as string }]]);
      expect([seed, comparisons]).not.toEqual([seed, [{ outcome: 'not compared', why: 'photo unusable' }]]);
    }
  });

  it('has a name for each shot that cannot be compared', async () => {
    const [one, two] = [people[0]!.seed, people[1]!.seed];
    const cases: Record<string, [FaceShot, readonly string[]]> = {
      empty: [shots.emptyShot(), ['no face']],
      away: [shots.awayShot(one, shots.VARIATIONS[0]!), ['no face']],
      two: [shots.twoShot(one, two), ['several faces']],
      far: [shots.farShot(one), ['too small']],
      // Where nothing is left of a face, both words are right.
      blurred: [shots.blurredShot(one), ['blurred', 'no face']],
      black: [shots.blackShot(one), ['dark', 'no face']],
    };
    for (const [name, [shot, problems]] of Object.entries(cases)) {
      const comparisons = await compare(shot, { noise: 2, quality: 85 }, one);
      expect(
        problems.map((why) => [{ outcome: 'not compared', why }]),
        name,
      ).toContainEqual(comparisons);
    }
  });
});

describe('numbers of people who do not exist', () => {
  it('fit their check digit, are all different, and name no region and no living year', () => {
    const serials = [0, 1, 27, 28, 335, 336, 10_079, 10_080, 999_999, 5_000_000];
    const numbers = CARD_KINDS.flatMap((kind) => serials.map((serial) => documentNumber(kind, serial)));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) {
      const bytes = Buffer.from(number, 'latin1');
      if (number.startsWith('UTO')) expect(number).toMatch(/^UTO118[5-7]\d{8}$/);
      else expect([number, checkDigitFits(bytes)]).toEqual([expect.stringMatching(/^99990[123]18[5-7]\d/), true]);
    }
    expect(new Set(people.map((p) => p.number)).size).toBe(people.length);
    expect(() => documentNumber('J', -1)).toThrow('whole number from 0');
  });
});
