/**
 * An alert holds while the entry of its hit is listed: it ends where a new list no longer has the entry, or has it for another time or lane. Looked
 * at after each change of a list, and after a start.
 */
import type { Clock } from '../clock/clock.ts';
import type { Id, Sha256 } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { AlertStage } from '../contracts/crew.ts';
import type { ListType } from '../contracts/list.ts';
import type { CrewService } from '../crew/crew-service.ts';
import type { ActiveLists } from '../lists/in-force/active-lists.ts';
import { openAlerts } from '../store/alerts.ts';
import type { Db } from '../store/db.ts';
import { getHit } from '../store/hits.ts';

interface ListedAlertsParts {
  readonly db: Db;
  readonly clock: Pick<Clock, 'trusted'>;
  readonly lists: Pick<ActiveLists, 'state' | 'entryState'>;
  readonly types: readonly ListType[];
  readonly crew: Pick<CrewService, 'alert' | 'standDown'>;
}

/** Of the event loop in one turn; the other hits follow in the next. */
const MAX_TURN_MS = 20;
/** Read at one time. */
const MAX_READ = 100;

export class ListedAlerts {
  readonly #parts: ListedAlertsParts;
  readonly #lists = new Map<ListType, Sha256>();
  /** The last hit that was looked at; undefined once all were. */
  #after: Id | undefined;

  constructor(parts: ListedAlertsParts) {
    this.#parts = parts;
  }

  /** Alerts the crew to a hit that people have judged, unless its entry is listed no longer. */
  alert(hit: Hit, stage: AlertStage): void {
    if (this.#endOf(hit) === undefined) this.#parts.crew.alert(hit, stage);
  }

  /** Called each second; cheap where no list has changed. Throws what the store throws; the next turn goes on with the same hit. */
  turn(): void {
    if (this.#haveChanged()) this.#after = '';
    if (this.#after === undefined) return;
    const start = performance.now();
    const hits = openAlerts(this.#parts.db, this.#after, MAX_READ);
    for (const id of hits) {
      this.#check(id);
      this.#after = id;
      if (performance.now() - start > MAX_TURN_MS) return;
    }
    if (hits.length < MAX_READ) this.#after = undefined;
  }

  #haveChanged(): boolean {
    const { lists, types, clock } = this.#parts;
    const changed = types.filter((type) => {
      const list = lists.state(type, clock.trusted());
      if (list.state !== 'in force' || this.#lists.get(type) === list.ref.sha256) return false;
      this.#lists.set(type, list.ref.sha256);
      return true;
    });
    return changed.length > 0;
  }

  #check(id: Id): void {
    const hit = getHit(this.#parts.db, id);
    const end = hit && this.#endOf(hit);
    if (end) this.#parts.crew.standDown(id, end);
  }

  #endOf(hit: Hit): 'withdrawn' | 'suspended' | undefined {
    const state = this.#parts.lists.entryState(hit, this.#parts.clock.trusted());
    return state === 'listed' ? undefined : state;
  }
}
