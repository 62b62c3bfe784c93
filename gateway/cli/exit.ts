/** How a command ends: one message for the person at the keyboard, and an exit code that scripts can tell apart. */
import { explainConfigError } from '../config/explain.ts';
import { ListenError } from '../web/server.ts';
import { AnchorsError } from '../store/anchors/anchors.ts';
import { StoreError } from '../store/db.ts';
import { StoreRefused } from '../store/connection/health.ts';
import { FolderInUse } from '../store/connection/lock.ts';
import { isOutOfRoom } from '../store/files/disk-space.ts';
import { causeOf, ConfigError } from '../contracts/errors.ts';
import { fileFaultLine } from '../contracts/file-errors.ts';
import { printable } from '../contracts/text.ts';
import { say, spoken } from './language.ts';
import { type Value } from '../contracts/words/words.ts';

/** Refused, or not verified. */
export const EXIT_REFUSED = 1;
/** The others are those of sysexits.h. */
export const EXIT_USAGE = 64;
export const EXIT_UNAVAILABLE = 69;
export const EXIT_IO = 74;
export const EXIT_CONFIG = 78;

/** Ends a command with `message` alone. */
export class Stop extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT_REFUSED) {
    super(message);
    this.name = 'Stop';
    this.exitCode = exitCode;
  }
}

/** Does what makes a copy of the store. Throws Stop where the disk has no room for it; `otherwise` says what is as it was. */
export function inRoom(work: () => void, otherwise: Value): void {
  try {
    work();
  } catch (error) {
    if (!isOutOfRoom(error)) throw error;
    throw new Stop(say('no-room', { cause: causeOf(error), otherwise }), EXIT_IO);
  }
}

/**
 * Does what a verb does: what is known to go wrong becomes one message on standard error and an exit code. Anything else is a broken
 * invariant: it crashes with its trace. What is printed cannot steer the terminal, whatever text it quotes.
 */
export async function guarded(work: () => void | Promise<void>): Promise<void> {
  const restore = printPlainly();
  try {
    await work();
  } catch (error) {
    const explained = explain(error);
    if (!explained) throw error;
    console.error(spoken(explained.message));
    process.exitCode = explained.exitCode;
  } finally {
    restore();
  }
}

/** Everything that goes to the console passes `printable`, until the function that comes back is called. */
function printPlainly(): () => void {
  const { log, error } = console;
  const plainly =
    (write: (text: string) => void) =>
    (...parts: unknown[]): void =>
      write(printable(parts.map(String).join(' ')));
  Object.assign(console, { log: plainly(log), error: plainly(error) });
  return () => void Object.assign(console, { log, error });
}

/** What becomes one message and an exit code of its own. */
export function isKnown(error: unknown): boolean {
  return explain(error) !== undefined;
}

function explain(error: unknown): { message: string; exitCode: number } | undefined {
  if (error instanceof ConfigError) return { message: explainConfigError(error, spoken), exitCode: EXIT_CONFIG };
  if (error instanceof StoreError || error instanceof StoreRefused || error instanceof AnchorsError)
    return { message: error.message, exitCode: EXIT_IO };
  if (error instanceof FolderInUse || error instanceof ListenError)
    return { message: error.message, exitCode: EXIT_UNAVAILABLE };
  if (error instanceof Stop) return { message: error.message, exitCode: error.exitCode };
  // Files named on the command line that cannot be read or written.
  const fault = fileFaultLine(error);
  if (fault !== undefined) return { message: fault, exitCode: EXIT_REFUSED };
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code && syscall ? { message: (error as Error).message, exitCode: EXIT_REFUSED } : undefined;
}
