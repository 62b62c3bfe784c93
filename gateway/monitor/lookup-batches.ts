/**
 * Look-ups for the audit log: how many there were, by outcome and against which list, one row for each list in five minutes. What has no row yet is
 * kept in the store every ten seconds, so that a box that is killed loses the look-ups of seconds; the next start enters the rest.
 */
import type { Clock } from '../clock/clock.ts';
import type { Deeds } from '../contracts/deeds.ts';
import type { ListType } from '../contracts/list.ts';
import { iso } from '../contracts/time.ts';
import type { FollowedLists } from '../lists/in-force/followed-lists.ts';
import { appendAudit } from '../store/audit.ts';
import { readMetaList } from '../store/damage/readable-meta.ts';
import { setMeta, type Db } from '../store/db.ts';
import { isWord, membersOf } from '../store/shapes.ts';

type Batch = Deeds['look-ups'];
type Counts = Readonly<Record<string, number>>;

export interface LookupBatchesOptions {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now' | 'trusted'>;
  readonly lists: Pick<FollowedLists, 'state'>;
  /** Look-ups by outcome since the start, for each type of list that a lane looks things up in. Never what was looked up. */
  readonly lookups: () => ReadonlyMap<ListType, Counts>;
}

/** Key of `meta`. */
const KEY = 'lookUpsToLog';

export class LookupBatches {
  readonly #box: LookupBatchesOptions;
  readonly #before: Map<ListType, Counts>;
  /** Of the process before this one. */
  #left: readonly Batch[];
  #since: number;
  #kept: string;

  constructor(box: LookupBatchesOptions) {
    this.#box = box;
    this.#before = new Map([...box.lookups()].map(([type, counts]) => [type, { ...counts }]));
    this.#since = box.clock.now();
    this.#left = readMetaList(box.db, KEY, isBatch);
    this.#kept = textOf(this.#left);
  }

  /** Keeps what has no row yet. Throws what the store throws. */
  keep(): void {
    const { db, clock } = this.#box;
    const batches = this.#batches();
    const until = iso(clock.now());
    // Without the time, which alone is no reason to write.
    const kept = textOf([...this.#left, ...batches]);
    if (kept === this.#kept) return;
    setMeta(db, KEY, textOf([...this.#left, ...batches.map((batch) => ({ ...batch, until }))]));
    this.#kept = kept;
  }

  /** Writes the rows. Throws what the store throws; the look-ups are then carried over to the next row. */
  log(): void {
    const { db, clock, lookups } = this.#box;
    const at = clock.now();
    const batches = [...this.#left, ...this.#batches()];
    if (batches.length > 0) {
      db.write(() => {
        for (const detail of batches) appendAudit(db, { at, who: 'box', what: 'look-ups', detail });
        setMeta(db, KEY, '');
      });
      this.#left = [];
      this.#kept = textOf([]);
      for (const [type, counts] of lookups()) this.#before.set(type, { ...counts });
    }
    this.#since = at;
  }

  /** Since the last rows. */
  #batches(): readonly Batch[] {
    const { clock, lists, lookups } = this.#box;
    return [...lookups()].flatMap(([type, counts]) => {
      const before = this.#before.get(type) ?? {};
      const batch = Object.entries(counts).map(([outcome, n]) => [outcome, n - (before[outcome] ?? 0)] as const);
      if (batch.every(([, n]) => n === 0)) return [];
      const { ref } = lists.state(type, clock.trusted());
      return [{ since: iso(this.#since), lookups: Object.fromEntries(batch), list: ref ? { ...ref } : null }];
    });
  }
}

function textOf(batches: readonly Batch[]): string {
  return batches.length === 0 ? '' : JSON.stringify(batches);
}

function isBatch(value: unknown): value is Batch {
  const { since, until, lookups, list } = membersOf(value);
  const counts = Object.values(membersOf(lookups));
  const isRef = list === null || isWord(membersOf(list)['type']);
  return isWord(since) && (until === undefined || isWord(until)) && isRef && counts.every(Number.isSafeInteger);
}
