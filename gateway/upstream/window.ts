/**
 * How many sends may be under way on one line at one time. The window follows the line: it doubles each round while answers come as fast as
 * on the idle line (slow start), then grows by one a round, and shrinks where answers come late or fail (RFC 5681, section 3.1; lateness
 * as the sign of congestion: Brakmo and Peterson, "TCP Vegas", IEEE JSAC 13 (8), 1995). Pictures count in bytes too: no more are under way
 * than the line has lately carried in CARRIED_MS (delivery rate as in BBR: Cardwell et al., ACM Queue 14 (5), 2016), so that a line of
 * 32 kbit/s gets one picture-carrying send at a time, within its deadline. Pure but for the clock given.
 */
export interface WindowOptions {
  readonly min: number;
  readonly max: number;
  readonly mono: () => number;
}

export interface SendWindow {
  /** Sends that may be begun beside those under way. */
  places(): number;
  /** Whether a send with so many bytes of pictures may be begun too. One alone always may. */
  fits(bytes: number): boolean;
  /** A send begins; `end` is to be called once. */
  begin(bytes: number): SendUnderWay;
  underWay(): number;
  /** Of pictures. */
  bytesUnderWay(): number;
  /** The line is down: what was learnt about its width may no longer hold. */
  restart(): void;
  size(): number;
}

export interface SendUnderWay {
  /** `answered`: the other side is there, whatever it said. `given up`: says nothing about the line. */
  end(how: 'answered' | 'failed' | 'given up'): void;
}

/** An answer is late when it took more than LATE_FACTOR times the idle line's time and LATE_MS: what the event loop itself may cost. */
const LATE_FACTOR = 2;
const LATE_MS = 20;
const SHRINK_LATE = 0.7;
const SHRINK_FAILED = 0.5;
/** At the smallest window nothing of ours stands in the way: what is measured there is the line itself, and is believed step by step. */
const BELIEVE = 0.25;
const CARRIED_MS = 4_000;
const SLOWER = 0.125;
/** Memory, whatever the line carries. */
const MAX_BYTES_UNDER_WAY = 16 * 2 ** 20;

export function openWindow({ min, max, mono }: WindowOptions): SendWindow {
  let size = min;
  let slowStart = true;
  let underWay = 0;
  let bytesUnderWay = 0;
  let delivered = 0;
  let bytesPerMs = 0;
  /** How long an answer takes on the idle line: of sends without pictures, and of those with them. */
  const idleMs = { plain: Infinity, pictures: Infinity };
  /** A round is as many answers as the window holds, of sends that began in it: fewer would judge by single ones. */
  let round = { answers: 0, late: 0, full: false };
  /** Sends that were under way together fail together: the window shrinks once for all of them (RFC 6582, "recover"). */
  let cuts = 0;

  const setSize = (next: number): void => {
    size = Math.max(min, Math.min(max, Math.floor(next)));
    round = { answers: 0, late: 0, full: false };
  };
  const isLate = (kind: keyof typeof idleMs, ms: number): boolean => {
    idleMs[kind] = Math.min(idleMs[kind], ms);
    const late = ms > idleMs[kind] * LATE_FACTOR + LATE_MS;
    if (late && size === min) idleMs[kind] += (ms - idleMs[kind]) * BELIEVE;
    return late;
  };
  const answered = (kind: keyof typeof idleMs, ms: number): void => {
    round.answers++;
    if (isLate(kind, ms)) round.late++;
    if (round.answers < size) return;
    if (round.late * 2 > round.answers) {
      slowStart = false;
      setSize(size * SHRINK_LATE);
    } else if (round.full) setSize(slowStart ? size * 2 : size + 1);
    else setSize(size);
  };
  const failed = (): void => {
    cuts++;
    slowStart = false;
    setSize(size * SHRINK_FAILED);
  };
  const carried = (bytes: number, before: number, ms: number): void => {
    delivered += bytes;
    const sample = (delivered - before) / Math.max(1, ms);
    bytesPerMs = sample > bytesPerMs ? sample : bytesPerMs + (sample - bytesPerMs) * SLOWER;
  };

  return {
    places: () => Math.max(0, size - underWay),
    fits(bytes) {
      if (bytes === 0 || bytesUnderWay === 0) return true;
      return bytesUnderWay + bytes <= Math.min(MAX_BYTES_UNDER_WAY, bytesPerMs * CARRIED_MS);
    },
    begin(bytes) {
      underWay++;
      bytesUnderWay += bytes;
      if (underWay >= size) round.full = true;
      const [startedAt, before, mine, myCuts] = [mono(), delivered, round, cuts];
      return {
        end(how) {
          underWay--;
          bytesUnderWay -= bytes;
          const ms = mono() - startedAt;
          if (how === 'answered') {
            if (bytes > 0) carried(bytes, before, ms);
            if (mine === round) answered(bytes > 0 ? 'pictures' : 'plain', ms);
          } else if (how === 'failed') {
            if (bytes > 0) bytesPerMs *= SHRINK_FAILED;
            if (myCuts === cuts) failed();
          }
        },
      };
    },
    underWay: () => underWay,
    bytesUnderWay: () => bytesUnderWay,
    restart() {
      slowStart = true;
      bytesPerMs = 0;
      setSize(min);
    },
    size: () => size,
  };
}
