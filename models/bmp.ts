/** Reads the plain bitmaps that decoders of card photos write: 24 bits a pixel, not compressed. */
import type { Raster } from './raster.ts';
import { inEnglish } from '../gateway/contracts/words/area.ts';
import { threads } from '../gateway/contracts/words/threads.words.ts';

/** Of the file header, and of the BITMAPINFOHEADER behind it (Microsoft, "Bitmap Storage", wingdi.h); later headers only grow. */
const FILE_HEADER = 14;
const INFO_HEADER = 40;

export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Pixels of a BMP file, whose rows stand from bottom to top (positive height) or from top to bottom (negative height). Throws an error
 * that says what is wrong for a truncated file, another kind of bitmap, and one of more than `maxPixels`.
 */
export function readBmp(bytes: Uint8Array, maxPixels: number): Raster {
  if (bytes.length < FILE_HEADER + INFO_HEADER) {
    throw new Error(inEnglish(threads['bmp-header-cut'], { bytes: bytes.length, needed: FILE_HEADER + INFO_HEADER }));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(10, true);
  const header = view.getUint32(14, true);
  if (header < INFO_HEADER) throw new Error(inEnglish(threads['bmp-header'], { bytes: header, needed: INFO_HEADER }));
  const [width, signedHeight] = [view.getInt32(18, true), view.getInt32(22, true)];
  const height = Math.abs(signedHeight);
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  if (bits !== 24 || compression !== 0) {
    throw new Error(inEnglish(threads['bmp-bits'], { bits, compression }));
  }
  if (width <= 0 || height === 0) throw new Error(inEnglish(threads['bmp-size'], { width, height: signedHeight }));
  if (width * height > maxPixels) {
    throw new Error(inEnglish(threads['picture-too-many-megapixels'], { most: maxPixels / 1e6 }));
  }
  // Rows begin at multiples of four bytes; the filling of the last one may be missing.
  const stride = Math.ceil((width * 3) / 4) * 4;
  const needed = start + stride * (height - 1) + width * 3;
  if (start < FILE_HEADER + header || needed > bytes.length) {
    throw new Error(inEnglish(threads['bmp-pixels-cut'], { bytes: bytes.length, width, height, needed }));
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, o = 0; y < height; y++) {
    const row = start + stride * (signedHeight < 0 ? y : height - 1 - y);
    for (let p = row; p < row + width * 3; p += 3, o += 3) {
      rgb[o] = bytes[p + 2]!;
      rgb[o + 1] = bytes[p + 1]!;
      rgb[o + 2] = bytes[p]!;
    }
  }
  return { width, height, rgb };
}
