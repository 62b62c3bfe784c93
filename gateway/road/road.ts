/**
 * The road lanes: latest frames go to the pool, reads become passages, passages are looked up; reads that cameras push are passages at once.
 * A passage that matches nothing is counted and forgotten; one that matches becomes a hit with its pictures.
 */
import type { Clock } from '../clock/clock.ts';
import { causeOf } from '../contracts/errors.ts';
import type { PushedFiles, PushedFilesResult } from '../inference/jobs.ts';
import type { PushedRead, PushRefusal } from '../contracts/push.ts';
import type { Id, Log, Sha256 } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { ListState, Match } from '../contracts/list.ts';
import type { Passage, Picture, PlateRead } from '../contracts/plate.ts';
import type { Evidence, Frame, Point } from '../contracts/picture.ts';
import type { BadRows } from '../devices/bad-rows.ts';
import { openChange, type Change } from './motion-gate.ts';
import { openLookUps, type LookupOutcome } from './look-up.ts';
import { openLanePassages, openPassages } from './passages.ts';
import { openPushed, type PushCounts } from './pushed.ts';
import { openSlots, type SlotCounts } from './latest-frame.ts';
import { advance, closeAll, hold, type Step } from './tracking/track.ts';
import type { Track } from './tracking/model.ts';
import { openWaiting } from '../inference/bounded-queue.ts';

export interface RoadCamera {
  readonly id: string;
  readonly lane: string;
  /** Fractions of the picture; absent = all of it. */
  readonly region?: readonly Point[];
}

/** What the lane needs of the rest of the box; main.ts passes it in. */
export interface RoadParts {
  readonly cameras: readonly RoadCamera[];
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Sha256;
  /** Digests of the model files the reading threads use. */
  models(): readonly Sha256[];
  /** Threads that read; so many frames of one camera may be under way at a time. */
  readonly threads: number;
  /** True when a thread of the pool is free. */
  free(): boolean;
  /** Finds and reads the plates of a frame; the frame moves to the thread and comes back. */
  plates(frame: Frame, region: readonly Point[] | undefined): Promise<{ reads: readonly PlateRead[]; frame: Frame }>;
  /** Cuts the pictures that prove a hit. */
  evidence(picture: Picture): Promise<readonly Evidence[]>;
  /** Reads, or makes evidence of, what a camera pushed; the pictures stay the caller's. */
  pushedPictures(job: PushedFiles): Promise<PushedFilesResult>;
  list(): ListState;
  match(read: PlateRead, lane: string): Match | undefined;
  /** Resolves at the commit, with the id under which the store keeps the hit; pending while it refuses; rejects when the hit is lost. */
  raise(hit: Hit, evidence: readonly Evidence[]): Promise<Id>;
  count(passage: Passage): void;
  /** Where is counted what came without use. */
  readonly rows: Pick<BadRows, 'bad' | 'good' | 'inARow'>;
}

export interface RoadCounts extends SlotCounts {
  /** Of the taken frames, those that showed nothing new and were not analysed. */
  readonly unchanged: number;
  readonly analysed: number;
  readonly failed: number;
  /** Those that failed since the last one that did not. */
  readonly failing: number;
}

export interface Road {
  frame(frame: Frame): void;
  /**
   * A camera has read a plate by itself. `settle` is called once: at once where nothing has to be kept; otherwise at the commit of the hit,
   * or with the reason why there is none.
   */
  pushed(camera: string, read: PushedRead, settle: (error?: Error) => void): void;
  /** A push of the camera was answered with a refusal. */
  refused(camera: string, reason: PushRefusal, why: string): void;
  /** A thread became free. */
  pump(): void;
  /** The camera is gone: its open tracks are closed, so that what was seen is looked up and counted. */
  lost(camera: string): void;
  /** Another list came into force: what is on the road now is looked up again, a car that has stood there for hours too. */
  listChanged(): void;
  /**
   * Takes no further frame or read and waits for what is under way; hits whose pictures cannot be cut any more go out without. Reads whose
   * hit the store still refuses then are failed.
   */
  drain(): Promise<void>;
  counts(camera: string): RoadCounts;
  pushes(camera: string): PushCounts;
  /** Look-ups by outcome since the start. */
  lookups(): Readonly<Record<LookupOutcome, number>>;
}

/** Hits whose pictures wait for a free thread. Beyond it a hit goes out without pictures rather than late. */
const MAX_HITS = 32;
/** Pushed scenes that wait to be read. Beyond it the camera's own read goes alone. */
const MAX_CHECKS = 4;

interface State {
  readonly camera: RoadCamera;
  readonly change: Change;
  tracks: readonly Track[];
  unchanged: number;
  analysed: number;
  failed: number;
  /** What was read is taken in the order in which the frames came. */
  order: Promise<void>;
}

export function openRoad(parts: RoadParts): Road {
  const slots = openSlots(
    parts.cameras.map((c) => c.id),
    parts.threads,
  );
  const states = new Map(parts.cameras.map((camera) => [camera.id, newState(camera)]));
  /** What runs on a thread, and what is to be finished before the box stops. */
  const [jobs, underWay] = [new Set<Promise<unknown>>(), new Set<Promise<unknown>>()];
  let draining = false;
  let checkNext = false;

  const stateOf = (id: string): State => {
    const state = states.get(id);
    if (!state) throw new Error(`no road camera ${id}`);
    return state;
  };
  const keepIn = (set: Set<Promise<unknown>>, work: Promise<unknown>, then: () => void = () => undefined): void => {
    set.add(work);
    const done = (): void => {
      set.delete(work);
      then();
    };
    work
      .then(done, done)
      .catch((error: unknown) => parts.log.error({ cause: causeOf(error) }, 'the road lanes have a fault'));
  };
  const track = (work: Promise<unknown>): void => keepIn(underWay, work);

  const hitWork = openWaiting(MAX_HITS, () => pump());
  const checkWork = openWaiting(MAX_CHECKS, () => pump());
  const lastSeen = (id: Id, camera: string) => states.get(camera)?.tracks.find((t) => t.id === id)?.last;
  const passages = openLanePassages(
    parts.cameras.map((c) => c.lane),
    () => openPassages(() => parts.clock.now(), lastSeen),
  );
  const lookUps = openLookUps({ ...parts, track }, (lane, late) => passages.of(lane, late));
  const pushed = openPushed({
    ...parts,
    lookUps,
    hitWork,
    checkWork,
    track,
    pictures: (job) => parts.pushedPictures(job),
  });

  const act = ({ kind, passage, better }: Step['events'][number]): void => {
    if (kind === 'count') return lookUps.count(passage);
    const { picture } = passage;
    const pending = lookUps.lookUp({
      passage,
      again: better === true,
      by: 'box',
      models: parts.models(),
      pictures: async () => ({ evidence: picture ? await hitWork.run(() => parts.evidence(picture)) : [] }),
    });
    // Nobody waits for it, and the loss of a hit was logged.
    pending?.catch(() => undefined);
  };

  /** What fails is one look-up, and is tried again with the next frame that shows the vehicle; the first failure is thrown in the end. */
  const apply = (camera: string, step: Step): void => {
    const state = stateOf(camera);
    state.tracks = step.tracks;
    const failures: unknown[] = [];
    for (const event of step.events) {
      try {
        act(event);
      } catch (error) {
        failures.push(error);
        state.tracks = state.tracks.map((t) => (t.id === event.passage.id ? { ...t, lookedUp: undefined } : t));
      }
    }
    if (failures.length > 0) throw failures[0];
  };

  /** One after the other. What fails is lost for itself: a queue whose head has failed would never move again. */
  const inOrder = (state: State, work: () => void | Promise<void>): void => {
    state.order = state.order.then(work).catch((error: unknown) => {
      state.failed++;
      state.change.forget();
      parts.rows.bad('frames', state.camera, causeOf(error));
      parts.log.warn({ camera: state.camera.id, cause: causeOf(error) }, 'a frame could not be analysed');
    });
  };

  /** Frames of one camera are read side by side. */
  const analyse = (frame: Frame): Promise<void> => {
    const state = stateOf(frame.source);
    const where = { lane: state.camera.lane, camera: state.camera.id };
    const region = state.camera.region?.map(([x, y]): Point => [x * frame.width, y * frame.height]);
    const reading = parts.plates(frame, region);
    // Heard where its turn comes; until then nobody listens.
    reading.catch(() => undefined);
    inOrder(state, async () => {
      try {
        const { frame: read, reads } = await reading;
        apply(where.camera, advance(state.tracks, where, read.at, reads, read));
        parts.rows.good('frames', state.camera);
      } finally {
        state.analysed++;
        slots.done(where.camera);
      }
    });
    return state.order;
  };

  /** A frame without change is not analysed, unless a vehicle in it waits to be read surely enough for its look-up. */
  const skip = (frame: Frame): boolean => {
    const state = stateOf(frame.source);
    if (state.tracks.some((t) => !t.closed && t.lookedUp === undefined)) state.change.forget();
    if (!state.change.unchanged(frame)) return false;
    state.unchanged++;
    slots.done(frame.source);
    inOrder(state, () => void (state.tracks = hold(state.tracks, frame.at)));
    return true;
  };

  const takeFrame = (): (() => Promise<void>) | undefined => {
    while (!draining) {
      const frame = slots.take();
      if (!frame) return undefined;
      if (!skip(frame)) return () => analyse(frame);
    }
    return undefined;
  };

  /** Pictures of hits first; then frames and pushed scenes by turns, so that neither starves the other. */
  const next = (): (() => Promise<void>) | undefined => {
    const hit = hitWork.take();
    if (hit) return hit;
    checkNext = !checkNext;
    return checkNext ? (checkWork.take() ?? takeFrame()) : (takeFrame() ?? checkWork.take());
  };

  const pump = (): void => {
    while (parts.free()) {
      const start = next();
      if (!start) return;
      keepIn(jobs, start(), pump);
    }
  };

  return {
    frame(frame) {
      slots.put(frame);
      pump();
    },
    pushed: (camera, read, settle) => pushed.take(camera, read, settle),
    refused: (camera, reason, why) => pushed.refused(camera, reason, why),
    pump,
    lost(camera) {
      const state = stateOf(camera);
      state.change.forget();
      apply(camera, closeAll(state.tracks, { lane: state.camera.lane, camera }));
      pump();
    },
    listChanged() {
      for (const state of states.values()) state.tracks = state.tracks.map((t) => ({ ...t, lookedUp: undefined }));
      for (const each of passages.all) each.listChanged();
    },
    async drain() {
      draining = true;
      pushed.close();
      checkWork.close();
      // The pictures of hits are cut while anything runs; a turn of the loop lets what was read be looked up.
      do {
        await Promise.allSettled(jobs);
        await new Promise((resolve) => setImmediate(resolve));
      } while (jobs.size > 0);
      hitWork.close();
      while (underWay.size > 0) await Promise.allSettled(underWay);
      pushed.fail();
      for (const each of passages.all) each.close();
    },
    counts(camera) {
      const { unchanged, analysed, failed, camera: named } = stateOf(camera);
      const failing = parts.rows.inARow('frames', named);
      return { ...slots.counts(camera), unchanged, analysed, failed, failing };
    },
    pushes: (camera) => pushed.counts(camera),
    lookups: () => lookUps.outcomes(),
  };
}

function newState(camera: RoadCamera): State {
  const counts = { unchanged: 0, analysed: 0, failed: 0 };
  return { camera, change: openChange(camera.region), tracks: [], ...counts, order: Promise.resolve() };
}
