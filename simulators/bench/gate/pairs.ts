/**
 * `sitebox compare-faces` against labelled pairs of pictures. The file is CSV without a head: two paths, absolute or from the file's own
 * folder, and `same` or `different`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sitebox } from '../../product/gateway.ts';
import { share, type Measure } from '../report.ts';

export interface LabelledPair {
  readonly a: string;
  readonly b: string;
  readonly label: 'same' | 'different';
}

export type PairOutcome = 'same' | 'different' | 'not compared';

export async function measurePairs(file: string): Promise<Measure[]> {
  const pairs = readPairs(readFileSync(file, 'utf8'), file);
  const scratch = mkdtempSync(join(tmpdir(), 'sitebox-pairs-'));
  try {
    const list = join(scratch, 'pairs.csv');
    const quoted = (path: string): string => `"${path.replaceAll('"', '""')}"`;
    writeFileSync(list, pairs.map(({ a, b }) => `${quoted(a)},${quoted(b)}\n`).join(''));
    // The exit code tells of pictures that could not be read; their lines tell it too.
    const { stdout, stderr } = await sitebox('compare-faces', '--json', '--pairs', list);
    const lines = stdout.split('\n').filter((line) => line !== '');
    if (lines.length !== pairs.length)
      throw new Error(`compare-faces answered ${lines.length} of ${pairs.length} pairs: ${stderr}`);
    return pairMeasures(
      pairs,
      lines.map((line) => (JSON.parse(line) as { outcome: PairOutcome }).outcome),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `file` is for messages, and for paths that are not absolute. */
export function readPairs(text: string, file: string): LabelledPair[] {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line, i) => {
      const [a = '', b = '', label = '', ...more] = line.split(',').map((cell) => cell.trim());
      if (a === '' || b === '' || (label !== 'same' && label !== 'different') || more.length > 0) {
        throw new Error(
          `${file}: line ${i + 1}: expected two paths and the word same or different, with commas between them`,
        );
      }
      return { a: resolve(dirname(file), a), b: resolve(dirname(file), b), label };
    });
}

/** Those that cannot be compared are neither accepted nor refused; they are counted by themselves. */
export function pairMeasures(pairs: readonly LabelledPair[], outcomes: readonly PairOutcome[]): Measure[] {
  const count = (label: LabelledPair['label'], outcome: PairOutcome): number =>
    pairs.filter((p, i) => p.label === label && outcomes[i] === outcome).length;
  const [accepted, refused] = [count('same', 'same'), count('same', 'different')];
  const falsely = count('different', 'same');
  const none = outcomes.filter((o) => o === 'not compared').length;
  const compared = accepted + refused;
  return [
    {
      name: 'real pairs: same person accepted',
      value: share(accepted, compared),
      unit: '%',
      n: compared,
      bar: { least: 92 },
    },
    {
      name: 'real pairs: different person accepted',
      value: falsely,
      unit: 'pairs',
      n: falsely + count('different', 'different'),
      bar: { most: 0 },
    },
    { name: 'real pairs: not compared', value: none, unit: 'pairs', n: pairs.length },
  ];
}
