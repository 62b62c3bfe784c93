/** What the verbs that look at many pictures share: one that cannot be read does not end them, and shows in the exit code. */
import { open } from 'node:fs/promises';
import { causeOf } from '../contracts/errors.ts';
import { english } from '../contracts/words/words.ts';
import { EXIT_REFUSED } from './exit.ts';
import { say } from './language.ts';

export function complain(problem: unknown): void {
  process.exitCode = EXIT_REFUSED;
  process.stderr.write(`${say('internal-error', { why: causeOf(problem) })}\n`);
}

/** The lines of the file that `option` names. */
export async function* linesOf(option: string, file: string): AsyncGenerator<string> {
  const list = await open(file).catch((e: NodeJS.ErrnoException) => {
    throw new Error(english('pictures-list-unreadable', { option, file, code: e.code ?? e.message }), { cause: e });
  });
  yield* list.readLines();
}
