/**
 * The road lanes: latest frames go to the pool, reads become passages, passages are looked up.
 * A passage that matches nothing is counted and forgotten; one that matches becomes a hit with its pictures.
 */
import { createHash } from 'node:crypto';
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

/** The pictures of one moment, as the pool makes them. */
export interface Shots {
  readonly plate: Uint8Array;
  readonly scene: Uint8Array;
}

/** What the lane needs of the rest of the box; main.ts passes it in. */
export interface RoadParts {
  readonly cameras: readonly RoadCamera[];
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Sha256;
  readonly models: readonly Sha256[];
  /** True when a thread of the pool is free. */
  free(): boolean;
  /** Finds and reads the plates of a frame; the frame moves to the thread and comes back. */
  plates(frame: Frame, region: readonly Point[] | undefined): Promise<{ reads: readonly PlateRead[]; frame: Frame }>;
  shots(picture: Picture): Promise<Shots>;
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
  counts(camera: string): RoadCounts;
  /** Look-ups by outcome since the start. */
  lookups(): Readonly<Record<LookupOutcome, number>>;
}

export type LookupOutcome = 'no list' | 'no match' | 'possible' | 'exact';

/** Hits whose pictures wait for a free thread. Beyond it a hit goes out without pictures rather than late. */
const MOST_SHOTS_WAITING = 32;

export function openRoad(parts: RoadParts): Road {
  const slots = openSlots(parts.cameras.map((c) => c.id));
  const states = new Map(
    parts.cameras.map((camera) => [camera.id, { camera, tracks: [] as readonly Track[], analysed: 0, failed: 0 }]),
  );
  const lookups: Record<LookupOutcome, number> = { 'no list': 0, 'no match': 0, possible: 0, exact: 0 };
  const shotsWaiting: (() => Promise<void>)[] = [];

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
      models: parts.models,
    });
    lookups[hit.certainty]++;
    const { picture } = passage;
    if (!picture || shotsWaiting.length >= MOST_SHOTS_WAITING) parts.raise(hit, []);
    else shotsWaiting.push(() => takeShots(picture, hit));
  };

  const takeShots = async (picture: Picture, hit: Hit): Promise<void> => {
    const evidence = await parts.shots(picture).then(evidenceOf, (error: unknown) => {
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
      pump();
    }
  };

  const pump = (): void => {
    while (parts.free()) {
      const shots = shotsWaiting.shift();
      const frame = shots ? undefined : slots.take();
      if (shots) void shots().finally(pump);
      else if (frame) void analyse(frame);
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
    counts(camera) {
      const { analysed, failed } = stateOf(camera);
      return { ...slots.counts(camera), analysed, failed };
    },
    lookups: () => lookups,
  };
}

function evidenceOf(shots: Shots): Evidence[] {
  return (['plate', 'scene'] as const).map((what) => ({
    what,
    sha256: createHash('sha256').update(shots[what]).digest('hex'),
    mediaType: 'image/jpeg',
    bytes: shots[what],
  }));
}
