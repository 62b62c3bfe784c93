/** Hands the pictures of one camera, as they came, to whoever asks for them: nobody has to read the camera a second time. */
import type { AccessUnit } from '../../../gateway/contracts/source.ts';

/** Kept since the last key picture, so that a reader can begin at once; where more has come, it begins with the next one. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;
/** What may wait for one reader. Beyond it the reader goes on with the next key picture, and nobody else notices. */
export const MAX_WAITING_BYTES = 8 * 2 ** 20;

class Queue {
  #units: AccessUnit[];
  #bytes: number;
  #afterKey: boolean;
  #wake: () => void = () => undefined;

  constructor(units: readonly AccessUnit[]) {
    this.#units = [...units];
    this.#bytes = bytesOf(units);
    this.#afterKey = units.length > 0;
  }

  put(unit: AccessUnit): void {
    if (this.#bytes + unit.bytes.length > MAX_WAITING_BYTES) {
      [this.#units, this.#bytes, this.#afterKey] = [[], 0, false];
    }
    this.#afterKey ||= unit.key;
    if (!this.#afterKey) return;
    this.#units.push(unit);
    this.#bytes += unit.bytes.length;
    this.#wake();
  }

  /** What comes next does not go with what came before. */
  cut(): void {
    this.#afterKey = false;
  }

  /** Lets `take` look again. */
  wake(): void {
    this.#wake();
  }

  /** Undefined once `signal` has aborted, which `wake` tells. */
  async take(signal: AbortSignal): Promise<AccessUnit | undefined> {
    while (!signal.aborted) {
      const unit = this.#units.shift();
      if (unit) {
        this.#bytes -= unit.bytes.length;
        return unit;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return undefined;
  }
}

export class Packets {
  readonly #queues = new Set<Queue>();
  /** Since the last key picture, that one first; empty where there is none, or too much came after it. */
  #kept: AccessUnit[] = [];
  #keptBytes = 0;

  put(unit: AccessUnit): void {
    if (unit.key) [this.#kept, this.#keptBytes] = [[], 0];
    this.#keptBytes += unit.bytes.length;
    if (this.#keptBytes > MAX_KEPT_BYTES) this.#kept = [];
    else if (unit.key || this.#kept.length > 0) this.#kept.push(unit);
    for (const queue of this.#queues) queue.put(unit);
  }

  /** The camera was lost: what came before does not go with what comes next. */
  cut(): void {
    this.#kept = [];
    for (const queue of this.#queues) queue.cut();
  }

  async *read(signal: AbortSignal): AsyncGenerator<AccessUnit> {
    const queue = new Queue(this.#kept);
    const wake = (): void => queue.wake();
    signal.addEventListener('abort', wake);
    this.#queues.add(queue);
    try {
      for (let unit = await queue.take(signal); unit; unit = await queue.take(signal)) yield unit;
    } finally {
      signal.removeEventListener('abort', wake);
      this.#queues.delete(queue);
    }
  }
}

function bytesOf(units: readonly AccessUnit[]): number {
  return units.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
