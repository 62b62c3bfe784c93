/** The thread for pushed pictures, for real. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { openPictureDecoder, type PictureDecoder } from './picture-decoder.ts';

let decoder: PictureDecoder;
let small: Uint8Array;
beforeAll(async () => {
  decoder = openPictureDecoder(1, new URL('../../models/decoder.ts', import.meta.url), SILENT_LOG);
  small = await drawn(64, 36).jpeg({ progressive: true }).toBuffer();
  // It is ready when the first picture comes through.
  const isReady = async () => expect((await decoder.decode({ plate: small })).refused).toEqual({});
  await vi.waitFor(isReady, { timeout: 30_000 });
});
afterAll(() => decoder.close());

function drawn(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: '#7788aa' } });
}

/** The same file, with another size in its header (frame header of a JPEG: ITU-T T.81, B.2.2). */
function claiming(jpeg: Uint8Array, width: number, height: number): Uint8Array {
  const bytes = Buffer.from(jpeg);
  const frame = [0xc0, 0xc2].map((mark) => bytes.indexOf(Buffer.from([0xff, mark]))).find((at) => at > 0)!;
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

test('S6: a picture of more than 16 million pixels is refused by its header, and the other one is used', async () => {
  const png = Buffer.from(await drawn(64, 36).png().toBuffer());
  png.writeUInt32BE(7_200, 16);
  png.writeUInt32BE(5_300, 20);
  const { pictures, refused } = await decoder.decode({ plate: small, scene: claiming(small, 7_200, 5_300) });
  expect(refused).toEqual({ scene: 'has too many pixels; at most 16 million are read' });
  expect(pictures.plate).toMatchObject({ width: 64, height: 36 });
  expect((await decoder.decode({ scene: png })).pictures).toEqual({});
});

test('S6: a JPEG of hundreds of scans is refused before it is decoded', async () => {
  const scan = small.subarray(Buffer.from(small).lastIndexOf(Buffer.from([0xff, 0xda])), small.length - 2);
  const bomb = Buffer.concat([small.subarray(0, -2), ...Array.from({ length: 300 }, () => scan), small.subarray(-2)]);
  expect((await decoder.decode({ scene: bomb })).refused).toEqual({
    scene: 'is a JPEG of too many scans; at most 32 are decoded',
  });
});

test('S6: a picture larger than a frame is shrunk to one, so that reading it takes no longer', async () => {
  const large = await drawn(4_600, 3_400).jpeg().toBuffer();
  const { pictures } = await decoder.decode({ scene: large });
  expect(pictures.scene).toMatchObject({ width: 2_922, height: 2_160 });
  expect(pictures.scene!.rgb).toHaveLength(2_922 * 2_160 * 3);
});

test('S6: a file that is no picture, and one that comes while too many wait, is named; the files stay as they were', async () => {
  const { refused } = await decoder.decode({ plate: Buffer.from('<html></html>'), scene: small.subarray(0, 400) });
  expect(refused.plate).toBe('is not a picture; expected JPEG, PNG, WebP or BMP');
  expect(refused.scene).toMatch(/truncated or damaged/);
  const all = await Promise.all(Array.from({ length: 12 }, () => decoder.decode({ plate: small })));
  expect(all.filter((one) => one.pictures.plate).length).toBeGreaterThanOrEqual(8);
  expect(all.at(-1)!.refused.plate).toMatch(/could not be decoded in time .*8 wait/);
  expect(small.length).toBeGreaterThan(0);
});
