/** What the verbs that look at many pictures share: one that cannot be read does not end them, and shows in the exit code. */
import { open, type FileHandle } from 'node:fs/promises';
import { causeOf } from '../contracts/errors.ts';
import { fileFaultLine } from '../contracts/file-errors.ts';
import { NoFileError } from '../contracts/regular-file.ts';
import { english } from '../contracts/words/words.ts';
import { EXIT_REFUSED } from './exit.ts';
import { say } from './language.ts';

export function complain(problem: unknown): void {
  process.exitCode = EXIT_REFUSED;
  process.stderr.write(`${say('internal-error', { why: causeOf(problem) })}\n`);
}

/** The lines of the file that `option` names. */
export async function* linesOf(option: string, file: string): AsyncGenerator<string> {
  yield* (
    await openList(file).catch((error: unknown) => {
      throw new Error(`${option}: ${fileFaultLine(error) ?? causeOf(error)}`, { cause: error });
    })
  ).readLines();
}

/** A pipe will do; a folder opens, and fails only when it is read. */
async function openList(file: string): Promise<FileHandle> {
  const list = await open(file);
  if (!(await list.stat()).isDirectory()) return list;
  await list.close();
  throw new NoFileError(file, english('no-file-folder'));
}
