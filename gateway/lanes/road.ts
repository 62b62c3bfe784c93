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
  const slots = openSlots(parts.cameras.map((c) => c.id));
  const states = new Map(
    parts.cameras.map((camera) => [camera.id, { camera, tracks: [] as readonly Track[], analysed: 0, failed: 0 }]),
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

  const analyse = async (frame: Frame): Promise<void> => {
    const state = stateOf(frame.source);
    const where = { lane: state.camera.lane, camera: state.camera.id };
    try {
      const region = state.camera.region?.map(([x, y]): Point => [x * frame.width, y * frame.height]);
      const result = await parts.plates(frame, region);
      apply(where.camera, advance(state.tracks, where, result.frame.at, result.reads, result.frame));
    } catch (error) {
      state.failed++;
      parts.log.warn({ camera: where.camera, cause: String(error) }, 'a frame could not be analysed');
    } finally {
      state.analysed++;
      slots.done(where.camera);
    }
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
