/** RTSP 1.0 messages (RFC 2326) and the interleaved packets between them, cut out of a stream of bytes and written again. */
import { english } from '../../../gateway/contracts/words/words.ts';

export interface RtspMessage {
  /** `DESCRIBE rtsp://… RTSP/1.0`, or `RTSP/1.0 200 OK`. */
  readonly start: string;
  /** As they came, in order: some fields, such as WWW-Authenticate, come more than once. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A message, or bytes that are none: interleaved packets (`$`), whole or in part. */
export type RtspPart = { readonly message: RtspMessage } | { readonly data: Buffer };

/** What the first line and the fields of a message may take, and its body: a session description has about 1 KiB. */
const MAX_HEAD_BYTES = 16_384;
const MAX_BODY_BYTES = 262_144;
const INTERLEAVED = 0x24;
const RESPONSE = Buffer.from('RTSP/');
const HEAD_END = Buffer.from('\r\n\r\n');

export class RtspReader {
  readonly #of: 'requests' | 'responses';
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the interleaved packet that are still to come. */
  #packetBytes = 0;

  constructor(of: 'requests' | 'responses') {
    this.#of = of;
  }

  /** Throws where a message is larger than any. */
  read(chunk: Buffer): RtspPart[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const parts: RtspPart[] = [];
    let [at, dataFrom] = [0, 0];
    while (at < bytes.length) {
      if (this.#packetBytes === 0 && !this.#beginsMessage(bytes, at)) {
        if (bytes[at] === INTERLEAVED && at + 4 > bytes.length) break;
        // A byte that begins nothing is passed on too: what reads it finds its way as it would without us.
        this.#packetBytes = bytes[at] === INTERLEAVED ? 4 + bytes.readUInt16BE(at + 2) : 1;
      }
      if (this.#packetBytes > 0) {
        const taken = Math.min(this.#packetBytes, bytes.length - at);
        this.#packetBytes -= taken;
        at += taken;
        continue;
      }
      const found = messageAt(bytes, at);
      if (!found) break;
      if (at > dataFrom) parts.push({ data: bytes.subarray(dataFrom, at) });
      parts.push({ message: found.message });
      dataFrom = at = found.end;
    }
    if (at > dataFrom) parts.push({ data: bytes.subarray(dataFrom, at) });
    this.#rest = bytes.subarray(at);
    return parts;
  }

  /** Also where so few bytes are there that they may begin one. */
  #beginsMessage(bytes: Buffer, at: number): boolean {
    if (this.#of === 'requests') return bytes[at]! >= 0x41 && bytes[at]! <= 0x5a;
    const head = bytes.subarray(at, at + RESPONSE.length);
    return head.equals(RESPONSE.subarray(0, head.length));
  }
}

function messageAt(bytes: Buffer, at: number): { message: RtspMessage; end: number } | undefined {
  const headEnd = bytes.indexOf(HEAD_END, at);
  if ((headEnd < 0 ? bytes.length : headEnd) - at > MAX_HEAD_BYTES) throw new Error(english('camera-no-rtsp'));
  if (headEnd < 0) return undefined;
  const [start = '', ...lines] = bytes.toString('latin1', at, headEnd).split('\r\n');
  const fields = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
  });
  const from = headEnd + HEAD_END.length;
  const length = Number(fieldOf({ fields }, 'content-length') ?? 0);
  if (!(length >= 0 && length <= MAX_BODY_BYTES)) throw new Error(english('camera-no-rtsp'));
  if (bytes.length < from + length) return undefined;
  return { message: { start, fields, body: bytes.subarray(from, from + length) }, end: from + length };
}

/** `name` in small letters. */
export function fieldOf({ fields }: Pick<RtspMessage, 'fields'>, name: string): string | undefined {
  return fields.find(([n]) => n.toLowerCase() === name)?.[1];
}

/** The message with this field, in the place of one of the same name. */
export function withField(message: RtspMessage, name: string, value: string): RtspMessage {
  const isOther = ([n]: readonly [string, string]): boolean => n.toLowerCase() !== name.toLowerCase();
  return { ...message, fields: [...message.fields.filter(isOther), [name, value]] };
}

export function rtspBytes({ start, fields, body }: RtspMessage): Buffer {
  const head = [start, ...fields.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), HEAD_END, body]);
}
