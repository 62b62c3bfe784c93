import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { tempFolder } from '../gateway/contracts/rig.fixtures.ts';
import { clampBox, cutJpeg, loadPicture, loadPictureFile, MAX_BYTES } from './picture.ts';

let folder: string;
let jpeg: Buffer;
beforeAll(async () => {
  folder = tempFolder();
  // Noise, so that the file is long enough to be cut in the middle of its pixels.
  const noise = Uint8Array.from({ length: 200 * 100 * 3 }, (_, i) => (i * 2_654_435_761) >>> 24);
  jpeg = await sharp(noise, { raw: { width: 200, height: 100, channels: 3 } })
    .jpeg()
    .toBuffer();
});

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test('a JPEG gives its pixels, three bytes each', async () => {
  const red = sharp({ create: { width: 40, height: 20, channels: 3, background: '#c80000' } });
  const { width, height, rgb } = await loadPicture(await red.png().toBuffer());
  expect([width, height, rgb.length]).toEqual([40, 20, 2400]);
  expect([...rgb.subarray(0, 3)]).toEqual([200, 0, 0]);
});

test('grey, transparent, 16-bit, CMYK and turned pictures come out as upright RGB', async () => {
  const base = () => sharp(jpeg);
  const variants = [
    base().greyscale().jpeg(),
    base().greyscale().png(),
    base().ensureAlpha(0.5).png(),
    base().toColourspace('rgb16').png(),
    base().toColourspace('cmyk').jpeg(),
    base().webp(),
  ];
  for (const v of variants) {
    const { width, height, rgb } = await loadPicture(await v.toBuffer());
    expect([width, height, rgb.length]).toEqual([200, 100, 60_000]);
  }
  const turned = await loadPicture(await base().withMetadata({ orientation: 6 }).toBuffer());
  expect([turned.width, turned.height]).toEqual([100, 200]);
});

test('what is no picture is refused in words an operator can act on', async () => {
  await expect(loadPicture(new Uint8Array())).rejects.toThrow(/is empty/);
  await expect(loadPictureFile(file('half.jpg', jpeg.subarray(0, jpeg.length / 2)))).rejects.toThrow(/truncated/);
  await expect(loadPictureFile(file('page.jpg', '<html><body>Login</body></html>'))).rejects.toThrow(
    /not a picture; expected JPEG/,
  );
  await expect(
    loadPictureFile(file('a.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
  ).rejects.toThrow(/is svg/);
  await expect(loadPictureFile(join(folder, 'none.jpg'))).rejects.toThrow(/ENOENT/);
  await expect(loadPictureFile(folder)).rejects.toThrow(/is not a file/);
  const whole = await loadPictureFile(file('whole.jpg', jpeg));
  expect(whole.width).toBe(200);
});

/** A PNG that promises pixels it does not hold: the size has to be refused by the header alone. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('a 16,000 × 16,000 picture is refused by its pixels, one over 8 MiB by its bytes', async () => {
  await expect(loadPicture(pngHeader(16_000, 16_000))).rejects.toThrow(/too many pixels/);
  const long = file('long.jpg', jpeg);
  truncateSync(long, MAX_BYTES + 1);
  await expect(loadPictureFile(long)).rejects.toThrow(/8388609 bytes; at most 8388608/);
});

test('a named pipe nobody writes to does not hold the reader', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(loadPictureFile(pipe)).rejects.toThrow(/is not a file/);
});

test('a cut holds the pixels of its box, clamped to the picture', async () => {
  const picture = await loadPicture(jpeg);
  const box = clampBox({ left: 150.4, top: -20, width: 100, height: 60 }, picture);
  expect(box).toEqual({ left: 150, top: 0, width: 50, height: 40 });
  const cut = await loadPicture(await cutJpeg(picture, box, 95));
  expect([cut.width, cut.height]).toEqual([50, 40]);
  const at = (x: number, y: number) => picture.rgb[(y * 200 + x) * 3 + 1]!;
  expect(Math.abs(cut.rgb[(10 * 50 + 10) * 3 + 1]! - at(160, 10))).toBeLessThan(40);
  expect(clampBox({ left: 500, top: 500, width: 10, height: 10 }, picture)).toEqual({
    left: 199,
    top: 99,
    width: 1,
    height: 1,
  });
});
