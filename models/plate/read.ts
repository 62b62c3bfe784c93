/**
 * Reads one plate whose corners are known: unwarps it into the reader's strip and decodes by the grammar. A box that is too
 * tight loses the province, one that is too wide brings in the frame, and a two-line plate has to be laid out in one line;
 * so a plate that is not sure at once is read again with other windows.
 */
import type { PlateRead, Quad } from '../../gateway/types.ts';
import type { ModelFile } from '../manifest.ts';
import type { Raster } from '../picture.ts';
import { openSession, type Session } from '../session.ts';
import { bandOf, type Decoded, type Decoder, openDecoder } from './decode.ts';
import { mapOf, type PlateMap, sizeOf } from './geometry.ts';
import { fillStrip, STRIP_HEIGHT, type Window } from './raster.ts';

/** One reader serves one thread: it keeps its strip. */
export interface Reader {
  readonly session: Session;
  readonly decode: Decoder;
  strip: Float32Array;
}

/** Narrower strips are padded to this: 97.5 % of real crops at 192, 98.7 % at 320. */
const STRIP_WIDTH = 320;
/** A strip grows with long plates up to this, in steps of 32. */
const STRIP_MOST = 640;
/** At or below this width over height a plate may have two lines. */
const STACKED_ASPECT = 2.4;
/** So improbable that another window does not help: this is no plate. */
const HOPELESS = -1.5;

/** What of the plate is laid side by side into the strip. */
export type Layout = readonly Window[];

const grown = (x: number, y: number): Window => ({ left: -x, top: -y, right: 1 + x, bottom: 1 + y });

const SINGLE: readonly Layout[] = [[grown(0.03, 0.06)], [grown(0.1, 0.12)], [grown(0, 0.02)]];

/** Upper line from the top to 5/12, lower one from 1/3 down: they overlap, because the gap's place depends on the box. */
const stacked = (by: number): Layout => [
  { left: -by, top: -by, right: 1 + by, bottom: (5 / 12) * (1 + 2 * by) - by },
  { left: -by, top: (1 + 2 * by) / 3 - by, right: 1 + by, bottom: 1 + by },
];
const STACKED: readonly Layout[] = [stacked(0.04), stacked(0.1)];

export async function openReader(model: ModelFile, dictionary: ModelFile): Promise<Reader> {
  const keys = new TextDecoder().decode(dictionary.bytes).replace(/\r/g, '').replace(/\n$/, '').split('\n');
  return { session: await openSession(model), decode: openDecoder(keys), strip: new Float32Array(0) };
}

/** The best read of the plate between `corners`. Any picture gives one; its band says what it is worth. */
export async function read(reader: Reader, picture: Raster, corners: Quad, lines: 'one' | 'two' | 'either'): Promise<PlateRead> {
  const { width, height } = sizeOf(corners);
  const map = mapOf(corners);
  let best: Decoded | undefined;
  const attempt = async (layouts: readonly Layout[], giveUp: boolean) => {
    for (const layout of layouts) {
      const decoded = await readLayout(reader, picture, map, layout, width / height);
      if (best === undefined || decoded.score > best.score) best = decoded;
      if (bandOf(best.score) === 'accept' || (giveUp && best.score < HOPELESS)) return;
    }
  };
  const mayBeTwo = lines === 'two' || (lines === 'either' && width / height < STACKED_ASPECT);
  if (lines !== 'two') await attempt(SINGLE, !mayBeTwo);
  if (mayBeTwo && (best === undefined || bandOf(best.score) !== 'accept')) await attempt(STACKED, false);
  const { text, kind, score, runnersUp } = best!;
  return { text, kind, score, band: bandOf(score), runnersUp, corners };
}

async function readLayout(reader: Reader, picture: Raster, map: PlateMap, layout: Layout, aspect: number): Promise<Decoded> {
  const columns = layout.map((w) =>
    Math.max(8, Math.min(STRIP_MOST / layout.length, Math.ceil((STRIP_HEIGHT * aspect * (w.right - w.left)) / (w.bottom - w.top)))),
  );
  const total = columns.reduce((sum, c) => sum + c, 0);
  const width = Math.max(STRIP_WIDTH, Math.ceil(total / 32) * 32);
  const size = 3 * STRIP_HEIGHT * width;
  if (reader.strip.length !== size) reader.strip = new Float32Array(size);
  reader.strip.fill(0);
  let at = 0;
  layout.forEach((window, i) => {
    fillStrip(picture, map, window, { data: reader.strip, width }, at, columns[i]!);
    at += columns[i]!;
  });
  const { data, dims } = await reader.session.run(reader.strip, [1, 3, STRIP_HEIGHT, width]);
  return reader.decode(data, dims[1]!, dims[2]!);
}
