/**
 * The road lanes: the latest frames go to the reading threads, reads become passages, passages are looked up; reads that cameras push are
 * passages at once. A passage that matches nothing is counted and forgotten; one that matches becomes a hit with its pictures.
 */
import type { PushedRead, PushRefusal } from '../contracts/push.ts';
import type { Frame } from '../contracts/picture.ts';
import type { FrameCounts } from '../devices/cameras.ts';
import { openBoundedQueue } from '../inference/bounded-queue.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import { CameraTracker, type CameraTrackerParts, type RoadCamera } from './camera-tracker.ts';
import { LatestFrames } from './latest-frame.ts';
import { PlateLookups, type LookupOutcome, type LookupParts } from './look-up.ts';
import { PendingWork } from './pending-work.ts';
import { PushedReads, type PushCounts } from './pushed-reads.ts';

export interface RoadParts
  extends Omit<LookupParts, 'lanes' | 'lastSeen' | 'pending'>, Pick<CameraTrackerParts, 'rows' | 'everything'> {
  readonly cameras: readonly RoadCamera[];
  readonly recogniser: Pick<Recogniser, 'free' | 'plates' | 'evidence' | 'plateModels' | 'pushedPictures'>;
  /** Reading threads; as many frames of one camera may be under way at a time. */
  readonly threads: number;
}

/** Hits whose pictures wait for a free thread. Beyond it a hit goes out without pictures rather than late. */
const MAX_HITS = 32;
/** Pushed scenes that wait to be read. Beyond it the camera's own read goes alone. */
const MAX_CROSS_CHECKS = 4;

export class RoadLanes {
  readonly #recogniser: RoadParts['recogniser'];
  readonly #frames: LatestFrames;
  readonly #cameras: ReadonlyMap<string, CameraTracker>;
  readonly #lookups: PlateLookups;
  readonly #pushed: PushedReads;
  readonly #hitQueue = openBoundedQueue(MAX_HITS, () => this.pump());
  readonly #crossCheckQueue = openBoundedQueue(MAX_CROSS_CHECKS, () => this.pump());
  /** What runs on a thread. */
  readonly #jobs: PendingWork;
  /** What has to be finished before the box stops. */
  readonly #pending: PendingWork;
  #draining = false;
  #crossCheckNext = false;

  constructor(parts: RoadParts) {
    const { cameras, recogniser, threads, log, rows, clock, everything = false } = parts;
    const hitQueue = this.#hitQueue;
    this.#recogniser = recogniser;
    this.#jobs = new PendingWork(log);
    this.#pending = new PendingWork(log);
    this.#frames = new LatestFrames(
      cameras.map((c) => c.id),
      threads,
    );
    const lookups = new PlateLookups({
      ...parts,
      pending: this.#pending,
      lanes: new Set(cameras.flatMap((c) => c.views.map((view) => view.lane))),
      lastSeen: (track, camera) => this.#cameras.get(camera)?.lastSeen(track),
    });
    this.#lookups = lookups;
    const own = { recogniser, lookups, hitQueue, rows, log, everything };
    this.#cameras = new Map(cameras.map((camera) => [camera.id, new CameraTracker(camera, own)]));
    const pushes = { clock, crossCheckQueue: this.#crossCheckQueue, pending: this.#pending };
    this.#pushed = new PushedReads(cameras, { ...own, ...pushes });
  }

  frame(frame: Frame): void {
    this.#frames.put(frame);
    this.pump();
  }

  /**
   * A camera has read a plate by itself. `settle` is called once: at once where nothing has to be kept; otherwise at the commit of the hit,
   * or with the reason why there is none.
   */
  pushed(camera: string, read: PushedRead, settle: (error?: Error) => void): void {
    this.#pushed.take(camera, read, settle);
  }

  /** A push of the camera was answered with a refusal. */
  refused(camera: string, reason: PushRefusal, why: string): void {
    this.#pushed.refused(camera, reason, why);
  }

  /** Gives work to the threads that are free. */
  pump(): void {
    while (this.#recogniser.free()) {
      const start = this.#next();
      if (!start) return;
      this.#jobs.add(start(), () => this.pump());
    }
  }

  /** The camera is gone: what it saw is looked up and counted. */
  lost(camera: string): void {
    this.#camera(camera).lost();
    this.pump();
  }

  /** Another list came into force: what is on the road now is looked up again, a car that has stood there for hours too. */
  listChanged(): void {
    for (const camera of this.#cameras.values()) camera.listChanged();
    this.#lookups.listChanged();
  }

  /**
   * Takes no further frame or read and waits for what is under way; hits whose pictures cannot be cut any more go out without. Reads whose
   * hit the store still refuses then are failed.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#pushed.close();
    this.#crossCheckQueue.close();
    // The pictures of hits are cut while anything runs; a turn of the loop lets what was read be looked up.
    do {
      await this.#jobs.settled();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#jobs.size > 0);
    this.#hitQueue.close();
    await this.#pending.settled();
    this.#pushed.fail();
    this.#lookups.close();
  }

  counts(camera: string): FrameCounts {
    return { ...this.#frames.counts(camera), ...this.#camera(camera).counts() };
  }

  pushes(camera: string): PushCounts {
    return this.#pushed.counts(camera);
  }

  /** Look-ups by outcome since the start. */
  lookups(): Readonly<Record<LookupOutcome, number>> {
    return this.#lookups.outcomes();
  }

  #camera(id: string): CameraTracker {
    const camera = this.#cameras.get(id);
    if (!camera) throw new Error(`no road camera ${id}`);
    return camera;
  }

  /** Pictures of hits first; then frames and pushed scenes by turns, so that neither starves the other. */
  #next(): (() => Promise<void>) | undefined {
    const hit = this.#hitQueue.take();
    if (hit) return hit;
    this.#crossCheckNext = !this.#crossCheckNext;
    return this.#crossCheckNext
      ? (this.#crossCheckQueue.take() ?? this.#nextFrame())
      : (this.#nextFrame() ?? this.#crossCheckQueue.take());
  }

  #nextFrame(): (() => Promise<void>) | undefined {
    while (!this.#draining) {
      const frame = this.#frames.take();
      if (!frame) return undefined;
      const camera = this.#camera(frame.source);
      const search = camera.plan(frame);
      if (search) return () => camera.analyse(frame, search).then(() => this.#frames.done(frame.source));
      this.#frames.done(frame.source);
    }
    return undefined;
  }
}
