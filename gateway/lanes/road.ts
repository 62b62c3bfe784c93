/**
 * The road lanes: latest frames go to the pool, reads become passages, passages are looked up.
 * A passage that matches nothing is counted and forgotten; one that matches becomes a hit with its pictures.
 */
import { newId, type Clock } from '../clock.ts';
import { buildHit } from '../hits/hit.ts';
import type {
  Evidence,
  Frame,
  Hit,
  ListState,
  Log,
  Match,
  Passage,
  Picture,
  PlateRead,
  Point,
  Sha256,
} from '../types.ts';
import { openSlots, type SlotCounts } from './slots.ts';
import { advance, closeAll, type Step, type Track } from './track.ts';

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
  list(): ListState;
  match(read: PlateRead, lane: string): Match | undefined;
  raise(hit: Hit, evidence: readonly Evidence[]): void;
  count(passage: Passage): void;
}

export interface RoadCounts extends SlotCounts {
  readonly analysed: number;
  readonly failed: number;
}

export interface Road {
  frame(frame: Frame): void;
  /** A thread became free. */
  pump(): void;
  /** The camera is gone: its open tracks are closed, so that what was seen is looked up and counted. */
  lost(camera: string): void;
  /** Another list came into force: what is on the road now is looked up again, a car that has stood there for hours too. */
  listChanged(): void;
  /** Takes no further frame and waits for what is under way; hits whose pictures cannot be cut any more go out without. */
  drain(): Promise<void>;
  counts(camera: string): RoadCounts;
  /** Look-ups by outcome since the start. */
  lookups(): Readonly<Record<LookupOutcome, number>>;
}

export type LookupOutcome = 'no list' | 'no match' | 'possible' | 'exact';

/** Hits whose pictures wait for a free thread. Beyond it a hit goes out without pictures rather than late. */
const MOST_WAITING = 32;

export function openRoad(parts: RoadParts): Road {
  const slots = openSlots(
    parts.cameras.map((c) => c.id),
    parts.threads,
  );
  const states = new Map(
    parts.cameras.map((camera) => [
      camera.id,
      { camera, tracks: [] as readonly Track[], analysed: 0, failed: 0, order: Promise.resolve() },
    ]),
  );
  const lookups: Record<LookupOutcome, number> = { 'no list': 0, 'no match': 0, possible: 0, exact: 0 };
  const picturesWaiting: { readonly hit: Hit; readonly picture: Picture }[] = [];
  const underWay = new Set<Promise<void>>();
  let draining = false;

  const stateOf = (id: string) => {
    const state = states.get(id);
    if (!state) throw new Error(`no road camera ${id}`);
    return state;
  };

  const lookUp = (passage: Passage): void => {
    const list = parts.list();
    if (list.state !== 'in force') {
      lookups['no list']++;
      return;
    }
    const match = parts.match(passage.best, passage.lane);
    if (!match) {
      lookups['no match']++;
      return;
    }
    const hit = buildHit(passage, match, {
      id: newId(parts.clock.now()),
      list: list.ref,
      clock: parts.clock.state(),
      config: parts.config,
      models: parts.models(),
    });
    lookups[hit.certainty]++;
    const { picture } = passage;
    if (!picture || picturesWaiting.length >= MOST_WAITING) parts.raise(hit, []);
    else picturesWaiting.push({ hit, picture });
  };

  const raiseWithPictures = async (picture: Picture, hit: Hit): Promise<void> => {
    const evidence = await parts.evidence(picture).catch((error: unknown): Evidence[] => {
      parts.log.warn({ hit: hit.id, cause: String(error) }, 'hit without pictures');
      return [];
    });
    parts.raise(hit, evidence);
  };

  const apply = (id: string, step: Step): void => {
    stateOf(id).tracks = step.tracks;
    for (const { kind, passage } of step.events) {
      if (kind === 'look up') lookUp(passage);
      else parts.count(passage);
    }
  };

  /** Frames of one camera are read side by side, but what was read is taken in the order in which the frames came. */
  const analyse = (frame: Frame): Promise<void> => {
    const state = stateOf(frame.source);
    const where = { lane: state.camera.lane, camera: state.camera.id };
    const region = state.camera.region?.map(([x, y]): Point => [x * frame.width, y * frame.height]);
    const reading = parts.plates(frame, region).then(
      (result) => () => apply(where.camera, advance(state.tracks, where, result.frame.at, result.reads, result.frame)),
      (error: unknown) => () => {
        state.failed++;
        parts.log.warn({ camera: where.camera, cause: String(error) }, 'a frame could not be analysed');
      },
    );
    state.order = state.order.then(async () => {
      const take = await reading;
      take();
      state.analysed++;
      slots.done(where.camera);
    });
    return state.order;
  };

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => {
      underWay.delete(work);
      pump();
    });
  };

  const pump = (): void => {
    while (parts.free()) {
      const next = picturesWaiting.shift();
      const frame = next || draining ? undefined : slots.take();
      if (next) track(raiseWithPictures(next.picture, next.hit));
      else if (frame) track(analyse(frame));
      else return;
    }
  };

  return {
    frame(frame) {
      slots.put(frame);
      pump();
    },
    pump,
    lost(camera) {
      const state = stateOf(camera);
      apply(camera, closeAll(state.tracks, { lane: state.camera.lane, camera }));
      pump();
    },
    listChanged() {
      for (const state of states.values()) state.tracks = state.tracks.map((t) => ({ ...t, lookedUp: undefined }));
    },
    async drain() {
      draining = true;
      while (underWay.size > 0) await Promise.allSettled(underWay);
      for (const { hit } of picturesWaiting.splice(0)) parts.raise(hit, []);
    },
    counts(camera) {
      const { analysed, failed } = stateOf(camera);
      return { ...slots.counts(camera), analysed, failed };
    },
    lookups: () => lookups,
  };
}
