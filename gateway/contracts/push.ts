/** What plate cameras that read by themselves push. Types only; the attributes of a driver have no place in them. */
import type { Instant } from './base.ts';
import type { Direction, PlateColour } from './plate.ts';

/** What a plate camera that reads by itself says. */
export type PushObservation =
  /** It lives: its heartbeat, or a message that holds no plate. */
  | { readonly kind: 'heartbeat' }
  /** A push was answered with a refusal. `why` says what was expected and repeats nothing of the message. It is no sign of the camera's life. */
  | { readonly kind: 'refused'; readonly reason: PushRefusal; readonly why: string }
  /** `settle` is called once: without an error when all that must be kept is on disk, or when nothing had to be. */
  | { readonly kind: 'pushed'; readonly read: PushedRead; readonly settle: (error?: Error) => void };

/** One read that a plate camera pushed. Memory only, as everything before a match; who sat in the vehicle is not in it. */
export interface PushedRead {
  /** When the box received it. */
  readonly at: Instant;
  /** By the camera's own clock; absent where it does not say or says nonsense. The time of nothing but a read that was sent late. */
  readonly capturedAt?: Instant;
  /** The camera says that it kept this read and sends it late, as after an outage of the line. */
  readonly retransmitted?: true;
  /** As the camera wrote it, at most 16 characters; a colour that it wrote into it stands in `colour`. */
  readonly text: string;
  readonly colour: PlateColour;
  /** The camera's own confidence, 0..1; absent where it gives none. */
  readonly confidence?: number;
  readonly direction: Direction;
  /** JPEG files. */
  readonly pictures: { readonly plate?: Uint8Array; readonly scene?: Uint8Array };
  /** Read the scene with the box's own reader too, and look up both. */
  readonly crossCheck: boolean;
}

/** What else there is to say of a hit that a camera pushed. `late` and `receivedAt` stand together, or both are absent. */
export interface PushedFacts {
  /** `first` and `last` of the hit are the camera's own time, the vehicle is gone, and the crew is not alerted. */
  readonly late?: true;
  /** When the read reached the box. */
  readonly receivedAt?: Instant;
  /** Which picture there is not, and why, where the camera sent one or the box should have made one. */
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
  /** Too much at a time, or what was read could not be kept: the camera sends it again. */
  | 'busy'
  | 'fault';
