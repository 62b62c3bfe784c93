/**
 * Pictures in the answer of a camera's web server (RFC 9112), read as it comes: one picture, or one after the other (multipart, MJPEG).
 * Small cameras write what strict readers refuse: field lines without a colon, lengths that are too large, boundaries with or without dashes.
 */
import { english } from '../../../gateway/contracts/words/words.ts';

export interface HttpHead {
  readonly status: number;
  /** In small letters; of a name that came more than once, all values. */
  field(name: string): readonly string[];
}

const MAX_HEAD_BYTES = 16_384;
const HEAD_END = /\r?\n\r?\n/;
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
const START_OF_IMAGE = Buffer.from([0xff, 0xd8]);

export class HttpPictureReader {
  head: HttpHead | undefined;
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #chunks: ChunkReader | undefined;
  #body: BodyReader | undefined;

  /** A picture that is larger than `maxBytes` is refused. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Pictures that these bytes complete. Throws with a sentence for people where they are no answer, or no end of a picture comes. */
  read(bytes: Buffer): Buffer[] {
    if (this.#body) return this.#body.read(this.#chunks ? this.#chunks.read(bytes) : bytes);
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const found = headAt(this.#rest);
    if (!found) {
      const isOther = !/^(HTTP|ICY)/.test(this.#rest.toString('latin1', 0, 4).padEnd(3));
      if (this.#rest.length >= 4 && (isOther || this.#rest.length > MAX_HEAD_BYTES))
        throw new Error(english('camera-no-http'));
      return [];
    }
    this.head = found.head;
    if (this.head.field('transfer-encoding').join().toLowerCase().includes('chunked')) this.#chunks = new ChunkReader();
    this.#body = new BodyReader(this.head, this.#maxBytes);
    return this.read(this.#rest.subarray(found.end));
  }

  /** What has come of a picture whose end has not; undefined before the head. */
  get pending(): Buffer | undefined {
    return this.#body?.pending;
  }
}

/** Whether this is a whole JPEG by its last bytes; zeros and line breaks behind it belong to none. */
export function endsImage(bytes: Buffer): boolean {
  return bytes.subarray(0, 2).equals(START_OF_IMAGE) && withoutPadding(bytes).subarray(-2).equals(END_OF_IMAGE);
}

function withoutPadding(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && [0, 0x0a, 0x0d].includes(bytes[end - 1]!)) end--;
  return bytes.subarray(0, end);
}

function headAt(bytes: Buffer): { head: HttpHead; end: number } | undefined {
  const text = bytes.toString('latin1', 0, MAX_HEAD_BYTES);
  const end = HEAD_END.exec(text);
  const status = /^(?:HTTP\/\d\.\d|ICY) (\d{3})/.exec(text)?.[1];
  if (!end || status === undefined) return undefined;
  const head = { status: Number(status), field: fieldsOf(text.slice(0, end.index)) };
  return { head, end: end.index + end[0].length };
}

function fieldsOf(text: string): HttpHead['field'] {
  const fields = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]] : [];
  });
  return (name) => fields.filter(([n]) => n === name).map(([, value]) => value);
}

/** Takes the lengths out of a body that comes in chunks (RFC 9112 section 7.1). */
class ChunkReader {
  #rest: Buffer = Buffer.alloc(0);
  #left = 0;

  read(bytes: Buffer): Buffer {
    let rest = Buffer.concat([this.#rest, bytes]);
    const parts: Buffer[] = [];
    while (rest.length > 0) {
      if (this.#left > 0) {
        const part = rest.subarray(0, this.#left);
        parts.push(part);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        continue;
      }
      // The line break behind a chunk, then the length of the next one.
      const line = /^(?:\r\n)?([0-9a-f]{1,8})[^\n]{0,200}\n/i.exec(rest.toString('latin1', 0, 256));
      if (!line) break;
      this.#left = parseInt(line[1]!, 16);
      rest = rest.subarray(line[0].length);
    }
    this.#rest = rest.subarray(0, 256);
    return Buffer.concat(parts);
  }
}

class BodyReader {
  readonly #maxBytes: number;
  readonly #boundary: Buffer | undefined;
  /** Of the picture, where the camera says it; it may lie. */
  #length: number | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  /** Before the fields of the next part. */
  #between: boolean;
  #done = false;

  constructor(head: HttpHead, maxBytes: number) {
    this.#maxBytes = maxBytes;
    const type = head.field('content-type').join();
    const named = /^multipart\/.*boundary=\s*"?-{0,2}([^";\s]+)/i.exec(type)?.[1];
    this.#boundary = named === undefined ? undefined : Buffer.from(`--${named}`, 'latin1');
    this.#between = this.#boundary !== undefined;
    this.#length = this.#between ? undefined : lengthOf(head.field('content-length')[0]);
  }

  get pending(): Buffer {
    return this.#between ? Buffer.alloc(0) : withoutPadding(this.#bytes);
  }

  read(chunk: Buffer): Buffer[] {
    if (this.#done) return [];
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const pictures: Buffer[] = [];
    for (let more = true; more;) {
      more = this.#between ? this.#partBegins() : this.#pictureEnds(pictures);
    }
    if (this.#bytes.length > this.#maxBytes)
      throw new Error(english('picture-too-large', { most: this.#maxBytes / 2 ** 20 }));
    return pictures;
  }

  #partBegins(): boolean {
    const at = this.#bytes.indexOf(this.#boundary!);
    if (at < 0) return false;
    const text = this.#bytes.toString('latin1', at, at + MAX_HEAD_BYTES);
    const end = HEAD_END.exec(text);
    if (!end) return false;
    this.#length = lengthOf(fieldsOf(text.slice(0, end.index))('content-length')[0]);
    this.#bytes = this.#bytes.subarray(at + end.index + end[0].length);
    this.#between = false;
    return true;
  }

  /** At its length if a picture ends there, else before the next boundary. */
  #pictureEnds(pictures: Buffer[]): boolean {
    const length = this.#length;
    const isThere = length !== undefined && this.#bytes.length >= length;
    const isWhole = isThere && (this.#boundary === undefined || endsImage(this.#bytes.subarray(0, length)));
    const end = isWhole ? length : this.#boundary === undefined ? -1 : this.#bytes.indexOf(this.#boundary);
    if (end < 0) return false;
    pictures.push(withoutPadding(this.#bytes.subarray(0, end)));
    this.#bytes = this.#bytes.subarray(end);
    this.#between = this.#boundary !== undefined;
    this.#done = !this.#between;
    return this.#between;
  }
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
