/** Pictures in and out: files and buffers to RGB, and cuts of RGB to JPEG. */
import { causeOf } from '../gateway/contracts/errors.ts';
import type { Raster, PixelBox } from './raster.ts';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { isBmp, readBmp } from './bmp.ts';
import { inEnglish } from '../gateway/contracts/words/area.ts';
import { threads } from '../gateway/contracts/words/threads.words.ts';

export type PictureSize = Pick<Raster, 'width' | 'height'>;

/** 8 MiB holds any camera's JPEG. What a lane or a comparison reads needs 16 million pixels at most; more is a mistake or an attack. */
export const MAX_BYTES = 8 * 1024 * 1024;
export const MAX_PIXELS = 16_000_000;
/** Of a file that a person names: any camera's sensor. */
const MAX_FILE_PIXELS = 40_000_000;
/** Progressive JPEGs have about 10. Each scan goes over the whole picture again, so that many of them in a small file cost minutes. */
const MAX_SCANS = 32;
/** Of the decoding alone; where the decoder can be asked to stop. */
const MAX_DECODE_S = 5;

const FORMATS = ['jpeg', 'png', 'webp'];

/** Call it once in a program: sharp then keeps no decoded pictures in memory and uses one core. */
export function boundSharp(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}

/** Reads a JPEG, PNG, WebP or BMP file. Throws an error that says what is wrong with it, without naming the file. */
export async function loadPictureFile(path: string): Promise<Raster> {
  // Without O_NONBLOCK the opening of a named pipe would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((e: NodeJS.ErrnoException) => {
    throw new Error(inEnglish(threads['picture-not-opened'], { code: e.code ?? e.message }), { cause: e });
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new Error(inEnglish(threads['picture-no-file']));
    if (info.size > MAX_BYTES) throw new Error(tooManyBytes(info.size));
    return await loadPicture(await file.readFile(), MAX_FILE_PIXELS);
  } finally {
    await file.close();
  }
}

/**
 * Decodes a JPEG, PNG, WebP or BMP picture (of an animation the first one), turned upright as its EXIF orientation says, and shrunk to fit
 * into `fit` where it is larger. Throws for an empty, truncated or foreign buffer, and for one over `MAX_BYTES`, `maxPixels` or
 * `MAX_SCANS` (found from the header, before any pixel is decoded).
 */
export async function loadPicture(bytes: Uint8Array, maxPixels = MAX_PIXELS, fit?: PictureSize): Promise<Raster> {
  if (bytes.length === 0) throw new Error(inEnglish(threads['picture-no-bytes']));
  if (bytes.length > MAX_BYTES) throw new Error(tooManyBytes(bytes.length));
  if (isBmp(bytes)) return readBmp(bytes, maxPixels);
  if (scansOf(bytes) > MAX_SCANS) throw new Error(inEnglish(threads['picture-scans'], { most: MAX_SCANS }));
  try {
    const input = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'warning', pages: 1 });
    const { format } = await input.metadata();
    if (!FORMATS.includes(format)) throw new Error(inEnglish(threads['picture-format'], { format }));
    const upright = input.timeout({ seconds: MAX_DECODE_S }).autoOrient().flatten().toColourspace('srgb');
    if (fit) upright.resize(fit.width, fit.height, { fit: 'inside', withoutEnlargement: true });
    const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgb: asRgb(data, info.channels) };
  } catch (e) {
    throw new Error(plainWords(causeOf(e), maxPixels), { cause: e });
  }
}

/**
 * Cuts `box` out of the picture and encodes it as JPEG (`quality` 1..100). The box must lie inside; see `clampBox`.
 * The answer owns its buffer, so it may be transferred to another thread.
 */
export async function cutJpeg(picture: Raster, box: PixelBox, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = picture;
  const raw = sharp(picture.rgb, { raw: { width, height, channels: 3 } });
  return new Uint8Array(
    await raw
      .extract({ ...box })
      .jpeg({ quality })
      .toBuffer(),
  );
}

/** The whole picture as JPEG (`quality` 1..100), shrunk where its longer side has more than `longest` pixels. Owns its buffer. */
export async function shrinkToJpeg(
  { width, height, rgb }: Raster,
  longest: number,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const small = sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality });
  return new Uint8Array(await small.toBuffer());
}

/** Throws where the picture does not have the pixels that its size says. */
export function checkSize({ width, height, rgb }: Raster): void {
  if (rgb.length === width * height * 3 && rgb.length > 0) return;
  throw new Error(`a picture of ${width} × ${height} pixels has ${rgb.length} bytes of RGB, not ${width * height * 3}`);
}

/** The part of a box, whose sides may be fractions, that lies inside the picture; at least one pixel. */
export function clampBox(box: PixelBox, picture: Raster): PixelBox {
  const left = Math.min(picture.width - 1, Math.max(0, Math.floor(box.left)));
  const top = Math.min(picture.height - 1, Math.max(0, Math.floor(box.top)));
  const right = Math.min(picture.width, Math.max(left + 1, Math.ceil(box.left + box.width)));
  const bottom = Math.min(picture.height, Math.max(top + 1, Math.ceil(box.top + box.height)));
  return { left, top, width: right - left, height: bottom - top };
}

function asRgb(data: Buffer, channels: number): Uint8Array<ArrayBuffer> {
  if (channels === 3) return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0, o = 0; o < rgb.length; i += channels, o += 3) rgb.fill(data[i]!, o, o + 3);
  return rgb;
}

/** Marks of a scan's start in a JPEG, those of a thumbnail included; what is compressed between them never looks like one (ITU-T T.81, B.1.1.5). */
function scansOf(bytes: Uint8Array): number {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return 0;
  let scans = 0;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = buffer.indexOf(START_OF_SCAN); at >= 0; at = buffer.indexOf(START_OF_SCAN, at + 2)) scans++;
  return scans;
}
const START_OF_SCAN = Buffer.from([0xff, 0xda]);

function tooManyBytes(size: number): string {
  return inEnglish(threads['picture-too-many-bytes'], { bytes: size, most: MAX_BYTES });
}

/** Messages of libvips are for programmers; these tell an operator what to do with the picture. */
function plainWords(message: string, maxPixels: number): string {
  if (/pixel limit/i.test(message)) return inEnglish(threads['picture-too-many-megapixels'], { most: maxPixels / 1e6 });
  if (/timeout/i.test(message)) return inEnglish(threads['picture-not-decoded'], { seconds: MAX_DECODE_S });
  if (/unsupported image format/i.test(message)) return inEnglish(threads['picture-not-one']);
  if (/premature|truncat|end of (JPEG|file|stream)|corrupt|bad data|read error/i.test(message)) {
    return inEnglish(threads['picture-damaged'], { cause: message.trim().split('\n')[0]! });
  }
  return message.trim().split('\n')[0]!;
}
