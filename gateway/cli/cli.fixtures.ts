/** `sitebox list …`, or any other verb, in the process of a test, which saves the second that a start takes. */
import { Command } from 'commander';
import type { OpenPortraits } from './list/photos.ts';
import { listCommand } from './list/list.ts';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Of lists without photos. */
const noPortraits: OpenPortraits = () => Promise.reject(new Error('no photo was expected'));

/** Paths count from the working directory. One call at a time: what the command writes is caught for all of the process. */
export function list(args: readonly string[], portraits = noPortraits): Promise<Outcome> {
  return run(listCommand(portraits), args);
}

/** The verb `command` of the program, as `list` does. */
export function run(command: Command, args: readonly string[]): Promise<Outcome> {
  const program = new Command('sitebox').version('0.0.0').enablePositionalOptions();
  program.addCommand(command);
  return caught(() => program.parseAsync([command.name(), ...args], { from: 'user' }));
}

/** What `work` writes, and the exit code with which it ends. */
export async function caught(work: () => Promise<unknown>): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const { log, error } = console;
  const { stdout, stderr } = process;
  const exit = process.exit.bind(process);
  const [writeOut, writeErr] = [stdout.write.bind(stdout), stderr.write.bind(stderr)];
  console.log = (text: string) => void out.push(`${text}\n`);
  console.error = (text: string) => void err.push(`${text}\n`);
  stdout.write = (text: string | Uint8Array) => out.push(String(text)) > 0;
  stderr.write = (text: string | Uint8Array) => err.push(String(text)) > 0;
  process.exit = (code) => {
    process.exitCode = code;
    throw new Error('exit');
  };
  process.exitCode = undefined;
  try {
    await work().catch((e: unknown) => {
      if ((e as Error).message !== 'exit') throw e;
    });
    return { code: Number(process.exitCode ?? 0), out: out.join(''), err: err.join('') };
  } finally {
    process.exitCode = undefined;
    Object.assign(console, { log, error });
    Object.assign(stdout, { write: writeOut });
    Object.assign(stderr, { write: writeErr });
    process.exit = exit;
  }
}
