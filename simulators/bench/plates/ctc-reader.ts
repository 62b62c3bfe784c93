/**
 * Two public readers of plates that were cut out. Alphabets, sizes and scales are those of their repositories, we0091234/
 * Chinese_license_plate_detection_recognition (plate_rec_color) and sirius-ai/LPRNet_Pytorch; the files themselves are not in this project, and
 * its tests run this code on graphs of the same shapes.
 */
import type { Quad } from '../../../gateway/contracts/picture.ts';
import type { Raster } from '../../../models/raster.ts';
import { openOnnxFile, type ExpectedFile } from './onnx-file.ts';
import { fill, type Planes } from './sampling.ts';

interface Spec {
  readonly file: ExpectedFile;
  readonly width: number;
  readonly height: number;
  readonly alphabet: readonly string[];
  readonly blank: number;
  readonly steps: number;
  /** Which dimension of the output runs faster. */
  readonly inner: 'class' | 'step';
  readonly scale: (value: number) => number;
}

const REC_COLOR_ALPHABET =
  '#京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新学警港澳挂使领民航危0123456789ABCDEFGHJKLMNPQRSTUVWXYZ险品';
const LPRNET_ALPHABET =
  '京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新0123456789ABCDEFGHJKLMNPQRSTUVWXYZIO-';

/** Its second output, the colour, is not used: nobody here is asked for it. */
export const PLATE_REC: Spec = {
  file: {
    option: 'plate-rec',
    input: [undefined, 3, 48, 168],
    output: [undefined, 21, 78],
    known: {
      begins: '5ef7430a',
      ends: '423db7ef',
      from: 'models/plate_rec_color.onnx in sunqiang188/plate_detection, commit 40e4023',
    },
  },
  width: 168,
  height: 48,
  alphabet: [...REC_COLOR_ALPHABET],
  blank: 0,
  steps: 21,
  inner: 'class',
  scale: (value) => (value / 255 - 0.588) / 0.193,
};

/** Published as PyTorch weights; whoever exports them gets a file with a sha256 of its own. */
export const LPRNET: Spec = {
  file: { option: 'lprnet', input: [undefined, 3, 24, 94], output: [undefined, 68, 18] },
  width: 94,
  height: 24,
  alphabet: [...LPRNET_ALPHABET],
  blank: 67,
  steps: 18,
  inner: 'step',
  scale: (value) => (value - 127.5) / 128,
};

/** Reads what lies between `corners`, whatever it is. One reader serves one thread: it keeps its input. */
export type CtcReader = (picture: Raster, corners: Quad, lines: 1 | 2) => Promise<string>;

/** Throws a UsageError where the file is not such a model. */
export async function openCtcReader(path: string, spec: Spec, warn: (text: string) => void): Promise<CtcReader> {
  const run = await openOnnxFile(path, spec.file, warn);
  const { width, height, scale } = spec;
  const planes: Planes = { data: new Float32Array(3 * width * height), width, height, order: 'bgr', scale };
  return async (picture, corners, lines) => {
    fillStrip(picture, corners, lines, planes);
    return decode(await run(planes.data, [1, 3, height, width]), spec);
  };
}

/** Two lines are laid side by side: the upper 5/12 and the lower 2/3, which overlap (we0091234, double_plate_split_merge.py). */
function fillStrip(picture: Raster, corners: Quad, lines: 1 | 2, planes: Planes): void {
  const { width, height } = planes;
  if (lines === 1) return fill(picture, corners, planes, { left: 0, top: 0, width, height });
  const half = { top: 0, width: width / 2, height };
  fill(picture, corners, planes, { ...half, left: 0 }, { top: 0, bottom: 5 / 12 });
  fill(picture, corners, planes, { ...half, left: width / 2 }, { top: 1 / 3, bottom: 1 });
}

/** Best path (Graves et al., "Connectionist Temporal Classification", ICML 2006): the best class of each step, repeats and blanks gone. */
function decode(values: Float32Array, { alphabet, blank, steps, inner }: Spec): string {
  const classes = alphabet.length;
  const [perStep, perClass] = inner === 'class' ? [classes, 1] : [1, steps];
  let text = '';
  let before = blank;
  for (let t = 0; t < steps; t++) {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (values[t * perStep + c * perClass]! > values[t * perStep + best * perClass]!) best = c;
    if (best !== blank && best !== before) text += alphabet[best]!;
    before = best;
  }
  return text;
}
