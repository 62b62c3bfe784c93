/** The chain of OpenCV's model zoo: YuNet finds the faces, SFace compares them. Its files have to be fetched. */
import type { Point } from '../../gateway/contracts/picture.ts';
import type { ModelFile } from '../manifest.ts';
import type { Raster } from '../raster.ts';
import { openNetwork, type ModelOutput } from '../session.ts';
import { onePerFace, widestFirst } from './boxes.ts';
import type { FaceChain, Face } from './chain.ts';
import { ARCFACE_TEMPLATE, fit, type FivePoints } from './geometry.ts';
import { openLandmarks } from './landmarks.ts';
import { warp } from './warp.ts';
import type { Workspace } from './workspace.ts';

/** Of YuNet's input, a square; the file of 2023 knows no other. */
const FIELD = 640;
const STRIDES = [8, 16, 32] as const;
const FACE = 0.6;
/** Of SFace's input. */
const CHIP = 112;
const VALUES = 128;
/** Cosine from which SFace takes two faces for one person, as OpenCV publishes it (samples/dnn/face_detect.cpp). */
const THRESHOLD = 0.363;

export interface OpencvFiles {
  readonly detect: ModelFile;
  readonly embed: ModelFile;
  /** The built-in chain's. They are steadier than YuNet's own points, which are used where they are missing. */
  readonly landmarks?: ModelFile;
}

/** A face with YuNet's own points. */
interface PointedFace extends Face {
  readonly points: FivePoints;
}

/** Throws with the name of a model that ONNX Runtime cannot read. */
export async function openOpencv({ detect, embed, landmarks }: OpencvFiles): Promise<FaceChain> {
  const detector = await openNetwork(detect);
  const embedder = await openNetwork(embed);
  const refine = landmarks && (await openLandmarks(landmarks));
  const chain: FaceChain<PointedFace> = {
    models: [detect, ...(landmarks ? [landmarks] : []), embed].map((m) => m.sha256),
    threshold: THRESHOLD,
    async detect(picture, workspace) {
      const scale = Math.max(picture.width, picture.height) / FIELD;
      const place = { a: scale, b: 0, x: 0, y: 0 };
      const field = planes(picture, place, FIELD, 'bgr', workspace);
      const outputs = await detector.run(field, [1, 3, FIELD, FIELD]);
      for (const { data } of Object.values(outputs)) workspace.hold(data);
      return widestFirst(onePerFace(STRIDES.flatMap((stride) => facesOf(outputs, stride, scale))));
    },
    async points(picture, face, workspace) {
      return refine ? await refine(picture, face, workspace) : face.points;
    },
    async embed(picture, points, workspace) {
      const chip = planes(picture, fit(ARCFACE_TEMPLATE, points), CHIP, 'rgb', workspace);
      const template = workspace.floats(VALUES);
      await embedder.runInto(chip, [1, 3, CHIP, CHIP], template, [1, VALUES]);
      return template;
    },
    similarity(a, b) {
      let [dot, aa, bb] = [0, 0, 0];
      for (let i = 0; i < VALUES; i++) {
        dot += a[i]! * b[i]!;
        aa += a[i]! ** 2;
        bb += b[i]! ** 2;
      }
      return dot / (Math.sqrt(aa * bb) || 1);
    },
  };
  return chain;
}

/** A square piece of the picture, 0..255 plane by plane. */
function planes(
  picture: Raster,
  place: Parameters<typeof warp>[1],
  side: number,
  order: 'rgb' | 'bgr',
  workspace: Workspace,
): Float32Array {
  const size = side * side;
  const piece = workspace.bytes(size * 3);
  warp(picture, place, side, piece);
  const tensor = workspace.floats(size * 3);
  const [first, third] = order === 'rgb' ? [0, 2] : [2, 0];
  for (let i = 0, p = 0; i < size; i++, p += 3) {
    tensor[i] = piece[p + first]!;
    tensor[size + i] = piece[p + 1]!;
    tensor[2 * size + i] = piece[p + third]!;
  }
  return tensor;
}

/** Decodes one grid of YuNet (OpenCV, modules/objdetect/src/face_detect.cpp): score = √(class × object), box and points by cell. */
function facesOf(outputs: Readonly<Record<string, ModelOutput>>, stride: number, scale: number): PointedFace[] {
  const values = (name: string): Float32Array => {
    const output = outputs[`${name}_${stride}`];
    if (output === undefined) throw new Error(`the face detector has no output "${name}_${stride}"; expected YuNet`);
    return output.data;
  };
  const [cls, obj, bbox, kps] = [values('cls'), values('obj'), values('bbox'), values('kps')];
  const columns = FIELD / stride;
  const unit = stride * scale;
  const probability = (v: number) => Math.min(1, Math.max(0, v));
  const faces: PointedFace[] = [];
  for (let i = 0; i < cls.length; i++) {
    const score = Math.sqrt(probability(cls[i]!) * probability(obj[i]!));
    if (!(score >= FACE)) continue;
    const column = i % columns;
    const row = Math.floor(i / columns);
    const [width, height] = [Math.exp(bbox[4 * i + 2]!) * unit, Math.exp(bbox[4 * i + 3]!) * unit];
    const point = (k: number): Point => [
      (column + kps[10 * i + 2 * k]!) * unit,
      (row + kps[10 * i + 2 * k + 1]!) * unit,
    ];
    faces.push({
      left: (column + bbox[4 * i]!) * unit - width / 2,
      top: (row + bbox[4 * i + 1]!) * unit - height / 2,
      width,
      height,
      score,
      points: [point(0), point(1), point(2), point(3), point(4)],
    });
  }
  return faces;
}
