/** What plate cameras that push have in common: what a message becomes, and how its single fields are read. Pure. */
import type { PushedRead } from '../../../gateway/contracts/push.ts';
import type { Direction } from '../../../gateway/contracts/plate.ts';
import { colourOf, parsePlateField } from './plate.codec.ts';
import type { TimeReader } from './time.codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** A message that is not taken, with the HTTP status that says so. The words name what was expected and repeat nothing. */
export class PushError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'PushError';
    this.status = status;
  }
}

/** A read as its camera pushed it, before the box adds when and what for. */
export type CameraRead = Omit<PushedRead, 'at' | 'crossCheck'>;

export type PushMessage =
  /** It holds no plate: a heartbeat, another event, a vehicle without a readable plate. */
  | { readonly kind: 'heartbeat' }
  | {
      readonly kind: 'read';
      readonly read: CameraRead;
      /** Device, channel, time and plate: what makes two messages the same one. Undefined where the camera gave no time. */
      readonly identity: readonly string[] | undefined;
      /** What could not be used and was left out, in words for the log. */
      readonly leftOut: readonly string[];
    };

/** Takes the body of one request piece by piece; both may throw a `PushError`. */
export interface BodyParser {
  feed(chunk: Uint8Array): void;
  end(): PushMessage;
}

/** How the fields of one camera are to be understood. */
export interface FieldMapping {
  /** What the camera calls full confidence. */
  readonly confidenceScale: 100 | 255;
  readonly time: TimeReader;
  /** The camera's own words for directions, in lower case. */
  readonly directions: ReadonlyMap<string, Direction>;
}

/** Fields as they stand in the message. */
export interface PlateFields {
  readonly device: string;
  readonly channel: string;
  readonly plate: string;
  readonly time: string | undefined;
  readonly confidence: number | undefined;
  readonly colour: string | undefined;
  readonly direction: string | undefined;
  /** The camera says that it kept this read and sends it late. */
  readonly retransmitted: boolean;
  readonly pictures: { readonly plate: Uint8Array | undefined; readonly scene: Uint8Array | undefined };
}

/** A picture inside a message. */
export const MAX_PICTURE_BYTES = 4 * 2 ** 20;

/** Characters of the field as it stands, with colour and padding. */
const MAX_FIELD_LENGTH = 64;
/** Letters, digits, punctuation, symbols, spaces: nothing that steers a screen. */
const PLATE = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]{1,16}$/u;

/**
 * A message with the plate the camera wrote; `plateField` names it in a refusal. A colour that stands in the plate counts before the one of
 * the field beside it: firmware that writes it there leaves the field at a default.
 */
export function messageOf(fields: PlateFields, plateField: string, reading: FieldMapping): PushMessage {
  if (fields.plate.length > MAX_FIELD_LENGTH)
    throw new PushError(400, english('push-plate-characters', { field: plateField }));
  const written = parsePlateField(fields.plate);
  if (written.kind === 'none') return { kind: 'heartbeat' };
  const { text, colour = 'unknown' } = written;
  if (!PLATE.test(text)) throw new PushError(400, english('push-plate-characters', { field: plateField }));

  const leftOut: string[] = [];
  const usable = <T>(given: unknown, value: T | undefined, what: string): T | undefined => {
    if (given !== undefined && value === undefined) leftOut.push(what);
    return value;
  };
  const { time, confidence, pictures } = fields;
  const capturedAt = usable(time, time === undefined ? undefined : reading.time(time), 'its time cannot be read');
  const share = confidence === undefined ? undefined : confidence / reading.confidenceScale;
  const sure = usable(confidence, within01(share), 'its confidence is above confidenceScale');
  const plate = usable(pictures.plate, jpegOf(pictures.plate), 'its plate picture is no JPEG of at most 4 MiB');
  const scene = usable(pictures.scene, jpegOf(pictures.scene), 'its scene picture is no JPEG of at most 4 MiB');
  return {
    kind: 'read',
    identity: time === undefined ? undefined : [fields.device, fields.channel, time, text],
    leftOut,
    read: {
      text,
      colour: colour === 'unknown' ? colourOf(fields.colour) : colour,
      direction: reading.directions.get(fields.direction?.toLowerCase() ?? '') ?? 'unknown',
      pictures: { ...(plate && { plate }), ...(scene && { scene }) },
      ...(fields.retransmitted && { retransmitted: true as const }),
      ...(capturedAt !== undefined && { capturedAt }),
      ...(sure !== undefined && { confidence: sure }),
    },
  };
}

const within01 = (x: number | undefined): number | undefined => (x !== undefined && x >= 0 && x <= 1 ? x : undefined);

/** In a buffer of its own, because it may be transferred to another thread. Told by its first bytes; nothing is decoded here. */
function jpegOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length > MAX_PICTURE_BYTES) return undefined;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return undefined;
  return bytes.buffer.byteLength === bytes.length ? bytes : new Uint8Array(bytes);
}

/** Throws a PushError that says what was expected, because a text in another encoding would give other plates. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PushError(400, english('push-no-utf-8'));
  }
}
