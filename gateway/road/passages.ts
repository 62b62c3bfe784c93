/**
 * One vehicle going through a lane is one passage, whichever cameras of the lane saw it, and whether the box or the camera read it. What
 * is known of a vehicle stays in memory for as long as another camera may still see it, and is forgotten then.
 */
import { confusable, differences } from '../contracts/plate-text.ts';
import type { Id, Instant } from '../contracts/base.ts';
import type { Band, Passage, PlateRead } from '../contracts/plate.ts';

/** What a hit of a vehicle has come to. */
export interface RaisedHit {
  /** Under which the store keeps it, as far as it has said so. */
  id: Id;
  /** Resolves when the last news of it were handed to the store, in their order; `done` when they are on disk. */
  called: Promise<{ readonly done: Promise<Id> }>;
  /** Undefined when nothing of it is on its way to the disk. */
  onDisk: Promise<void> | undefined;
}

/** A vehicle on the lane, or just gone. */
export interface Vehicle {
  /** With its best read so far, and without a picture: frames are large. */
  readonly best: Passage;
  readonly first: Instant;
  readonly last: Instant;
  counted: boolean;
  /** Texts that were looked up in the list in force. */
  readonly lookedUp: Set<string>;
  /** By entry and listed plate. */
  readonly hits: Map<string, RaisedHit>;
}

export interface Passages {
  /** The vehicle of this passage, taken for a new one unless it is known. `best` becomes this one if it is better or newer of the same track. */
  join(passage: Passage): { readonly vehicle: Vehicle; readonly leads: boolean; readonly better: boolean };
  /** Another list came into force: nothing has been looked up in it. */
  listChanged(): void;
  close(): void;
}

/** After this long unseen by the others, what a camera sees is another passage: nobody turns round and comes back sooner. */
export const SAME_VEHICLE_MS = 20_000;
/** A camera may push a vehicle several times over, once for each of its triggers, within this time; and read it differently each time. */
const TRIGGERS_MS = 3_000;
/** Vehicles remembered per lane. In 20 s a lane sees a dozen; more is a flood, in which the oldest give way. */
const MAX_VEHICLES = 128;

interface Span {
  first: Instant;
  last: Instant;
}

interface Held extends Vehicle {
  best: Passage;
  first: Instant;
  last: Instant;
  /** When each camera saw it. */
  readonly cameras: Map<string, Span>;
  /** Tracks that may still see it, with their camera. */
  readonly tracks: Map<Id, string>;
}

/**
 * `lastSeen` is when the track of that id, on that camera, last saw its vehicle; undefined where there is no such track (any more), as for
 * what a camera pushed.
 */
export function openPassages(
  now: () => Instant,
  lastSeen: (track: Id, camera: string) => Instant | undefined,
): Passages {
  let vehicles: readonly Held[] = [];
  let timer: NodeJS.Timeout | undefined;

  const isTrack = ({ id, camera }: Passage): boolean => lastSeen(id, camera) !== undefined;
  /** A vehicle that stands before a camera is seen all the time, though its track says nothing. */
  const refresh = (vehicle: Held): void => {
    for (const [track, camera] of vehicle.tracks) {
      const at = lastSeen(track, camera);
      if (at === undefined) vehicle.tracks.delete(track);
      else extend(vehicle, camera, at, at);
    }
  };
  const forget = (): void => {
    vehicles.forEach(refresh);
    // Either way: a clock that was set back must not make the box remember.
    vehicles = vehicles.filter((v) => v.tracks.size > 0 || Math.abs(now() - v.last) <= SAME_VEHICLE_MS);
    timer = vehicles.length > 0 ? setTimeout(forget, SAME_VEHICLE_MS).unref() : undefined;
  };
  /** By its track; unless that was taken for the vehicle of another camera, and its vote has come to another plate since. */
  const knownBy = (passage: Passage): Held | undefined => {
    const known = vehicles.find((v) => v.tracks.has(passage.id));
    if (!known || known.best.id === passage.id || differences(known.best.best.text, passage.best.text) <= 1)
      return known;
    known.tracks.delete(passage.id);
    return undefined;
  };
  const find = (passage: Passage): Held => {
    vehicles.forEach(refresh);
    const known = knownBy(passage);
    const tracked = isTrack(passage);
    let likely: Held | undefined;
    for (const v of vehicles) {
      // Two tracks of one camera are two vehicles: joining its frames is their work. Only what it pushes comes several times over.
      if (v === known || (tracked && v.cameras.has(passage.camera)) || !isSame(v, passage)) continue;
      likely = likely ? closer(likely, v, passage) : v;
    }
    if (!known) return likely ?? begin(passage);
    // The vote of a track has come round to the plate that another camera has read.
    if (likely?.best.best.text !== passage.best.text) return known;
    absorb(likely, known);
    vehicles = vehicles.filter((v) => v !== known);
    return likely;
  };
  const begin = (passage: Passage): Held => {
    const { first, last } = passage;
    const vehicle: Held = {
      best: withoutPicture(passage),
      first,
      last,
      counted: false,
      lookedUp: new Set(),
      hits: new Map(),
      cameras: new Map(),
      tracks: new Map(),
    };
    const gone =
      vehicles.length < MAX_VEHICLES ? undefined : (vehicles.find((v) => v.tracks.size === 0) ?? vehicles[0]);
    vehicles = [...vehicles.filter((v) => v !== gone), vehicle];
    timer ??= setTimeout(forget, SAME_VEHICLE_MS).unref();
    return vehicle;
  };

  return {
    join(passage) {
      const vehicle = find(passage);
      const better = outranks(passage.best, vehicle.best.best);
      const leads = better || vehicle.best.id === passage.id;
      if (leads) vehicle.best = withoutPicture(passage);
      if (isTrack(passage)) vehicle.tracks.set(passage.id, passage.camera);
      extend(vehicle, passage.camera, passage.first, passage.last);
      return { vehicle, leads, better };
    },
    listChanged() {
      for (const vehicle of vehicles) vehicle.lookedUp.clear();
    },
    close() {
      clearTimeout(timer);
      vehicles = [];
    },
  };
}

/** Of each lane those that are there now, and apart from them those that were told late: what a camera kept for hours must not push them out. */
export function openLanePassages(lanes: readonly string[], open: () => Passages) {
  const perLane = () => new Map(lanes.map((lane) => [lane, open()]));
  const [now, late] = [perLane(), perLane()];
  return {
    all: [...now.values(), ...late.values()],
    of: (lane: string, isLate: boolean): Passages => (isLate ? late : now).get(lane)!,
  };
}

/** The same plate, or one that differs in one character and is likely to be a misread of it. */
function isSame(vehicle: Held, passage: Passage): boolean {
  const apartMs = Math.max(passage.first - vehicle.last, vehicle.first - passage.last);
  if (apartMs > SAME_VEHICLE_MS) return false;
  const [a, b] = [vehicle.best.best, passage.best];
  if (a.text === b.text) return true;
  if (differences(a.text, b.text) > 1) return false;
  const again = vehicle.cameras.has(passage.camera);
  if (again && apartMs > TRIGGERS_MS) return false;
  if (a.band !== 'accept' || b.band !== 'accept') return true;
  // Both are sure. The next vehicle of a fleet, unless it was another camera and a character that readers take for another.
  let place = 0;
  while (a.text[place] === b.text[place]) place++;
  const likely = place === 0 || confusable(a.text[place]!, b.text[place]!);
  return likely && !again;
}

/** The one with the same text, otherwise the one seen last. */
function closer(a: Held, b: Held, { best: { text } }: Passage): Held {
  const same = Number(a.best.best.text === text) - Number(b.best.best.text === text);
  return (same || a.last - b.last) > 0 ? a : b;
}

function extend(vehicle: Held, camera: string, first: Instant, last: Instant): void {
  const seen = vehicle.cameras.get(camera) ?? { first, last };
  vehicle.cameras.set(camera, seen);
  for (const span of [seen, vehicle]) {
    span.first = Math.min(span.first, first);
    span.last = Math.max(span.last, last);
  }
}

function absorb(into: Held, from: Held): void {
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
