import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadPicture } from '../../models/picture.ts';
import { encodeBmp, openFacePainter, snapshot } from './face.ts';
import * as shots from './face-shots.ts';
import { seeded } from './random.ts';

describe('a drawn person', () => {
  const painter = openFacePainter();
  const [plain, , turned] = shots.VARIATIONS;

  it('is the same for the same seed and another one for another', async () => {
    const shot = shots.laneShot(3, plain!);
    const [one, again] = [await painter.draw(shot), await openFacePainter().draw(shot)];
    expect(Buffer.compare(one.data, again.data)).toBe(0);
    expect(Buffer.compare(one.data, (await painter.draw(shots.laneShot(5, plain!))).data)).not.toBe(0);
    expect([one.width, one.height, one.data.length]).toEqual([640, 480, 640 * 480 * 3]);
  });

  it('fits pictures of any size and may stand partly or wholly outside', async () => {
    const size = { width: 1280, height: 720 };
    const far = { ...turned!, dx: -900 };
    const picture = await painter.draw(shots.laneShot(3, far, size));
    expect(picture.data.length).toBe(1280 * 720 * 3);
    const half = await painter.draw(shots.laneShot(3, { ...turned!, dx: 300 }));
    expect(half.data.length).toBe(640 * 480 * 3);
  });

  it('turns its back, darkens and blurs as the shot says', async () => {
    const mean = async (shot: Parameters<typeof painter.draw>[0]): Promise<number> => {
      const { data } = await painter.draw(shot);
      return data.reduce((a, b) => a + b, 0) / data.length;
    };
    const lit = await mean(shots.laneShot(3, plain!));
    expect(await mean(shots.blackShot(3))).toBe(0);
    expect(await mean(shots.laneShot(3, { ...plain!, brightness: 0.5 }))).toBeCloseTo(lit / 2, 0);
    const sharpness = async (shot: Parameters<typeof painter.draw>[0]): Promise<number> => {
      const { data } = await painter.draw(shot);
      return data.reduce((sum, v, i) => sum + (i < 3 ? 0 : Math.abs(v - data[i - 3]!)), 0);
    };
    const front = await sharpness(shots.laneShot(3, plain!));
    expect(await sharpness(shots.blurredShot(3))).toBeLessThan(front / 2);
    expect(await sharpness(shots.awayShot(3, plain!))).toBeLessThan(front);
  });

  it('has a document photo that any reader of bitmaps understands', async () => {
    const photo = await painter.draw(shots.portraitShot(3));
    expect([photo.width, photo.height]).toEqual([102, 126]);
    const read = await loadPicture(encodeBmp(photo));
    expect([read.width, read.height]).toEqual([102, 126]);
    expect(Buffer.compare(read.rgb, photo.data)).toBe(0);
  });

  it('is sent with fresh noise each time, which leaves the picture itself as it was', async () => {
    const picture = await painter.draw(shots.laneShot(3, plain!));
    const before = Buffer.from(picture.data);
    const random = seeded(1);
    const [a, b] = [await grained(), await grained()];
    expect(a.equals(b)).toBe(false);
    expect(before.equals(picture.data)).toBe(true);
    expect(await sharp(a).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 480 });
    function grained(): Promise<Buffer> {
      return snapshot(picture, { noise: 4, quality: 85, random });
    }
  });
});
