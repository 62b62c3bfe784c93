/**
 * The SOS messages of body-cams, pure. Every message is a call: of a malformed one, what can be read is taken, and the rest is named. Only a
 * well-formed message withdraws a call.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { InvalidField, Position, SosReport } from '../../../gateway/contracts/crew.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { Malformed, oddOf, parseLoosely, readJson, textOf } from '../topics/json.codec.ts';
import { PLACE_FIELDS, positionOf, type PlaceFields } from './place.codec.ts';

/** Of a message that is as it should be. */
const MAX_MESSAGE_BYTES = 4096;
/** What is looked through of one that is not. */
const MAX_SALVAGE_BYTES = 65_536;
const MAX_ECHO_CHARS = 256;

const NAME = /^\P{C}{1,64}$/u;
/** A call is not lost for a wrong clock or a broken position: only what names it has to be right. */
const wellFormed = z.object({
  v: z.literal(1),
  // A number counts as its digits; a larger one has lost some of them, and could be taken for another.
  sosId: z.union([z.string().regex(NAME), z.number().int()], english('field-printable', { most: 64 })),
  state: z.enum(['raised', 'cancelled']),
});

type Fields = Readonly<Record<string, unknown>>;

/** Never throws. `at`: when the box received it. */
export function decodeSos(payload: Uint8Array, device: string, at: Instant): SosReport {
  try {
    const { sosId, state, ...fields } = readJson(payload, wellFormed.loose(), MAX_MESSAGE_BYTES);
    const named = typeof sosId === 'number' ? { sos: String(sosId), ackName: sosId } : { sos: sosId };
    return { device, ...named, state: hasOneState(payload) ? state : 'raised', at, ...placeIn(fields) };
  } catch (error) {
    const odd = error instanceof Malformed ? oddOf(error) : { field: 'message', why: english('field-json') };
    return salvage(payload, device, at, odd);
  }
}

/** A call of which nothing but its topic is known. */
export function unreadableSos(device: string, at: Instant, odd: InvalidField): SosReport {
  return { device, sos: nameOf(odd.why), unnamed: true, state: 'raised', at, invalidFields: [odd] };
}

/** Of two states in one message it is unknown which is meant. */
function hasOneState(payload: Uint8Array): boolean {
  return textOf(payload).split('"state"').length === 2;
}

function salvage(payload: Uint8Array, device: string, at: Instant, odd: InvalidField): SosReport {
  const text = textOf(payload.subarray(0, MAX_SALVAGE_BYTES));
  const fields = findFields(text);
  const shared = { device, state: 'raised', at, ...placeIn(fields), invalidFields: [odd] } as const;
  const { sosId } = fields;
  if (typeof sosId === 'string' && NAME.test(sosId)) return { ...shared, sos: sosId };
  if (typeof sosId === 'number') return { ...shared, sos: String(sosId), ackName: sosId };
  if (typeof sosId === 'string' && sosId !== '') {
    const named = sosId.length <= MAX_ECHO_CHARS ? { ackName: sosId } : {};
    return { ...shared, sos: nameOf(sosId), ...named };
  }
  // Repeats of a call differ in time and place, and are one call all the same.
  return { ...shared, sos: nameOf(text.replace(/[\d.+-]+/g, '0')), unnamed: true };
}

function nameOf(text: string): string {
  return `box ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

const KEYS = ['sosId', ...Object.keys(PLACE_FIELDS)];

/** The members of the object in `text`; where it cannot be parsed, the values that follow their names. */
function findFields(text: string): Fields {
  const parsed = parseLoosely(text);
  const object = (Array.isArray(parsed) ? parsed[0] : parsed) as unknown;
  const isObject = typeof object === 'object' && object !== null;
  const top = isObject ? (object as Fields) : {};
  return Object.fromEntries(
    KEYS.flatMap((key) => {
      const value = Object.hasOwn(top, key) ? top[key] : valueAfter(text, key);
      return value === undefined ? [] : [[key, key === 'sosId' || key === 'crs' ? value : numberOf(value)]];
    }),
  );
}

/**
 * A value has to have an end: `30.2` may be the beginning of another one, and what is no value of its key (`"sosId":"state":`) must not be the
 * name of two calls.
 */
function valueAfter(text: string, key: string): unknown {
  const found = new RegExp(
    `"${key}"\\s*:\\s*("(?:[^"\\\\]|\\\\.){0,1024}"|-?\\d{1,20}(?:\\.\\d{1,20})?)(?=\\s*[,}\\]])`,
  ).exec(text);
  return found ? parseLoosely(found[1]!) : undefined;
}

/** Some write numbers in quotes. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,20}(\.\d{1,20})?$/.test(value) ? Number(value) : value;
}

/** Of a broken place, what can be read. */
function placeIn(fields: Fields): { readonly position?: Position } {
  if (fields['crs'] !== undefined && fields['crs'] !== 'WGS84') return {};
  const readable = Object.entries(PLACE_FIELDS).map(([field, [type]]) => [field, type.safeParse(fields[field]).data]);
  const position = positionOf(Object.fromEntries(readable) as PlaceFields);
  return position ? { position } : {};
}
