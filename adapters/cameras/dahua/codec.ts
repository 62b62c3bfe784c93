/**
 * What Dahua's plate cameras push (ITSAPI): JSON with pictures in base64. Known from the code of integrations, not from a document of
 * the maker. The schema names all that is taken; what else a message says, of driver and passengers too, is dropped as it is read.
 */
import { z } from 'zod';
import {
  messageOf,
  MAX_PICTURE_BYTES,
  PushError,
  decodeUtf8,
  type BodyParser,
  type PushMessage,
  type FieldMapping,
} from '../push/codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const READ = '/NotificationInfo/TollgateInfo';
/** `DeviceInfo` is what some firmware says when it starts. What stands in them is not read. */
const HEARTBEATS = ['/NotificationInfo/KeepAlive', '/NotificationInfo/DeviceInfo'];

/** Paths are not settable in these cameras. */
export const isDahuaPath = (path: string): boolean => path === READ || HEARTBEATS.includes(path);

/** What the camera wants to hear; after anything else it sends the message again. */
export const DAHUA_SUCCESS = { type: 'application/json', body: '{"Result":true,"Message":"Success"}' } as const;

/** A field that may be missing or odd without harm to the rest. */
const spare = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);
const picture = spare(z.object({ Content: spare(z.string()) }));

const tollgateInfo = z.object({
  Picture: z.object({
    Plate: z.object({
      // Null or absent where the camera read none.
      PlateNumber: z.string().nullish(),
      Confidence: spare(z.number()),
      PlateColor: spare(z.string()),
      IsExist: spare(z.boolean()),
    }),
    SnapInfo: spare(
      z.object({ DeviceID: spare(z.string()), AccurateTime: spare(z.string()), Direction: spare(z.string()) }),
    ),
    NormalPic: picture,
    CutoutPic: picture,
  }),
});

/** Reads one body for `path`; throws a PushError for a type that is not expected. The caller limits its size. */
export function openDahuaParser(path: string, contentType: string, reading: FieldMapping): BodyParser {
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    throw new PushError(415, english('push-type-json'));
  }
  if (HEARTBEATS.includes(path)) return { feed: () => undefined, end: () => ({ kind: 'heartbeat' }) };
  const chunks: Uint8Array[] = [];
  return {
    feed: (chunk) => void chunks.push(chunk),
    end: () => tollgate(Buffer.concat(chunks), reading),
  };
}

function tollgate(body: Uint8Array, reading: FieldMapping): PushMessage {
  const checked = tollgateInfo.safeParse(jsonOf(decodeUtf8(body)));
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    throw new PushError(400, `${path.join('.') || 'body'}: ${message}`);
  }
  const { Plate, SnapInfo, NormalPic, CutoutPic } = checked.data.Picture;
  if (Plate.IsExist === false) return { kind: 'heartbeat' };
  const fields = {
    device: SnapInfo?.DeviceID ?? '',
    channel: '',
    plate: Plate.PlateNumber ?? '',
    time: SnapInfo?.AccurateTime || undefined,
    confidence: Plate.Confidence,
    colour: Plate.PlateColor,
    direction: SnapInfo?.Direction,
    // No field is known that says so; an old AccurateTime does.
    retransmitted: false,
    pictures: { plate: bytesOf(CutoutPic?.Content), scene: bytesOf(NormalPic?.Content) },
  };
  return messageOf(fields, 'Picture.Plate.PlateNumber', reading);
}

/** Of braces, brackets and commas; a message of a camera has about a hundred. */
const MAX_MARKS = 2000;

/** Eight million brackets would hold up the whole box for a second, so what is parsed is counted first, which takes no time. */
function isModest(text: string): boolean {
  let marks = 0;
  for (let at = 0; at < text.length && marks <= MAX_MARKS; at++) {
    const character = text[at]!;
    if (character === '"') at = endOfString(text, at);
    else if ('{[,'.includes(character)) marks++;
  }
  return marks <= MAX_MARKS;
}

/** Where the string that begins at `from` ends, or the text. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function jsonOf(text: string): unknown {
  if (!isModest(text)) throw new PushError(413, english('push-json-too-many-marks', { most: MAX_MARKS }));
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words repeat what it read.
    throw new PushError(400, english('push-json-form'));
  }
}

/** In a buffer of its own; what is too long is not decoded, and what is no base64 comes out as no picture. */
function bytesOf(base64: string | undefined): Uint8Array | undefined {
  if (base64 === undefined || base64 === '') return undefined;
  return base64.length > MAX_PICTURE_BYTES * 1.4 ? new Uint8Array() : new Uint8Array(Buffer.from(base64, 'base64'));
}
