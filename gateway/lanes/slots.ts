/** One latest frame per camera: the newest wins, what it replaces is dropped and counted. The slots are the only queue before the pool. */
import type { Frame } from '../types.ts';

export interface SlotCounts {
  readonly received: number;
  readonly taken: number;
  readonly dropped: number;
}

export interface Slots {
  put(frame: Frame): void;
  /** The waiting frame of the camera that was served longest ago and is not busy, or undefined. Marks that camera busy. */
  take(): Frame | undefined;
  /** The camera's frame has been analysed: its next one may be taken. One at a time keeps a camera's results in order. */
  done(camera: string): void;
  counts(camera: string): SlotCounts;
}

export function openSlots(cameras: readonly string[]): Slots {
  const slots = cameras.map((camera) => ({
    camera,
    waiting: undefined as Frame | undefined,
    busy: false,
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
      const ready = slots.filter((s) => s.waiting && !s.busy).sort((a, b) => a.served - b.served)[0];
      if (!ready?.waiting) return undefined;
      const frame = ready.waiting;
      ready.waiting = undefined;
      ready.busy = true;
      ready.served = ++turn;
      ready.taken++;
      return frame;
    },
    done(camera) {
      of(camera).busy = false;
    },
    counts(camera) {
      const { received, taken, dropped } = of(camera);
      return { received, taken, dropped };
    },
  };
}
