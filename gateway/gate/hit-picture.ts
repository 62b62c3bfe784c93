/** The picture of a gate lane's camera that goes with a hit: of the moment in which the document was read, and of nobody else. */
import { causeOf } from '../contracts/errors.ts';
import type { Instant, Log } from '../contracts/base.ts';
import type { Evidence, Frame } from '../contracts/picture.ts';
import type { Latest } from './latest-frame.ts';

export interface HitPictureParts {
  readonly lane: string;
  readonly camera: string | undefined;
  readonly log: Log;
  /** Encodes the lane's picture for a hit. */
  picture(frame: Frame): Promise<Evidence>;
}

/** How long a hit waits for a picture of its moment. */
const PICTURE_MS = 500;

/**
 * `since` is when the document was read; `over` is aborted once it does not lie there any more: the newest frame may then show the next
 * visitor. Empty where there is no picture of that moment. Never rejects: a hit goes out without a picture rather than not at all.
 */
export async function hitPicture(
  parts: HitPictureParts,
  latest: Latest,
  since: Instant,
  over: AbortSignal,
): Promise<readonly Evidence[]> {
  if (parts.camera === undefined) return [];
  const until = since + PICTURE_MS;
  const frame = await latest.next(since, until, new AbortController().signal);
  if (!frame) return [];
  if (over.aborted && frame.at > until) {
    frame.rgb.fill(0);
    return [];
  }
  try {
    return [await parts.picture(frame)];
  } catch (error) {
    parts.log.warn({ lane: parts.lane, cause: causeOf(error) }, 'hit without a picture');
    return [];
  }
}
