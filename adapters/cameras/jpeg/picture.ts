/** Compressed pictures to frames, with every limit stated. */
import sharp from 'sharp';
import { z } from 'zod';
import { pixels } from '../address.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Pixels of a picture that is still decoded: twice what `width` × `height` can ask for. */
export const MAX_PIXELS = 16_000_000;
/** Progressive JPEGs have about 10. Each scan goes over the whole picture again, so that many of them in a small file cost minutes. */
const MAX_SCANS = 32;
const START_OF_SCAN = Buffer.from([0xff, 0xda]);
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
/** The decoder is asked to stop then. */
const MAX_DECODE_S = 5;

/** Keys shared by the sources that take still pictures. */
export const pictureKeys = {
  fps: z.number().min(0.05).max(30),
  width: pixels(3840).default(1280),
  height: pixels(2160).default(720),
};

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** The picture cannot be used; the message says why in words for people and holds nothing of its content. */
export class PictureError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PictureError';
  }
}

/**
 * Decodes JPEG, PNG or WebP, turned as its Exif orientation says, scaled to fit and padded with black to `size`.
 * Rejects with PictureError: empty, no picture (a web page, say), too many pixels, or broken off.
 */
export async function decodePicture(bytes: Uint8Array, { width, height }: FrameSize): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes.length === 0) throw new PictureError(english('picture-empty'));
  const kind = kindOf(bytes);
  if (kind === undefined) throw new PictureError(english('picture-none', { what: describe(bytes) }));
  // The header is read before any pixel, so that a picture of giant size costs nothing.
  const { width: w = 0, height: h = 0 } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => ({ width: undefined, height: undefined }));
  if (w === 0 || h === 0) throw new PictureError(english('picture-no-size', { kind }));
  if (w * h > MAX_PIXELS) {
    throw new PictureError(english('picture-too-many-pixels', { width: w, height: h, most: MAX_PIXELS / 1e6 }));
  }
  if (kind === 'JPEG' && scansOf(bytes) > MAX_SCANS) {
    throw new PictureError(english('picture-too-many-scans', { most: MAX_SCANS }));
  }
  const { input, failOn } = withEnd(bytes, kind);
  try {
    const rgb = await sharp(input, { limitInputPixels: MAX_PIXELS, failOn })
      .timeout({ seconds: MAX_DECODE_S })
      .rotate()
      .resize(width, height, { fit: 'contain', background: '#000' })
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer();
    if (rgb.length !== width * height * 3) throw new PictureError(english('picture-no-colours', { kind }));
    const own = new Uint8Array(rgb.length);
    own.set(rgb);
    return own;
  } catch (error) {
    if (error instanceof PictureError) throw error;
    if (String(error).includes('timeout'))
      throw new PictureError(english('picture-too-slow', { kind, seconds: MAX_DECODE_S }));
    throw new PictureError(english('picture-broken-off', { kind, bytes: bytes.length }));
  }
}

/**
 * Some cameras leave out the end mark of a JPEG. With one behind it, a picture that is whole decodes without a warning; one that was broken
 * off has fewer pixels than it should, which is one.
 */
function withEnd(bytes: Uint8Array, kind: string): { input: Uint8Array; failOn: 'truncated' | 'warning' } {
  if (kind !== 'JPEG' || Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(END_OF_IMAGE) > 0)
    return { input: bytes, failOn: 'truncated' };
  return { input: Buffer.concat([bytes, END_OF_IMAGE]), failOn: 'warning' };
}

/** Marks of a scan's start, those of a thumbnail included; compressed bytes never look like one (ITU-T T.81, B.1.1.5). */
function scansOf(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let scans = 0;
  for (let at = buffer.indexOf(START_OF_SCAN); at >= 0; at = buffer.indexOf(START_OF_SCAN, at + 2)) scans++;
  return scans;
}

function kindOf(bytes: Uint8Array): 'JPEG' | 'PNG' | 'WebP' | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'WebP' : undefined;
}

/** What stands there instead, without repeating it: a page may hold anything. */
function describe(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 256)).toString('latin1').trimStart().toLowerCase();
  return /^<(!doctype|html|head|\?xml)/.test(head)
    ? english('picture-web-page')
    : english('picture-something-else', { bytes: bytes.length });
}
