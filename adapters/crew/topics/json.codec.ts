/** JSON from equipment: bounded, flat enough, checked against a schema, and refused in words that repeat nothing of it. */
import type { z } from 'zod';
import type { InvalidField } from '../../../gateway/contracts/crew.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** A message that cannot be meant. Its words name the field and what was expected, never what stood there. */
export class Malformed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Malformed';
  }
}

/** The members of an object, as it is written or as careless programs write it. Throws Malformed where it is none. */
export function readObject(payload: Uint8Array, maxBytes: number): Readonly<Record<string, unknown>> {
  if (payload.length > maxBytes) throw new Malformed(`message: ${english('field-bytes-most', { most: maxBytes })}`);
  let value: unknown;
  try {
    value = parsed(payload);
  } catch (error) {
    value = parseLoosely(textOf(payload));
    if (value === undefined) throw error;
  }
  checkShape(value, 0);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`message: ${english('field-object')}`);
  return value as Record<string, unknown>;
}

/** What a refusal says, in two parts. */
export function oddOf({ message }: Malformed): InvalidField {
  const colon = message.indexOf(': ');
  return { field: message.slice(0, colon), why: message.slice(colon + 2) };
}

/** Members that are undefined are not written. */
export const writeJson = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** A field that may be missing or odd without harm to the rest: firmware differs, and some writes 65535 for "not known". */
export const spare = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);

/** Messages of the equipment nest three deep, those of DJI five. */
const MAX_DEPTH = 8;
/** Has no state between calls. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws Malformed. Keys that `schema` does not name are dropped by it. */
export function readJson<T>(payload: Uint8Array, schema: z.ZodType<T>, maxBytes: number): T {
  if (payload.length > maxBytes) throw new Malformed(`message: ${english('field-bytes-most', { most: maxBytes })}`);
  const value = parsed(payload);
  checkShape(value, 0);
  return checked(value, schema);
}

/** As `schema` has it. Throws Malformed. */
export function checked<T>(value: unknown, schema: z.ZodType<T>): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const { path, message } = outcome.error.issues[0]!;
  throw new Malformed(`${path.join('.') || 'message'}: ${message}`);
}

/** Bytes as text, however they were meant: UTF-8 with or without its mark, UTF-16 of either order. What is none becomes U+FFFD. */
export function textOf(payload: Uint8Array): string {
  const [first, second] = payload;
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined);
  const isLittle = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0);
  return new TextDecoder(isBig ? 'utf-16be' : isLittle ? 'utf-16le' : 'utf-8').decode(payload);
}

/** Names of members, numbers that JSON does not know, and commas before an end. */
const NOT_JSON = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity|inf|nan)\b|,(?=\s*[}\]])|\0/g;

/** Reads what careless programs write for JSON: NaN (null), commas before an end, zeros behind it. Undefined where it is none even so. */
export function parseLoosely(text: string): unknown {
  const cleaned = text.replace(NOT_JSON, (token) =>
    token.startsWith('"') ? token : token === ',' || token === '\0' ? '' : 'null',
  );
  try {
    const value = JSON.parse(cleaned) as unknown;
    checkShape(value, 0);
    return value;
  } catch {
    return undefined;
  }
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload)) as unknown;
  } catch {
    // The parser's own words repeat what it read.
    throw new Malformed(`message: ${english('field-json')}`);
  }
}

/** No message has a key `__proto__`: it is an attack on programs that merge objects carelessly. */
function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === MAX_DEPTH) throw new Malformed(`message: ${english('field-too-deep', { most: MAX_DEPTH })}`);
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') throw new Malformed(`message: ${english('field-foreign-key')}`);
    checkShape(inner, depth + 1);
  }
}
