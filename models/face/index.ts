/** Faces, 1:1: two pictures in, an outcome out. The way into this folder, which templates never leave. */
import { causeOf } from '../../gateway/contracts/errors.ts';
import type { Comparison } from '../../gateway/contracts/comparison.ts';
import type { FacePairResult, FaceSettings } from '../../gateway/inference/jobs.ts';
import { loadModel } from '../manifest.ts';
import { checkSize, loadPicture, loadPictureFile } from '../picture.ts';
import type { Raster } from '../raster.ts';
import { openBuiltIn } from './built-in.ts';
import type { FaceChain, FaceTemplate } from './chain.ts';
import { openOpencv } from './opencv.ts';
import {
  checkFaces,
  checkPoints,
  type QualityLimits,
  LANE,
  PHOTOGRAPH,
  type QualityProblem,
  REFERENCE,
} from './quality.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Serves one call at a time. */
export type FaceComparer = ReturnType<typeof facesOf>;

/** Loads and checks the models of a chain. Throws when a file is missing or not the one it should be. */
export async function openFaceComparer({ chain, threshold }: FaceSettings): Promise<FaceComparer> {
  return facesOf(chain === 'opencv' ? await openOpencvChain() : await openBuiltInChain(), threshold);
}

function openBuiltInChain(): Promise<FaceChain> {
  return openBuiltIn({
    detect: loadModel('face/detect'),
    landmarks: loadModel('face/landmarks'),
    embed: loadModel('face/embed'),
  });
}

/** YuNet's own points are less steady than the landmarks', so these are used where set-up has made them. */
function openOpencvChain(): Promise<FaceChain> {
  let landmarks;
  try {
    landmarks = loadModel('face/landmarks');
  } catch {
    // YuNet's points do.
  }
  const files = { detect: loadModel('face/opencv-detect'), embed: loadModel('face/opencv-embed') };
  return openOpencv(landmarks ? { ...files, landmarks } : files);
}

/** `newWorkspace` is there for the test that looks at the memory afterwards. */
export function facesOf(chain: FaceChain, threshold = chain.threshold, newWorkspace = openWorkspace) {
  const { models } = chain;
  const judge = (score: number): Comparison => {
    return { outcome: score >= threshold ? 'same' : 'different', score, threshold, models };
  };
  return {
    models,
    /** Similarity from which two faces count as the same person. */
    threshold,
    /**
     * Compares the face of `frame` with the one of each reference (bytes of a PNG, JPEG, WebP or BMP file): an outcome for each, in their
     * order. The frame's pixels, the references and everything made of them are zeroed.
     */
    compare: (frame: Raster, references: readonly Uint8Array[]): Promise<readonly Comparison[]> =>
      within(newWorkspace, [frame.rgb, ...references], async (workspace) => {
        checkSize(frame);
        const probe = await templateOf(chain, frame, LANE, workspace);
        if (!isTemplate(probe)) {
          const { problem } = probe;
          return references.map(() => ({ outcome: 'not compared', why: problem }));
        }
        const comparisons: Comparison[] = [];
        for (const bytes of references) {
          const template = await referenceOf(chain, bytes, workspace);
          comparisons.push(
            template ? judge(chain.similarity(probe, template)) : { outcome: 'not compared', why: 'photo unusable' },
          );
        }
        return comparisons;
      }),
    /** Why a picture (bytes as above) cannot be a reference, in words; undefined when it can. The bytes are zeroed. */
    portrait: (bytes: Uint8Array): Promise<string | undefined> =>
      within(newWorkspace, [bytes], async (workspace) => {
        try {
          const found = await templateOf(chain, await holdPixels(loadPicture(bytes), workspace), REFERENCE, workspace);
          return isTemplate(found) ? undefined : found.detail;
        } catch (e) {
          return `the picture ${causeOf(e)}`;
        }
      }),
    /** Compares the widest faces of two picture files; one as wide as the other is too many. Throws, naming the file, for one that cannot be read. */
    pair: (a: string, b: string): Promise<Pick<FacePairResult, 'comparison' | 'detail'>> =>
      within(newWorkspace, [], async (workspace) => {
        const templates: FaceTemplate[] = [];
        for (const path of [a, b]) {
          const found = await templateOf(chain, await fileOf(path, workspace), PHOTOGRAPH, workspace);
          if (!isTemplate(found)) {
            return {
              comparison: { outcome: 'not compared', why: found.problem },
              detail: `${path}: ${found.detail}`,
            };
          }
          templates.push(found);
        }
        return { comparison: judge(chain.similarity(templates[0]!, templates[1]!)) };
      }),
  };
}

/** Runs `work`, and zeroes its workspace and `buffers` however it ends. */
async function within<T>(
  newWorkspace: () => Workspace,
  buffers: readonly Uint8Array[],
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = newWorkspace();
  for (const buffer of buffers) workspace.hold(buffer);
  try {
    return await work(workspace);
  } finally {
    workspace.wipe();
  }
}

async function templateOf(
  chain: FaceChain,
  picture: Raster,
  limits: QualityLimits,
  workspace: Workspace,
): Promise<FaceTemplate | QualityProblem> {
  const faces = (await chain.detect(picture, workspace)).filter((face) => face.score >= limits.minScore);
  const problem = checkFaces(picture, faces, limits, workspace);
  if (problem) return problem;
  const face = faces[0]!;
  const points = await chain.points(picture, face, workspace);
  return checkPoints(points, face) ?? (await chain.embed(picture, points, workspace));
}

function isTemplate(found: FaceTemplate | QualityProblem): found is FaceTemplate {
  return found instanceof Float32Array;
}

/** A photo that cannot be decoded, or that shows no usable face, has no template. */
async function referenceOf(
  chain: FaceChain,
  bytes: Uint8Array,
  workspace: Workspace,
): Promise<FaceTemplate | undefined> {
  let picture: Raster;
  try {
    picture = await holdPixels(loadPicture(bytes), workspace);
  } catch {
    return undefined;
  }
  const found = await templateOf(chain, picture, REFERENCE, workspace);
  return isTemplate(found) ? found : undefined;
}

async function fileOf(path: string, workspace: Workspace): Promise<Raster> {
  try {
    return await holdPixels(loadPictureFile(path), workspace);
  } catch (cause) {
    throw new Error(`${path}: ${causeOf(cause)}`, { cause });
  }
}

async function holdPixels(picture: Promise<Raster>, workspace: Workspace): Promise<Raster> {
  const raster = await picture;
  workspace.hold(raster.rgb);
  return raster;
}
