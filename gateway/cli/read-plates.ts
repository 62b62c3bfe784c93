/** `sitebox read-plates`: prints the plates of pictures, for choosing a camera's place and angle, and for measuring. */
import { open } from 'node:fs/promises';
import { Command } from 'commander';
import type { FileResult } from '../inference/jobs.ts';
import { untilFree } from '../inference/pool.ts';
import type { PlateRead } from '../contracts/plate.ts';
import { DEADLINE_MS, openThreads, type Threads } from './threads.ts';
import { say } from './language.ts';
import { english } from '../contracts/words/words.ts';

interface Options {
  readonly crop: boolean;
  readonly json: boolean;
  readonly from?: string;
}

/** `worker`: the program of the inference threads. */
export function readPlatesCommand(worker: URL): Command {
  return new Command('read-plates')
    .description(say('help-read-plates'))
    .argument('[picture...]', say('help-pictures'))
    .option('--crop', say('help-read-plates-crop'), false)
    .option('--json', say('help-read-plates-json'), false)
    .option('--from <file>', say('help-read-plates-from'))
    .action(async (pictures: string[], options: Options, command: Command) => {
      if (pictures.length === 0 && options.from === undefined) {
        command.error(say('pictures-name-one'));
      }
      process.exitCode = await readAll(worker, pictures, options);
    });
}

/** Returns the exit code: 0 when every picture could be read. */
async function readAll(worker: URL, pictures: readonly string[], options: Options): Promise<number> {
  let failed = 0;
  let threads: Threads | undefined;
  try {
    threads = await openThreads(worker, { plates: true });
    for await (const file of paths(pictures, options.from)) {
      if (!(await readOne(threads, file, options))) failed++;
    }
  } catch (e) {
    complain(e);
    failed++;
  } finally {
    await threads?.close();
  }
  return failed === 0 ? 0 : 1;
}

async function readOne(pool: Threads, file: string, { crop, json }: Options): Promise<boolean> {
  try {
    await untilFree(pool);
    const result = await pool.run({ kind: 'file', path: file, crop }, [], DEADLINE_MS);
    process.stdout.write(json ? jsonLine(file, result) : textLines(file, result));
    return true;
  } catch (e) {
    const error = e instanceof Error ? e.message : String(e);
    if (json) process.stdout.write(`${JSON.stringify({ file, error })}\n`);
    complain(say('pictures-failed', { file, why: error }));
    return false;
  }
}

async function* paths(pictures: readonly string[], from: string | undefined): AsyncGenerator<string> {
  yield* pictures;
  if (from === undefined) return;
  const list = await open(from).catch((e: NodeJS.ErrnoException) => {
    throw new Error(english('pictures-list-unreadable', { option: '--from', file: from, code: e.code ?? e.message }), {
      cause: e,
    });
  });
  for await (const line of list.readLines()) if (line.trim() !== '') yield line.trim();
}

function jsonLine(file: string, { reads, ms }: FileResult): string {
  const plates = reads.map(({ text, kind, colour, lines, probability, band, corners }) => {
    const at = corners.map((p) => p.map((v) => round(v, 1)));
    return { text, kind, colour, lines, probability: round(probability, 4), band, corners: at };
  });
  return `${JSON.stringify({ file, plates, ms: round(ms, 1) })}\n`;
}

function textLines(file: string, { reads, ms }: FileResult): string {
  const took = Math.round(ms);
  if (reads.length === 0) return `${say('plates-none', { file, ms: took })}\n`;
  return reads
    .map((read) => {
      const { kind, colour, band } = read;
      const probability = read.probability.toFixed(3);
      return `${say('plates-read', { file, plate: read.text, kind, colour, band, probability, corners: at(read), ms: took })}\n`;
    })
    .join('');
}

function at({ corners }: PlateRead): string {
  return corners.map((p) => p.map(Math.round).join(',')).join(' ');
}

function round(value: number, digits: number): number {
  // Adding 0 turns -0 into 0.
  return Math.round(value * 10 ** digits) / 10 ** digits + 0;
}

function complain(problem: unknown): void {
  const why = problem instanceof Error ? problem.message : String(problem);
  process.stderr.write(`${say('internal-error', { why })}\n`);
}
