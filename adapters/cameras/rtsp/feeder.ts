/** Gives the decoder what it needs, in order: every picture while awake, those that decoding can start with while asleep. */
import type { AccessUnit } from '../../../gateway/contracts/source.ts';

/** What a camera that is woken is caught up from; where more has come since its last key picture, it waits for the next one. */
const MAX_MISSED_BYTES = 4 * 2 ** 20;
/** What the decoder may have before it, and how long a picture may wait for it. Beyond that the machine is too slow, and the camera goes on with its next key picture. */
const MAX_BACKLOG_BYTES = 8 * 2 ** 20;
const MAX_WAIT_MS = 1_000;

export interface FeederOptions {
  /** Pictures a second that are shown, at most. */
  readonly fps: number;
  readonly decoder: {
    readonly backlogBytes: number;
    readonly waitMs: number;
    feed(unit: AccessUnit, show: boolean): void;
  };
  readonly mono?: () => number;
}

export class Feeder {
  readonly #options: FeederOptions;
  readonly #mono: () => number;
  /** Not decoded since the last picture that was; undefined where only a key picture can go on. */
  #missed: AccessUnit[] | undefined;
  #missedBytes = 0;
  /** The part of time, 1/fps long, of the last picture that was shown. */
  #slot: number | undefined;

  constructor(options: FeederOptions) {
    this.#options = options;
    this.#mono = options.mono ?? (() => performance.now());
  }

  take(unit: AccessUnit, awake: boolean): void {
    if (this.#isBehind()) this.#miss(undefined);
    else if (unit.key) this.#key(unit);
    else if (this.#missed && awake) this.#catchUp([...this.#missed, unit]);
    else if (this.#missed) this.#miss([...this.#missed, unit], unit.bytes.length);
  }

  /** A picture may also wait because one that comes later is needed to show it; then nothing is left before the decoder. */
  #isBehind(): boolean {
    const { backlogBytes, waitMs } = this.#options.decoder;
    return backlogBytes > MAX_BACKLOG_BYTES || (backlogBytes > 0 && waitMs > MAX_WAIT_MS);
  }

  /** Each picture of MJPEG is one: those that are not shown need not be decoded. */
  #key(unit: AccessUnit): void {
    const show = this.#due();
    if (unit.codec !== 'mjpeg' || show) this.#options.decoder.feed(unit, show);
    this.#miss([]);
  }

  /** Only the last one is scaled and shown: at once where the camera was asleep, otherwise in its turn. */
  #catchUp(units: readonly AccessUnit[]): void {
    const show = this.#due() || units.length > 1;
    for (const [i, unit] of units.entries()) this.#options.decoder.feed(unit, show && i === units.length - 1);
    this.#miss([]);
  }

  #miss(units: AccessUnit[] | undefined, bytes = 0): void {
    this.#missedBytes = units === undefined || units.length === 0 ? 0 : this.#missedBytes + bytes;
    this.#missed = this.#missedBytes > MAX_MISSED_BYTES ? undefined : units;
  }

  /** The first picture of each 1/fps, by its arrival: stamps of cameras stand still, or jump. */
  #due(): boolean {
    const slot = Math.floor((this.#mono() * this.#options.fps) / 1000);
    if (slot === this.#slot) return false;
    this.#slot = slot;
    return true;
  }
}
