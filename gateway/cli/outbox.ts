/** `npx sitebox outbox …`: what waits for the command rooms, and events that one of them refused. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Command } from 'commander';
import { failingRows, sendAgain, type StuckRow } from '../store/outbox/dead-letters.ts';
import { deadLetters, outboxTotals } from '../store/outbox/outbox.ts';
import { orphansOf } from '../upstream/orphans.ts';
import { group, person, when, withStore, type CrewStore } from './crew/common.ts';
import { EXIT_USAGE, guarded, Stop } from './exit.ts';
import { wholeNumber } from './list/common.ts';
import { words, joined } from '../contracts/words/words.ts';
import { say, spoken } from './language.ts';

export function outboxCommand(): Command {
  const outbox = new Command('outbox').description(say('help-outbox'));
  return group(outbox, [listCommand(), sendAgainCommand()]);
}

interface ListOptions {
  readonly config: string;
  readonly relay?: string;
  readonly last: number;
}

function listCommand(): Command {
  return new Command('list')
    .description(say('help-outbox-list'))
    .requiredOption('--config <file>', say('help-config'))
    .option('--relay <id>', say('help-outbox-relay'))
    .option('--last <n>', say('help-outbox-last'), wholeNumber(1, 10_000), 20)
    .action(guarded(({ config, relay, last }: ListOptions) => withStore(config, (store) => list(store, relay, last))));
}

function list(store: CrewStore, wanted: string | undefined, last: number): void {
  const known = relaysOf(store, wanted);
  if (wanted === undefined)
    for (const orphans of orphansOf(store.db, known)) console.log(say('upstream-orphaned', { ...orphans }));
  for (const relay of known) {
    const { rows, dead } = outboxTotals(store.db, relay);
    console.log(say('outbox-line', { relay, waiting: rows - dead, dead }));
    for (const row of deadLetters(store.db, relay, last)) console.log(say('outbox-refused', { event: line(row) }));
    for (const row of failingRows(store.db, relay, last))
      console.log(say('outbox-failing', { event: line(row), times: row.tries }));
  }
}

function line({ id, type, subject, time, why }: Omit<StuckRow, 'tries'>): string {
  return `${id}  ${when(time)}  ${type.replace(/^io\.sitebox\./, '')}  ${subject}  ${spoken(why)}`;
}

interface AgainOptions {
  readonly config: string;
  readonly by: string;
  readonly all?: true;
  readonly relay?: string;
}

function sendAgainCommand(): Command {
  return new Command('send-again')
    .description(say('help-outbox-again'))
    .argument('[id...]', say('help-outbox-ids'))
    .requiredOption('--config <file>', say('help-config'))
    .requiredOption('--by <name>', say('help-by'), person)
    .option('--all', say('help-outbox-all'))
    .option('--relay <id>', say('help-outbox-to'))
    .action(
      guarded((ids: readonly string[], options: AgainOptions) =>
        withStore(options.config, (store) => again(store, ids, options)),
      ),
    );
}

function again(store: CrewStore, ids: readonly string[], { all, by, relay }: AgainOptions): void {
  if ((all === true) === ids.length > 0) throw new Stop(say('outbox-name-events'), EXIT_USAGE);
  const { db, clock } = store;
  const relays = relaysOf(store, relay);
  const found = new Set<string>();
  let sent = 0;
  for (const id of sendAgain(db, { relays, which: all ? 'all' : ids, by, at: clock.now() })) {
    sent++;
    found.add(id);
  }
  const missing = ids.filter((id) => !found.has(id));
  console.log(say('outbox-sent-again', { sent }));
  if (missing.length > 0) throw new Stop(say('outbox-not-refused', { ids: joined(missing) }));
}

function relaysOf({ config }: CrewStore, wanted: string | undefined): string[] {
  const relays = config.upstream.map((u) => u.id);
  if (wanted === undefined) return relays;
  if (!relays.includes(wanted))
    throw new Stop(
      say('outbox-no-relay', { wanted, known: relays.length > 0 ? joined(relays) : words('none-known') }),
      EXIT_USAGE,
    );
  return [wanted];
}
