/**
 * Reads that plate cameras push. One that is no plate is counted and dropped; any other is looked up in memory, before anything is written.
 * No match: forgotten at once. A match is answered when its hit is on disk, with the camera's pictures encoded anew.
 */
import { asError } from '../contracts/errors.ts';
import { newId, type Clock } from '../clock/clock.ts';
import type { ReadOrigin } from '../hits/hit.ts';
import type { PicturePair } from '../inference/jobs.ts';
import { differences, normalisePlate } from '../contracts/plate-text.ts';
import type { PushedRead, PushRefusal } from '../contracts/push.ts';
import type { Instant, Log } from '../contracts/base.ts';
import type { Passage, PlateRead } from '../contracts/plate.ts';
import { openClockOffset, type ClockOffset } from '../devices/clock-offset.ts';
import type { BoundedQueue } from '../inference/bounded-queue.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import { toPlateRead } from './camera-read.ts';
import type { CameraTrackerParts } from './camera-tracker.ts';
import type { HitPictures } from './look-up.ts';
import type { PendingWork } from './pending-work.ts';
import { named } from '../contracts/words/names.ts';
import { english } from '../contracts/words/words.ts';

export interface PushedReadsParts extends Omit<CameraTrackerParts, 'recogniser'> {
  readonly clock: Clock;
  readonly recogniser: Pick<Recogniser, 'pushedPictures' | 'plateModels'>;
  /** Where scenes to be read wait for a thread. */
  readonly crossCheckQueue: BoundedQueue;
  /** What has to be finished before the box stops. */
  readonly pending: PendingWork;
}

export type CrossCheckOutcome = 'agreed' | 'disagreed' | 'not read';

export interface PushCounts extends Readonly<
  Pick<PushingCamera, 'plates' | 'impossible' | 'refused' | 'picturesRefused' | 'late' | 'crossChecks'>
> {
  /** Pushes that could not be used since the last that could: refused for a fault of the camera, or impossible. Heartbeats do not count. */
  readonly failing: number;
  /** The camera's clock less the box's; undefined while it has reported no time. */
  readonly clockOffsetMs: number | undefined;
}

type Settle = (error?: Error) => void;

/** The camera waits for its answer: the box's own read, and then the pictures of a hit, are given up after this long. */
const CHECK_MS = 2_000;
const PICTURES_MS = 2_000;
/** A plate in the scene that differs in more characters is another vehicle's. */
const MAX_DIFFERENCES = 3;
/** Reads that wait for the store. Beyond it they are refused, and the camera sends them again. */
const MAX_UNSETTLED = 64;

/** Refusals that tell nothing about the camera: another device was refused, or the camera sends the same again. */
const NOT_THE_CAMERAS: readonly PushRefusal[] = ['address', 'busy'];
/** Nothing was read: the camera, or another device at its address, logged in wrongly. */
const AT_THE_LOGIN: readonly PushRefusal[] = ['login', 'login throttled'];

class PushingCamera {
  readonly id: string;
  readonly lane: string;
  readonly clock: ClockOffset;
  plates = 0;
  /** What is no plate of a form that this box reads. */
  impossible = 0;
  /** Of plates and impossible ones, those that the camera had kept and sent late. */
  late = 0;
  /** Answered with a refusal, by reason. */
  readonly refused: Partial<Record<PushRefusal, number>> = {};
  /** Pictures that were not decoded. Those of reads that match nothing are not looked at, unless they are cross-checked. */
  picturesRefused = 0;
  /** As they were last logged. */
  refusedWords = '';
  readonly crossChecks: Record<CrossCheckOutcome, number> = { agreed: 0, disagreed: 0, 'not read': 0 };

  constructor(id: string, lane: string, log: Log) {
    this.id = id;
    this.lane = lane;
    this.clock = openClockOffset(id, log);
  }
}

export class PushedReads {
  readonly #parts: PushedReadsParts;
  readonly #cameras: ReadonlyMap<string, PushingCamera>;
  /** Reads whose hit is on its way to the disk. */
  readonly #unsettled = new Set<Settle>();
  #closed = false;

  /** `cameras`: of the road lanes, those that push nothing included. */
  constructor(cameras: readonly { readonly id: string; readonly lane: string }[], parts: PushedReadsParts) {
    this.#parts = parts;
    this.#cameras = new Map(cameras.map(({ id, lane }) => [id, new PushingCamera(id, lane, parts.log)]));
  }

  take(id: string, pushed: PushedRead, settle: Settle): void {
    const { lookups, rows, pending } = this.#parts;
    const camera = this.#camera(id);
    // The camera sends it again: looked up in no list at all, a listed vehicle would pass.
    const why = this.#closed ? english('queue-stops') : lookups.listAwaited();
    if (why !== undefined) return settle(new Error(why));
    const lateFrom = camera.clock.seen(pushed);
    if (lateFrom !== undefined) camera.late++;
    const read: TimedRead = {
      ...pushed,
      wasAt: lateFrom ?? pushed.at,
      receivedAt: lateFrom === undefined ? undefined : pushed.at,
    };
    const normal = normalisePlate(read.text);
    if (!('plate' in normal)) {
      camera.impossible++;
      rows.bad('reads', camera, english('push-no-plate', { what: normal.expected }));
      return settle();
    }
    camera.plates++;
    rows.good('reads', camera);
    const own = toPlateRead(normal.plate, read);
    if (!read.crossCheck)
      return this.#lookUp(camera, read, { best: own, also: undefined, by: { by: 'camera' } }, settle);
    pending.add(this.#crossCheck(camera, read, own, settle).catch((error: unknown) => settle(asError(error))));
  }

  refused(id: string, reason: PushRefusal, why: string): void {
    const camera = this.#camera(id);
    camera.refused[reason] = (camera.refused[reason] ?? 0) + 1;
    if (NOT_THE_CAMERAS.includes(reason)) return;
    this.#parts.rows.bad(AT_THE_LOGIN.includes(reason) ? 'logins' : 'reads', camera, why);
  }

  counts(id: string): PushCounts {
    const camera = this.#camera(id);
    const { plates, impossible, late, refused, picturesRefused, crossChecks, clock } = camera;
    const failing = this.#parts.rows.inARow('reads', camera);
    const clockOffsetMs = clock.offsetMs();
    return { plates, impossible, late, refused, failing, picturesRefused, crossChecks, clockOffsetMs };
  }

  /** Takes no further read. */
  close(): void {
    this.#closed = true;
  }

  /** Fails what still waits for the store; `pending` holds what else is under way. */
  fail(): void {
    for (const settle of this.#unsettled) settle(new Error(english('push-box-stops')));
    this.#unsettled.clear();
  }

  #camera(id: string): PushingCamera {
    const camera = this.#cameras.get(id);
    if (!camera) throw new Error(`no road camera ${id}`);
    return camera;
  }

  async #crossCheck(camera: PushingCamera, read: TimedRead, own: PlateRead, settle: Settle): Promise<void> {
    const { rows } = this.#parts;
    const { reads, why } = await this.#readScene(camera, read);
    const checked = crossChecked(own, reads);
    camera.crossChecks[checked.outcome]++;
    if (checked.outcome === 'agreed') rows.good('cross-checks', camera);
    else rows.bad('cross-checks', camera, why ?? named('cross-check', checked.outcome).en);
    this.#lookUp(camera, read, checked, settle);
  }

  /** Answers at once unless something is on its way to the disk. */
  #lookUp(camera: PushingCamera, read: TimedRead, { best, also, by }: AttributedRead, settle: Settle): void {
    const { clock, lookups, recogniser } = this.#parts;
    const { id, lane } = camera;
    const { wasAt, receivedAt } = read;
    const passage: Passage = {
      id: newId(clock.now()),
      lane,
      camera: id,
      first: wasAt,
      last: wasAt,
      best,
      votes: 1,
      direction: read.direction,
    };
    const pending = lookups.lookUp({
      ...by,
      passage,
      again: false,
      ...(also ? { also } : {}),
      ...(receivedAt === undefined ? {} : { receivedAt }),
      models: by.crossCheck ? recogniser.plateModels() : [],
      pictures: () => this.#evidence(camera, read, best.text),
    });
    lookups.count(passage, receivedAt);
    if (!pending) return settle();
    if (this.#unsettled.size >= MAX_UNSETTLED) return settle(new Error(english('push-too-many-wait')));
    this.#unsettled.add(settle);
    const answer = (error?: Error): void => {
      if (this.#unsettled.delete(settle)) settle(error);
    };
    pending.then(() => answer()).catch((error: unknown) => answer(asError(error)));
  }

  /** No read when no thread was free in time, or the scene cannot be read (`why`): the camera's read then goes alone. */
  async #readScene(camera: PushingCamera, { pictures: { scene } }: PushedRead): Promise<SceneReads> {
    if (!scene) return { reads: [], why: english('cross-check-no-picture') };
    const job = { pictures: { scene }, read: true };
    const { recogniser, crossCheckQueue } = this.#parts;
    const result = await crossCheckQueue.run(() => recogniser.pushedPictures(job), CHECK_MS).catch(() => undefined);
    if (!result) return { reads: [], why: english('cross-check-no-thread') };
    const why = this.#noteRefused(camera, result.refused);
    return { reads: result.reads, ...(why === undefined ? {} : { why }) };
  }

  /** The camera's pictures without anything but their pixels. */
  async #evidence(camera: PushingCamera, { pictures }: PushedRead, text: string): Promise<HitPictures> {
    if (!pictures.plate && !pictures.scene) return { evidence: [] };
    const job = { pictures, read: false, evidenceOf: text };
    const { recogniser, hitQueue } = this.#parts;
    const { evidence, refused } = await hitQueue.run(() => recogniser.pushedPictures(job), PICTURES_MS);
    const missing = this.#noteRefused(camera, refused);
    return { evidence, ...(missing === undefined ? {} : { missing }) };
  }

  /** Counts and names what could not be decoded of what the camera sent; undefined where all could. */
  #noteRefused(camera: PushingCamera, refused: PicturePair<string>): string | undefined {
    const why = unusable(refused);
    if (why === undefined) return undefined;
    camera.picturesRefused += Object.keys(refused).length;
    // The same fault comes with each push.
    if (why !== camera.refusedWords) this.#parts.log.warn({ camera: camera.id, why }, 'a pushed picture is not used');
    camera.refusedWords = why;
    return why;
  }
}

function unusable({ plate, scene }: PicturePair<string>): string | undefined {
  if (plate !== undefined && scene !== undefined) return english('push-pictures-unusable', { plate, scene });
  if (plate !== undefined) return english('push-plate-picture-unusable', { why: plate });
  return scene === undefined ? undefined : english('push-scene-picture-unusable', { why: scene });
}

/** With the time at which the vehicle was there: that of its arrival, unless it was sent late. */
interface TimedRead extends PushedRead {
  readonly wasAt: Instant;
  /** Of a late one only. */
  readonly receivedAt: Instant | undefined;
}

interface SceneReads {
  readonly reads: readonly PlateRead[];
  readonly why?: string;
}

/** What is looked up, and who read it. */
interface AttributedRead {
  readonly best: PlateRead;
  readonly also: PlateRead | undefined;
  readonly by: ReadOrigin;
}

/**
 * Two readers that agree are surer than either. Of two that do not, either may be right, and a person has to look. The plate in the scene
 * that is most like the camera's counts as the vehicle's, if it is like it at all, so that no neighbour's plate is kept with a hit.
 */
function crossChecked(
  own: PlateRead,
  reads: readonly PlateRead[],
): AttributedRead & { readonly outcome: CrossCheckOutcome } {
  const apart = (read: PlateRead): number => differences(read.text, own.text);
  const likest = [...reads].sort((a, b) => apart(a) - apart(b))[0];
  if (!likest || apart(likest) > MAX_DIFFERENCES) {
    return { outcome: 'not read', best: own, also: undefined, by: { by: 'camera', crossCheck: { text: null } } };
  }
  const { text, probability, band } = likest;
  const by: ReadOrigin = { by: 'camera', crossCheck: { text, probability } };
  if (text !== own.text) return { outcome: 'disagreed', best: { ...own, band: 'check' }, also: likest, by };
  return { outcome: 'agreed', best: band === 'accept' ? { ...own, band } : own, also: undefined, by };
}
