/**
 * Fits the plate reader's confidence (models/plate/confidence.ts) and tells how well it holds.
 *
 *   node simulators/bench/calibration.ts [--samples N] [--kinds N] [--crops FOLDER]
 *
 * Draws N samples (3000 unless told) to fit, prints the weights and the limits of the bands, and then judges as many fresh samples by
 * what confidence.ts holds now: so it is run once, its weights copied, and run again. --kinds: N plates of each kind and width as well.
 * --crops: a folder with labels.csv, see testset.ts; its crops are read too, after everything is fixed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../../models/manifest.ts';
import { loadPictureFile, type Raster } from '../../models/picture.ts';
import {
  ACCEPT,
  ASK,
  characterInputs,
  CHARACTER_WEIGHTS,
  plateInputs,
  PLATE_WEIGHTS,
} from '../../models/plate/confidence.ts';
import { isProvince } from '../../models/plate/grammar.ts';
import { openReader, readAll, type Reader, readWindows, type PlateWindows } from '../../models/plate/read.ts';
import { judge } from '../../models/plate/verdict.ts';
import { openPlatePainter } from '../scene/plate.ts';
import { allPlateStyles } from '../scene/plate-text.ts';
import { seeded } from '../scene/random.ts';
import { drawPlate, openSamples } from './calibration-set.ts';
import { calibrationError, type Case, fitLogistic, type Judged, predict, reliability, wilson } from './logistic.ts';
import { percentile } from './report.ts';

/** Seeds of the samples that are fitted to, of those that are judged, and of those by kind. */
const [FIT, JUDGE, KINDS] = [11, 12, 13];
/** What the bands promise on drawn plates: of accepted reads so many are right, and of no plates so many are shown to a person. */
const RIGHT_OF_ACCEPTED = 0.995;
const SHOWN_OF_NONE = 0.01;

/** One sample as the regressions take it. */
export interface Row {
  readonly isPlate: boolean;
  readonly plate: Case;
  readonly characters: readonly Case[];
}

/** `text`: what stands there; undefined where there is no plate. */
export function rowOf({ reads, ...seen }: Pick<PlateWindows, 'reads' | 'colour'>, text: string | undefined): Row {
  const { best, posteriors, features } = judge(reads, seen);
  const truth = [...(text ?? '')];
  // With a character too many or too few, or on no plate, the others have no place to be compared at.
  const comparable = truth.length === posteriors.length;
  return {
    isPlate: text !== undefined,
    plate: { inputs: plateInputs(features), right: best.text === text },
    characters: posteriors.flatMap((p, k) => {
      const character = best.text[k]!;
      return comparable
        ? [{ inputs: characterInputs(p, isProvince(character), features), right: character === truth[k] }]
        : [];
    }),
  };
}

export function report(fitted: readonly Row[], judged: readonly Row[]): string {
  const weights = fitLogistic(fitted.map((r) => r.plate));
  const characterWeights = fitLogistic(fitted.flatMap((r) => r.characters));
  const list = (values: readonly number[]) => `[${values.map((v) => v.toFixed(3)).join(', ')}]`;
  return [
    `fitted to ${fitted.length} samples, judged on ${judged.length} others`,
    `PLATE_WEIGHTS ${list(weights)}`,
    `CHARACTER_WEIGHTS ${list(characterWeights)} (they go by the PLATE_WEIGHTS in force)`,
    limits(fitted, weights),
    ...section(
      'Plates',
      judged.map((r) => r.plate),
      PLATE_WEIGHTS,
    ),
    ...section(
      'Characters',
      judged.flatMap((r) => r.characters),
      CHARACTER_WEIGHTS,
    ),
    ...bands(judged),
  ].join('\n');
}

/** Where the bands have to begin to keep what they promise. */
function limits(rows: readonly Row[], weights: readonly number[]): string {
  const scored = rows.map((r) => ({ ...r, p: predict(weights, r.plate.inputs) })).sort((a, b) => b.p - a.p);
  let [wrong, accept] = [0, 1];
  for (const [i, { p, plate }] of scored.entries()) {
    if (!plate.right) wrong++;
    if (wrong <= (1 - RIGHT_OF_ACCEPTED) * (i + 1)) accept = p;
  }
  const none = scored.filter((r) => !r.isPlate).map((r) => r.p);
  return `ACCEPT ${accept.toFixed(3)}, ASK ${percentile(none, 100 * (1 - SHOWN_OF_NONE)).toFixed(3)}`;
}

function section(title: string, cases: readonly Case[], weights: readonly number[]): string[] {
  const judged = cases.map((c): Judged => ({ predicted: predict(weights, c.inputs), right: c.right }));
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

function bands(rows: readonly Row[]): string[] {
  const at = (r: Row) => predict(PLATE_WEIGHTS, r.plate.inputs);
  const right = (some: readonly Row[]) => percent(some.filter((r) => r.plate.right).length, some.length);
  const plates = rows.filter((r) => r.isPlate);
  const none = rows.filter((r) => !r.isPlate);
  const part = (some: readonly Row[], from: number, to: number) => some.filter((r) => at(r) >= from && at(r) < to);
  return [
    '',
    `accept from ${ACCEPT}: right ${right(part(rows, ACCEPT, 2))}; it takes ${percent(part(plates, ACCEPT, 2).length, plates.length)} plates and ${percent(part(none, ACCEPT, 2).length, none.length)} no plates`,
    `ask from ${ASK}: right ${right(part(plates, ASK, ACCEPT))}; it takes ${percent(part(none, ASK, ACCEPT).length, none.length)} no plates`,
    `ignore: ${percent(part(plates, 0, ASK).length, plates.length)} plates, of which right ${right(part(plates, 0, ASK))}`,
  ];
}

async function collect(reader: Reader, seed: number, count: number): Promise<Row[]> {
  const next = openSamples(seed);
  const rows: Row[] = [];
  while (rows.length < count) {
    const { picture, shape, text } = await next();
    const [windows] = await readWindows(reader, picture, [shape]);
    rows.push(rowOf(windows!, text));
  }
  return rows;
}

/** Whole plates right of each kind, by width, in all weather but motion. */
async function byKind(reader: Reader, count: number): Promise<string> {
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

async function crops(reader: Reader, folder: string): Promise<string> {
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
    `asked: ${reads.filter((r) => r.band === 'ask').length}, ignored: ${reads.filter((r) => r.band === 'ignore').length}`,
    `${percentile(ms, 50).toFixed(1)} ms a crop (median), ${percentile(ms, 95).toFixed(1)} (95 %)`,
  ].join('\n');
}

function wholeOf({ width, height }: Raster) {
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ] as const;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { samples: { type: 'string', default: '3000' }, kinds: { type: 'string' }, crops: { type: 'string' } },
  });
  const reader = await openReader(loadModel('plate/read'), loadModel('plate/dictionary'));
  const count = Number(values.samples);
  if (count > 0)
    process.stdout.write(`${report(await collect(reader, FIT, count), await collect(reader, JUDGE, count))}\n`);
  if (values.kinds !== undefined) process.stdout.write(`\n${await byKind(reader, Number(values.kinds))}\n`);
  if (values.crops !== undefined) process.stdout.write(`\n${await crops(reader, values.crops)}\n`);
}

if (import.meta.main) await main();
