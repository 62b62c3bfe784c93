/**
 * Does the stream run, and show the same picture over and over? An encoder goes on where its sensor hangs, or where somebody feeds it a picture,
 * and the clock in it may go on too. A living picture is never the same for minutes: noise, light and shadows move it, by night as well.
 */
import type { Instant } from '../contracts/base.ts';
import type { Frame } from '../contracts/picture.ts';
import { openThumbnails, SAMPLES, type Thumbnail } from '../contracts/thumbnail.ts';

/** Of the sums of a thumbnail's cell: one grey level. */
const LEVEL = SAMPLES * SAMPLES;
const STEP_MS = 1_000;
/** After a pause this long nothing is known of what was shown in between. */
const MAX_PAUSE_MS = 60_000;
/** A cell that moves by more shows something else. Noise of one grey level a pixel moves many of thousands by more, from key picture to key picture. */
const MIN_CHANGE = 0.75 * LEVEL;
/** An encoder shows one picture in so many ways at most: as key picture, refined by the next ones, at this rate and that. Noise never comes back. */
const MAX_VIEWS = 12;
/** Rows of cells (of 54) that may change: two lines of writing, such as a clock and a name. */
const MAX_OVERLAY_ROWS = 6;
/** Less contrast than this over the whole picture is darkness, or fog, in which nothing can be seen to change. */
const MIN_DEVIATION = 4 * LEVEL;
/** A picture that has stayed the same for this long is no living one. */
export const STILL_MS = 600_000;

export function openStillPictureDetector() {
  const thumbnails = openThumbnails();
  /** What was seen since the last pause, the newest last. */
  let views: Thumbnail[] = [];
  /** When something came that had not been seen before. */
  let newAt: Instant = 0;
  let at: Instant = -Infinity;
  return {
    /** Takes one frame a second, and passes the others over. */
    seen(frame: Frame): void {
      const pauseMs = frame.at - at;
      if (pauseMs >= 0 && pauseMs < STEP_MS) return;
      at = frame.at;
      const view = thumbnails(frame);
      if (pauseMs < 0 || pauseMs > MAX_PAUSE_MS || deviation(view.sums) < MIN_DEVIATION) views = [];
      if (views.some((v) => isSame(v, view))) return;
      views = [...views, view].slice(-MAX_VIEWS);
      newAt = at;
    },
    /** Since when nothing new was seen; undefined where the picture lives, or where that is not known yet. */
    stillSince: (now: Instant): Instant | undefined =>
      now - newAt >= STILL_MS && now - at <= MAX_PAUSE_MS ? newAt : undefined,
  };
}

/** Apart from a few rows. */
function isSame(a: Thumbnail, b: Thumbnail): boolean {
  if (a.columns !== b.columns || a.rows !== b.rows) return false;
  let otherRows = 0;
  for (let row = 0; row < b.rows && otherRows <= MAX_OVERLAY_ROWS; row++) {
    const end = (row + 1) * b.columns;
    for (let i = row * b.columns; i < end; i++) {
      if (Math.abs(a.sums[i]! - b.sums[i]!) <= MIN_CHANGE) continue;
      otherRows++;
      break;
    }
  }
  return otherRows <= MAX_OVERLAY_ROWS;
}

function deviation(sums: Uint16Array): number {
  const mean = sums.reduce((sum, s) => sum + s, 0) / sums.length;
  return Math.sqrt(sums.reduce((sum, s) => sum + (s - mean) ** 2, 0) / sums.length);
}
