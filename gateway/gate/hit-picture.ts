/** The picture of a gate lane's camera that goes with a hit: of the moment in which the document was read, never of the next visitor. */
import { causeOf } from '../contracts/errors.ts';
import type { Instant, Log } from '../contracts/base.ts';
import type { Evidence } from '../contracts/picture.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { LatestFrame } from './latest-frame.ts';

/** How long a hit waits for a frame of its moment. */
const FRAME_MS = 500;

export interface HitPictureOptions {
  readonly lane: string;
  readonly camera: string | undefined;
  readonly recogniser: Pick<Recogniser, 'lanePicture'>;
  readonly log: Log;
}

/**
 * `since` is when the document was read. `presence` aborts once the document is gone: the latest frame may then show the next visitor.
 * Empty where there is no picture of that moment. Never rejects: a hit without a picture is better than no hit.
 */
export async function hitPicture(
  { lane, camera, recogniser, log }: HitPictureOptions,
  latestFrame: LatestFrame,
  since: Instant,
  presence: AbortSignal,
): Promise<readonly Evidence[]> {
  if (camera === undefined) return [];
  const until = since + FRAME_MS;
  const frame = await latestFrame.next(since, until, new AbortController().signal);
  if (!frame) return [];
  if (presence.aborted && frame.at > until) {
    frame.rgb.fill(0);
    return [];
  }
  try {
    return [await recogniser.lanePicture(frame)];
  } catch (error) {
    log.warn({ lane, cause: causeOf(error) }, 'hit without a picture');
    return [];
  }
}
