/** What a camera shows while nothing happens, cell by cell, and how much of each cell changes by itself: trees, rain, a clock. Pure. */
import { MIN_STEP, type Thumbnail } from '../../../gateway/contracts/thumbnail.ts';
import { NOISE_HALF_LIFE_MS } from './size-baseline.ts';

/** Of the difference, with each key picture: slow changes of light are followed. */
const FOLLOWED = 0.2;
/** What moved without a vehicle may move so much further. */
const NOISE_MARGIN = 1.3;
/** A vehicle covers less than the rest. */
const EVERYWHERE = 0.7;

export class Background {
  #cells = new Float32Array(0);
  /** How far a cell goes by itself, of late. */
  #noise = new Float32Array(0);
  #noiseAt = 0;
  /** The farthest that each cell went since `settle`. */
  #farthest = new Float32Array(0);

  /** Whether the picture shows what was not there before: four cells in a square, which a streak of rain never fills, changed the same way. */
  isChanged(picture: Thumbnail): boolean {
    if (picture.sums.length !== this.#cells.length) return false;
    const { sums, columns } = picture;
    const ways = new Int8Array(sums.length);
    for (let i = 0; i < sums.length; i++) {
      const step = sums[i]! - this.#cells[i]!;
      if (Math.abs(step) <= Math.max(MIN_STEP, NOISE_MARGIN * this.#noise[i]!)) continue;
      const way = step > 0 ? 1 : -1;
      ways[i] = way;
      if (i % columns === 0 || i < columns) continue;
      if (ways[i - 1] === way && ways[i - columns] === way && ways[i - columns - 1] === way) return true;
    }
    return false;
  }

  /** What it shows now is the background. */
  settle({ sums }: Thumbnail): void {
    if (sums.length !== this.#noise.length) this.#noise = new Float32Array(sums.length);
    this.#cells = Float32Array.from(sums);
    this.#farthest = new Float32Array(sums.length);
  }

  /** For a picture while nothing happens: the background follows it, and so does what moves by itself. */
  follow({ sums }: Thumbnail, nowMs: number): void {
    if (sums.length !== this.#cells.length) return;
    this.#fade(nowMs);
    for (let i = 0; i < sums.length; i++) {
      const step = sums[i]! - this.#cells[i]!;
      this.#noise[i] = Math.max(this.#noise[i]!, Math.abs(step));
      this.#cells[i]! += FOLLOWED * step;
    }
  }

  /** For a picture of which it is not known yet whether it shows a vehicle. */
  note({ sums }: Thumbnail): void {
    if (sums.length !== this.#cells.length) return;
    for (let i = 0; i < sums.length; i++)
      this.#farthest[i] = Math.max(this.#farthest[i]!, Math.abs(sums[i]! - this.#cells[i]!));
  }

  /** What was noted was none. */
  learnNoise(nowMs: number): void {
    this.#fade(nowMs);
    // What goes on nearly everywhere, rain and snow, soon goes on in the other cells too.
    const everywhere = this.#farthest.toSorted()[Math.floor(this.#farthest.length * EVERYWHERE)] ?? 0;
    for (let i = 0; i < this.#noise.length; i++)
      this.#noise[i] = Math.max(this.#noise[i]!, this.#farthest[i]!, everywhere);
  }

  /** It was a vehicle. */
  forgetNoise(): void {
    this.#noise.fill(0);
  }

  #fade(nowMs: number): void {
    const left = 0.5 ** ((nowMs - this.#noiseAt) / NOISE_HALF_LIFE_MS);
    this.#noiseAt = nowMs;
    for (let i = 0; i < this.#noise.length; i++) this.#noise[i]! *= left;
  }
}
