/** `sitebox compare-faces`: compares the faces of picture files, for setting up a lane's light and angle, and for measuring. */
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FaceProblem } from '../contracts/comparison.ts';
import type { FacePairResult, FaceSettings } from '../inference/jobs.ts';
import { untilFree } from '../inference/pool.ts';
import { causeOf } from '../contracts/errors.ts';
import { say } from './language.ts';
import { complain, linesOf } from './pictures.ts';
import { DEADLINE_MS, openFaceThreads, type Threads } from './threads.ts';
import { Verb } from './verb.ts';
import { words, english } from '../contracts/words/words.ts';

interface CompareOptions {
  readonly json: boolean;
  readonly pairs?: string;
  readonly models: FaceSettings['chain'];
  readonly threshold?: number;
}

/** Two paths, or why a line of the file of pairs does not hold two. */
interface Pair {
  readonly a: string;
  readonly b: string;
  readonly problem?: string;
}

/** Each holds the models, about 40 MB. */
const MAX_THREADS = 4;

/** `worker`: the program of the inference threads. */
export function compareFacesCommand(worker: URL): Verb {
  return new Verb('compare-faces', 'help-compare-faces')
    .argument('[picture...]', say('help-compare-faces-two'))
    .option('--pairs <file>', say('help-compare-faces-pairs'))
    .option('--json', say('help-compare-faces-json'), false)
    .addOption(
      new Option('--models <chain>', say('help-compare-faces-models'))
        .choices(['built-in', 'opencv'])
        .default('built-in' as const),
    )
    .option('--threshold <similarity>', say('help-compare-faces-threshold'), similarityOf)
    .action(async (pictures: string[], options: CompareOptions, command: Command) => {
      const wanted = options.pairs === undefined ? 2 : 0;
      if (pictures.length !== wanted) command.error(say('faces-name-two'));
      await compareAll(worker, pictures, options).catch(complain);
    });
}

function similarityOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > -1 && value < 1)) {
    throw new InvalidArgumentError(say('bad-similarity'));
  }
  return value;
}

/** As many pairs at once as there are threads; what is said of them comes in their order. */
async function compareAll(worker: URL, pictures: readonly string[], options: CompareOptions): Promise<void> {
  const { models: chain, pairs, json } = options;
  const faces = { chain, ...(options.threshold === undefined ? {} : { threshold: options.threshold }) };
  const threads = pairs === undefined ? 1 : Math.min(MAX_THREADS, availableParallelism());
  const { pool, threshold } = await openFaceThreads(worker, faces, threads);
  try {
    let printed = Promise.resolve();
    for await (const pair of pairsOf(pictures, pairs)) {
      await untilFree(pool);
      const verdict = judge(pool, pair, json, threshold);
      printed = printed.then(async () => {
        const { line, error } = await verdict;
        process.stdout.write(line);
        if (error !== undefined) complain(error);
      });
    }
    await printed;
  } finally {
    await pool.close();
  }
}

/** What is printed of one pair, and what went wrong. */
async function judge(pool: Threads, pair: Pair, json: boolean, threshold: number) {
  const { a, b, problem } = pair;
  try {
    if (problem !== undefined) throw new Error(problem);
    const result = await pool.run({ kind: 'face pair', a, b }, [], DEADLINE_MS);
    return { line: json ? jsonLine(pair, result) : textLine(pair, result), error: undefined };
  } catch (e) {
    const why = causeOf(e);
    const outcome = 'not compared';
    return { line: json ? `${JSON.stringify({ a, b, outcome, score: null, threshold, why })}\n` : '', error: why };
  }
}

async function* pairsOf(pictures: readonly string[], file: string | undefined): AsyncGenerator<Pair> {
  if (file === undefined) {
    yield { a: pictures[0]!, b: pictures[1]! };
    return;
  }
  let number = 0;
  for await (const line of linesOf('--pairs', file)) {
    number++;
    const text = line.replace(/^\uFEFF/, '').trim();
    if (text === '') continue;
    const fields = fieldsOf(text);
    const [a = '', b = ''] = fields;
    if (fields.length === 2 && a !== '' && b !== '') yield { a, b };
    else yield { a, b, problem: english('faces-pair-form', { file, line: number }) };
  }
}

/** The fields of a line of CSV (RFC 4180); in quotes a path may hold commas, and a quote written twice. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!.trim(),
  );
}

function jsonLine({ a, b }: Pair, { comparison, threshold }: FacePairResult): string {
  const { outcome } = comparison;
  const [score, why] = outcome === 'not compared' ? [null, comparison.why] : [rounded(comparison.score), null];
  return `${JSON.stringify({ a, b, outcome, score, threshold, why })}\n`;
}

function textLine({ a, b }: Pair, { comparison, threshold, detail, ms }: FacePairResult): string {
  const about = { a, b, ms: Math.round(ms) };
  if (comparison.outcome === 'not compared') {
    const code = FACE_PROBLEMS[comparison.why as FaceProblem];
    const why = { why: words(code), advice: words(`${code}-advice`) };
    return `${say('faces-not-compared', { ...about, ...why, detail: detail ?? '' })}\n`;
  }
  const scores = { score: rounded(comparison.score), threshold };
  return `${say(`faces-${comparison.outcome}`, { ...about, ...scores })}\n`;
}

/** What is wrong with a face; what to do at the lane stands beside it in the catalogue. */
const FACE_PROBLEMS = {
  'no face': 'face-none',
  'several faces': 'face-several',
  'too small': 'face-too-small',
  blurred: 'face-blurred',
  turned: 'face-turned',
  dark: 'face-dark',
} as const satisfies Readonly<Record<FaceProblem, string>>;

/** Four digits, rounded down: a score shown as the threshold has reached it. */
function rounded(score: number): number {
  return Math.floor(score * 10_000) / 10_000;
}
