/** What is typed behind a verb: names, texts and numbers within limits, and the answer to a question. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { InvalidArgumentError } from 'commander';
import { plainText } from '../contracts/text.ts';
import { EXIT_USAGE, Stop } from './exit.ts';
import { say } from './language.ts';

/** The name of a person who answers for a change. */
export const person = shortText(100);

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

const numberOf = (form: RegExp, otherwise: 'bad-number' | 'bad-whole-number') => (least: number, most: number) => {
  return (text: string): number => {
    const value = Number(text);
    if (form.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(say(otherwise, { least, most }));
  };
};

export const decimal = numberOf(/\S/, 'bad-number');
export const wholeNumber = numberOf(/^\d+$/, 'bad-whole-number');

/** The id of a device of the crew. */
export function deviceId(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(text)) return text;
  throw new InvalidArgumentError(say('bad-device-id'));
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
