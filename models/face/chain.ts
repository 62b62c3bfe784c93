/** What every chain of face models does. Templates have a type in this folder only. */
import type { Sha256 } from '../../gateway/contracts/base.ts';
import type { PixelBox, Raster } from '../raster.ts';
import type { FivePoints } from './geometry.ts';
import type { Workspace } from './workspace.ts';

/** One face; its box in pixels of the picture, which it may leave. */
export interface Face extends PixelBox {
  /** Of the detector, 0..1. */
  readonly score: number;
}

/** The embedding of a face. It lies in a workspace, is compared once and zeroed with it. */
export type FaceTemplate = Float32Array<ArrayBuffer>;

/** A chain allocates every buffer in the workspace it is given. */
export interface FaceChain<F extends Face = Face> {
  readonly models: readonly Sha256[];
  /** Similarity from which two faces count as the same person, unless a site says otherwise. */
  readonly threshold: number;
  /** Faces that do not overlap, the widest first. */
  detect(picture: Raster, workspace: Workspace): Promise<F[]>;
  points(picture: Raster, face: F, workspace: Workspace): Promise<FivePoints>;
  embed(picture: Raster, points: FivePoints, workspace: Workspace): Promise<FaceTemplate>;
  /** Higher is more alike. */
  similarity(a: FaceTemplate, b: FaceTemplate): number;
}
