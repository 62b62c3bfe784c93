/** Jobs of the inference threads and their results. Types only: models are known to the threads alone. */
import type { Comparison } from '../contracts/comparison.ts';
import type { Id, Sha256 } from '../contracts/base.ts';
import type { PlateRead } from '../contracts/plate.ts';
import type { Evidence, Frame, Point, Quad } from '../contracts/picture.ts';

/** Read all plates of a frame. Transfer `frame.rgb.buffer`; it comes back with the result. */
export interface PlatesJob {
  readonly kind: 'plates';
  readonly frame: Frame;
  /** Polygons in pixels of the frame; plates with their centre outside of all of them are not read. Absent: all of the frame. */
  readonly regions?: readonly (readonly Point[])[];
  /** Only these parts of it are searched, in pixels of the frame. */
  readonly parts?: readonly FramePart[];
  /** Plates that need not be read again. */
  readonly sure?: readonly SurePlate[];
}

/** A rectangle of a frame, in its pixels. */
export interface FramePart {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where a vehicle that is surely read has its plate in this frame. What the finder finds there is not read again, unless it is wider or sharper
 * than given, or something else is found there too. All in pixels of the frame.
 */
export interface SurePlate {
  readonly track: Id;
  readonly centre: Point;
  /** Its centre lies within this distance. */
  readonly reach: number;
  readonly minWidth: number;
  readonly maxWidth: number;
  readonly maxSharpness: number;
}

/** A sure plate that was found and not read. */
export interface PlateSighting {
  readonly track: Id;
  readonly corners: Quad;
}

export interface PlatesResult {
  readonly frame: Frame;
  /** Best first, one per place; none of the band `reject`. */
  readonly reads: readonly PlateRead[];
  readonly sightings: readonly PlateSighting[];
  /** Plates, and what resembles one, that went to the reader. */
  readonly attempts: number;
}

/** Cut the pictures that prove a hit. Transfer `frame.rgb.buffer`; it comes back with the result. */
export interface EvidenceJob {
  readonly kind: 'evidence';
  readonly frame: Frame;
  readonly corners: Quad;
}

export interface EvidenceResult {
  readonly frame: Frame;
  readonly plate: Evidence;
  readonly vehicle: Evidence;
}

/** The two pictures that a plate camera pushes. */
export interface PicturePair<P> {
  readonly plate?: P;
  readonly scene?: P;
}

export type Pixels = Pick<Frame, 'width' | 'height' | 'rgb'>;

/** Decode picture files that came from outside, on a thread that does nothing else: a file made to be slow costs no lane its reader. */
export interface DecodeJob {
  readonly kind: 'decode';
  readonly pictures: PicturePair<Uint8Array>;
}

export interface DecodeResult {
  /** Those that could be decoded, 3840 × 2160 at most. */
  readonly pictures: PicturePair<Pixels>;
  /** Of the others, why not, in words that follow "the picture". */
  readonly refused: PicturePair<string>;
}

/**
 * What a plate camera pushed: read the plates of the scene where `read` says so, and make evidence of what is given. The buffers may be
 * transferred; they do not come back.
 */
export interface PushedPicturesJob {
  readonly kind: 'pushed pictures';
  readonly pictures: PicturePair<Pixels>;
  /** Look for plates in the scene (for the cross-check); without it the answer has no reads. */
  readonly read: boolean;
  /**
   * Make evidence of the vehicle with this plate: the pictures encoded anew, so that nothing but pixels comes from the camera; of the scene
   * only the vehicle's part, as with the box's own frames, and nothing where its plate is not found: others stand in the scene too.
   */
  readonly evidenceOf?: string;
}

export interface PushedPicturesResult {
  readonly reads: readonly PlateRead[];
  readonly evidence: readonly Evidence[];
}

/** The same of the files as they were pushed; what cannot be decoded is left out and named. */
export interface PushedFiles extends Pick<PushedPicturesJob, 'read' | 'evidenceOf'> {
  readonly pictures: PicturePair<Uint8Array>;
}

export interface PushedFilesResult extends PushedPicturesResult {
  readonly refused: PicturePair<string>;
}

/** Read the plates of a picture file; `crop` says that the picture is one plate, which is then reported whatever its band. */
export interface FileJob {
  readonly kind: 'file';
  readonly path: string;
  readonly crop: boolean;
}

export interface FileResult {
  readonly reads: readonly PlateRead[];
  /** Detecting and reading, without loading the picture. */
  readonly ms: number;
}

/** The whole picture of a gate lane, for a hit. Transfer a copy of the frame: it does not come back. */
export interface LanePictureJob {
  readonly kind: 'lane picture';
  readonly frame: Frame;
}

/**
 * Compares the face before the lane's camera with each reference, 1:1. Transfer the buffers of the frame and of the references: the
 * thread fills them with zeros, as it does the templates, and nothing but the outcome comes back.
 */
export interface CompareJob {
  readonly kind: 'compare';
  readonly frame: Frame;
  /** PNG, JPEG or BMP files. */
  readonly references: readonly Uint8Array<ArrayBuffer>[];
}

/** Is this picture (a PNG, JPEG or BMP file) good for a comparison? Its buffer may be transferred; it does not come back. */
export interface PortraitJob {
  readonly kind: 'portrait';
  readonly picture: Uint8Array<ArrayBuffer>;
}

/** Compare the faces of two picture files. */
export interface FacePairJob {
  readonly kind: 'face pair';
  readonly a: string;
  readonly b: string;
}

export interface FacePairResult {
  readonly comparison: Comparison;
  /** For a picture that cannot be compared: which one, and why, in words. */
  readonly detail?: string;
  readonly threshold: number;
  readonly ms: number;
}

export type InferenceJob =
  PlatesJob | EvidenceJob | PushedPicturesJob | FileJob | LanePictureJob | CompareJob | PortraitJob | FacePairJob;

/** Result of each kind of job. */
export interface InferenceResults {
  readonly plates: PlatesResult;
  readonly evidence: EvidenceResult;
  readonly 'pushed pictures': PushedPicturesResult;
  readonly file: FileResult;
  readonly 'lane picture': Evidence;
  /** One for each reference, in their order. */
  readonly compare: readonly Comparison[];
  /** What is wrong, in words, with the figure that was expected; undefined when it is good. */
  readonly portrait: string | undefined;
  readonly 'face pair': FacePairResult;
}

/** Which models the threads load; passed to them when they start. */
export interface ModelSelection {
  readonly plates: boolean;
  readonly faces?: FaceSettings;
}

export interface FaceSettings {
  /** `built-in` is made at set-up from npm packages; `opencv` is YuNet and SFace, which have to be fetched. */
  readonly chain: 'built-in' | 'opencv';
  /** Similarity from which two faces count as the same person; absent: the chain's own. */
  readonly threshold?: number;
}

/** What a thread reports once it is ready. */
export interface LoadedModels {
  /** Digests of the plate models in use, for every hit. */
  readonly models: readonly Sha256[];
  /** Undefined where no faces are compared. A thread whose face models cannot be loaded reads plates all the same. */
  readonly faces?: { readonly models: readonly Sha256[]; readonly threshold: number } | { readonly problem: string };
}
