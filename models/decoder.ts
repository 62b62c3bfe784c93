/** The thread that decodes pictures that plate cameras push, and nothing else: it loads no model, so it can be ended at any time. */
import { causeOf } from '../gateway/contracts/errors.ts';
import { boundSharp, loadPicture, MAX_PIXELS, type PictureSize } from './picture.ts';
import type { DecodeJob, DecodeResult, PicturePair, Pixels } from '../gateway/inference/jobs.ts';
import { serveJobs } from '../gateway/inference/serve.ts';

/** The largest frame that a road camera may have; a plate alone is shown no larger than a screen. */
const FIT: Readonly<Record<'plate' | 'scene', PictureSize>> = {
  plate: { width: 1920, height: 1920 },
  scene: { width: 3840, height: 2160 },
};

boundSharp();
serveJobs<DecodeJob>(undefined, async ({ pictures }) => {
  const decoded: { -readonly [K in keyof PicturePair<Pixels>]: Pixels } = {};
  const refused: { -readonly [K in keyof PicturePair<string>]: string } = {};
  for (const which of ['plate', 'scene'] as const) {
    const bytes = pictures[which];
    if (!bytes) continue;
    try {
      const { width, height, rgb } = await loadPicture(bytes, MAX_PIXELS, FIT[which]);
      // In a buffer of its own, which may be handed over.
      decoded[which] = { width, height, rgb: new Uint8Array(rgb) };
    } catch (error) {
      refused[which] = causeOf(error);
    }
  }
  const result: DecodeResult = { pictures: decoded, refused };
  return { result, transfer: Object.values(decoded).map((p) => p.rgb.buffer) };
});
