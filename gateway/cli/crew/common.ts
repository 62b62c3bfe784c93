/** What the verbs of `sitebox device`, `order`, `sos` and `mode` share. They write the store; a running gateway takes it over within a second. */
import { userInfo } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { openClock, type Clock } from '../../clock/clock.ts';
import { loadConfig, type Config } from '../../config/config.ts';
import type { Db } from '../../store/db.ts';
import { timeKeeper } from '../../store/time.ts';
import { OutboxFull, OutboxWriter } from '../../store/outbox/outbox.ts';
import { plainText } from '../../contracts/text.ts';
import type { Log } from '../../contracts/base.ts';
import { openBoxStore } from '../box-store.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say } from '../language.ts';

export interface CrewStore {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly outbox: OutboxWriter;
}

/** For parts that log: what a person at the keyboard has to know is printed instead. */
export const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Opens the store that `file` names for one command. What is written for the command room leaves with the gateway. */
export async function withStore<T>(
  file: string,
  work: (store: CrewStore) => T | Promise<T>,
  { creates = false }: { readonly creates?: boolean } = {},
): Promise<T> {
  const config = loadConfig(file);
  const db = openBoxStore(config, { creates });
  try {
    const clock = openClock(timeKeeper(db));
    const outbox = new OutboxWriter(db, {
      source: `/sites/${config.site}/boxes/${config.box}`,
      relays: config.upstream.map((u) => u.id),
      limits: { rows: config.limits.outboxRows, bytes: config.limits.outboxBytes },
      now: () => clock.now(),
      wake: () => undefined,
    });
    return await work({ config, db, clock, outbox });
  } catch (error) {
    if (error instanceof OutboxFull) throw new Stop(say('nothing-changed-because', { why: error.message }));
    throw error;
  } finally {
    db.close();
  }
}

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

/** Text of an option, trimmed and without what nobody sees. */
export function shortText(most: number): (text: string) => string {
  return (text) => {
    const value = plainText(text);
    if (value !== '' && [...value].length <= most) return value;
    throw new InvalidArgumentError(say('bad-length', { most }));
  };
}

/** A number of an option, within limits. */
export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(say('bad-number', { least, most }));
  };
}

/** Mistakes in how a verb of `command` is used end with exit code 64. */
export function group(command: Command, verbs: readonly Command[]): Command {
  for (const verb of verbs) command.addCommand(verb);
  for (const each of [command, ...verbs]) {
    each.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));
  }
  return command;
}

export function when(at: number | undefined): string {
  return at === undefined ? '-' : `${new Date(at).toISOString().slice(0, 19)}Z`;
}
