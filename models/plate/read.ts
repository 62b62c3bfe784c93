/**
 * Reads one plate whose corners are known: unwarps it into the reader's strip and decodes by the grammar. A box that is too
 * tight loses the province, one that is too wide brings in the frame, and a two-line plate has to be laid out in one line;
 * so a plate that is not sure at once is read again with other windows.
 */
import type { CharChoice, PlateRead, Quad } from '../../gateway/types.ts';
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
  readonly strip: Float32Array;
}

/** Narrower strips are padded to this: 97.5 % of real crops at 192, 98.7 % at 320. */
const STRIP_WIDTH = 320;
/** At or below this width over height a plate may have two lines. */
const STACKED_ASPECT = 2.4;
/** So improbable that another window does not help: this is no plate. */
const HOPELESS = -0.6;
/** In a stream a plate smaller in both ways is read with one window only: soon the vehicle is nearer, or it has gone. */
const STREAM_LEAST = { width: 64, height: 24 };
/** A runner-up this probable makes a read doubtful, however good its score. */
const DOUBT = 0.05;

/** What of the plate is laid side by side into the strip, and how wide that makes the strip for its height. */
interface Layout {
  readonly windows: readonly Window[];
  readonly aspect: number;
}

/**
 * A plate has 440 × 140 or 480 × 140 mm, whatever its box looks like in the picture. Laid out in these proportions it is read
 * better than in the box's own, above all when it is seen from the side.
 */
const single = (x: number, y: number, lean: number, aspect: number): Layout => ({
  windows: [{ left: -x, top: -y, right: 1 + x, bottom: 1 + y, lean }],
  aspect,
});

/** Upper line from the top to 5/12, lower one from 1/3 down: they overlap, because the gap's place depends on the box. */
const stacked = (by: number): Layout => {
  const [left, right, size] = [-by, 1 + by, 1 + 2 * by];
  return {
    windows: [
      { left, right, top: -by, bottom: (5 / 12) * size - by, lean: 0 },
      { left, right, top: size / 3 - by, bottom: 1 + by, lean: 0 },
    ],
    aspect: 6,
  };
};

/** For a box that the detector drew: with a bit of air, tight, leaning either way, and wide for a province cut off. */
const AROUND: readonly Layout[] = [
  single(0.03, 0.06, 0, 3.5),
  single(0, 0.02, 0, 3.5),
  single(0.03, 0.06, 0.12, 3.5),
  single(0.03, 0.06, -0.12, 3.5),
  single(0.1, 0.12, 0, 3.5),
];
/** For a picture that is cut to the plate: beyond it there is nothing to see. */
const WITHIN: readonly Layout[] = [
  single(0, 0, 0, 3.3),
  single(-0.015, -0.03, 0, 3.5),
  single(0, 0, 0, 3.9),
  single(0.03, 0.06, 0, 3.3),
];
const STACKED: readonly Layout[] = [stacked(0.04), stacked(0.1)];

export async function openReader(model: ModelFile, dictionary: ModelFile): Promise<Reader> {
  const keys = new TextDecoder().decode(dictionary.bytes).replace(/\r/g, '').replace(/\n$/, '').split('\n');
  return {
    session: await openSession(model),
    decode: openDecoder(keys),
    strip: new Float32Array(3 * STRIP_HEIGHT * STRIP_WIDTH),
  };
}

/** What is known of a plate before it is read. */
export interface Shape {
  readonly corners: Quad;
  readonly lines: 'two' | 'either';
  /** `drawn`: corners found by a detector, give or take; `cut`: the picture ends there. */
  readonly edge: 'drawn' | 'cut';
  /** One of many pictures of the vehicle: far plates are not worth several windows. */
  readonly stream?: boolean;
}

/** Large plates are sampled more densely, up to this many times each way. */
const SAMPLES_MOST = 4;

interface Plate {
  readonly map: PlateMap;
  readonly samples: number;
}

/** The best read of one plate. Any picture gives one; its band says what it is worth. */
export async function read(reader: Reader, picture: Raster, shape: Shape): Promise<PlateRead> {
  const { width, height } = sizeOf(shape.corners);
  const plate: Plate = {
    map: mapOf(shape.corners),
    samples: Math.min(SAMPLES_MOST, Math.max(1, Math.round(height / STRIP_HEIGHT))),
  };
  const mayBeTwo = shape.lines === 'two' || width / height < STACKED_ASPECT;
  const reads: Decoded[] = [];
  const attempt = async (layouts: readonly Layout[], giveUp: boolean) => {
    for (const layout of layouts) {
      const decoded = await readLayout(reader, picture, plate, layout);
      reads.push(decoded);
      if (isSure(decoded) && reads.length === 1) return;
      if (giveUp && decoded.score < HOPELESS) return;
    }
  };
  const windows = shape.edge === 'cut' ? WITHIN : AROUND;
  const once = shape.stream === true && width < STREAM_LEAST.width && height < STREAM_LEAST.height;
  if (shape.lines !== 'two') await attempt(once ? windows.slice(0, 1) : windows, true);
  if (mayBeTwo && !reads.some((r) => bandOf(r.score) === 'accept')) {
    await attempt(once ? STACKED.slice(0, 1) : STACKED, false);
  }
  return { ...agree(reads), colour: 'unknown', lines: 1, corners: shape.corners, sharpness: 0 };
}

function isSure(read: Decoded): boolean {
  return bandOf(read.score) === 'accept' && read.runnersUp.every((r) => r.probability < DOUBT);
}

/** A rival text below this share of the probability is noise. */
const RIVAL_LEAST = 0.01;

/** Time steps of the strip, for turning a score back into the probability of a whole text. */
const STEPS = STRIP_WIDTH / 8;

/**
 * One verdict of several reads of one plate, each as likely to be the right window: the text whose probabilities add up to
 * most. The rivals' share lowers its score, and their characters join its runners-up.
 */
function agree(reads: readonly Decoded[]): Omit<PlateRead, 'corners' | 'colour' | 'lines' | 'sharpness'> {
  const weights = new Map<string, number>();
  for (const r of reads) weights.set(r.text, (weights.get(r.text) ?? 0) + Math.exp(r.score * STEPS));
  const total = [...weights.values()].reduce((sum, w) => sum + w, 0);
  const share = (text: string) => weights.get(text)! / total;
  const [text] = [...weights].reduce((a, b) => (b[1] > a[1] ? b : a));
  const best = reads.filter((r) => r.text === text).reduce((a, b) => (b.score > a.score ? b : a));
  const runnersUp = mergeRivals(
    best,
    [...weights.keys()].filter((t) => t !== text).map((t) => ({ text: t, share: share(t) })),
  );
  const score = best.score + Math.log(share(text)) / STEPS;
  const probability = Math.exp(score * STEPS);
  return { text, kind: best.kind, probability, characters: [], band: bandOf(score), runnersUp };
}

/** Where a rival of the same length has another character, that character is at least as probable as the rival. */
function mergeRivals(best: Decoded, rivals: readonly { text: string; share: number }[]): CharChoice[] {
  const choices = new Map(best.runnersUp.map((r) => [`${r.position} ${r.character}`, r]));
  const taken = [...best.text];
  for (const { text, share } of rivals) {
    const characters = [...text];
    if (characters.length !== taken.length || share < RIVAL_LEAST) continue;
    characters.forEach((character, position) => {
      const key = `${position} ${character}`;
      if (character === taken[position] || (choices.get(key)?.probability ?? 0) >= share) return;
      choices.set(key, { position, character, probability: share });
    });
  }
  return [...choices.values()].sort((a, b) => a.position - b.position || b.probability - a.probability);
}

async function readLayout(reader: Reader, picture: Raster, plate: Plate, layout: Layout): Promise<Decoded> {
  const columns = Math.round((STRIP_HEIGHT * layout.aspect) / layout.windows.length);
  const width = STRIP_WIDTH;
  reader.strip.fill(0);
  const strip = { data: reader.strip, width };
  layout.windows.forEach((window, i) =>
    fillStrip(picture, plate.map, window, strip, i * columns, columns, plate.samples),
  );
  const { data, dims } = await reader.session.run(reader.strip, [1, 3, STRIP_HEIGHT, width]);
  return reader.decode(data, dims[1]!, dims[2]!);
}
