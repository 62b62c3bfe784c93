/** Pictures to calibrate the reader's confidence on: drawn plates of every kind in all weather, and drawn things that are no plates. */
import type { Point, Quad } from '../../../gateway/contracts/picture.ts';
import type { Raster } from '../../../models/raster.ts';
import type { PlateShape } from '../../../models/plate/read.ts';
import { openPlatePainter, type PlatePainter } from '../../scene/plate.ts';
import { allPlateStyles, plateFacts, randomPlate, type PlateStyle } from '../../scene/plate-text.ts';
import { pick, seeded, type Random } from '../../scene/random.ts';
import { drawSvg, type Rgb } from '../../scene/raster.ts';
import { rectangle } from '../../scene/warp.ts';
import { type Condition, conditionKinds, degrade, type PlateView } from '../../scene/weather.ts';
import { wholeOf } from './sampling.ts';

interface Sample {
  readonly picture: Raster;
  readonly shape: PlateShape;
  /** What stands on the plate; absent where there is none. */
  readonly text?: string;
  readonly style: PlateStyle | 'no plate';
  /** Of the drawn plate, pixels. */
  readonly widthPx: number;
  readonly condition: Condition;
}

/** Of ten candidates that a road gives the reader, about so many are no plates. */
const NO_PLATES = 0.2;
const EVERYDAY = 0.35;
/** Widths of the drawn plates, spread evenly by their logarithm; two-line plates of motorcycles are half as wide as others. */
const WIDTHS = { least: 40, most: 200 };
/** How far off corners are, as a share of the plate's width: standard deviation for each coordinate. */
const CORNERS_OFF = 0.012;

/** Makes sample after sample; the same seed makes the same ones. */
export function openSamples(seed: number): () => Promise<Sample> {
  const random = seeded(seed);
  const painter = openPlatePainter();
  return () => (random() < NO_PLATES ? drawNoPlate(random, painter) : drawPlate(random, painter, randomTask(random)));
}

interface Task {
  readonly style: PlateStyle;
  readonly widthPx: number;
  readonly condition: Condition;
}

function randomTask(random: Random): Task {
  const widthPx = Math.round(WIDTHS.least * (WIDTHS.most / WIDTHS.least) ** random());
  // Everyday cars are the most, but every kind must be there often enough to count.
  const style = random() < EVERYDAY ? 'standard' : pick(random, allPlateStyles);
  return { style, widthPx, condition: randomCondition(random) };
}

/** Motion of many pixels leaves nothing to read; weak motion is where reads begin to be wrong. */
function randomCondition(random: Random): Condition {
  const kind = pick(random, conditionKinds);
  return { kind, strength: kind === 'motion' ? 0.4 * random() ** 2 : random() };
}

/** A plate as one of the three ways a reader meets it: found by its corners, boxed by a text detector, or cut out. */
export async function drawPlate(random: Random, painter: PlatePainter, task: Task): Promise<Sample> {
  const text = randomPlate(random, task.style);
  const view = mount(await painter.draw(text, task.style, task.widthPx), pick(random, BODIES));
  const seen = await degrade(view, task.condition, random);
  const edge = pick(random, ['found', 'found', 'drawn', 'cut'] as const);
  const off = () => (random() + random() + random() - 1.5) * 2 * CORNERS_OFF * task.widthPx;
  const corners = seen.plate.map(([x, y]): Point => [x + off(), y + off()]) as unknown as Quad;
  const picture = rasterOf(seen.picture);
  if (edge === 'cut') {
    const cut = cutTo(picture, corners);
    return { picture: cut, shape: { corners: wholeOf(cut), lines: 'either', edge }, text, ...task };
  }
  const lines = edge === 'drawn' && plateFacts[task.style].lines === 1 ? 'either' : plateFacts[task.style].lines;
  return { picture, shape: { corners, lines, edge }, text, ...task };
}

/** Paint of the vehicle's body around the plate. */
const BODIES: readonly Colour[] = [
  [28, 30, 34],
  [235, 236, 234],
  [150, 154, 158],
  [140, 24, 26],
  [40, 66, 110],
  [52, 84, 62],
];
type Colour = readonly [number, number, number];

/** The plate on a body of one colour, lighter at the top, half a plate of it on either side. */
function mount(plate: Rgb, [red, green, blue]: Colour): PlateView {
  const width = 2 * plate.width;
  const height = plate.height * 3;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const light = 1.08 - (0.25 * y) / height;
    for (let x = 0, o = y * width * 3; x < width; x++, o += 3)
      data.set(
        [red, green, blue].map((c) => Math.min(255, c * light)),
        o,
      );
  }
  const [left, top] = [plate.width >> 1, plate.height];
  for (let y = 0; y < plate.height; y++) {
    data.set(plate.data.subarray(y * plate.width * 3, (y + 1) * plate.width * 3), ((top + y) * width + left) * 3);
  }
  return { picture: { width, height, data }, plate: rectangle(left, top, plate.width, plate.height) };
}

function rasterOf({ width, height, data }: Rgb): Raster {
  return { width, height, rgb: data };
}

/** The upright rectangle around the corners, as a picture of its own. */
function cutTo({ width, rgb, height }: Raster, corners: Quad): Raster {
  const within = (v: number, most: number) => Math.min(most, Math.max(0, Math.round(v)));
  const xs = corners.map((p) => p[0]);
  const ys = corners.map((p) => p[1]);
  const [left, right] = [within(Math.min(...xs), width - 2), within(Math.max(...xs), width)];
  const [top, bottom] = [within(Math.min(...ys), height - 2), within(Math.max(...ys), height)];
  const [w, h] = [Math.max(1, right - left), Math.max(1, bottom - top)];
  const cut = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    const from = ((top + y) * width + left) * 3;
    cut.set(rgb.subarray(from, from + w * 3), y * w * 3);
  }
  return { width: w, height: h, rgb: cut };
}

const WORDS = [
  '停车场入口',
  '欢迎光临',
  '中国石油',
  '急救中心',
  '快递物流',
  '出租汽车',
  '消防通道',
  '景区公交',
  '严禁超载',
  '安全第一',
];
const LATIN = ['TOYOTA', 'VOLVO FH16', 'EXIT 24', 'PARKING', 'HYBRID 4WD', 'DIESEL', 'CARGO SERVICE', 'TAXI 96103'];
const GROUNDS = ['#0d3f9e', '#f2b50c', '#4cb86b', '#f4f4f0', '#16181c', '#8d2f2a', '#c0c4c8'];

/** Shop signs, lettering, telephone numbers, empty bars and grilles of plate size; or a piece of a plate, half cut off. */
async function drawNoPlate(random: Random, painter: PlatePainter): Promise<Sample> {
  const task = randomTask(random);
  const none = { style: 'no plate', widthPx: task.widthPx, condition: task.condition } as const;
  const lines = pick(random, [1, 'either', 'either', 2] as const);
  const edge = pick(random, ['found', 'drawn'] as const);
  if (random() < 0.25) {
    const view = mount(
      await painter.draw(randomPlate(random, task.style), task.style, task.widthPx),
      pick(random, BODIES),
    );
    const { picture, plate } = await degrade(view, task.condition, random);
    const by = (random() < 0.5 ? -0.5 : 0.5) * task.widthPx;
    const beside = plate.map(([x, y]): Point => [x + by, y]) as unknown as Quad;
    return { picture: rasterOf(picture), shape: { corners: beside, lines, edge }, ...none };
  }
  const [w, h] = [task.widthPx, Math.round(task.widthPx * (lines === 2 ? 0.5 : 0.31))];
  const view = { picture: await drawSvg(signSvg(random, w, h)), plate: rectangle(Math.round(w / 2), h, w, h) };
  const { picture, plate } = await degrade(view, task.condition, random);
  return { picture: rasterOf(picture), shape: { corners: plate, lines, edge }, ...none };
}

function signSvg(random: Random, w: number, h: number): string {
  const [ground, ink] = [pick(random, GROUNDS), pick(random, ['#fff', '#111', '#f2b50c'])];
  const digits = () => Array.from({ length: 7 + Math.floor(random() * 5) }, () => Math.floor(random() * 10)).join('');
  const mixed = () =>
    Array.from({ length: 5 + Math.floor(random() * 5) }, () =>
      pick(random, [...'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789']),
    ).join('');
  const text = pick(random, [() => pick(random, WORDS), () => pick(random, LATIN), digits, mixed, () => ''])();
  const size = Math.min(h * 0.8, ((w * 0.94) / Math.max(1, text.length)) * (/[A-Z0-9]/.test(text) ? 1.6 : 1));
  const bars = Array.from(
    { length: text === '' ? 9 : 0 },
    (_, i) => `<rect x="${w / 2 + (i * w) / 9}" y="${h}" width="${w / 18}" height="${h}" fill="${ink}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * w}" height="${3 * h}"><rect width="${2 * w}" height="${3 * h}" fill="#6d7073"/>
    <rect x="${w / 2}" y="${h}" width="${w}" height="${h}" fill="${ground}"/>${bars.join('')}
    <text x="${w}" y="${1.5 * h + size * 0.36}" font-family="'Noto Sans CJK SC', sans-serif" font-weight="bold" font-size="${size}" fill="${ink}" text-anchor="middle">${text}</text></svg>`;
}
