/**
 * Whether a camera sleeps. It wakes when a predicted picture is larger than usual (size-baseline.ts), when a key picture shows what was not there
 * (background.ts), or when its lane says so; it sleeps again when nothing has moved for a while and its lane follows no vehicle.
 */
import type { AccessUnit, DecodingState } from '../../../gateway/contracts/source.ts';
import { openThumbnails, type Thumbnail } from '../../../gateway/contracts/thumbnail.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import type { Frame } from '../../../gateway/contracts/picture.ts';
import { Background } from './background.ts';
import { SizeBaseline } from './size-baseline.ts';

/** Awake for so long at first, with so many key pictures, to learn what is usual. */
const LEARN_MS = 5_000;
const LEARN_KEYS = 4;
/** Nothing has moved for so long. */
const REST_MS = 2_000;
/** What keeps it awake for so long without a vehicle that the lane can follow is noise, and is learnt as such. */
const MAX_ALONE_MS = 8_000;
/** Unless the lane finds a vehicle within so long after. */
const FOUND_LATE_MS = 10_000;
/** So is what wakes it twice within this time without a vehicle. Once may have been one whose plate could not be read. */
const REPEATED_MS = 120_000;
/** Two seconds, and what the network adds. A vehicle may pass between key pictures that are further apart. */
const MAX_KEY_GAP_MS = 2_250;
const KEY_GAPS = 3;
/** So many vehicles in a row that only the picture has shown, and no size: the encoder hides what moves. */
const MAX_HIDDEN = 3;

interface Wake {
  readonly atMs: number;
  readonly learning: boolean;
  /** When something last moved. */
  movedMs: number;
  /** When the lane last followed a vehicle. */
  followedMs: number | undefined;
  bySize: boolean;
}

export class SleepWatch {
  readonly #maySleep: boolean;
  readonly #mono: () => number;
  readonly #sizes = new SizeBaseline();
  readonly #background = new Background();
  readonly #thumbnails = openThumbnails();
  readonly #keyGapsMs: number[] = [];
  /** Undefined while asleep. */
  #wake: Wake | undefined;
  #isMjpeg = false;
  #keys = 0;
  /** Pictures since the last key picture. */
  #place = 0;
  #keyMs: number | undefined;
  #latest: Thumbnail | undefined;
  #falseWakeMs = -Infinity;
  #hidden = 0;

  constructor(maySleep = true, mono: () => number = () => performance.now()) {
    this.#maySleep = maySleep;
    this.#mono = mono;
    this.#wakeUp(true);
  }

  /** Takes each picture as it comes. True: it is to be decoded though it is none that decoding can start with. */
  take({ codec, key, bytes }: Pick<AccessUnit, 'codec' | 'key' | 'bytes'>): boolean {
    const now = this.#mono();
    this.#isMjpeg = codec === 'mjpeg';
    if (key) this.#key(now);
    else this.#predicted(bytes.length, now);
    this.#fallAsleepIfQuiet(now);
    return this.#wake !== undefined || this.why !== undefined;
  }

  /** Takes each picture that was decoded to be shown. */
  seen(frame: Pick<Frame, 'width' | 'height' | 'rgb'>): void {
    const now = this.#mono();
    const picture = this.#thumbnails(frame);
    this.#latest = picture;
    const isChanged = this.#background.isChanged(picture);
    if (this.#wake) {
      this.#background.note(picture);
      if (isChanged) this.#wake.movedMs = now;
    } else if (isChanged) this.#wakeUp();
    else this.#background.follow(picture, now);
  }

  /** The lane follows a vehicle. */
  keepAwake(): void {
    const now = this.#mono();
    if (!this.#wake && now - this.#falseWakeMs < FOUND_LATE_MS) {
      this.#sizes.forgetNoise();
      this.#background.forgetNoise();
    }
    if (!this.#wake) this.#wakeUp();
    this.#wake!.followedMs = now;
  }

  get state(): DecodingState['state'] {
    if (this.why !== undefined) return 'full';
    return this.#wake ? 'awake' : 'asleep';
  }

  /** Why it cannot sleep; undefined where it can. */
  get why(): string | undefined {
    if (!this.#maySleep) return english('camera-full-set');
    if (this.#isMjpeg) return english('camera-full-mjpeg');
    const gapMs = this.#keyGapsMs.toSorted((a, b) => a - b)[KEY_GAPS >> 1] ?? 0;
    if (gapMs > MAX_KEY_GAP_MS) return english('camera-full-keys', { seconds: Math.round(gapMs / 100) / 10 });
    return this.#hidden >= MAX_HIDDEN ? english('camera-full-hidden') : undefined;
  }

  #key(now: number): void {
    this.#keys++;
    this.#place = 0;
    if (this.#keyMs !== undefined) this.#keyGapsMs.push(now - this.#keyMs);
    if (this.#keyGapsMs.length > KEY_GAPS) this.#keyGapsMs.shift();
    this.#keyMs = now;
  }

  #predicted(bytes: number, now: number): void {
    const place = ++this.#place;
    if (this.#sizes.isUnusual(place, bytes, now)) {
      if (!this.#wake) this.#wakeUp();
      this.#wake!.movedMs = now;
      this.#wake!.bySize = true;
    }
    if (this.#wake) this.#sizes.add(place, bytes);
    else this.#sizes.follow(place, bytes, now);
  }

  #wakeUp(learning = false): void {
    const atMs = this.#mono();
    this.#sizes.clear();
    this.#wake = { atMs, learning, movedMs: atMs, followedMs: undefined, bySize: false };
  }

  #fallAsleepIfQuiet(now: number): void {
    const wake = this.#wake;
    if (!wake || !this.#latest) return;
    const { atMs, learning, movedMs, followedMs = -Infinity } = wake;
    if (learning && (now - atMs < LEARN_MS || this.#keys < LEARN_KEYS)) return;
    const aloneMs = now - Math.max(atMs, followedMs);
    if (now - Math.max(movedMs, followedMs) < REST_MS && aloneMs < MAX_ALONE_MS) return;
    if (wake.followedMs === undefined) this.#wasNoVehicle(aloneMs, learning, now);
    else this.#wasVehicle(wake);
    this.#background.settle(this.#latest);
    this.#sizes.clear();
    this.#wake = undefined;
  }

  #wasNoVehicle(aloneMs: number, learning: boolean, now: number): void {
    const isNoise = learning || aloneMs >= MAX_ALONE_MS || now - this.#falseWakeMs < REPEATED_MS;
    this.#falseWakeMs = now;
    if (!isNoise) return;
    this.#sizes.learnNoise(now);
    this.#background.learnNoise(now);
  }

  #wasVehicle({ learning, bySize }: Wake): void {
    if (learning) return this.#sizes.learn();
    this.#hidden = bySize ? 0 : this.#hidden + 1;
  }
}
