/** JSON from equipment: bounded, flat enough, checked against a schema, and refused in words that repeat nothing of it. */
import type { z } from 'zod';

/** A message that cannot be meant. Its words name the field and what was expected, never what stood there. */
export class Malformed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Malformed';
  }
}

/** Messages of the equipment nest three deep, those of DJI five. */
const DEPTH_MOST = 8;
/** Has no state between calls. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws Malformed. Keys that `schema` does not name are dropped by it. */
export function readJson<T>(payload: Uint8Array, schema: z.ZodType<T>, bytesMost: number): T {
  if (payload.length > bytesMost) throw new Malformed(`message: expected at most ${bytesMost} bytes`);
  const value = parsed(payload);
  checkShape(value, 0);
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const { path, message } = checked.error.issues[0]!;
  throw new Malformed(`${path.join('.') || 'message'}: ${message}`);
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload)) as unknown;
  } catch {
    // The parser's own words repeat what it read.
    throw new Malformed('message: expected JSON in UTF-8');
  }
}

/** No message has a key `__proto__`: whoever writes one is after a program that merges objects carelessly. */
function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === DEPTH_MOST)
    throw new Malformed(`message: expected at most ${DEPTH_MOST} objects or lists in each other`);
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') throw new Malformed('message: a key that no message has');
    checkShape(inner, depth + 1);
  }
}
