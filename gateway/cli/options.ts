/** What is typed behind a verb: names, texts and numbers within limits, and the answer to a question. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { InvalidArgumentError } from 'commander';
import { plainText } from '../contracts/text.ts';
import { EXIT_USAGE, Stop } from './exit.ts';
import { say } from './language.ts';

/** The name of a person who answers for a change. */
export function person(text: string): string {
  return shortText(100)(text);
}

/** Of the account that runs the command. A service or a container may run under a number that has none (passwd(5)). */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Stop(say('account-without-name'), EXIT_USAGE);
  }
}

/** Text of an option, trimmed and without invisible characters. */
export function shortText(most: number): (text: string) => string {
  return (text) => {
    const value = plainText(text);
    if (value !== '' && [...value].length <= most) return value;
    throw new InvalidArgumentError(say('bad-length', { most }));
  };
}

export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(say('bad-number', { least, most }));
  };
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(say('bad-whole-number', { least, most }));
  };
}

/** For an option or an argument that may be given several times. */
export function several<T>(parse: (text: string) => T): (text: string, before?: readonly T[]) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** Ends the command with `otherwise`, unless `yes` stands on the command line or the answer to `question` is y or yes. */
export async function agreed(yes: boolean, question: string, otherwise = say('nothing-changed')): Promise<void> {
  if (yes) return;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await new Promise<string>((resolve) => {
    // The end of the input is a no.
    lines.once('close', () => resolve(''));
    lines.question(question, resolve);
  });
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Stop(otherwise);
}
