/**
 * The public YOLOv5 plate detector of we0091234/Chinese_license_plate_detection_recognition, as exported in sunqiang188/plate_detection. Sizes,
 * thresholds and the meaning of its output are those of that repository's onnx_infer.py; the file itself is not in this project, and its tests
 * run this code on a graph of the same shape.
 */
import type { Point, Quad } from '../../../gateway/contracts/picture.ts';
import type { Raster } from '../../../models/raster.ts';
import { openOnnxFile } from './onnx-file.ts';
import { fill, wholeOf, type Planes } from './sampling.ts';

interface FoundPlate {
  /** Pixels of the picture. */
  readonly corners: Quad;
  readonly lines: 1 | 2;
  /** 0..1. */
  readonly score: number;
}

/** Most probable first. One detector serves one thread: it keeps its input. */
type YoloPlate = (picture: Raster) => Promise<FoundPlate[]>;

const FIELD = 640;
const ROWS = 25_200;
/** Of a row: centre and size of the box, object, four corners, one line, two lines. */
const ROW = 15;
const OBJECT = 4;
const CORNERS = 5;
const LINES = 13;
const MIN_OBJECT = 0.3;
const MAX_OVERLAP = 0.5;
const GREY = 114 / 255;

const FILE = {
  option: 'yolo',
  input: [1, 3, FIELD, FIELD],
  output: [1, ROWS, ROW],
  known: {
    begins: '337d1ccb',
    ends: '33fe164',
    from: 'models/plate_detect.onnx in sunqiang188/plate_detection, commit 40e4023',
  },
} as const;

/** Throws a UsageError where the file is not such a model. */
export async function openYoloPlate(path: string, warn: (text: string) => void): Promise<YoloPlate> {
  const run = await openOnnxFile(path, FILE, warn);
  const planes: Planes = {
    data: new Float32Array(3 * FIELD * FIELD),
    width: FIELD,
    height: FIELD,
    order: 'rgb',
    scale: (value) => value / 255,
  };
  return async (picture) => {
    const box = letterboxOf(picture);
    planes.data.fill(GREY);
    fill(picture, wholeOf(picture), planes, box);
    const rows = await run(planes.data, FILE.input);
    return onePerPlate(boxesIn(rows)).map(({ corners, lines, score }) => {
      const point = ([x, y]: Point): Point => [(x - box.left) / box.scale, (y - box.top) / box.scale];
      const [a, b, c, d] = corners;
      return { corners: [point(a), point(b), point(c), point(d)], lines, score };
    });
  };
}

/** As large as fits, in the middle. */
function letterboxOf({ width, height }: Raster) {
  const scale = Math.min(FIELD / width, FIELD / height);
  const inside = { width: Math.floor(width * scale), height: Math.floor(height * scale) };
  const [left, top] = [Math.floor((FIELD - inside.width) / 2), Math.floor((FIELD - inside.height) / 2)];
  return { ...inside, left, top, scale };
}

/** In pixels of the field. */
interface Box extends FoundPlate {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxesIn(rows: Float32Array): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < rows.length; at += ROW) {
    const object = rows[at + OBJECT]!;
    if (!(object > MIN_OBJECT)) continue;
    const [x, y, width, height] = [rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!];
    const [one, two] = [rows[at + LINES]!, rows[at + LINES + 1]!];
    const corner = (k: number): Point => [rows[at + CORNERS + 2 * k]!, rows[at + CORNERS + 2 * k + 1]!];
    boxes.push({
      left: x - width / 2,
      right: x + width / 2,
      top: y - height / 2,
      bottom: y + height / 2,
      corners: inOrder([corner(0), corner(1), corner(2), corner(3)]),
      lines: two > one ? 2 : 1,
      score: Math.max(one, two) * object,
    });
  }
  return boxes;
}

/** Top left has the smallest sum of x and y, bottom right the largest; top right the smallest y - x, bottom left the largest. */
function inOrder(points: readonly Point[]): Quad {
  const least = (value: (p: Point) => number): Point => points.reduce((a, b) => (value(b) < value(a) ? b : a));
  return [least(([x, y]) => x + y), least(([x, y]) => y - x), least(([x, y]) => -x - y), least(([x, y]) => x - y)];
}

/** Greedy non-maximum suppression over both classes at once. */
function onePerPlate(boxes: readonly Box[]): Box[] {
  const kept: Box[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score))
    if (!kept.some((k) => overlap(k, box) > MAX_OVERLAP)) kept.push(box);
  return kept;
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box): number => (box.right - box.left) * (box.bottom - box.top);
  return (width * height) / (area(a) + area(b) - width * height);
}
