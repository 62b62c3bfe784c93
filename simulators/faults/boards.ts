/** Pictures full of plates: a road far busier than any, so that many plates go through the gateway in little time. */
import sharp from 'sharp';
import { openPlatePainter, plateSize } from '../scene/plate.ts';
import { plateStyles, randomPlate, type PlateStyle } from '../scene/plate-text.ts';
import { addNoise, sharpOf, type Rgb } from '../scene/raster.ts';
import { seeded, type Random } from '../scene/random.ts';

export interface BoardPlate {
  readonly text: string;
  readonly style: PlateStyle;
}

/** The size of every board: small, because the detector's time goes by the area, and in whole steps of its 32 pixels. */
export const BOARD = { width: 480, height: 256 };
const COLUMNS = 3;
const ROWS = 3;
/** The reader looks at no more than twelve places of a picture, and a two-line plate can make three. */
export const PLATES_A_BOARD = COLUMNS * ROWS;
/** At this width nearly all of every style are read; the detector tears larger ones apart where the picture is so small. */
const PLATE_WIDTH = 96;

const TWO_LINES: readonly PlateStyle[] = ['standard-yellow-two-line', 'trailer'];
const ONE_LINE = plateStyles.filter((style) => !TWO_LINES.includes(style));
/** Two-line plates take the reader ten times as long: one in this many is enough to have them among the others. */
const TWO_LINES_EVERY = 25;

/**
 * `count` plates of all kinds, or of one. Any two differ in two characters at least, so that none is a possible match of another; and in four
 * where they come to stand at one place on boards close after each other, so that they are not taken for one vehicle.
 */
export function drawPlates(seed: number, count: number, only?: PlateStyle): BoardPlate[] {
  const random = seeded(seed);
  const plates: BoardPlate[] = [];
  while (plates.length < count) {
    const n = plates.length;
    const style =
      only ??
      (n % TWO_LINES_EVERY === 0
        ? TWO_LINES[(n / TWO_LINES_EVERY) % TWO_LINES.length]!
        : ONE_LINE[n % ONE_LINE.length]!);
    const text = randomPlate(random, style);
    const isApart = (p: BoardPlate, i: number): boolean => {
      const shareAPlace = (n - i) % PLATES_A_BOARD === 0 && n - i <= 4 * PLATES_A_BOARD;
      return differing(p.text, text) >= (shareAPlace ? 4 : 2);
    };
    if (plates.every(isApart)) plates.push({ text, style });
  }
  return plates;
}

function differing(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  return x.length === y.length ? x.filter((c, i) => c !== y[i]).length : Infinity;
}

/** `plates` in groups of one board each. */
export function boardsOf(plates: readonly BoardPlate[]): BoardPlate[][] {
  const boards = Math.ceil(plates.length / PLATES_A_BOARD);
  return Array.from({ length: boards }, (_, i) => plates.slice(i * PLATES_A_BOARD, (i + 1) * PLATES_A_BOARD));
}

/** Draws boards, as JPEG; none of them moves or leans. Without plates it is an empty road. */
type BoardPainter = (plates: readonly BoardPlate[]) => Promise<Uint8Array>;

export function openBoardPainter(seed: number): BoardPainter {
  const painter = openPlatePainter();
  const random = seeded(seed);
  return async (plates) => {
    const drawn = await Promise.all(plates.map((p) => painter.draw(p.text, p.style, PLATE_WIDTH)));
    return lay(drawn, plates, random);
  };
}

async function lay(drawn: readonly Rgb[], plates: readonly BoardPlate[], random: Random): Promise<Uint8Array> {
  const { width, height } = BOARD;
  const overlays = drawn.map((p, i) => {
    const { widthMm, heightMm } = plateSize(plates[i]!.style);
    const centreX = ((i % COLUMNS) + 0.5) * (width / COLUMNS) + (random() - 0.5) * 20;
    const centreY = (Math.floor(i / COLUMNS) + 0.5) * (height / ROWS);
    return {
      input: Buffer.from(p.data),
      raw: { width: p.width, height: p.height, channels: 3 as const },
      left: Math.round(centreX - PLATE_WIDTH / 2),
      top: Math.round(centreY - (PLATE_WIDTH * heightMm) / widthMm / 2),
    };
  });
  const ground = { width, height, channels: 3 as const, background: '#6f7274' };
  const road = sharp({ create: ground }).composite(overlays).blur(0.5).removeAlpha().raw();
  const board = { width, height, data: new Uint8Array(await road.toBuffer()) };
  addNoise(board, 3, random);
  return sharpOf(board).jpeg({ quality: 92 }).toBuffer();
}
