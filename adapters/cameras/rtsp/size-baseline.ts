/**
 * How large the predicted pictures of one camera are while nothing happens. An encoder says in them what has changed; but noise, rain, its rate
 * control and how long ago the last key picture was make them larger too. So what is usual is learnt from this camera, for each place after a
 * key picture, and followed through day and night. Pure.
 */

/** Of each place after a key picture so many sizes are kept, and so few say nothing. */
const MAX_SIZES = 8;
const MIN_SIZES = 3;
/** Places that are told apart. */
const MAX_PLACES = 128;
/** Pictures of which it is not known yet whether they show a vehicle: the last ones count. */
const MAX_PENDING = 256;
/** The spread is learnt anew after so many pictures. */
const SPREAD_AFTER = 125;
/** Added to each size: an encoder that has nothing to say still varies by its headers. */
const HEADER_BYTES = 200;
/** A vehicle that is small shows in the mean of so many. */
const MEAN_OF = 5;
/** Standard deviations above what is usual, and at least this share. */
const DEVIATIONS = 7;
const MIN_SHARE = 0.05;
/** Three quarters of all distances from the middle are less than so many standard deviations, in a normal distribution. */
const THREE_QUARTERS = 1.15;
/** What was large without a vehicle may come so much larger again. */
const NOISE_MARGIN = 1.2;
/** A swaying tree, or the digits of a clock, are forgotten by half within this time. */
export const NOISE_HALF_LIFE_MS = 300_000;

/** How far above what is usual, as a share of it: one picture, and the mean of the last ones. */
interface Excess {
  readonly one: number;
  readonly mean: number;
}

export class SizeBaseline {
  readonly #places: number[][] = [];
  #pending: (readonly [place: number, bytes: number])[] = [];
  #deviation = Infinity;
  readonly #recent: number[] = [];
  /** Since `clear`. */
  #largest: Excess = { one: 0, mean: 0 };
  #noise: Excess = { one: 0, mean: 0 };
  #noiseAt = 0;
  #untilSpread = SPREAD_AFTER;

  /** Whether a predicted picture, so many after a key picture, is larger than what is usual. Never while nothing has been learnt. */
  isUnusual(place: number, bytes: number, nowMs: number): boolean {
    const usual = this.#usual(place);
    if (usual === undefined) return false;
    this.#recent.push((bytes + HEADER_BYTES) / usual - 1);
    if (this.#recent.length > MEAN_OF) this.#recent.shift();
    const one = this.#recent.at(-1)!;
    const mean = this.#recent.length < MEAN_OF ? 0 : this.#recent.reduce((a, b) => a + b, 0) / MEAN_OF;
    this.#largest = larger(this.#largest, { one, mean });
    const noise = this.#noiseNow(nowMs);
    const step = DEVIATIONS * this.#deviation;
    return (
      one > Math.max(step, MIN_SHARE, noise.one) || mean > Math.max(step / Math.sqrt(MEAN_OF), MIN_SHARE, noise.mean)
    );
  }

  /** For a picture of which it is not known yet whether it shows a vehicle. */
  add(place: number, bytes: number): void {
    this.#pending.push([place, bytes]);
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
  }

  /** For what comes while nothing happens: what is usual follows it, and so does what is only noise. */
  follow(place: number, bytes: number, nowMs: number): void {
    this.#keep(place, bytes);
    this.#setNoise(this.#largest, nowMs);
    this.#largest = { one: 0, mean: 0 };
    if (--this.#untilSpread === 0) this.#learnSpread();
  }

  /** Those that were added become what is usual. A vehicle that passed meanwhile, for less than half of the time, does not count. */
  learn(): void {
    for (const [place, bytes] of this.#pending) this.#keep(place, bytes);
    this.#learnSpread();
    this.clear();
  }

  /** The same, and the largest of them is noise. */
  learnNoise(nowMs: number): void {
    const { one, mean } = this.#largest;
    this.learn();
    this.#setNoise({ one: one * NOISE_MARGIN, mean: mean * NOISE_MARGIN }, nowMs);
  }

  /** What was taken for noise was a vehicle. */
  forgetNoise(): void {
    this.#noise = { one: 0, mean: 0 };
  }

  /** What was added is no longer needed. */
  clear(): void {
    this.#pending = [];
    this.#largest = { one: 0, mean: 0 };
  }

  #usual(place: number): number | undefined {
    const sizes = this.#places[Math.min(place, MAX_PLACES)] ?? [];
    return sizes.length < MIN_SIZES ? undefined : quantile(sizes, 0.5) + HEADER_BYTES;
  }

  #keep(place: number, bytes: number): void {
    const sizes = (this.#places[Math.min(place, MAX_PLACES)] ??= []);
    sizes.push(bytes);
    if (sizes.length > MAX_SIZES) sizes.shift();
  }

  #learnSpread(): void {
    this.#untilSpread = SPREAD_AFTER;
    const distances = this.#places.flatMap((sizes, place) => {
      const usual = this.#usual(place);
      return usual === undefined ? [] : sizes.map((bytes) => Math.abs(bytes + HEADER_BYTES - usual) / usual);
    });
    if (distances.length > 0) this.#deviation = quantile(distances, 0.75) / THREE_QUARTERS;
  }

  #setNoise(excess: Excess, nowMs: number): void {
    this.#noise = larger(this.#noiseNow(nowMs), excess);
    this.#noiseAt = nowMs;
  }

  #noiseNow(nowMs: number): Excess {
    const left = 0.5 ** ((nowMs - this.#noiseAt) / NOISE_HALF_LIFE_MS);
    return { one: this.#noise.one * left, mean: this.#noise.mean * left };
  }
}

function larger(a: Excess, b: Excess): Excess {
  return { one: Math.max(a.one, b.one), mean: Math.max(a.mean, b.mean) };
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}
