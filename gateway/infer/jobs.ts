/** What the gateway asks of its inference threads, and what it gets. Types only: the threads alone know models. */
import type { Evidence, Frame, PlateRead, Point, Quad, Sha256 } from '../types.ts';

/** Read all plates of a frame. Transfer `frame.rgb.buffer`; it comes back with the result. */
export interface PlatesJob {
  readonly kind: 'plates';
  readonly frame: Frame;
  /** Polygon in pixels of the frame; plates with their centre outside are not read. */
  readonly region?: readonly Point[];
}

export interface PlatesResult {
  readonly frame: Frame;
  /** Best first, one per place; none of the band `ignore`. */
  readonly reads: readonly PlateRead[];
  readonly detectMs: number;
  readonly readMs: number;
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
  readonly scene: Evidence;
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

export type Job = PlatesJob | EvidenceJob | FileJob;

/** Result of each kind of job. */
export interface Results {
  readonly plates: PlatesResult;
  readonly evidence: EvidenceResult;
  readonly file: FileResult;
}

/** What a thread says of itself once it is ready. */
export interface About {
  /** Of the model files in use; they belong into every hit. */
  readonly models: readonly Sha256[];
}
