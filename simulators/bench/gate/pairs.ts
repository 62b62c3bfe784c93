/**
 * `sitebox compare-faces` against labelled pairs of pictures. The file is CSV without a head: two paths, absolute or from the file's own
 * folder, and `same` or `different`.
 */
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sitebox } from '../../product/gateway.ts';
import { measure, share, type Measure } from '../report.ts';

interface LabelledPair {
  readonly a: string;
  readonly b: string;
  readonly label: 'same' | 'different';
}

type PairOutcome = 'same' | 'different' | 'not compared';

export async function measurePairs(file: string): Promise<Measure[]> {
  const pairs = readPairs(readFileSync(file, 'utf8'), file);
  using scratch = mkdtempDisposableSync(join(tmpdir(), 'sitebox-pairs-'));
  const list = join(scratch.path, 'pairs.csv');
  const quoted = (path: string): string => `"${path.replaceAll('"', '""')}"`;
  writeFileSync(list, pairs.map(({ a, b }) => `${quoted(a)},${quoted(b)}\n`).join(''));
  // The exit code tells of pictures that could not be read; their lines tell it too.
  const { stdout, stderr } = await sitebox('compare-faces', '--json', '--pairs', list);
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== pairs.length)
    throw new Error(`compare-faces answered ${lines.length} of ${pairs.length} pairs: ${stderr}`);
  const outcomes = lines.map((line) => (JSON.parse(line) as { outcome: PairOutcome }).outcome);
  return pairMeasures(pairs, outcomes);
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
  const different = falsely + count('different', 'different');
  return [
    measure('real pairs: same person accepted', share(accepted, compared), '%', compared, { least: 92 }),
    measure('real pairs: different person accepted', falsely, 'pairs', different, { most: 0 }),
    measure('real pairs: not compared', none, 'pairs', pairs.length),
  ];
}
