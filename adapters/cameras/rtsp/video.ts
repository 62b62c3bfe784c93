/** The stream of one camera, over all its runs: what of it is decoded, and for how long. */
import type { AccessUnit, CameraVideo, DecodingState } from '../../../gateway/contracts/source.ts';
import type { Frame } from '../../../gateway/contracts/picture.ts';
import { Packets } from './packets.ts';
import { SleepWatch } from './sleep.ts';

/** A longer pause between two pictures is one of the camera, not time that it slept or was awake. */
const MAX_STEP_MS = 5_000;

export class RtspVideo implements CameraVideo {
  readonly #packets = new Packets();
  readonly #maySleep: boolean;
  #watch: SleepWatch;
  #asleepMs = 0;
  #decodedMs = 0;
  #takenMs = -Infinity;

  /** `maySleep`: as the configuration has it. */
  constructor(maySleep = true) {
    this.#maySleep = maySleep;
    this.#watch = new SleepWatch(maySleep);
  }

  /** Another run begins: the camera may be another one, or have other settings. */
  begin(): void {
    this.#watch = new SleepWatch(this.#maySleep);
    this.#packets.cut();
  }

  /** Takes each picture as it comes. True: it is to be decoded. */
  take(unit: AccessUnit): boolean {
    this.#packets.put(unit);
    const now = performance.now();
    const stepMs = now - this.#takenMs;
    this.#takenMs = now;
    const isAwake = this.#watch.take(unit);
    if (stepMs > MAX_STEP_MS) return isAwake;
    if (isAwake) this.#decodedMs += stepMs;
    else this.#asleepMs += stepMs;
    return isAwake;
  }

  seen(frame: Frame): void {
    this.#watch.seen(frame);
  }

  keepAwake(): void {
    this.#watch.keepAwake();
  }

  packets(signal: AbortSignal): AsyncIterable<AccessUnit> {
    return this.#packets.read(signal);
  }

  decoding(): DecodingState {
    const { state, why } = this.#watch;
    return { state, why, asleepS: this.#asleepMs / 1000, decodedS: this.#decodedMs / 1000 };
  }
}
