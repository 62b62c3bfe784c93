/** `npx sitebox outbox …`: what waits for the command rooms, and events that one of them refused. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import type { Config } from '../config/config.ts';
import { failingRows, sendAgain, type StuckRow } from '../store/outbox/dead-letters.ts';
import { deadLetters, outboxTotals } from '../store/outbox/outbox.ts';
import { orphansOf } from '../upstream/orphans.ts';
import { EXIT_USAGE, Stop } from './exit.ts';
import { words, joined } from '../contracts/words/words.ts';
import { say, spoken, when } from './language.ts';
import type { Box } from './on-box.ts';
import { wholeNumber } from './options.ts';
import { BoxVerb, group, type Verb } from './verb.ts';

export function outboxCommand(): Verb {
  return group('outbox', 'help-outbox', [
    new BoxVerb('list', 'help-outbox-list')
      .option('--relay <id>', say('help-outbox-relay'))
      .option('--last <n>', say('help-outbox-last'), wholeNumber(1, 10_000), 20)
      .onBox(list),
    new BoxVerb('send-again', 'help-outbox-again')
      .argument('[id...]', say('help-outbox-ids'))
      .by()
      .option('--all', say('help-outbox-all'))
      .option('--relay <id>', say('help-outbox-to'))
      .onBox(again),
  ]);
}

function list({ config, db }: Box, { relay: wanted, last }: { readonly relay?: string; readonly last: number }): void {
  const relays = relaysOf(config, wanted);
  if (relays.length === 0) console.log(say('outbox-no-upstream'));
  if (wanted === undefined)
    for (const orphans of orphansOf(db, relays)) console.log(say('upstream-orphaned', { ...orphans }));
  for (const relay of relays) {
    const { rows, dead } = outboxTotals(db, relay);
    console.log(say('outbox-line', { relay, waiting: rows - dead, dead }));
    for (const row of deadLetters(db, relay, last)) console.log(say('outbox-refused', { event: line(row) }));
    for (const row of failingRows(db, relay, last))
      console.log(say('outbox-failing', { event: line(row), times: row.tries }));
  }
}

function line({ id, type, subject, time, why }: Omit<StuckRow, 'tries'>): string {
  return `${id}  ${when(time)}  ${type.replace(/^io\.sitebox\./, '')}  ${subject}  ${spoken(why)}`;
}

interface AgainOptions {
  readonly by: string;
  readonly all?: true;
  readonly relay?: string;
}

function again({ config, db, clock }: Box, ids: readonly string[], { all, by, relay }: AgainOptions): void {
  if ((all === true) === ids.length > 0) throw new Stop(say('outbox-name-events'), EXIT_USAGE);
  const relays = relaysOf(config, relay);
  const sent = [...sendAgain(db, { relays, which: all ? 'all' : ids, by, at: clock.now() })];
  const missing = ids.filter((id) => !sent.includes(id));
  console.log(say('outbox-sent-again', { sent: sent.length }));
  if (missing.length > 0) throw new Stop(say('outbox-not-refused', { ids: joined(missing) }));
}

function relaysOf({ upstream }: Config, wanted: string | undefined): string[] {
  const relays = upstream.map((u) => u.id);
  if (wanted === undefined) return relays;
  if (!relays.includes(wanted))
    throw new Stop(
      say('outbox-no-relay', { wanted, known: relays.length > 0 ? joined(relays) : words('none-known') }),
      EXIT_USAGE,
    );
  return [wanted];
}
