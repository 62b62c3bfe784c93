/** `npx sitebox outbox …`: what waits for the command rooms, and events that one of them refused. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Command } from 'commander';
import { failingRows, sendAgain, type StuckRow } from '../store/outbox/dead-letters.ts';
import { deadLetters, outboxTotals } from '../store/outbox/outbox.ts';
import { orphansOf } from '../upstream/orphans.ts';
import { group, person, when, withStore, type CrewStore } from './crew/common.ts';
import { EXIT_USAGE, guarded, Stop } from './exit.ts';
import { wholeNumber } from './list/common.ts';
import { english } from '../contracts/words/words.ts';

export function outboxCommand(): Command {
  const outbox = new Command('outbox').description(
    'events that wait for the command rooms, and those that one refused for good',
  );
  return group(outbox, [listCommand(), sendAgainCommand()]);
}

interface ListOptions {
  readonly config: string;
  readonly relay?: string;
  readonly last: number;
}

function listCommand(): Command {
  return new Command('list')
    .description(
      'how much waits for each command room; events that were refused for good or fail, each with what was said',
    )
    .requiredOption('--config <file>', 'the configuration of the box')
    .option('--relay <id>', 'of this command room only')
    .option('--last <n>', 'how many of each, at most', wholeNumber(1, 10_000), 20)
    .action(guarded(({ config, relay, last }: ListOptions) => withStore(config, (store) => list(store, relay, last))));
}

function list(store: CrewStore, wanted: string | undefined, last: number): void {
  const known = relaysOf(store, wanted);
  if (wanted === undefined)
    for (const orphans of orphansOf(store.db, known)) console.log(english('upstream-orphaned', { ...orphans }));
  for (const relay of known) {
    const { rows, dead } = outboxTotals(store.db, relay);
    console.log(`${relay}: ${rows - dead} wait, ${dead} refused for good`);
    for (const row of deadLetters(store.db, relay, last)) console.log(`  REFUSED  ${line(row)}`);
    for (const row of failingRows(store.db, relay, last))
      console.log(`  failing  ${line(row)}  (tried ${row.tries} times)`);
  }
}

function line({ id, type, subject, time, why }: Omit<StuckRow, 'tries'>): string {
  return `${id}  ${when(time)}  ${type.replace(/^io\.sitebox\./, '')}  ${subject}  ${why}`;
}

interface AgainOptions {
  readonly config: string;
  readonly by: string;
  readonly all?: true;
  readonly relay?: string;
}

function sendAgainCommand(): Command {
  return new Command('send-again')
    .description('try events again that a command room refused for good: once what it stumbled over is mended')
    .argument('[id...]', 'events, as `outbox list` has them')
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--by <name>', 'who answers for it, for the audit log', person)
    .option('--all', 'all that were refused')
    .option('--relay <id>', 'to this command room only')
    .action(
      guarded((ids: readonly string[], options: AgainOptions) =>
        withStore(options.config, (store) => again(store, ids, options)),
      ),
    );
}

function again(store: CrewStore, ids: readonly string[], { all, by, relay }: AgainOptions): void {
  if ((all === true) === ids.length > 0) throw new Stop('Name events, or give --all.', EXIT_USAGE);
  const { db, clock } = store;
  const relays = relaysOf(store, relay);
  const found = new Set<string>();
  let sent = 0;
  for (const id of sendAgain(db, { relays, which: all ? 'all' : ids, by, at: clock.now() })) {
    sent++;
    found.add(id);
  }
  const missing = ids.filter((id) => !found.has(id));
  console.log(`${sent} ${sent === 1 ? 'event is' : 'events are'} sent again`);
  if (missing.length > 0) throw new Stop(`REFUSED: not among those refused for good: ${missing.join(', ')}`);
}

function relaysOf({ config }: CrewStore, wanted: string | undefined): string[] {
  const relays = config.upstream.map((u) => u.id);
  if (wanted === undefined) return relays;
  if (!relays.includes(wanted))
    throw new Stop(`There is no command room ${wanted}; known: ${relays.join(', ') || 'none'}`, EXIT_USAGE);
  return [wanted];
}
