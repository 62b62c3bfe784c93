/** Cameras and readers: what they emit, and the contract that each of them keeps. Types only. */
import type { Frame } from './picture.ts';
import type { PushObservation } from './push.ts';
import type { PhotoDecoder, ReaderObservation } from './document.ts';
import type { Context } from './base.ts';

/** What a source emits. `video` is a piece of the camera's stream as it came (MPEG-TS), for live view. */
export type Observation =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'video'; readonly chunk: Uint8Array }
  | PushObservation
  | ReaderObservation;

/**
 * One camera or reader. `run` resolves when `signal` aborts and rejects when the device is lost. It never retries: the supervisor does.
 * @example
 * const source: Source = {
 *   async run(emit, signal) {
 *     for await (const frame of framesOf(camera, signal)) emit({ kind: 'frame', frame });
 *     if (!signal.aborted) throw new Error('the camera closed the connection');
 *   },
 * };
 */
export interface Source {
  /** The camera reads plates itself: it emits `PushObservation`s and never a frame. */
  readonly pushes?: true;
  run(emit: (o: Observation) => void, signal: AbortSignal): Promise<void>;
}

export type OpenSource = (config: unknown, context: Context) => Source;

export type OpenPhotoDecoder = (config: unknown, context: Context) => PhotoDecoder;
