/**
 * `sitebox read-plates` against labelled pictures. The folder holds labels.csv with the columns `file`, `plate` (several separated
 * by `;`, or none) and `kind` (`crop`: the picture is one plate; `frame`: a whole picture), and the pictures.
 */
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { editDistance } from '../../../gateway/contracts/text.ts';
import { sitebox } from '../../product/gateway.ts';
import { measure, milliseconds, percentile, share, type Measure } from '../report.ts';
import { UsageError } from '../usage.ts';

interface Label {
  readonly file: string;
  readonly plates: readonly string[];
  readonly kind: 'crop' | 'frame';
}

interface Read {
  readonly plates: readonly string[];
  readonly ms: number;
}

/** A read this close to a plate that is there is a misread of it; anything else is a plate that is not there. */
const MISREAD_EDITS = 2;

export async function measureTestset(folder: string): Promise<Measure[]> {
  const labels = readLabels(folder);
  const crops = labels.filter((l) => l.kind === 'crop');
  const frames = labels.filter((l) => l.kind === 'frame');
  return [
    ...(crops.length > 0 ? cropMeasures(crops, await readAll(folder, crops, ['--crop'])) : []),
    ...(frames.length > 0 ? frameMeasures(frames, await readAll(folder, frames, [])) : []),
  ];
}

/** Throws an error that names the file and the line. */
export function readLabels(folder: string): Label[] {
  const file = join(folder, 'labels.csv');
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file; it says what plates each picture shows`);
  const [head = '', ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const columns = head.split(',');
  const at = (name: string): number => {
    const i = columns.indexOf(name);
    if (i < 0) throw new UsageError(`${file}: expected the columns file, plate and kind in the first line`);
    return i;
  };
  // The three columns stand before any that is quoted, so a plain split finds them.
  const [fileAt, plateAt, kindAt] = [at('file'), at('plate'), at('kind')];
  return rows.map((row, i) => {
    const cells = row.split(',');
    const kind = cells[kindAt];
    if (kind !== 'crop' && kind !== 'frame') throw new UsageError(`${file}: line ${i + 2}: kind must be crop or frame`);
    return { file: cells[fileAt]!, plates: cells[plateAt]!.split(';').filter((p) => p !== ''), kind };
  });
}

/** What the command printed for each label, in order. A picture that it could not read has no plates. */
async function readAll(folder: string, labels: readonly Label[], options: readonly string[]): Promise<Read[]> {
  using scratch = mkdtempDisposableSync(join(tmpdir(), 'sitebox-testset-'));
  const list = join(scratch.path, 'pictures.txt');
  writeFileSync(list, labels.map((l) => `${join(folder, l.file)}\n`).join(''));
  // The exit code tells of pictures that could not be read; their lines tell it too.
  const { stdout } = await sitebox('read-plates', '--json', ...options, '--from', list);
  const byFile = new Map<string, Read>();
  for (const line of stdout.trim().split('\n')) {
    const { file, plates = [], ms = NaN } = JSON.parse(line) as ReadLine;
    byFile.set(file, { plates: plates.map((p) => p.text), ms });
  }
  return labels.map((l) => byFile.get(join(folder, l.file)) ?? { plates: [], ms: NaN });
}

interface ReadLine {
  readonly file: string;
  readonly plates?: readonly { readonly text: string }[];
  readonly ms?: number;
}

function cropMeasures(labels: readonly Label[], reads: readonly Read[]): Measure[] {
  const right = labels.filter((l, i) => reads[i]!.plates[0] === l.plates[0]).length;
  return [
    measure('crops read whole', share(right, labels.length), '%', labels.length, { least: 98 }),
    ...times('a crop', reads),
  ];
}

/** Each read is paired with the plate that it reads exactly, else with one that it nearly reads, else it is false. */
export function judgeFrame(labelled: readonly string[], read: readonly string[]) {
  const open = [...labelled];
  const rest: string[] = [];
  for (const text of read) {
    const i = open.indexOf(text);
    if (i >= 0) open.splice(i, 1);
    else rest.push(text);
  }
  const exact = labelled.length - open.length;
  let wrong = 0;
  for (const text of rest) {
    const i = open.findIndex((plate) => editDistance(plate, text) <= MISREAD_EDITS);
    if (i >= 0) open.splice(i, 1);
    else wrong++;
  }
  return { exact, misread: labelled.length - exact - open.length, missed: open.length, false: wrong };
}

function frameMeasures(labels: readonly Label[], reads: readonly Read[]): Measure[] {
  const judged = labels.map((l, i) => judgeFrame(l.plates, reads[i]!.plates));
  const sum = (key: 'exact' | 'misread' | 'missed' | 'false'): number => judged.reduce((n, j) => n + j[key], 0);
  const plates = labels.reduce((n, l) => n + l.plates.length, 0);
  const whole = judged.filter((j) => j.misread + j.missed + j.false === 0).length;
  const n = labels.length;
  return [
    measure('plates of frames read exactly', share(sum('exact'), plates), '%', plates, { least: 80 }),
    measure('frames with every plate exact', share(whole, n), '%', n, { least: 80 }),
    measure('plates of frames misread', sum('misread'), 'plates', plates),
    measure('plates of frames missed', sum('missed'), 'plates', plates),
    measure('false plates in frames', sum('false'), 'plates', n, { most: 0 }),
    ...times('a frame', reads),
  ];
}

function times(what: string, reads: readonly Read[]): Measure[] {
  const ms = reads.map((r) => r.ms).filter((v) => !Number.isNaN(v));
  return [milliseconds(`reading ${what}, p50`, percentile(ms, 50), ms.length)];
}
