/** What plate cameras with a reader of their own push. Types only: they have no room for the attributes of a driver. */
import type { Instant } from './base.ts';
import type { Direction, PlateColour } from './plate.ts';

export type PushObservation =
  /** A heartbeat, or a message without a plate: the camera is alive. */
  | { readonly kind: 'heartbeat' }
  /** A push was refused. `why` says what was expected and repeats nothing of the message. Anyone may have sent it: the camera may be dead. */
  | { readonly kind: 'refused'; readonly reason: PushRefusal; readonly why: string }
  /** `settle` is called once: without an error when everything that has to be kept is on disk. */
  | { readonly kind: 'pushed'; readonly read: PushedRead; readonly settle: (error?: Error) => void };

/** One read that a plate camera pushed. Memory only, like everything before a match. */
export interface PushedRead {
  /** When the box received it. */
  readonly at: Instant;
  /** By the camera's own clock, which counts only for a read that was sent late; absent where the camera sends none or an impossible one. */
  readonly capturedAt?: Instant;
  /** The camera says that it kept this read and sends it late, after an outage for example. */
  readonly retransmitted?: true;
  /** As the camera wrote it, at most 16 characters, without the colour that some cameras put before it. */
  readonly text: string;
  readonly colour: PlateColour;
  /** The camera's own confidence, 0..1; absent where it gives none. */
  readonly confidence?: number;
  readonly direction: Direction;
  /** JPEG files. */
  readonly pictures: { readonly plate?: Uint8Array; readonly scene?: Uint8Array };
  /** The box reads the scene with its own reader too, and looks up both reads. */
  readonly crossCheck: boolean;
}

/** What a hit that a camera pushed says besides. `late` and `receivedAt` come together. */
export interface PushedFacts {
  /** `first` and `last` of the hit are the camera's own time, the vehicle is gone, and the crew is not alerted. */
  readonly late?: true;
  /** When the read reached the box. */
  readonly receivedAt?: Instant;
  /** Which picture is missing and why, where there should be one. */
  readonly pictureMissing?: string;
}

/** Why a push was refused, as the metrics count it: by the status of its answer. */
export type PushRefusal =
  | 'form'
  | 'login'
  | 'login throttled'
  | 'address'
  | 'path'
  | 'method'
  | 'type'
  | 'size'
  | 'incomplete'
  /** Too many at a time, or the read could not be stored: the camera sends it again. */
  | 'busy'
  | 'fault';
