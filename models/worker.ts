/** An inference thread: loads the models that it is asked for, and does one job at a time. */
import { workerData } from 'node:worker_threads';
import { causeOf } from '../gateway/contracts/errors.ts';
import { type FaceComparer, openFaceComparer } from './face/index.ts';
import { releaseSessions } from './session.ts';
import { boundSharp, loadPictureFile, shrinkToJpeg } from './picture.ts';
import { cutEvidence, evidenceOf } from './plate/cut-evidence.ts';
import { openPlateReader, type PlateReader } from './plate/index.ts';
import { differences } from '../gateway/contracts/plate-text.ts';
import type { Comparison } from '../gateway/contracts/comparison.ts';
import type { Evidence, Frame } from '../gateway/contracts/picture.ts';
import type {
  LoadedModels,
  CompareJob,
  EvidenceResult,
  FacePairResult,
  FileResult,
  InferenceJob,
  ModelSelection,
  PlatesResult,
  PushedPicturesJob,
  PushedPicturesResult,
} from '../gateway/inference/jobs.ts';
import { type JobResult, serveJobs } from '../gateway/inference/serve.ts';

/** Undefined: not asked for, or not to be loaded. */
interface LoadedReaders {
  readonly plates: PlateReader | undefined;
  readonly faces: FaceComparer | undefined;
  /** Why `faces` could not be loaded. */
  readonly problem?: string;
}

/** The longer side in pixels of a gate lane's picture, and of what a plate camera pushed. */
const LANE_SIDE = 1280;
const PUSHED_SIDE = 1920;
/** A plate in a pushed scene that differs in more characters is another vehicle's. */
const MAX_DIFFERENCES = 3;
const JPEG_QUALITY = 85;

boundSharp();
const selection = workerData as ModelSelection;
const readers = await load(selection);
serveJobs<InferenceJob>(loadedModels(selection, readers), (job) => handle(readers, job), releaseSessions);

/** A thread that cannot read plates ends, because no box may be without them. Without faces it goes on. */
async function load({ plates, faces }: ModelSelection): Promise<LoadedReaders> {
  const reader = plates ? await openPlateReader() : undefined;
  if (faces === undefined) return { plates: reader, faces: undefined };
  try {
    return { plates: reader, faces: await openFaceComparer(faces) };
  } catch (e) {
    return { plates: reader, faces: undefined, problem: causeOf(e) };
  }
}

function loadedModels(selection: ModelSelection, { plates, faces, problem }: LoadedReaders): LoadedModels {
  const models = plates?.sha256s ?? [];
  if (selection.faces === undefined) return { models };
  return faces
    ? { models, faces: { models: faces.models, threshold: faces.threshold } }
    : { models, faces: { problem: problem ?? 'not loaded' } };
}

async function handle(readers: LoadedReaders, job: InferenceJob): Promise<JobResult> {
  switch (job.kind) {
    case 'plates': {
      const { kind: _kind, frame, ...search } = job;
      const { reads, sightings, attempts } = await plateReaderOf(readers).plates(frame, { ...search, stream: true });
      const result: PlatesResult = { frame, reads, sightings, attempts };
      return { result, transfer: [job.frame.rgb.buffer] };
    }
    case 'evidence': {
      const [plate, vehicle] = await cutEvidence(job.frame, job.corners);
      const result: EvidenceResult = { frame: job.frame, plate, vehicle };
      return { result, transfer: [job.frame.rgb.buffer] };
    }
    case 'pushed pictures': {
      const result = await pushedPictures(readers, job);
      return { result, transfer: result.evidence.map((e) => e.bytes.buffer as ArrayBuffer) };
    }
    case 'file': {
      const reader = plateReaderOf(readers);
      const picture = await loadPictureFile(job.path);
      const startedAt = performance.now();
      const { reads } = job.crop ? await reader.crop(picture) : await reader.plates(picture);
      const result: FileResult = { reads, ms: performance.now() - startedAt };
      return { result, transfer: [] };
    }
    case 'lane picture': {
      const result = await lanePicture(job.frame);
      return { result, transfer: [result.bytes.buffer] };
    }
    case 'compare':
      return { result: await compare(readers.faces, job), transfer: [] };
    case 'portrait':
      return { result: await facesOf(readers).portrait(job.picture), transfer: [] };
    case 'face pair': {
      const faces = facesOf(readers);
      const startedAt = performance.now();
      const pair = await faces.pair(job.a, job.b);
      const result: FacePairResult = { ...pair, threshold: faces.threshold, ms: performance.now() - startedAt };
      return { result, transfer: [] };
    }
  }
}

async function pushedPictures(
  readers: LoadedReaders,
  { pictures: { plate, scene }, read, evidenceOf: text }: PushedPicturesJob,
): Promise<PushedPicturesResult> {
  const reads = scene ? (await plateReaderOf(readers).plates(scene)).reads : [];
  const evidence: Evidence[] = [];
  if (text !== undefined && plate)
    evidence.push(evidenceOf('plate', await shrinkToJpeg(plate, PUSHED_SIDE, JPEG_QUALITY)));
  const own = reads.find((r) => text !== undefined && differences(r.text, text) <= MAX_DIFFERENCES);
  if (scene && own) evidence.push((await cutEvidence(scene, own.corners))[1]);
  return { reads: read ? reads : [], evidence };
}

/** The lane cannot know what could be loaded, so a missing model is an outcome and not an error. */
async function compare(
  faces: FaceComparer | undefined,
  { frame, references }: CompareJob,
): Promise<readonly Comparison[]> {
  if (faces !== undefined) return await faces.compare(frame, references);
  for (const buffer of [frame.rgb, ...references]) buffer.fill(0);
  return references.map(() => ({ outcome: 'not compared', why: 'model off' }));
}

async function lanePicture(frame: Frame): Promise<Evidence & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  try {
    return evidenceOf('lane', await shrinkToJpeg(frame, LANE_SIDE, JPEG_QUALITY));
  } finally {
    frame.rgb.fill(0);
  }
}

function plateReaderOf({ plates }: LoadedReaders): PlateReader {
  if (plates === undefined) throw new Error('this thread was started without the plate models');
  return plates;
}

function facesOf({ faces, problem }: LoadedReaders): FaceComparer {
  if (faces === undefined) throw new Error(problem ?? 'this thread was started without the face models');
  return faces;
}
