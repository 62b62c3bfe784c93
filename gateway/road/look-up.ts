/** Passages are looked up, and those that match become hits with their pictures: once for each vehicle, and again when it is read better. */
import { newId, type Clock } from '../clock/clock.ts';
import { causeOf } from '../contracts/errors.ts';
import { buildHit, type ReadOrigin } from '../hits/hit.ts';
import type { DismissalMemory } from '../hits/dismissal-memory.ts';
import type { HitBuffer } from '../hits/hit-buffer.ts';
import type { ActiveLists } from '../lists/in-force/active-lists.ts';
import type { Id, Instant, Log, Sha256 } from '../contracts/base.ts';
import type { PlateHit } from '../contracts/hit.ts';
import type { ListRef, ListState } from '../contracts/list.ts';
import type { Passage, PlateRead } from '../contracts/plate.ts';
import type { Evidence } from '../contracts/picture.ts';
import { LaneVehicles, type LaneVehicle, type RaisedHit } from './lane-vehicles.ts';
import type { PendingWork } from './pending-work.ts';
import { english } from '../contracts/words/words.ts';

export interface LookupParts {
  readonly lanes: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Sha256;
  readonly lists: Pick<ActiveLists, 'state' | 'matchPlate'>;
  readonly hits: Pick<HitBuffer, 'raise'>;
  readonly dismissals: Pick<DismissalMemory, 'silences'>;
  /** Counts a vehicle once. */
  count(passage: Passage): void;
  /** When a camera's track last saw its vehicle; undefined where there is no such track any more. */
  lastSeen(track: Id, camera: string): Instant | undefined;
  /** What has to be finished before the box stops. */
  readonly pending: PendingWork;
}

/** A passage as the box or a camera read it. */
export interface Sighting extends ReadOrigin {
  readonly passage: Passage;
  /** Looked up too: what the box read in the picture of a camera that read otherwise. */
  readonly also?: PlateRead;
  /** Surer, or with a better picture, than when it was last looked up. */
  readonly again: boolean;
  /** Of the models that had a part in it. */
  readonly models: readonly Sha256[];
  /** Called for a hit only. */
  pictures(): Promise<HitPictures>;
}

export interface HitPictures {
  readonly evidence: readonly Evidence[];
  /** Which picture is missing that there should be, and why. */
  readonly missing?: string;
}

export type LookupOutcome = 'no list' | 'no match' | 'possible' | 'exact';

export class PlateLookups {
  readonly #parts: LookupParts;
  /** Vehicles that are there now, by lane. */
  readonly #present: ReadonlyMap<string, LaneVehicles>;
  /** Vehicles that a camera reported late, by lane: what it kept for hours must not push out those that are there now. */
  readonly #late: ReadonlyMap<string, LaneVehicles>;
  readonly #outcomes: Record<LookupOutcome, number> = { 'no list': 0, 'no match': 0, possible: 0, exact: 0 };

  constructor(parts: LookupParts) {
    this.#parts = parts;
    const newLane = () =>
      new LaneVehicles(
        () => parts.clock.now(),
        (track, camera) => parts.lastSeen(track, camera),
      );
    this.#present = new Map([...parts.lanes].map((lane) => [lane, newLane()]));
    this.#late = new Map([...parts.lanes].map((lane) => [lane, newLane()]));
  }

  /**
   * Looks up in memory. Undefined when nothing of the vehicle is on its way to the disk; otherwise resolves when all of it is there, and
   * rejects when it is lost.
   */
  lookUp(sighting: Sighting): Promise<unknown> | undefined {
    const { passage, also, again } = sighting;
    const { vehicle, leads, better } = this.#vehiclesOf(passage, sighting.receivedAt).join(passage);
    const repeated = better || (leads && again);
    // A read that is neither the best nor sure says nothing of a vehicle that has been read better.
    const reads = [passage.best, ...(also ? [also] : [])]
      .filter((read) => leads || read.band === 'accept')
      .filter((read) => repeated || !vehicle.lookedUp.has(read.text));
    const list = this.#list();
    if (reads.length > 0 && list.state !== 'in force') this.#outcomes['no list']++;
    if (reads.length > 0 && list.state === 'in force') {
      for (const read of reads) vehicle.lookedUp.add(read.text);
      this.#match(vehicle, sighting, reads, list.ref);
    }
    const pending = [...vehicle.hits.values()].flatMap(({ onDisk }) => onDisk ?? []);
    return pending.length === 0 ? undefined : Promise.all(pending);
  }

  /** Counts the vehicle, unless it was counted; one that was reported late counts when it was reported. */
  count(passage: Passage, receivedAt?: Instant): void {
    const { vehicle } = this.#vehiclesOf(passage, receivedAt).join(passage);
    if (vehicle.counted) return;
    vehicle.counted = true;
    const { best } = vehicle;
    // The window in which a late one passed has been reported already.
    const [first, last] = receivedAt === undefined ? [vehicle.first, vehicle.last] : [receivedAt, receivedAt];
    const direction = best.direction === 'unknown' ? passage.direction : best.direction;
    this.#parts.count({ ...best, first, last, direction });
  }

  /** Why a read should come again later, in words: a list is stored and not read yet, as for some seconds after a start, or was lost with the store. */
  listAwaited(): string | undefined {
    const list = this.#list();
    if (list.state === 'in force') return undefined;
    if (list.why === 'loading') return english('push-list-loading');
    return list.why === 'lost' ? english('push-list-lost') : undefined;
  }

  outcomes(): Readonly<Record<LookupOutcome, number>> {
    return this.#outcomes;
  }

  /** Another list came into force: nothing has been looked up in it. */
  listChanged(): void {
    for (const lane of [...this.#present.values(), ...this.#late.values()]) lane.listChanged();
  }

  close(): void {
    for (const lane of [...this.#present.values(), ...this.#late.values()]) lane.close();
  }

  #vehiclesOf({ lane }: Passage, receivedAt: Instant | undefined): LaneVehicles {
    return (receivedAt === undefined ? this.#present : this.#late).get(lane)!;
  }

  #list(): ListState {
    const { lists, clock } = this.#parts;
    return lists.state('plate-list', clock.trusted());
  }

  #match(vehicle: LaneVehicle, sighting: Sighting, reads: readonly PlateRead[], list: ListRef): void {
    const { lists, clock, config, dismissals } = this.#parts;
    const { passage, models } = sighting;
    const matches = reads.flatMap((read) => lists.matchPlate(read, passage.lane, clock.trusted()) ?? []);
    const entries = new Map(matches.map((match) => [match.entry.id, match]));
    if (entries.size === 0) this.#outcomes['no match']++;
    for (const match of entries.values()) {
      const facts = { id: newId(clock.now()), list, clock: clock.state(), config, models };
      const hit = buildHit(passage, match, facts, sighting);
      this.#outcomes[hit.certainty]++;
      if (dismissals.silences(hit)) continue;
      this.#raise(vehicle, sighting, hit);
    }
  }

  #raise(vehicle: LaneVehicle, sighting: Sighting, hit: PlateHit): void {
    const { log, pending } = this.#parts;
    const key = `${hit.entry} ${hit.listed}`;
    const before = vehicle.hits.get(key);
    const handedOver = this.#handOver(sighting, hit, before);
    const raised = before ?? { id: hit.id, handedOver, onDisk: undefined };
    const stored = async (): Promise<void> => {
      raised.id = await (await handedOver).done;
    };
    const onDisk = stored();
    vehicle.hits.set(key, Object.assign(raised, { handedOver, onDisk }));
    const settled = (): void => void (raised.onDisk === onDisk && (raised.onDisk = undefined));
    onDisk.then(settled).catch((error: unknown) => {
      settled();
      log.warn({ hit: hit.id, cause: causeOf(error) }, 'a hit did not reach the store; read again, it is raised again');
      vehicle.hits.delete(key);
      vehicle.lookedUp.clear();
    });
    pending.add(handedOver);
  }

  /** Hands the hit to the store, after all that was handed over of it before, however long its pictures take. */
  async #handOver(sighting: Sighting, hit: PlateHit, before: RaisedHit | undefined): Promise<{ done: Promise<Id> }> {
    const { log, hits } = this.#parts;
    const pictures = sighting.pictures().catch((error: unknown): HitPictures => {
      log.warn({ hit: hit.id, cause: causeOf(error) }, 'hit without pictures');
      return { evidence: [], missing: 'its pictures could not be made in time' };
    });
    // A failure of the earlier one was logged then, and does not hold this one up.
    const [{ evidence, missing }] = await Promise.all([pictures, before?.handedOver.catch(() => undefined)]);
    const whole = missing === undefined ? hit : { ...hit, pictureMissing: missing };
    return { done: hits.raise(before ? { ...whole, id: before.id, sightings: 0 } : whole, evidence) };
  }
}
