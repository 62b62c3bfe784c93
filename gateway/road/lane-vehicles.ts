/**
 * One vehicle going through a lane is one passage, whichever cameras of the lane saw it, and whether the box or the camera read it. What
 * is known of a vehicle stays in memory for as long as another camera may still see it, and is forgotten then.
 */
import { confusable, differences } from '../contracts/plate-text.ts';
import type { Id, Instant } from '../contracts/base.ts';
import type { Band, Passage, PlateRead } from '../contracts/plate.ts';

/** What has become of a hit of a vehicle. */
export interface RaisedHit {
  /** Under which the store keeps it; its own until the store has answered. */
  id: Id;
  /** Resolves when the latest version of it was handed to the store; `done` when that is on disk. */
  handedOver: Promise<{ readonly done: Promise<Id> }>;
  /** Undefined when nothing of it is on its way to the disk. */
  onDisk: Promise<void> | undefined;
}

interface TimeSpan {
  first: Instant;
  last: Instant;
}

/** A vehicle on the lane, or just gone. */
export interface LaneVehicle extends TimeSpan {
  /** With its best read so far, and without a picture: frames are large. */
  best: Passage;
  counted: boolean;
  /** Texts that were looked up in the list in force. */
  readonly lookedUp: Set<string>;
  /** By entry and listed plate. */
  readonly hits: Map<string, RaisedHit>;
  /** When each camera saw it. */
  readonly cameras: Map<string, TimeSpan>;
  /** Tracks that may still see it, with their camera. */
  readonly tracks: Map<Id, string>;
}

/** After this long unseen, the same plate is another passage: no vehicle turns round and comes back sooner. */
export const SAME_VEHICLE_MS = 20_000;
/** A camera may push a vehicle several times, once for each of its triggers, within this time; and read it differently each time. */
const TRIGGERS_MS = 3_000;
/** Vehicles remembered per lane. In 20 s a lane sees a dozen; more is a flood, in which the oldest are forgotten. */
const MAX_VEHICLES = 128;

export class LaneVehicles {
  readonly #now: () => Instant;
  readonly #lastSeen: (track: Id, camera: string) => Instant | undefined;
  #vehicles: readonly LaneVehicle[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `lastSeen` is when a camera's track last saw its vehicle; undefined where there is no such track, as for what a camera pushed. */
  constructor(now: () => Instant, lastSeen: (track: Id, camera: string) => Instant | undefined) {
    this.#now = now;
    this.#lastSeen = lastSeen;
  }

  /** The vehicle of this passage, a new one unless it is known. The passage `leads` when it is `better` than the best so far, or that of the same track. */
  join(passage: Passage): { readonly vehicle: LaneVehicle; readonly leads: boolean; readonly better: boolean } {
    const vehicle = this.#find(passage);
    const better = outranks(passage.best, vehicle.best.best);
    const leads = better || vehicle.best.id === passage.id;
    if (leads) vehicle.best = withoutPicture(passage);
    if (this.#isTrack(passage)) vehicle.tracks.set(passage.id, passage.camera);
    extend(vehicle, passage.camera, passage.first, passage.last);
    return { vehicle, leads, better };
  }

  /** Another list came into force: nothing has been looked up in it. */
  listChanged(): void {
    for (const vehicle of this.#vehicles) vehicle.lookedUp.clear();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#vehicles = [];
  }

  #isTrack({ id, camera }: Passage): boolean {
    return this.#lastSeen(id, camera) !== undefined;
  }

  /** A vehicle that stands before a camera is seen all the time, though its track reports nothing new. */
  #refresh(): void {
    for (const vehicle of this.#vehicles) {
      for (const [track, camera] of vehicle.tracks) {
        const at = this.#lastSeen(track, camera);
        if (at === undefined) vehicle.tracks.delete(track);
        else extend(vehicle, camera, at, at);
      }
    }
  }

  #forget(): void {
    this.#refresh();
    const now = this.#now();
    // Either way: a clock that was set back must not make the box remember.
    this.#vehicles = this.#vehicles.filter((v) => v.tracks.size > 0 || Math.abs(now - v.last) <= SAME_VEHICLE_MS);
    this.#timer = undefined;
    if (this.#vehicles.length > 0) this.#forgetLater();
  }

  #forgetLater(): void {
    this.#timer ??= setTimeout(() => this.#forget(), SAME_VEHICLE_MS).unref();
  }

  #find(passage: Passage): LaneVehicle {
    this.#refresh();
    const own = this.#ofTrack(passage);
    const tracked = this.#isTrack(passage);
    let likely: LaneVehicle | undefined;
    for (const v of this.#vehicles) {
      // Two tracks of one camera are two vehicles: the tracker has joined its frames. Only what a camera pushes comes several times.
      if (v === own || (tracked && v.cameras.has(passage.camera)) || !isSame(v, passage)) continue;
      likely = likely ? closer(likely, v, passage) : v;
    }
    if (!own) return likely ?? this.#begin(passage);
    // The vote of a track has come round to the plate that another camera has read.
    if (likely?.best.best.text !== passage.best.text) return own;
    absorb(likely, own);
    this.#vehicles = this.#vehicles.filter((v) => v !== own);
    return likely;
  }

  /** By its track; unless that was taken for the vehicle of another camera, and its vote has come to another plate since. */
  #ofTrack(passage: Passage): LaneVehicle | undefined {
    const vehicle = this.#vehicles.find((v) => v.tracks.has(passage.id));
    const best = vehicle?.best;
    if (!best || best.id === passage.id || differences(best.best.text, passage.best.text) <= 1) return vehicle;
    vehicle?.tracks.delete(passage.id);
    return undefined;
  }

  #begin(passage: Passage): LaneVehicle {
    const { first, last } = passage;
    const vehicle: LaneVehicle = {
      best: withoutPicture(passage),
      first,
      last,
      counted: false,
      lookedUp: new Set(),
      hits: new Map(),
      cameras: new Map(),
      tracks: new Map(),
    };
    const vehicles = this.#vehicles;
    const oldest = vehicles.find((v) => v.tracks.size === 0) ?? vehicles[0];
    const remembered = vehicles.length < MAX_VEHICLES ? vehicles : vehicles.filter((v) => v !== oldest);
    this.#vehicles = [...remembered, vehicle];
    this.#forgetLater();
    return vehicle;
  }
}

/** The same plate, or one that differs in one character and is likely to be a misread of it. */
function isSame(vehicle: LaneVehicle, passage: Passage): boolean {
  const apartMs = Math.max(passage.first - vehicle.last, vehicle.first - passage.last);
  if (apartMs > SAME_VEHICLE_MS) return false;
  const [a, b] = [vehicle.best.best, passage.best];
  if (a.text === b.text) return true;
  if (differences(a.text, b.text) > 1) return false;
  const again = vehicle.cameras.has(passage.camera);
  if (again && apartMs > TRIGGERS_MS) return false;
  if (a.band !== 'accept' || b.band !== 'accept') return true;
  // Both are sure. The next vehicle of a fleet, unless it was another camera and a character that readers take for another.
  let position = 0;
  while (a.text[position] === b.text[position]) position++;
  const likely = position === 0 || confusable(a.text[position]!, b.text[position]!);
  return likely && !again;
}

/** The one with the same text, otherwise the one seen last. */
function closer(a: LaneVehicle, b: LaneVehicle, { best: { text } }: Passage): LaneVehicle {
  const same = Number(a.best.best.text === text) - Number(b.best.best.text === text);
  return (same || a.last - b.last) > 0 ? a : b;
}

function extend(vehicle: LaneVehicle, camera: string, first: Instant, last: Instant): void {
  const ofCamera = vehicle.cameras.get(camera) ?? { first, last };
  vehicle.cameras.set(camera, ofCamera);
  for (const span of [ofCamera, vehicle]) {
    span.first = Math.min(span.first, first);
    span.last = Math.max(span.last, last);
  }
}

function absorb(into: LaneVehicle, from: LaneVehicle): void {
  for (const [camera, { first, last }] of from.cameras) extend(into, camera, first, last);
  for (const [track, camera] of from.tracks) into.tracks.set(track, camera);
  for (const text of from.lookedUp) into.lookedUp.add(text);
  for (const [key, hit] of from.hits) if (!into.hits.has(key)) into.hits.set(key, hit);
  into.counted ||= from.counted;
}

const RANK: Readonly<Record<Band, number>> = { accept: 2, check: 1, reject: 0 };

/** By band, then by probability. */
function outranks(a: PlateRead, b: PlateRead): boolean {
  return (RANK[a.band] - RANK[b.band] || a.probability - b.probability) > 0;
}

function withoutPicture({ picture: _, ...passage }: Passage): Passage {
  return passage;
}
