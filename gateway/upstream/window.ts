/**
 * How many sends may be under way on one line at one time. The window follows the line: it doubles each round while answers come as fast as
 * on the idle line (slow start), then grows by one a round, and shrinks where answers come late or fail (RFC 5681, section 3.1; lateness
 * as the sign of congestion: Brakmo and Peterson, "TCP Vegas", IEEE JSAC 13 (8), 1995). Pictures count in bytes too: no more are under way
 * than the line has lately carried in CARRIED_MS (delivery rate as in BBR: Cardwell et al., ACM Queue 14 (5), 2016), so that a line of
 * 32 kbit/s gets one picture-carrying send at a time, within its deadline. Pure but for the clock given.
 */
export interface SendWindowOptions {
  readonly min: number;
  readonly max: number;
  readonly mono: () => number;
}

export interface SendUnderWay {
  /** `answered`: the other side is there, whatever it said. `given up`: says nothing about the line. */
  readonly end: (how: 'answered' | 'failed' | 'given up') => void;
}

/** An answer is late when it took more than LATE_FACTOR times the idle line's time and LATE_MS: what the event loop itself may cost. */
const LATE_FACTOR = 2;
const LATE_MS = 20;
const SHRINK_LATE = 0.7;
const SHRINK_FAILED = 0.5;
/** At the smallest window the box's own sends do not delay each other: what is measured there is the line itself, and the estimate moves to it in steps. */
const BELIEVE = 0.25;
const CARRIED_MS = 4_000;
const SLOWER = 0.125;
/** Memory, whatever the line carries. */
const MAX_BYTES_UNDER_WAY = 16 * 2 ** 20;

export class SendWindow {
  readonly #options: SendWindowOptions;
  #size: number;
  #slowStart = true;
  #underWay = 0;
  #bytesUnderWay = 0;
  #bytesDelivered = 0;
  #bytesPerMs = 0;
  /** How long an answer takes on the idle line: of sends without pictures, and of those with them. */
  readonly #idleMs = { plain: Infinity, pictures: Infinity };
  /** A round is as many answers as the window holds, of sends that began in it: fewer would judge by single ones. */
  #round = { answers: 0, late: 0, full: false };
  /** Sends that were under way together fail together: the window shrinks once for all of them (RFC 6582, "recover"). */
  #cuts = 0;

  constructor(options: SendWindowOptions) {
    this.#options = options;
    this.#size = options.min;
  }

  size(): number {
    return this.#size;
  }

  underWay(): number {
    return this.#underWay;
  }

  /** Of pictures. */
  bytesUnderWay(): number {
    return this.#bytesUnderWay;
  }

  /** Sends that may be begun beside those under way. */
  places(): number {
    return Math.max(0, this.#size - this.#underWay);
  }

  /** Whether a send with this many bytes of pictures may be begun too. One alone always may. */
  fits(bytes: number): boolean {
    if (bytes === 0 || this.#bytesUnderWay === 0) return true;
    return this.#bytesUnderWay + bytes <= Math.min(MAX_BYTES_UNDER_WAY, this.#bytesPerMs * CARRIED_MS);
  }

  /** A send begins; `end` is to be called once. */
  begin(bytes: number): SendUnderWay {
    this.#underWay++;
    this.#bytesUnderWay += bytes;
    if (this.#underWay >= this.#size) this.#round.full = true;
    const { mono } = this.#options;
    const [startedAt, delivered, round, cuts] = [mono(), this.#bytesDelivered, this.#round, this.#cuts];
    return {
      end: (how) => {
        this.#underWay--;
        this.#bytesUnderWay -= bytes;
        const ms = mono() - startedAt;
        if (how === 'answered') {
          if (bytes > 0) this.#measureRate(bytes, delivered, ms);
          if (round === this.#round) this.#answered(bytes > 0 ? 'pictures' : 'plain', ms);
        } else if (how === 'failed') {
          if (bytes > 0) this.#bytesPerMs *= SHRINK_FAILED;
          if (cuts === this.#cuts) this.#failed();
        }
      },
    };
  }

  /** The line is down: what was learnt about its width may no longer hold. */
  restart(): void {
    this.#slowStart = true;
    this.#bytesPerMs = 0;
    this.#setSize(this.#options.min);
  }

  #answered(kind: 'plain' | 'pictures', ms: number): void {
    const round = this.#round;
    round.answers++;
    if (this.#isLate(kind, ms)) round.late++;
    if (round.answers < this.#size) return;
    if (round.late * 2 > round.answers) {
      this.#slowStart = false;
      this.#setSize(this.#size * SHRINK_LATE);
    } else if (round.full) this.#setSize(this.#slowStart ? this.#size * 2 : this.#size + 1);
    else this.#setSize(this.#size);
  }

  #failed(): void {
    this.#cuts++;
    this.#slowStart = false;
    this.#setSize(this.#size * SHRINK_FAILED);
  }

  #isLate(kind: 'plain' | 'pictures', ms: number): boolean {
    const idleMs = this.#idleMs;
    idleMs[kind] = Math.min(idleMs[kind], ms);
    const late = ms > idleMs[kind] * LATE_FACTOR + LATE_MS;
    if (late && this.#size === this.#options.min) idleMs[kind] += (ms - idleMs[kind]) * BELIEVE;
    return late;
  }

  #measureRate(bytes: number, deliveredBefore: number, ms: number): void {
    this.#bytesDelivered += bytes;
    const sample = (this.#bytesDelivered - deliveredBefore) / Math.max(1, ms);
    const rate = this.#bytesPerMs;
    this.#bytesPerMs = sample > rate ? sample : rate + (sample - rate) * SLOWER;
  }

  #setSize(next: number): void {
    const { min, max } = this.#options;
    this.#size = Math.max(min, Math.min(max, Math.floor(next)));
    this.#round = { answers: 0, late: 0, full: false };
  }
}
