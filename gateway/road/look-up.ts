/** Passages are looked up, and those that match become hits with their pictures: once for each vehicle, and again when it is read better. */
import { newId, type Clock } from '../clock/clock.ts';
import { causeOf } from '../contracts/errors.ts';
import { buildHit, type ReadBy } from '../hits/hit.ts';
import type { Id, Instant, Log, Sha256 } from '../contracts/base.ts';
import type { Hit, PlateHit } from '../contracts/hit.ts';
import type { ListRef, ListState, Match } from '../contracts/list.ts';
import type { Passage, PlateRead } from '../contracts/plate.ts';
import type { Evidence } from '../contracts/picture.ts';
import type { Passages, Vehicle } from './passages.ts';

export interface LookUpParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Sha256;
  list(): ListState;
  match(read: PlateRead, lane: string): Match | undefined;
  /** Resolves at the commit, with the id under which the store keeps the hit; rejects when it is lost. */
  raise(hit: Hit, evidence: readonly Evidence[]): Promise<Id>;
  count(passage: Passage): void;
  /** Work that has to be done before the box stops. */
  track(work: Promise<unknown>): void;
}

/** A passage as somebody read it. */
export interface Sighting extends ReadBy {
  readonly passage: Passage;
  /** Looked up too: what the box read in the picture of a camera that read otherwise. */
  readonly also?: PlateRead;
  /** Surer, or with a better picture, than when it was last looked up. */
  readonly again: boolean;
  /** Of the models that had a part in it. */
  readonly models: readonly Sha256[];
  /** Asked only for a hit. */
  pictures(): Promise<Pictures>;
}

export interface Pictures {
  readonly evidence: readonly Evidence[];
  /** Which one there is not, and why, where there should be one. */
  readonly missing?: string;
}

export type LookupOutcome = 'no list' | 'no match' | 'possible' | 'exact';

export interface LookUps {
  /**
   * In memory. Undefined when nothing of the vehicle is on its way to the disk; otherwise resolves when all of it is there, and rejects
   * when it is lost.
   */
  lookUp(sighting: Sighting): Promise<unknown> | undefined;
  /** Counts the vehicle, if it has not been counted; one that was told late when it was told. */
  count(passage: Passage, receivedAt?: Instant): void;
  /** A list is stored and not read yet, as for some seconds after a start, or was lost with the store: what can come again should. In words. */
  listAwaited(): string | undefined;
  outcomes(): Readonly<Record<LookupOutcome, number>>;
}

/** `passagesOf` keeps apart the vehicles of each lane, and those that are there now from those that were told late. */
export function openLookUps(parts: LookUpParts, passagesOf: (lane: string, late: boolean) => Passages): LookUps {
  const outcomes: Record<LookupOutcome, number> = { 'no list': 0, 'no match': 0, possible: 0, exact: 0 };

  const raise = (vehicle: Vehicle, sighting: Sighting, hit: PlateHit): void => {
    const key = `${hit.entry} ${hit.listed}`;
    const before = vehicle.hits.get(key);
    const pictures = sighting.pictures().catch((error: unknown): Pictures => {
      parts.log.warn({ hit: hit.id, cause: causeOf(error) }, 'hit without pictures');
      return { evidence: [], missing: 'its pictures could not be made in time' };
    });
    // What is known of a hit reaches the store in the order in which it was found out, however long its pictures take. One before that
    // failed was said where it failed, and holds up nobody.
    const earlier = before?.called.catch(() => undefined);
    const raised = async (): Promise<{ done: Promise<Id> }> => {
      const [{ evidence, missing }] = await Promise.all([pictures, earlier]);
      const whole = missing === undefined ? hit : { ...hit, pictureMissing: missing };
      const news = before ? { ...whole, id: before.id, sightings: 0 } : whole;
      return { done: parts.raise(news, evidence) };
    };
    const called = raised();
    const kept = before ?? { id: hit.id, called, onDisk: undefined };
    const stored = async (): Promise<void> => {
      kept.id = await (await called).done;
    };
    const onDisk = stored();
    vehicle.hits.set(key, Object.assign(kept, { called, onDisk }));
    const settled = (): void => void (kept.onDisk === onDisk && (kept.onDisk = undefined));
    onDisk.then(settled).catch((error: unknown) => {
      settled();
      parts.log.warn(
        { hit: hit.id, cause: causeOf(error) },
        'a hit did not reach the store; read again, it is raised again',
      );
      vehicle.hits.delete(key);
      vehicle.lookedUp.clear();
    });
    parts.track(called);
  };

  const look = (vehicle: Vehicle, sighting: Sighting, reads: readonly PlateRead[], list: ListRef): void => {
    const { passage } = sighting;
    const matches = reads.flatMap((read) => parts.match(read, passage.lane) ?? []);
    const entries = new Map(matches.map((match) => [match.entry.id, match]));
    if (entries.size === 0) outcomes['no match']++;
    for (const match of entries.values()) {
      const facts = {
        id: newId(parts.clock.now()),
        list,
        clock: parts.clock.state(),
        config: parts.config,
        models: sighting.models,
      };
      const hit = buildHit(passage, match, facts, sighting);
      outcomes[hit.certainty]++;
      raise(vehicle, sighting, hit);
    }
  };

  return {
    lookUp(sighting) {
      const { passage, also, again } = sighting;
      const { vehicle, leads, better } = passagesOf(passage.lane, sighting.receivedAt !== undefined).join(passage);
      const repeated = better || (leads && again);
      // A read that is neither the best nor sure says nothing of a vehicle that has been read better.
      const reads = [passage.best, ...(also ? [also] : [])]
        .filter((read) => leads || read.band === 'accept')
        .filter((read) => repeated || !vehicle.lookedUp.has(read.text));
      const list = parts.list();
      if (reads.length > 0 && list.state !== 'in force') outcomes['no list']++;
      if (reads.length > 0 && list.state === 'in force') {
        for (const read of reads) vehicle.lookedUp.add(read.text);
        look(vehicle, sighting, reads, list.ref);
      }
      const pending = [...vehicle.hits.values()].flatMap(({ onDisk }) => onDisk ?? []);
      return pending.length === 0 ? undefined : Promise.all(pending);
    },
    count(passage, receivedAt) {
      const { vehicle } = passagesOf(passage.lane, receivedAt !== undefined).join(passage);
      if (vehicle.counted) return;
      vehicle.counted = true;
      const { best } = vehicle;
      // The window of a late one has been reported already.
      const [first, last] = receivedAt === undefined ? [vehicle.first, vehicle.last] : [receivedAt, receivedAt];
      const direction = best.direction === 'unknown' ? passage.direction : best.direction;
      parts.count({ ...best, first, last, direction });
    },
    listAwaited() {
      const list = parts.list();
      if (list.state === 'in force') return undefined;
      if (list.why === 'loading') return 'the list is still being read';
      return list.why === 'lost' ? 'the list cannot be read out of the damaged store' : undefined;
    },
    outcomes: () => outcomes,
  };
}
