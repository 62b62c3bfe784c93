import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openScene, randomTraffic, type SceneVehicle } from './scene.ts';
import { readClip } from '../devices/road-camera/h264.ts';
import { encodeClip } from './clip.ts';
import { openPlatePainter } from './plate.ts';
import { allPlateStyles, plateStyles, randomPlate, type PlateStyle } from './plate-text.ts';
import { seeded } from './random.ts';

const FORMS: Readonly<Record<PlateStyle, RegExp>> = {
  standard: /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{5}$/u,
  'standard-yellow': /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{5}$/u,
  'standard-yellow-two-line': /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{5}$/u,
  'new-energy-small': /^\p{Script=Han}[A-HJ-NP-Z][A-HJK][0-9A-HJ-NP-Z]\d{4}$/u,
  'new-energy-large': /^\p{Script=Han}[A-HJ-NP-Z]\d{5}[A-HJK]$/u,
  police: /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{4}警$/u,
  coach: /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{4}学$/u,
  trailer: /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{4}挂$/u,
  'hong-kong': /^粤Z[0-9A-HJ-NP-Z]{4}港$/,
  macao: /^粤Z[0-9A-HJ-NP-Z]{4}澳$/,
  consulate: /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{4}领$/u,
  embassy: /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{4}使$/u,
  'motorcycle-yellow': /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{5}$/u,
  'motorcycle-blue': /^\p{Script=Han}[A-HJ-NP-Z][0-9A-HJ-NP-Z]{5}$/u,
  'embassy-numbered': /^使\d{6}$/,
  'consulate-numbered': /^\p{Script=Han}\d{5}领$/u,
  'armed-police': /^WJ\p{Script=Han}\d{4}[0-9BDHJSTX]$/u,
};

/** Width by height of those that are not 440 × 140 mm. */
const FORM_OF_METAL = [
  [/^new-energy/, 480 / 140],
  [/two-line|trailer/, 440 / 220],
  [/^motorcycle/, 220 / 140],
] as const;

describe('plates', () => {
  it('are picked by the seeds among the same styles as ever', () => {
    expect(plateStyles).toEqual(allPlateStyles.slice(0, 12));
    const first = randomTraffic(1, { count: 3, everyS: 1 }).map((v) => `${v.style} ${v.plate}`);
    expect(first).toEqual(['new-energy-large 吉H55501K', 'standard 闽T2G40V', 'standard-yellow 新DZ58N1']);
  });

  it('have the form of their kind, and differ by seed', () => {
    for (const style of allPlateStyles) {
      const texts = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => randomPlate(seeded(seed), style));
      for (const text of texts) expect(text).toMatch(FORMS[style]);
      expect(new Set(texts).size).toBeGreaterThan(4);
      expect(randomPlate(seeded(1), style)).toBe(texts[0]);
    }
  });

  it('are drawn in every style, with their own proportions, and each text differently', async () => {
    const painter = openPlatePainter();
    for (const style of allPlateStyles) {
      const [one, other] = [randomPlate(seeded(1), style), randomPlate(seeded(2), style)];
      const picture = await painter.draw(one, style, 220);
      const form = FORM_OF_METAL.find(([styles]) => styles.test(style))?.[1] ?? 440 / 140;
      expect(Math.abs(picture.height - 220 / form)).toBeLessThan(1);
      expect(picture.data.length).toBe(220 * picture.height * 3);
      expect(Buffer.from(picture.data).equals((await painter.draw(other, style, 220)).data)).toBe(false);
      expect(Buffer.from(picture.data).equals((await painter.draw(one, style, 220)).data)).toBe(true);
    }
  });

  it('refuse a text of another length or with characters of no plate', async () => {
    const painter = openPlatePainter();
    await expect(painter.draw('皖A1234', 'standard', 100)).rejects.toThrow('7 characters, not 6');
    await expect(painter.draw('皖A1234I', 'standard', 100)).rejects.toThrow('no plate bears');
  });
});

describe('scene', () => {
  const car = { plate: '皖A12345', style: 'standard', lane: 1, startS: 0, speedMps: 10 } as const;
  const vehicles: SceneVehicle[] = [{ ...car, direction: 'approaching' }];
  const widthAt = (truth: { corners: readonly (readonly [number, number])[] }[]): number =>
    truth.length === 0 ? 0 : truth[0]!.corners[1]![0] - truth[0]!.corners[0]![0];

  it('is the same for the same seed and time, and another for another', async () => {
    const one = await openScene({ seed: 3, vehicles });
    const same = await openScene({ seed: 3, vehicles });
    const other = await openScene({ seed: 4, vehicles });
    const at = (scene: typeof one, tS: number): Buffer => Buffer.from(scene.draw(tS));
    expect(at(one, 5).equals(at(same, 5))).toBe(true);
    expect(at(one, 5).equals(at(other, 5))).toBe(false);
    expect(at(one, 5).equals(at(one, 5.2))).toBe(false);
    expect(one.draw(0).length).toBe(1280 * 720 * 3);
  });

  it('lets approaching vehicles grow to a readable plate, and leaving ones shrink', async () => {
    const near = await openScene({ seed: 1, vehicles });
    const times = Array.from({ length: 75 }, (_, i) => i / 10);
    const widths = times.map((t) => widthAt(near.truth(t))).filter((w) => w > 0);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(Math.max(...widths)).toBeGreaterThan(110);
    const far = await openScene({ seed: 1, vehicles: [{ ...car, direction: 'leaving' }] });
    const leaving = times.map((t) => widthAt(far.truth(t))).filter((w) => w > 0);
    expect(leaving).toEqual([...leaving].sort((a, b) => b - a));
    expect(near.truth(near.durationS + 0.1)).toEqual([]);
  });

  it('leaves a parked vehicle where it stands, and asks where that is', async () => {
    const parked: SceneVehicle = { ...car, direction: 'leaving', speedMps: 0, parkedM: 14 };
    const scene = await openScene({ seed: 1, vehicles: [parked] });
    expect(scene.truth(500)).toEqual(scene.truth(1));
    await expect(openScene({ seed: 1, vehicles: [{ ...car, direction: 'leaving', speedMps: 0 }] })).rejects.toThrow(
      'parkedM',
    );
  });

  it('is darker at night', async () => {
    const mean = (bytes: Uint8Array): number => bytes.reduce((sum, b) => sum + b, 0) / bytes.length;
    const size = { seed: 1, vehicles, width: 320, height: 180 };
    const [day, night] = [await openScene(size), await openScene({ ...size, night: true })];
    expect(mean(night.draw(5))).toBeLessThan(mean(day.draw(5)) / 3);
  });

  it('makes traffic in both lanes', () => {
    const traffic = randomTraffic(1, { count: 6, everyS: 2 });
    expect(traffic.map((v) => v.lane)).toEqual([0, 1, 0, 1, 0, 1]);
    expect(new Set(traffic.map((v) => v.plate)).size).toBe(6);
  });

  it('becomes a clip: one key frame a second, no B pictures, right number and size', async () => {
    const scene = await openScene({ seed: 1, vehicles: [], width: 320, height: 180 });
    const bytes = await encodeClip(scene, { seconds: 2, fps: 10 });
    expect(readClip(bytes).units.map((u) => u.key)).toEqual(Array.from({ length: 20 }, (_, i) => i % 10 === 0));
    const probe = [
      '-v',
      'error',
      '-f',
      'h264',
      '-show_entries',
      'stream=width,height,has_b_frames',
      '-of',
      'csv=p=0',
      '-',
    ];
    expect(spawnSync('ffprobe', probe, { input: bytes, encoding: 'utf8' }).stdout.trim()).toBe('320,180,0');
  });
});
