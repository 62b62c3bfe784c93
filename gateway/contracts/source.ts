/** Cameras and readers: what they emit, and the contract that each of them keeps. Types only. */
import type { Frame } from './picture.ts';
import type { PushObservation } from './push.ts';
import type { PhotoDecoder, ReaderObservation } from './document.ts';
import type { Context, Instant } from './base.ts';

/** What a source emits. */
export type Observation = { readonly kind: 'frame'; readonly frame: Frame } | PushObservation | ReaderObservation;

/** One picture of a camera's stream as it came: H.264 or H.265 with start codes (Annex B), or a JPEG. In the order of decoding. */
export interface AccessUnit {
  readonly codec: 'h264' | 'h265' | 'mjpeg';
  /** Decoding can start here: its parameter sets are in `bytes`. */
  readonly key: boolean;
  /** As the camera stamps it, 1/90000 s in 33 bits; it may stand still or jump. Undefined where there is none. */
  readonly pts: number | undefined;
  /** When it came, by the box's clock. */
  readonly at: Instant;
  readonly bytes: Uint8Array;
}

/** How much of a camera's stream is decoded. */
export interface DecodingState {
  /** `asleep`: key pictures alone, while nothing happens; `awake`: every picture; `full`: every picture always. */
  readonly state: 'asleep' | 'awake' | 'full';
  /** Why it cannot sleep, for people; undefined where it can. */
  readonly why: string | undefined;
  /** Seconds since the start in which key pictures alone were decoded, and in which all were. */
  readonly asleepS: number;
  readonly decodedS: number;
}

/** A camera whose stream the box itself decodes, as much of it as is needed. */
export interface CameraVideo {
  /** The lane follows a vehicle, or needs every picture: for the next seconds the camera does not sleep. */
  keepAwake(): void;
  decoding(): DecodingState;
  /**
   * Its pictures as they come, from the last key picture on, until `signal` aborts; they pause while the camera is lost. A reader that is too
   * slow goes on with a later key picture.
   */
  packets(signal: AbortSignal): AsyncIterable<AccessUnit>;
}

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
  /** Of a camera whose stream the box decodes. */
  readonly video?: CameraVideo;
  run(emit: (o: Observation) => void, signal: AbortSignal): Promise<void>;
}

export type OpenSource = (config: unknown, context: Context) => Source;

export type OpenPhotoDecoder = (config: unknown, context: Context) => PhotoDecoder;
