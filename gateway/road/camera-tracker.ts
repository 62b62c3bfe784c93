/** One road camera: which of its frames are read, the tracks of the vehicles before it, and what is looked up and counted of them. */
import type { Id, Instant, Log } from '../contracts/base.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Frame, Point } from '../contracts/picture.ts';
import type { CameraPart } from '../contracts/parts.ts';
import type { Source } from '../contracts/source.ts';
import type { FrameCounts } from '../devices/cameras.ts';
import type { FailureStreaks } from '../devices/failure-streaks.ts';
import type { BoundedQueue } from '../inference/bounded-queue.ts';
import type { PlateSearch, Recogniser } from '../inference/recogniser.ts';
import type { PlateLookups } from './look-up.ts';
import { openMotionGate, type MotionGate } from './motion-gate.ts';
import { speedOf } from './tracking/motion.ts';
import { TRACK_DEFAULTS, type Track } from './tracking/model.ts';
import { placesToSearch } from './tracking/places.ts';
import { surePlates } from './tracking/sure.ts';
import { advance, closeAll, hold, type TrackEvent, type TrackStep } from './tracking/track.ts';

export type RoadCamera = Pick<CameraPart, 'id' | 'lane' | 'region'> & { readonly source?: Pick<Source, 'video'> };

export interface CameraTrackerParts {
  readonly recogniser: Pick<Recogniser, 'plates' | 'evidence' | 'plateModels'>;
  readonly lookups: PlateLookups;
  /** Where pictures of hits wait for a thread. */
  readonly hitQueue: BoundedQueue;
  readonly rows: Pick<FailureStreaks, 'bad' | 'good' | 'inARow'>;
  readonly log: Log;
  /** Every frame is searched whole, and every plate in it read: what benches compare with. */
  readonly everything?: boolean;
}

export type AnalysisCounts = Pick<
  FrameCounts,
  'unchanged' | 'analysed' | 'failed' | 'failing' | 'partly' | 'platesRead' | 'platesSighted'
>;

/** A vehicle that has stood for so long, and was looked up, needs no more pictures than a camera gives that sleeps. */
const STANDS_MS = 2_000;

export class CameraTracker {
  readonly #camera: RoadCamera;
  readonly #parts: CameraTrackerParts;
  readonly #motionGate: MotionGate;
  #tracks: readonly Track[] = [];
  #unchanged = 0;
  #analysed = 0;
  #failed = 0;
  #partly = 0;
  #platesRead = 0;
  #platesSighted = 0;
  /** Frames are read side by side; their reads are taken in the order in which the frames came. */
  #order: Promise<void> = Promise.resolve();

  constructor(camera: RoadCamera, parts: CameraTrackerParts) {
    this.#camera = camera;
    this.#parts = parts;
    this.#motionGate = openMotionGate(camera.region);
  }

  /**
   * What is to be searched in a frame, and read; undefined for one that shows nothing new. A vehicle that is not yet read surely enough for its
   * look-up is looked for in every frame.
   */
  plan(frame: Frame): PlateSearch | undefined {
    const region = this.#camera.region?.map(([x, y]): Point => [x * frame.width, y * frame.height]);
    const inRegion = region ? { region } : {};
    if (this.#parts.everything) return inRegion;
    const { must, also } = placesToSearch(this.#tracks, frame.at);
    const area = this.#motionGate.area(frame, must, also);
    if (area === 'nothing') {
      this.#unchanged++;
      this.#inOrder(() => void (this.#tracks = hold(this.#tracks, frame.at)));
      return undefined;
    }
    const sure = surePlates(this.#tracks, frame.at);
    return {
      ...inRegion,
      ...(area === 'whole' ? {} : { parts: area }),
      ...(sure.length > 0 ? { sure } : {}),
    };
  }

  /** Never rejects: a frame that cannot be analysed is counted and logged. */
  analyse(frame: Frame, search: PlateSearch): Promise<void> {
    const reading = this.#parts.recogniser.plates(frame, search);
    // Its failure is handled when its turn comes.
    reading.catch(() => undefined);
    this.#inOrder(async () => {
      try {
        const { frame: returned, reads, sightings, attempts } = await reading;
        this.#platesRead += attempts;
        this.#platesSighted += sightings.length;
        const facts = { sightings, parts: search.parts };
        this.#apply(advance(this.#tracks, this.#place(), returned.at, reads, returned, TRACK_DEFAULTS, facts));
        this.#parts.rows.good('frames', this.#camera);
        if (this.#tracks.some(needsPictures)) this.#camera.source?.video?.keepAwake();
      } finally {
        this.#analysed++;
        if (search.parts) this.#partly++;
      }
    });
    return this.#order;
  }

  /** The camera is gone: its open tracks are closed, so that their vehicles are looked up and counted. */
  lost(): void {
    this.#motionGate.forget();
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

  counts(): AnalysisCounts {
    const failing = this.#parts.rows.inARow('frames', this.#camera);
    const plates = { partly: this.#partly, platesRead: this.#platesRead, platesSighted: this.#platesSighted };
    return { unchanged: this.#unchanged, analysed: this.#analysed, failed: this.#failed, failing, ...plates };
  }

  #place(): { readonly lane: string; readonly camera: string } {
    return { lane: this.#camera.lane, camera: this.#camera.id };
  }

  /** A failure costs its own frame alone: a chain whose head has failed would never move again. */
  #inOrder(work: () => void | Promise<void>): void {
    this.#order = this.#order.then(work).catch((error: unknown) => {
      const { rows, log } = this.#parts;
      this.#failed++;
      this.#motionGate.forget();
      rows.bad('frames', this.#camera, causeOf(error));
      log.warn({ camera: this.#camera.id, cause: causeOf(error) }, 'a frame could not be analysed');
    });
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
