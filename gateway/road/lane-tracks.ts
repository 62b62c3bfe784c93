/** The vehicles that one lane sees before one camera: their tracks, and what is looked up and counted of them. */
import type { Id, Instant } from '../contracts/base.ts';
import type { CameraView } from '../contracts/parts.ts';
import { isInside, type Frame, type Point, type Quad } from '../contracts/picture.ts';
import type { BoundedQueue } from '../inference/bounded-queue.ts';
import type { FramePart, PlatesResult, SurePlate } from '../inference/jobs.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { PlateLookups } from './look-up.ts';
import { TRACK_DEFAULTS, type Track } from './tracking/model.ts';
import { platePosition, speedOf } from './tracking/motion.ts';
import { placesToSearch } from './tracking/places.ts';
import { surePlates } from './tracking/sure.ts';
import { advance, closeAll, hold, type TrackEvent, type TrackStep } from './tracking/track.ts';

export interface LaneTracksParts {
  readonly recogniser: Pick<Recogniser, 'evidence' | 'plateModels'>;
  readonly lookups: PlateLookups;
  /** Where pictures of hits wait for a thread. */
  readonly hitQueue: BoundedQueue;
}

/** A vehicle that has stood for so long, and was looked up, needs no more pictures than a camera gives that sleeps. */
const STANDS_MS = 2_000;

export class LaneTracks {
  readonly #view: CameraView;
  readonly #camera: string;
  readonly #parts: LaneTracksParts;
  #tracks: readonly Track[] = [];

  constructor(view: CameraView, camera: string, parts: LaneTracksParts) {
    this.#view = view;
    this.#camera = camera;
    this.#parts = parts;
  }

  /** In pixels of the frame; undefined where all of the picture is the lane's. */
  regionIn({ width, height }: Frame): readonly Point[] | undefined {
    return this.#view.region?.map(([x, y]): Point => [x * width, y * height]);
  }

  /** Where vehicles are looked for, whatever has changed there. */
  places(at: Instant): ReturnType<typeof placesToSearch> {
    return placesToSearch(this.#tracks, at);
  }

  sure(at: Instant): readonly SurePlate[] {
    return surePlates(this.#tracks, at);
  }

  /** A frame that was not searched because it shows nothing new. */
  hold(at: Instant): void {
    this.#tracks = hold(this.#tracks, at);
  }

  /** What was found in a frame, of that what lies in the region; `parts`: all of it that was searched. */
  take({ frame, reads, sightings }: PlatesResult, parts: readonly FramePart[] | undefined): void {
    const region = this.regionIn(frame);
    const isMine = ({ corners }: { readonly corners: Quad }): boolean => {
      const { x, y } = platePosition(corners);
      return region === undefined || isInside(region, [x, y]);
    };
    const facts = { sightings: sightings.filter(isMine), parts };
    const own = reads.filter(isMine);
    this.#apply(advance(this.#tracks, this.#place(), frame.at, own, frame, TRACK_DEFAULTS, facts));
  }

  /** Whether every picture shows more of a vehicle. */
  needsPictures(): boolean {
    return this.#tracks.some(needsPictures);
  }

  /** The camera is gone: its open tracks are closed, so that their vehicles are looked up and counted. */
  lost(): void {
    this.#apply(closeAll(this.#tracks, this.#place()));
  }

  /** What is on the road now is looked up again. */
  listChanged(): void {
    this.#tracks = this.#tracks.map((t) => ({ ...t, lookedUp: undefined }));
  }

  /** When a track last saw its vehicle; undefined where there is no such track any more. */
  lastSeen(track: Id): Instant | undefined {
    return this.#tracks.find((t) => t.id === track)?.last;
  }

  #place(): { readonly lane: string; readonly camera: string } {
    return { lane: this.#view.lane, camera: this.#camera };
  }

  /** A look-up that fails is tried again with the next frame that shows its vehicle, and keeps no other from being done; the first failure is thrown. */
  #apply(step: TrackStep): void {
    this.#tracks = step.tracks;
    const failures: unknown[] = [];
    for (const event of step.events) {
      try {
        this.#act(event);
      } catch (error) {
        failures.push(error);
        this.#tracks = this.#tracks.map((t) => (t.id === event.passage.id ? { ...t, lookedUp: undefined } : t));
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #act({ kind, passage, better }: TrackEvent): void {
    const { lookups, recogniser, hitQueue } = this.#parts;
    if (kind === 'count') return lookups.count(passage);
    const { picture } = passage;
    const pending = lookups.lookUp({
      passage,
      again: better === true,
      by: 'box',
      models: recogniser.plateModels(),
      pictures: async () => ({ evidence: picture ? await hitQueue.run(() => recogniser.evidence(picture)) : [] }),
    });
    // The loss of a hit is logged where it happens.
    pending?.catch(() => undefined);
  }
}

/** Every picture shows more of it: it moves, or has not been read surely enough. */
function needsPictures({ closed, lookedUp, missed, first, last, motion }: Track): boolean {
  const stands = last - first >= STANDS_MS && speedOf(motion, last) < TRACK_DEFAULTS.slowWidthsPerS;
  return !closed && (lookedUp === undefined || missed > 0 || !stands);
}
