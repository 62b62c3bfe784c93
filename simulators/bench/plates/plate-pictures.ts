/** The pictures that the bench `plates` shows to every contender: drawn ones, and a folder of real ones where there is one. */
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { Quad } from '../../../gateway/contracts/picture.ts';
import { openScene, type SceneVehicle } from '../../scene/scene.ts';
import { allPlateStyles, randomPlate, type PlateStyle } from '../../scene/plate-text.ts';
import { seeded } from '../../scene/random.ts';
import { readLabels } from './testset.ts';

/** A picture and the plates that it really shows, without separators. */
export interface Labelled {
  readonly file: string;
  readonly plates: readonly string[];
}

interface DrawnPictures {
  /** 1920 × 1080 pixels with one vehicle, its plate 110 to 190 pixels wide. */
  readonly frames: readonly Labelled[];
  /** The same road with nothing on it. */
  readonly empty: readonly Labelled[];
  /** The plates of `frames`, cut out. */
  readonly crops: readonly Labelled[];
}

const SIZE = { width: 1920, height: 1080 };
const NEAREST_M = 10.5;
const FARTHEST_M = 18;
const QUALITY = 90;
/** Around a plate that is cut out, in plate widths. */
const MARGIN = 0.03;

export interface DrawOptions {
  readonly seed: number;
  /** Frames with a plate of each style. */
  readonly each: number;
  /** Frames without a plate. */
  readonly empty: number;
  /** All of them unless told. */
  readonly styles?: readonly PlateStyle[];
}

/** Writes the pictures into `folder` as JPEG files. */
export async function drawPictures(folder: string, options: DrawOptions): Promise<DrawnPictures> {
  const { seed, each, styles = allPlateStyles } = options;
  const random = seeded(seed);
  const frames: Labelled[] = [];
  const crops: Labelled[] = [];
  for (let i = 0; i < each * styles.length; i++) {
    const style = styles[i % styles.length]!;
    const lane = i % 2;
    const vehicle: SceneVehicle = {
      plate: randomPlate(random, style),
      style,
      lane,
      startS: 0,
      speedMps: 0,
      direction: lane === 0 ? 'leaving' : 'approaching',
      parkedM: NEAREST_M + random() * (FARTHEST_M - NEAREST_M),
    };
    const road = await drawRoad(seed + i, [vehicle]);
    const plates = [vehicle.plate];
    frames.push({ file: await write(folder, `frame-${i}`, picture(road.rgb)), plates });
    const cut = picture(road.rgb).extract(around(road.corners!));
    crops.push({ file: await write(folder, `crop-${i}`, cut), plates });
  }
  const empty: Labelled[] = [];
  for (let i = 0; i < options.empty; i++) {
    const { rgb } = await drawRoad(seed - 1 - i, []);
    empty.push({ file: await write(folder, `empty-${i}`, picture(rgb)), plates: [] });
  }
  return { frames, empty, crops };
}

async function write(folder: string, name: string, drawn: Sharp): Promise<string> {
  const file = join(folder, `${name}.jpg`);
  await drawn.jpeg({ quality: QUALITY }).toFile(file);
  return file;
}

/** The plate and a little around it, in whole pixels. */
function around([[left, top], , [right, bottom]]: Quad) {
  const margin = MARGIN * (right - left);
  const [x, y] = [Math.round(left - margin), Math.round(top - margin)];
  return { left: x, top: y, width: Math.round(right + margin) - x, height: Math.round(bottom + margin) - y };
}

async function drawRoad(seed: number, vehicles: readonly SceneVehicle[]) {
  const scene = await openScene({ seed, vehicles, ...SIZE });
  return { rgb: scene.draw(1), corners: scene.truth(1)[0]?.corners };
}

const picture = (rgb: Uint8Array): Sharp => sharp(rgb, { raw: { ...SIZE, channels: 3 } });

/** Those of a test set (see testset.ts). Throws a UsageError where the folder is none. */
export function realPictures(folder: string): {
  readonly frames: readonly Labelled[];
  readonly crops: readonly Labelled[];
} {
  const labels = readLabels(folder);
  const of = (kind: 'crop' | 'frame'): Labelled[] =>
    labels.filter((l) => l.kind === kind).map(({ file, plates }) => ({ file: join(folder, file), plates }));
  return { frames: of('frame'), crops: of('crop') };
}
