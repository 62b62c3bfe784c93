/**
 * Fits the plate reader's confidence (models/plate/confidence.ts) and tells how well it holds.
 *
 *   npx node simulators/bench/plates/calibration.ts [--samples N] [--kinds N] [--crops FOLDER]
 *
 * Draws N samples (3000 unless told) to fit, prints the weights and the limits of the bands, and then judges as many fresh samples by
 * what confidence.ts holds now: so it is run once, its weights copied, and run again. --kinds: N plates of each kind and width as well.
 * --crops: a folder with labels.csv, see testset.ts; its crops are read too, after everything is fixed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../../../models/manifest.ts';
import { loadPictureFile } from '../../../models/picture.ts';
import {
  bandOf,
  characterInputs,
  characterProbability,
  type Features,
  isRead,
  plateInputs,
  plateProbability,
} from '../../../models/plate/confidence.ts';
import {
  openStripReader,
  readAll,
  type StripReader,
  readWindows,
  type PlateWindows,
} from '../../../models/plate/read.ts';
import { weighReads } from '../../../models/plate/read-fusion.ts';
import { openPlatePainter } from '../../scene/plate.ts';
import { allPlateStyles } from '../../scene/plate-text.ts';
import { seeded } from '../../scene/random.ts';
import { drawPlate, openSamples } from './calibration-set.ts';
import { calibrationError, fitLogistic, type Judged, reliability, wilson } from './logistic.ts';
import { percentile } from '../report.ts';
import { wholeOf } from './sampling.ts';

/** Seeds of the samples that are fitted to, of those that are judged, and of those by kind. */
const [FIT, JUDGE, KINDS] = [11, 12, 13];
/** What the bands promise on drawn plates: of accepted reads so many are right, and of no plates so many are shown to a person. */
const RIGHT_OF_ACCEPTED = 0.995;
const SHOWN_OF_NONE = 0.01;

/** One sample: what the reader's confidence goes by, and what is right. */
interface CalibrationSample {
  readonly isPlate: boolean;
  readonly features: Features;
  readonly right: boolean;
  readonly characters: readonly { readonly posterior: number; readonly right: boolean }[];
}

/** `text`: what stands there; undefined where there is no plate. */
function rowOf({ reads, colour }: Pick<PlateWindows, 'reads' | 'colour'>, text: string | undefined): CalibrationSample {
  const { best, posteriors, features } = weighReads(reads, colour);
  const truth = [...(text ?? '')];
  // With a character too many or too few, or on no plate, the others have no place to be compared at.
  const comparable = truth.length === posteriors.length;
  return {
    isPlate: text !== undefined,
    features,
    right: best.text === text,
    characters: comparable ? posteriors.map((p, k) => ({ posterior: p, right: best.text[k] === truth[k] })) : [],
  };
}

export function report(fitted: readonly CalibrationSample[], judged: readonly CalibrationSample[]): string {
  const read = fitted.filter((r) => isRead(r.features));
  const plates = read.map(({ features, right }) => ({ inputs: plateInputs(features), right }));
  const characters = read.flatMap(({ features, characters }) =>
    characters.map(({ posterior, right }) => ({ inputs: characterInputs(posterior, features), right })),
  );
  const list = (values: readonly number[]) => `[${values.map((v) => v.toFixed(3)).join(', ')}]`;
  const judgedPlates = judged.map(({ features, right }) => ({ predicted: plateProbability(features), right }));
  const judgedCharacters = judged.flatMap(({ features, characters }) =>
    characters.map((c) => ({ predicted: characterProbability(c.posterior, features), right: c.right })),
  );
  return [
    `fitted to ${fitted.length} samples, judged on ${judged.length} others`,
    `PLATE_WEIGHTS ${list(fitLogistic(plates))}`,
    `CHARACTER_WEIGHTS ${list(fitLogistic(characters))}`,
    limits(fitted),
    ...section('Plates', judgedPlates),
    ...section('Characters', judgedCharacters),
    ...bands(judged),
  ].join('\n');
}

/** Where the bands have to begin to keep what they promise, by the weights that are in force. */
function limits(rows: readonly CalibrationSample[]): string {
  const scored = rows.map((r) => ({ ...r, p: plateProbability(r.features) })).sort((a, b) => b.p - a.p);
  let [wrong, accept] = [0, 1];
  for (const [i, { p, right }] of scored.entries()) {
    if (!right) wrong++;
    if (wrong <= (1 - RIGHT_OF_ACCEPTED) * (i + 1)) accept = p;
  }
  const none = scored.filter((r) => !r.isPlate).map((r) => r.p);
  return `ACCEPT ${accept.toFixed(3)}, CHECK ${percentile(none, 100 * (1 - SHOWN_OF_NONE)).toFixed(3)}`;
}

function section(title: string, judged: readonly Judged[]): string[] {
  const bins = reliability(judged);
  const rows = bins.map(({ from, n, predicted, observed, interval: [low, high] }) => {
    const range = `${from.toFixed(1)} to ${(from + 0.1).toFixed(1)}`;
    return `| ${range} | ${n} | ${predicted.toFixed(3)} | ${observed.toFixed(3)} | ${low.toFixed(3)} to ${high.toFixed(3)} |`;
  });
  const head = ['| probability | n | predicted | right | 95 % interval |', '|---|---|---|---|---|'];
  return ['', `${title}: expected calibration error ${calibrationError(bins).toFixed(4)}`, '', ...head, ...rows];
}

const percent = (part: number, n: number): string => {
  const [low, high] = wilson(part, n).map((v) => (100 * v).toFixed(1));
  return n === 0 ? 'none' : `${((100 * part) / n).toFixed(1)} % of ${n} (${low} to ${high})`;
};

function bands(rows: readonly CalibrationSample[]): string[] {
  const plates = rows.filter((r) => r.isPlate).length;
  return (['accept', 'check', 'reject'] as const).map((band) => {
    const here = rows.filter((r) => bandOf(plateProbability(r.features)) === band);
    const drawn = here.filter((r) => r.isPlate).length;
    return [
      `${band === 'accept' ? '\n' : ''}${band}: ${percent(drawn, plates)} plates`,
      `${percent(here.length - drawn, rows.length - plates)} no plates`,
      `right ${percent(here.filter((r) => r.right).length, here.length)}`,
    ].join('; ');
  });
}

async function collect(reader: StripReader, seed: number, count: number): Promise<CalibrationSample[]> {
  const next = openSamples(seed);
  const rows: CalibrationSample[] = [];
  while (rows.length < count) {
    const { picture, shape, text } = await next();
    const [windows] = await readWindows(reader, picture, [shape]);
    rows.push(rowOf(windows!, text));
  }
  return rows;
}

/** Whole plates right of each kind, by width, in all weather but motion. */
async function byKind(reader: StripReader, count: number): Promise<string> {
  const random = seeded(KINDS);
  const painter = openPlatePainter();
  const widths = [80, 120, 200];
  const lines = [`| style | ${widths.map((w) => `${w} px`).join(' | ')} |`, '|---|---|---|---|'];
  for (const style of allPlateStyles) {
    const cells: string[] = [];
    for (const widthPx of widths) {
      let right = 0;
      for (let i = 0; i < count; i++) {
        const kind = (['plain', 'night', 'rain', 'glare', 'dirt', 'angle'] as const)[i % 6]!;
        const sample = await drawPlate(random, painter, { style, widthPx, condition: { kind, strength: random() } });
        const [read] = await readAll(reader, sample.picture, [sample.shape]);
        if (read!.text === sample.text) right++;
      }
      cells.push(`${right} of ${count}`);
    }
    lines.push(`| ${style} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

async function crops(reader: StripReader, folder: string): Promise<string> {
  const rows = readFileSync(join(folder, 'labels.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  const labels = rows.map((row) => row.split(',')).filter(([, , kind]) => kind === 'crop');
  const ms: number[] = [];
  const reads: { band: string; right: boolean }[] = [];
  for (const [file, plate] of labels) {
    const picture = await loadPictureFile(join(folder, file!));
    const startedAt = performance.now();
    const [read] = await readAll(reader, picture, [{ corners: wholeOf(picture), lines: 'either', edge: 'cut' }]);
    ms.push(performance.now() - startedAt);
    reads.push({ band: read!.band, right: read!.text === plate });
  }
  const right = (some: readonly { right: boolean }[]) => some.filter((r) => r.right).length;
  const accepted = reads.filter((r) => r.band === 'accept');
  return [
    `crops read whole: ${percent(right(reads), reads.length)}`,
    `accepted: ${percent(accepted.length, reads.length)}; right of them ${percent(right(accepted), accepted.length)}`,
    `to check: ${reads.filter((r) => r.band === 'check').length}, rejected: ${reads.filter((r) => r.band === 'reject').length}`,
    `${percentile(ms, 50).toFixed(1)} ms a crop (median), ${percentile(ms, 95).toFixed(1)} (95 %)`,
  ].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { samples: { type: 'string', default: '3000' }, kinds: { type: 'string' }, crops: { type: 'string' } },
  });
  const reader = await openStripReader(loadModel('plate/read'), loadModel('plate/dictionary'));
  const count = Number(values.samples);
  if (count > 0)
    process.stdout.write(`${report(await collect(reader, FIT, count), await collect(reader, JUDGE, count))}\n`);
  if (values.kinds !== undefined) process.stdout.write(`\n${await byKind(reader, Number(values.kinds))}\n`);
  if (values.crops !== undefined) process.stdout.write(`\n${await crops(reader, values.crops)}\n`);
}

if (import.meta.main) await main();
