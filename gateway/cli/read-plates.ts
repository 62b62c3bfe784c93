/** `sitebox read-plates`: prints the plates of pictures, for choosing a camera's place and angle, and for measuring. */
import type { Command } from 'commander';
import type { FileResult } from '../inference/jobs.ts';
import { untilFree } from '../inference/pool.ts';
import type { PlateRead } from '../contracts/plate.ts';
import { causeOf } from '../contracts/errors.ts';
import { say } from './language.ts';
import { complain, linesOf } from './pictures.ts';
import { DEADLINE_MS, openThreads, type Threads } from './threads.ts';
import { Verb } from './verb.ts';

interface Options {
  readonly crop: boolean;
  readonly json: boolean;
  readonly from?: string;
}

/** `worker`: the program of the inference threads. */
export function readPlatesCommand(worker: URL): Verb {
  return new Verb('read-plates', 'help-read-plates')
    .argument('[picture...]', say('help-pictures'))
    .option('--crop', say('help-read-plates-crop'), false)
    .option('--json', say('help-read-plates-json'), false)
    .option('--from <file>', say('help-read-plates-from'))
    .action(async (pictures: string[], options: Options, command: Command) => {
      if (pictures.length === 0 && options.from === undefined) command.error(say('pictures-name-one'));
      await readAll(worker, pictures, options).catch(complain);
    });
}

async function readAll(worker: URL, pictures: readonly string[], options: Options): Promise<void> {
  const threads = await openThreads(worker, { plates: true });
  try {
    for await (const file of paths(pictures, options.from)) await readOne(threads, file, options);
  } finally {
    await threads.close();
  }
}

async function readOne(pool: Threads, file: string, { crop, json }: Options): Promise<void> {
  try {
    await untilFree(pool);
    const result = await pool.run({ kind: 'file', path: file, crop }, [], DEADLINE_MS);
    process.stdout.write(json ? jsonLine(file, result) : textLines(file, result));
  } catch (e) {
    const error = causeOf(e);
    if (json) process.stdout.write(`${JSON.stringify({ file, error })}\n`);
    complain(say('pictures-failed', { file, why: error }));
  }
}

async function* paths(pictures: readonly string[], from: string | undefined): AsyncGenerator<string> {
  yield* pictures;
  if (from === undefined) return;
  for await (const line of linesOf('--from', from)) if (line.trim() !== '') yield line.trim();
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
