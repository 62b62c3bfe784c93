/**
 * Measures the plate finder on a folder of pictures with labels.csv, through the code the product runs:
 *   npx node models/training/evaluate.ts FOLDER [ONNX]
 * Columns: file, corners_br_bl_tl_tr (four "x,y"; empty = where the plate is was not written down, the picture is left out unless its
 * kind is "none"), and, where there are, kind, lines, light. Prints recall and false proposals at several thresholds, the error of the
 * corners, and recall by kind, width and light with Wilson's 95 % intervals.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInside, type Point, type Quad } from '../../gateway/contracts/picture.ts';
import { loadModel, type ModelFile, sha256Of } from '../manifest.ts';
import { loadPictureFile } from '../picture.ts';
import { findPlates, type PlateFinder, type PlateProposal, openPlateFinder } from '../plate/find.ts';
import { sizeOf } from '../plate/geometry.ts';

interface Label {
  readonly kind: string;
  readonly lines: number | undefined;
  readonly light: string;
  readonly corners: Quad;
  /** On the finder's canvas, pixels. */
  readonly width: number;
}

interface Sample {
  readonly file: string;
  readonly labels: readonly Label[];
  readonly found: readonly PlateProposal[];
}

/** A label and what was found for it. */
interface Outcome {
  readonly label: Label;
  readonly found: PlateProposal | undefined;
}

const LONG_SIDE = 640;
const THRESHOLDS = [0.3, 0.4, 0.5, 0.6, 0.7];
const MAX_NAMED = 20;
/** For the tables by kind, width and light. */
const TABLE_AT = 0.3;
/** Intersection over union from which a plate counts as found. */
const MIN_OVERLAP = 0.5;
const WIDTHS = [14, 20, 28, 40, 60, 90, 130, 221];

async function main([folder, onnx]: readonly string[]): Promise<void> {
  if (folder === undefined) throw new Error('usage: npx node models/training/evaluate.ts FOLDER [ONNX]');
  const finder = await openPlateFinder(onnx === undefined ? loadModel('plate/find') : fileAt(onnx));
  const samples = await findAll(finder, folder);
  for (const least of THRESHOLDS) console.log(summaryOf(samples, least));
  const outcomes = samples.flatMap((sample) => match(sample, TABLE_AT).outcomes);
  for (const { name, keyOf } of TABLES) console.log(tableOf(name, outcomes, keyOf));
  const missed = samples.filter((sample) => match(sample, TABLE_AT).outcomes.some((o) => o.found === undefined));
  const names = missed.slice(0, MAX_NAMED).map((s) => s.file);
  console.log(`${missed.length} pictures with a plate missed at ${TABLE_AT}, the first: ${names.join(' ')}`);
}

function fileAt(path: string): ModelFile {
  const bytes = readFileSync(path);
  return { name: 'plate/find', sha256: sha256Of(bytes), bytes };
}

async function findAll(finder: PlateFinder, folder: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const [file, rows] of Object.entries(Object.groupBy(rowsOf(folder), (r) => r.file!))) {
    const labelled = rows!.filter((r) => r.corners_br_bl_tl_tr);
    if (labelled.length < rows!.length && rows![0]!.kind !== 'none') continue;
    const picture = await loadPictureFile(join(folder, file));
    const scale = LONG_SIDE / Math.max(picture.width, picture.height);
    const labels = labelled.map((row): Label => {
      const corners = cornersOf(row.corners_br_bl_tl_tr!);
      const { kind = '', lines, light = '' } = row;
      return { kind, lines: lines ? Number(lines) : undefined, light, corners, width: sizeOf(corners).width * scale };
    });
    samples.push({ file, labels, found: await findPlates(finder, picture) });
  }
  return samples;
}

/** Fields that hold commas are quoted; none holds a quote. */
function rowsOf(folder: string): Partial<Record<string, string>>[] {
  const [header, ...lines] = readFileSync(join(folder, 'labels.csv'), 'utf8').trim().split(/\r?\n/);
  const names = header!.split(',');
  return lines.map((line) => {
    const fields = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map((m) => m[1] ?? m[2] ?? '');
    return Object.fromEntries(names.map((name, i) => [name, fields[i]!]));
  });
}

function cornersOf(text: string): Quad {
  const [br, bl, tl, tr] = text.split(' ').map((p) => p.split(',').map(Number) as unknown as Point);
  return [tl!, tr!, br!, bl!];
}

/** Each label takes the most probable proposal that overlaps it; proposals left over are false. */
function match({ labels, found }: Sample, least: number): { outcomes: Outcome[]; falses: number } {
  const free = found.filter((f) => f.probability >= least);
  const outcomes = labels.map((label): Outcome => {
    const at = free.findIndex((f) => overlapOf(f.corners, label.corners) >= MIN_OVERLAP);
    return { label, found: at < 0 ? undefined : free.splice(at, 1)[0] };
  });
  return { outcomes, falses: free.length };
}

/** Intersection over union of two quadrilaterals, by counting the points of a fine grid. */
function overlapOf(a: Quad, b: Quad): number {
  const xs = [...a, ...b].map((p) => p[0]);
  const ys = [...a, ...b].map((p) => p[1]);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const steps = 60;
  let both = 0;
  let either = 0;
  for (let j = 0; j < steps; j++) {
    for (let i = 0; i < steps; i++) {
      const point: Point = [left + ((i + 0.5) / steps) * width, top + ((j + 0.5) / steps) * height];
      const [inA, inB] = [isInside(a, point), isInside(b, point)];
      both += Number(inA && inB);
      either += Number(inA || inB);
    }
  }
  return both / either;
}

function summaryOf(samples: readonly Sample[], least: number): string {
  const matched = samples.map((sample) => match(sample, least));
  const outcomes = matched.flatMap((m) => m.outcomes);
  const falses = matched.reduce((sum, m) => sum + m.falses, 0);
  const hits = hitsOf(outcomes);
  const errors = errorsOf(hits);
  const lines = hits.filter(({ label }) => label.lines !== undefined);
  const right = lines.filter(({ label, found }) => label.lines === found.lines).length;
  return [
    `from ${least.toFixed(2)}: recall ${shareOf(hits.length, outcomes.length)}`,
    `precision ${shareOf(hits.length, hits.length + falses)}`,
    `${(falses / samples.length).toFixed(2)} false a picture`,
    `corners off by ${percentOf(errors, 0.5)} of the width (median), ${percentOf(errors, 0.9)} (9 of 10)`,
    `lines ${shareOf(right, lines.length)}`,
  ].join('; ');
}

/** The worst of the four corners, as a share of the plate's width. */
function errorOf(label: Quad, found: Quad): number {
  const far = label.map(([x, y], i) => Math.hypot(found[i]![0] - x, found[i]![1] - y));
  return Math.max(...far) / sizeOf(label).width;
}

const TABLES: readonly { name: string; keyOf: (label: Label) => string }[] = [
  { name: 'kind', keyOf: (l) => l.kind },
  { name: 'light', keyOf: (l) => l.light },
  {
    name: 'width',
    keyOf: ({ width }) => {
      const i = Math.max(
        1,
        WIDTHS.findIndex((w) => w > width),
      );
      return `${String(WIDTHS[i - 1]).padStart(3)} to ${String(WIDTHS[i]! - 1)} pixels`;
    },
  },
];

function tableOf(name: string, outcomes: readonly Outcome[], keyOf: (label: Label) => string): string {
  const groups = Object.entries(Object.groupBy(outcomes, (o) => keyOf(o.label))).sort();
  const rows = groups.map(([key, of]) => {
    const hits = hitsOf(of!);
    return `| ${key} | ${shareOf(hits.length, of!.length)} | ${percentOf(errorsOf(hits), 0.5)} |`;
  });
  return [`| ${name} | recall at ${TABLE_AT} | corners off, median |`, '|---|---|---|', ...rows].join('\n');
}

type Hit = Outcome & { readonly found: PlateProposal };

function hitsOf(outcomes: readonly Outcome[]): Hit[] {
  return outcomes.filter((o): o is Hit => o.found !== undefined);
}

/** Sorted. */
function errorsOf(hits: readonly Hit[]): number[] {
  return hits.map(({ label, found }) => errorOf(label.corners, found.corners)).sort((a, b) => a - b);
}

function percentOf(sorted: readonly number[], share: number): string {
  return `${((sorted[Math.floor(share * sorted.length)] ?? NaN) * 100).toFixed(1)} %`;
}

/** "95.0 % (93.1–96.4, 418/440)": the interval is Wilson's, JASA 22 (1927), for 95 %. */
function shareOf(hits: number, of: number): string {
  if (of === 0) return 'none';
  const z = 1.96;
  const p = hits / of;
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const percent = (share: number) => (100 * share).toFixed(1);
  return `${percent(p)} % (${percent(middle - half)}–${percent(middle + half)}, ${hits}/${of})`;
}

await main(process.argv.slice(2));
