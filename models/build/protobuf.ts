/**
 * The wire format of Protocol Buffers, as far as ONNX files need it: a message is a row of fields, each a key (number of the field and
 * wire type), then a number or so many bytes. https://protobuf.dev/programming-guides/encoding
 */

/** Wire types: a number of variable length, 8 bytes, a length and so many bytes, 4 bytes. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A field of a message that was read. */
export interface Field {
  readonly id: number;
  /** The whole field with its key, to be copied as it is. */
  readonly whole: Buffer;
  /** Without key and length; of a number its variable-length form. */
  readonly content: Buffer;
}

/** A length-delimited field: text, bytes, or a message in its parts. */
export function field(id: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const buffers = parts.map((p) => (typeof p === 'string' ? Buffer.from(p) : p));
  const length = buffers.reduce((sum, b) => sum + b.length, 0);
  return Buffer.concat([varint((id << 3) | BYTES), varint(length), ...buffers]);
}

/** A field with a whole number. Negative numbers are written as 64-bit two's complement, as Protocol Buffers ask. */
export function number(id: number, value: number): Buffer {
  return Buffer.concat([varint((id << 3) | VARINT), varint(value)]);
}

/** A field with a number of 32-bit floating point. */
export function float(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint((id << 3) | FIXED32), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** The fields of a message in their order. Throws where the bytes are no message: cut short, or a wire type that is not in use. */
export function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length;) {
    const [key, start] = varintAt(message, at);
    const [from, to] = contentAt(message, start, Number(key & 7n));
    if (to > message.length) throw new Error(`a field ends beyond its message of ${message.length} bytes`);
    fields.push({ id: Number(key >> 3n), whole: message.subarray(at, to), content: message.subarray(from, to) });
    at = to;
  }
  return fields;
}

/** From where to where the content of a field lies. */
function contentAt(message: Buffer, start: number, wireType: number): [from: number, to: number] {
  switch (wireType) {
    case VARINT:
      return [start, varintAt(message, start)[1]];
    case FIXED64:
      return [start, start + 8];
    case FIXED32:
      return [start, start + 4];
    case BYTES: {
      const [length, from] = varintAt(message, start);
      return [from, from + Number(length)];
    }
    default:
      throw new Error(`byte ${start} of a message of ${message.length} bytes follows a key of wire type ${wireType}`);
  }
}

/** The number at `at` and where it ends. */
function varintAt(bytes: Buffer, at: number): [value: bigint, end: number] {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error(`a message of ${bytes.length} bytes ends within a number`);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
  throw new Error(`before byte ${at} of a message of ${bytes.length} there is a number of more than 64 bits`);
}

/** The field with this number: the last, if there are several, as Protocol Buffers want it. */
export function lastOf(fields: readonly Field[], id: number): Field | undefined {
  return fields.findLast((f) => f.id === id);
}

export function textsOf(fields: readonly Field[], id: number): string[] {
  return fields.filter((f) => f.id === id).map((f) => f.content.toString());
}

/** Whole numbers, one a field or all packed into one: old and new writers differ in this, and the bytes are the same. */
export function wholesOf(fields: readonly Field[], id: number): number[] {
  const bytes = Buffer.concat(fields.filter((f) => f.id === id).map((f) => f.content));
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, end] = varintAt(bytes, at);
    numbers.push(Number(BigInt.asIntN(64, value)));
    at = end;
  }
  return numbers;
}
