/** One road camera: which of its frames are read and where, for all lanes that look at it. */
import type { Id, Instant, Log } from '../contracts/base.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Frame } from '../contracts/picture.ts';
import type { CameraPart } from '../contracts/parts.ts';
import type { Source } from '../contracts/source.ts';
import type { FrameCounts } from '../devices/cameras.ts';
import type { FailureStreaks } from '../devices/failure-streaks.ts';
import type { PlateSearch, Recogniser } from '../inference/recogniser.ts';
import { LaneTracks, type LaneTracksParts } from './lane-tracks.ts';
import { LONGEST_SKIP_ASLEEP_MS, LONGEST_SKIP_MS, openMotionGate, type MotionGate } from './motion-gate.ts';

export type RoadCamera = Pick<CameraPart, 'id' | 'lane' | 'views'> & { readonly source?: Pick<Source, 'video'> };

export interface CameraTrackerParts extends LaneTracksParts {
  readonly recogniser: LaneTracksParts['recogniser'] & Pick<Recogniser, 'plates'>;
  readonly rows: Pick<FailureStreaks, 'bad' | 'good' | 'inARow'>;
  readonly log: Log;
  /** Every frame is searched whole, and every plate in it read: what benches compare with. */
  readonly everything?: boolean;
}

export type AnalysisCounts = Pick<
  FrameCounts,
  'unchanged' | 'analysed' | 'failed' | 'failing' | 'partly' | 'platesRead' | 'platesSighted'
>;

export class CameraTracker {
  readonly #camera: RoadCamera;
  readonly #parts: CameraTrackerParts;
  readonly #motionGate: MotionGate;
  readonly #lanes: readonly LaneTracks[];
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
    this.#lanes = camera.views.map((view) => new LaneTracks(view, camera.id, parts));
    const regions = camera.views.map(({ region }) => region);
    this.#motionGate = openMotionGate(every(regions));
  }

  /**
   * What is to be searched in a frame, and read; undefined for one that shows nothing new. A vehicle that is not yet read surely enough for its
   * look-up is looked for in every frame.
   */
  plan(frame: Frame): PlateSearch | undefined {
    const regions = every(this.#lanes.map((lane) => lane.regionIn(frame)));
    const inRegions = regions ? { regions } : {};
    if (this.#parts.everything) return inRegions;
    const places = this.#lanes.map((lane) => lane.places(frame.at));
    const [must, also] = [places.flatMap((p) => p.must), places.flatMap((p) => p.also)];
    const isAsleep = this.#camera.source?.video?.decoding().state === 'asleep';
    const longestSkipMs = isAsleep ? LONGEST_SKIP_ASLEEP_MS : LONGEST_SKIP_MS;
    const area = this.#motionGate.area(frame, must, also, longestSkipMs);
    if (area === 'nothing') {
      this.#unchanged++;
      this.#inOrder(() => this.#lanes.forEach((lane) => lane.hold(frame.at)));
      return undefined;
    }
    const sure = this.#lanes.flatMap((lane) => lane.sure(frame.at));
    return {
      ...inRegions,
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
        const result = await reading;
        this.#platesRead += result.attempts;
        this.#platesSighted += result.sightings.length;
        forEachLane(this.#lanes, (lane) => lane.take(result, search.parts));
        this.#parts.rows.good('frames', this.#camera);
        if (this.#lanes.some((lane) => lane.needsPictures())) this.#camera.source?.video?.keepAwake();
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
    forEachLane(this.#lanes, (lane) => lane.lost());
  }

  /** What is on the road now is looked up again. */
  listChanged(): void {
    for (const lane of this.#lanes) lane.listChanged();
  }

  /** When a track last saw its vehicle; undefined where there is no such track any more. */
  lastSeen(track: Id): Instant | undefined {
    for (const lane of this.#lanes) {
      const last = lane.lastSeen(track);
      if (last !== undefined) return last;
    }
    return undefined;
  }

  counts(): AnalysisCounts {
    const failing = this.#parts.rows.inARow('frames', this.#camera);
    const plates = { partly: this.#partly, platesRead: this.#platesRead, platesSighted: this.#platesSighted };
    return { unchanged: this.#unchanged, analysed: this.#analysed, failed: this.#failed, failing, ...plates };
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
}

/** Undefined where one of them is: that lane sees all of the picture. */
function every<T>(regions: readonly (T | undefined)[]): readonly T[] | undefined {
  const all = regions.filter((region) => region !== undefined);
  return all.length === regions.length ? all : undefined;
}

/** What fails for one lane is done for the others; the first failure is thrown. */
function forEachLane(lanes: readonly LaneTracks[], work: (lane: LaneTracks) => void): void {
  const failures: unknown[] = [];
  for (const lane of lanes) {
    try {
      work(lane);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
