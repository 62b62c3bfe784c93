/** One latest frame per camera: the newest wins; the one it replaces is dropped and counted. There is no other queue of frames before the pool. */
import type { Frame } from '../contracts/picture.ts';
import type { FrameCounts } from '../devices/cameras.ts';

export type QueueCounts = Pick<FrameCounts, 'received' | 'taken' | 'dropped'>;

interface CameraSlot {
  latest: Frame | undefined;
  underWay: number;
  /** Its last turn. */
  served: number;
  received: number;
  taken: number;
  dropped: number;
}

export class LatestFrames {
  readonly #slots: ReadonlyMap<string, CameraSlot>;
  readonly #maxUnderWay: number;
  #turn = 0;

  /** At most `maxUnderWay` frames of one camera are analysed at a time. */
  constructor(cameras: readonly string[], maxUnderWay: number) {
    const newSlot = (): CameraSlot => {
      return { latest: undefined, underWay: 0, served: 0, received: 0, taken: 0, dropped: 0 };
    };
    this.#slots = new Map(cameras.map((camera) => [camera, newSlot()]));
    this.#maxUnderWay = maxUnderWay;
  }

  put(frame: Frame): void {
    const slot = this.#slot(frame.source);
    slot.received++;
    if (slot.latest) slot.dropped++;
    slot.latest = frame;
  }

  /** The latest frame of the camera with the fewest frames under way, among those of the one served longest ago; or undefined. */
  take(): Frame | undefined {
    const [slot] = [...this.#slots.values()]
      .filter((s) => s.latest && s.underWay < this.#maxUnderWay)
      .sort((a, b) => a.underWay - b.underWay || a.served - b.served);
    if (!slot) return undefined;
    const frame = slot.latest;
    slot.latest = undefined;
    slot.underWay++;
    slot.served = ++this.#turn;
    slot.taken++;
    return frame;
  }

  /** A frame of the camera has been analysed. */
  done(camera: string): void {
    this.#slot(camera).underWay--;
  }

  counts(camera: string): QueueCounts {
    const { received, taken, dropped } = this.#slot(camera);
    return { received, taken, dropped };
  }

  #slot(camera: string): CameraSlot {
    const slot = this.#slots.get(camera);
    if (!slot) throw new Error(`no road camera ${camera}`);
    return slot;
  }
}
