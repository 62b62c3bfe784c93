/** Events that wait for a command room which the configuration does not name any more: its id was changed, or it was taken out too early. */
import type { Status } from '../contracts/status.ts';
import { unlessDamaged, type Db } from '../store/db.ts';
import { outboxTotals } from '../store/outbox/outbox.ts';
import { problem } from '../contracts/words/problem.ts';

/** An id is written by a person: more than some are no ids. */
const MAX_RELAYS = 20;
const LOOK_EVERY_MS = 60_000;

/** Rows of the outbox without a relay to send them. Reads a few entries of an index, however many rows there are. */
export function orphansOf(db: Db, relays: readonly string[]) {
  const next = db.prepare('SELECT relay FROM outbox WHERE relay > ? ORDER BY relay LIMIT 1').pluck();
  const orphans: { readonly relay: string; readonly rows: number }[] = [];
  let relay = next.get('') as string | undefined;
  for (let i = 0; relay !== undefined && i < MAX_RELAYS; i++) {
    const { rows, dead } = outboxTotals(db, relay);
    if (rows > dead && !relays.includes(relay)) orphans.push({ relay, rows: rows - dead });
    relay = next.get(relay) as string | undefined;
  }
  return orphans;
}

/** Problems are collected each second; the outbox is read once a minute. */
export function orphansStatus(db: Db, relays: readonly string[], mono: () => number): Status {
  let orphans: ReturnType<typeof orphansOf> = [];
  let lookedAt = -Infinity;
  return {
    problems() {
      if (mono() - lookedAt >= LOOK_EVERY_MS) {
        orphans = unlessDamaged(() => orphansOf(db, relays), orphans);
        lookedAt = mono();
      }
      return orphans.map(({ relay, rows }) => problem(`orphaned:${relay}`, 'upstream-orphaned', { relay, rows }));
    },
  };
}
