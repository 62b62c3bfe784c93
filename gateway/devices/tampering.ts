/**
 * Has somebody turned or covered the camera? What stands in the picture (kerbs, posts, lines, buildings) is learned as edges, and looked for
 * again: after a turn none of it is where it was, and behind a cloth none of it is there. Edges and not brightness, because light changes
 * all day; by their strength within a small part of the picture and not by their sign, because infrared light turns some of them round.
 * A frame a second is enough.
 */
import type { Instant } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';
import { openThumbnails, type Thumbnail } from '../contracts/thumbnail.ts';

export type TamperingState =
  /** Nothing can be said yet, or ever: at night without light there are no edges. */
  | { readonly state: 'learning' | 'in place' }
  | {
      readonly state: 'moved';
      /** When the picture became another one. */
      readonly since: Instant;
      /** 0 to 1: how much of what was learned is not seen any more. */
      readonly sure: number;
    };

/** Of the sums of a thumbnail's cell: 16 pixels make one grey level 16. */
const LEVEL = 16;
const STEP_MS = 1_000;
/** A camera that sends less often is judged by its own pace, so that a pause is not taken for time in which something was seen. */
const LONGEST_STEP_S = 5;
/** What is seen now is the mean of so long: noise, rain and vehicles that pass average out of it. */
const LOOK_S = 8;
/** The background follows within about so long: shadows, dusk. */
const BACKGROUND_S = 180;
/** And within so long where something else stands: a parked car. */
const STRANGE_S = 900;
/** Before this it is not compared with. */
const LEARN_S = 60;
/** A lorry may stand before the camera, and headlights may blind it, for so long. */
const STAYS_S = 120;
const BACK_S = 20;
/** After this, what a moved camera shows now is the background, if it shows anything. */
const ANEW_S = 600;

/** Of the thumbnail, in cells: 12 × 9 parts of the whole picture. */
const PART = { columns: 8, rows: 6 };
/** A part counts where its edges stand out so much, as standard deviation: a line of 4 grey levels does, noise does not. */
const MIN_DEVIATION = 1.5 * LEVEL;
/** Correlation from which a part shows what it showed before. Unrelated parts with one line each reach it now and then. */
const SAME = 0.5;
/** With fewer parts to go by, nothing is said. */
const MIN_PARTS = 8;
/** Less than this share of the parts seen again: moved. A lorry that hides three quarters of the picture does not stay. */
const GONE = 0.25;
const BACK = 0.5;

const WAYS = ['upright', 'level'] as const;
type Way = (typeof WAYS)[number];

/** Strengths of edges, cell by cell: upright ones and level ones, because a turn to the side leaves the horizon where it was. */
interface Edges {
  readonly columns: number;
  readonly rows: number;
  readonly upright: Float32Array;
  readonly level: Float32Array;
}

export function openTamperingDetector() {
  const thumbnails = openThumbnails();
  let at: Instant | undefined;
  /** The mean of the last seconds, and of how many. */
  let now: Edges | undefined;
  let nowS = 0;
  let background: Edges | undefined;
  /** Seconds that went into the background; for which the picture has been another one; the old one again. */
  let [learnedS, otherS, backS] = [0, 0, 0];
  let since: Instant | undefined;
  let sure = 0;
  let moved = false;

  const restart = (edges: Edges): void => {
    background = structuredClone(edges);
    [learnedS, otherS, backS, since, moved] = [nowS, 0, 0, undefined, false];
  };
  const judge = (seen: Seen): void => {
    if (seen.share === undefined || seen.share >= GONE) {
      [otherS, since] = [0, undefined];
      follow(background!, now!, seen, nowS);
      return;
    }
    // What is suspected must not become the background.
    since ??= at! - nowS * 1000;
    otherS += nowS;
    sure = 1 - seen.share;
    moved = otherS >= STAYS_S;
  };
  const judgeMoved = ({ share = 0 }: Seen): void => {
    otherS += nowS;
    sure = 1 - share;
    backS = share >= BACK ? backS + nowS : 0;
    if (backS >= BACK_S) [otherS, backS, since, moved] = [0, 0, undefined, false];
    // A cloth is no background: it stays an alarm until it is taken away.
    else if (otherS >= STAYS_S + ANEW_S && partsOf(now!) >= MIN_PARTS) restart(now!);
  };
  const look = (): void => {
    if (!background || background.columns !== now!.columns || background.rows !== now!.rows) restart(now!);
    else if (learnedS < LEARN_S) {
      learnedS += nowS;
      blend(background, now!, nowS / learnedS);
    } else {
      const seen = seenAgain(background, now!);
      if (moved) judgeMoved(seen);
      else judge(seen);
    }
  };

  return {
    /** Takes one frame a second, and passes the others over. About 0.25 ms for a frame of 1920 × 1080 that is taken. */
    seen(frame: Frame): void {
      const ms = at === undefined ? STEP_MS : Math.abs(frame.at - at);
      if (ms < STEP_MS) return;
      at = frame.at;
      const stepS = Math.min(ms / 1000, LONGEST_STEP_S);
      const edges = edgesOf(thumbnails(frame));
      if (!now || now.columns !== edges.columns || now.rows !== edges.rows) [now, nowS] = [edges, 0];
      nowS += stepS;
      blend(now, edges, stepS / nowS);
      if (nowS < LOOK_S) return;
      look();
      nowS = 0;
    },
    view(): TamperingState {
      if (moved) return { state: 'moved', since: since!, sure };
      const enough = background !== undefined && learnedS >= LEARN_S && partsOf(background) >= MIN_PARTS;
      return { state: enough ? 'in place' : 'learning' };
    },
  };
}

function edgesOf({ columns, rows, sums }: Thumbnail): Edges {
  const [upright, level] = [new Float32Array(sums.length), new Float32Array(sums.length)];
  for (let y = 1; y < rows - 1; y++) {
    for (let i = y * columns + 1; i < (y + 1) * columns - 1; i++) {
      upright[i] = Math.abs(sums[i + 1]! - sums[i - 1]!);
      level[i] = Math.abs(sums[i + columns]! - sums[i - columns]!);
    }
  }
  return { columns, rows, upright, level };
}

function blend(into: Edges, from: Edges, share: number): void {
  for (const way of WAYS) {
    const [a, b] = [into[way], from[way]];
    for (let i = 0; i < a.length; i++) a[i] = a[i]! + (b[i]! - a[i]!) * share;
  }
}

/** Of the parts that have edges in the background, those that show them still. */
interface Seen {
  /** Of both kinds of edges the lower; undefined with too few parts to go by. */
  readonly share: number | undefined;
  /** First cells of the parts that do not show what they showed. */
  readonly other: Readonly<Record<Way, ReadonlySet<number>>>;
}

function seenAgain(background: Edges, now: Edges): Seen {
  const other = { upright: new Set<number>(), level: new Set<number>() };
  const shares = WAYS.flatMap((way) => {
    let parts = 0;
    for (const first of partsIn(background)) {
      const { deviation, correlation } = compare(background[way], now[way], first, background.columns);
      if (deviation < MIN_DEVIATION) continue;
      parts++;
      if (correlation < SAME) other[way].add(first);
    }
    return parts >= MIN_PARTS ? [1 - other[way].size / parts] : [];
  });
  return { share: shares.length > 0 ? Math.min(...shares) : undefined, other };
}

/** The background follows what is seen now, slowly where that is something else. */
function follow(background: Edges, now: Edges, { other }: Seen, seconds: number): void {
  for (const way of WAYS) {
    const [a, b] = [background[way], now[way]];
    for (const first of partsIn(background)) {
      const share = seconds / (other[way].has(first) ? STRANGE_S : BACKGROUND_S);
      for (let y = 0; y < PART.rows; y++)
        for (let i = first + y * background.columns, end = i + PART.columns; i < end; i++)
          a[i] = a[i]! + (b[i]! - a[i]!) * share;
    }
  }
}

/** Parts with edges to go by. */
function partsOf(edges: Edges): number {
  const counts = WAYS.map((way) => {
    const { columns } = edges;
    return partsIn(edges).filter((p) => compare(edges[way], edges[way], p, columns).deviation >= MIN_DEVIATION).length;
  });
  return Math.max(...counts);
}

/** The first cell of each part. */
function partsIn({ columns, rows }: Edges): number[] {
  const parts: number[] = [];
  for (let y = 0; y + PART.rows <= rows; y += PART.rows)
    for (let x = 0; x + PART.columns <= columns; x += PART.columns) parts.push(y * columns + x);
  return parts;
}

/** Of the part that begins at `first`: the standard deviation of `a`, and the correlation of `a` with `b` (Pearson). */
function compare(a: Float32Array, b: Float32Array, first: number, columns: number) {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let y = 0; y < PART.rows; y++) {
    for (let i = first + y * columns, end = i + PART.columns; i < end; i++) {
      const [va, vb] = [a[i]!, b[i]!];
      sumA += va;
      sumB += vb;
      sumAA += va * va;
      sumBB += vb * vb;
      sumAB += va * vb;
    }
  }
  const n = PART.rows * PART.columns;
  const varA = Math.max(0, sumAA / n - (sumA / n) ** 2);
  const varB = Math.max(0, sumBB / n - (sumB / n) ** 2);
  const both = Math.sqrt(varA * varB);
  return { deviation: Math.sqrt(varA), correlation: both > 0 ? (sumAB / n - (sumA * sumB) / n ** 2) / both : 0 };
}
