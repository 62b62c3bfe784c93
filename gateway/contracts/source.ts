/** Cameras and readers: what they emit, and the contract that each of them keeps. Types only. */
import type { Frame } from './picture.ts';
import type { PushObservation } from './push.ts';
import type { PhotoDecoder, ReaderObservation } from './document.ts';
import type { Context } from './base.ts';

/** What a source emits. `video` is a piece of the camera's untouched stream (MPEG-TS), for whoever watches live. */
export type Observation =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'video'; readonly chunk: Uint8Array }
  | PushObservation
  | ReaderObservation;

/** Runs until `signal` aborts (then it resolves) or the device is lost (then it rejects). It never tries again by itself. */
export interface Source {
  /** It emits `PushObservation`s and never a frame. */
  readonly pushes?: true;
  run(emit: (o: Observation) => void, signal: AbortSignal): Promise<void>;
}

export type OpenSource = (config: unknown, context: Context) => Source;

export type OpenPhotoDecoder = (config: unknown, context: Context) => PhotoDecoder;
