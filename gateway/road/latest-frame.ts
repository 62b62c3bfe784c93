/** One latest frame per camera: the newest wins, what it replaces is dropped and counted. The slots are the only queue before the pool. */
import type { Frame } from '../contracts/picture.ts';

export interface SlotCounts {
  readonly received: number;
  readonly taken: number;
  readonly dropped: number;
}

export interface Slots {
  put(frame: Frame): void;
  /** The waiting frame of the camera with the fewest frames under way, among those the one served longest ago; or undefined. */
  take(): Frame | undefined;
  /** A frame of the camera has been analysed. */
  done(camera: string): void;
  counts(camera: string): SlotCounts;
}

/** `most` frames of one camera may be under way at a time. */
export function openSlots(cameras: readonly string[], most: number): Slots {
  const slots = cameras.map((camera) => ({
    camera,
    waiting: undefined as Frame | undefined,
    underWay: 0,
    served: 0,
    received: 0,
    taken: 0,
    dropped: 0,
  }));
  const byCamera = new Map(slots.map((s) => [s.camera, s]));
  let turn = 0;
  const of = (camera: string) => {
    const slot = byCamera.get(camera);
    if (!slot) throw new Error(`no slot for camera ${camera}`);
    return slot;
  };
  return {
    put(frame) {
      const slot = of(frame.source);
      slot.received++;
      if (slot.waiting) slot.dropped++;
      slot.waiting = frame;
    },
    take() {
      const ready = slots
        .filter((s) => s.waiting && s.underWay < most)
        .sort((a, b) => a.underWay - b.underWay || a.served - b.served)[0];
      if (!ready?.waiting) return undefined;
      const frame = ready.waiting;
      ready.waiting = undefined;
      ready.underWay++;
      ready.served = ++turn;
      ready.taken++;
      return frame;
    },
    done(camera) {
      of(camera).underWay--;
    },
    counts(camera) {
      const { received, taken, dropped } = of(camera);
      return { received, taken, dropped };
    },
  };
}
