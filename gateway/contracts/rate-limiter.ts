/** Rate limits by token bucket: how much a sender may do at once, and how fast that comes back. */

export interface Rate {
  /** Tokens of a full bucket: what may be done at once. */
  readonly size: number;
  /** Tokens that come back each second. */
  readonly perS: number;
}

/** `now` is monotonic, in milliseconds. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.size;
    this.#filledAt = now();
  }

  /** Below 0 while an overdraft is paid back. */
  available(): number {
    const now = this.#now();
    const returned = ((now - this.#filledAt) / 1000) * this.#rate.perS;
    this.#filledAt = now;
    this.#tokens = Math.min(this.#rate.size, this.#tokens + returned);
    return this.#tokens;
  }

  /** Overdraws the bucket where there is less. */
  take(count: number): void {
    this.#tokens = this.available() - count;
  }

  /** Takes one token; false where there is none. */
  tryTake(): boolean {
    if (this.available() < 1) return false;
    this.take(1);
    return true;
  }

  /** How long until there are `count` tokens. */
  waitMs(count: number): number {
    return Math.max(0, ((count - this.available()) / this.#rate.perS) * 1000);
  }

  isFull(): boolean {
    return this.available() >= this.#rate.size;
  }
}

/** A bucket for each sender: a device, an address, or a kind of senders. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #now: (() => number) | undefined;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate, now?: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  /** False where the sender has used up its rate. */
  tryTake(sender: string): boolean {
    const bucket = this.#buckets.get(sender) ?? new TokenBucket(this.#rate, this.#now);
    this.#buckets.set(sender, bucket);
    return bucket.tryTake();
  }

  /** Called now and then: forgets senders whose bucket is full again. */
  forgetIdle(): void {
    for (const [sender, bucket] of this.#buckets) if (bucket.isFull()) this.#buckets.delete(sender);
  }
}
