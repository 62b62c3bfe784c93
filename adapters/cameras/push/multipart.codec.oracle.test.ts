/** multipart/form-data against @fastify/busboy: what cameras may send, cut anywhere, and what damage makes of it. */
import { Busboy } from '@fastify/busboy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PushError } from './codec.ts';
import { boundaryOf, openMultipart } from './multipart.codec.ts';

interface Part {
  readonly name: string;
  readonly fileName: string;
  readonly type: string;
  readonly bytes: string;
}

/** What busboy says of a part without a type. */
const withType = (one: Part): Part => ({ ...one, type: one.type || 'text/plain' });

const word = fc.string({ unit: fc.constantFrom(...'ab1._- ;=:/'), minLength: 1, maxLength: 8 }).map((w) => `x${w}x`);
/** Line breaks and hyphens, of which boundaries are made, often. */
const bytes = fc.string({ unit: fc.constantFrom('\r\n', '\r', '-', '--', 'x', 'B', '\0', 'ÿ'), maxLength: 30 });
const part: fc.Arbitrary<Part> = fc.record({
  name: word,
  fileName: fc.oneof(fc.constant(''), word),
  type: fc.constantFrom('', 'image/jpeg', 'application/xml', 'text/plain'),
  bytes,
});
const boundary = fc.string({ unit: fc.constantFrom(...'Bx-_=:.( '), minLength: 1, maxLength: 12 }).map((b) => `${b}B`);

interface Message {
  readonly contentType: string;
  /** Boundaries, heads, contents and line breaks in their order. */
  readonly pieces: readonly string[];
  readonly parts: readonly Part[];
}

function written(mark: string, parts: readonly Part[], preamble: string, epilogue: string): Message {
  const pieces = parts.flatMap(({ name, fileName, type, bytes }) => {
    const file = fileName === '' ? '' : `; filename="${fileName}"`;
    const head = `Content-Disposition: form-data; name="${name}"${file}\r\n`;
    const typeLine = type === '' ? [] : [`CONTENT-TYPE: ${type}; charset=utf-8\r\n`];
    return [`--${mark}`, '\r\n', head, ...typeLine, '\r\n', bytes, '\r\n'];
  });
  const start = preamble === '' ? [] : [preamble, '\r\n'];
  return {
    contentType: `multipart/form-data; boundary="${mark}"`,
    pieces: [...start, ...pieces, `--${mark}`, '--', epilogue],
    parts,
  };
}

const messages = fc
  .tuple(boundary, fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', 'hello'), bytes)
  .map((all) => written(...all))
  // Contents that hold the boundary are no message of these parts.
  .filter((m) => m.pieces.join('').split(`\r\n--${boundaryOf(m.contentType)}`).length <= m.parts.length + 2);

/** A piece is lost or comes twice, or the message breaks off. */
const damaged = fc.tuple(messages, fc.nat(), fc.constantFrom('lost', 'twice', 'end')).map(([m, n, how]) => {
  const at = n % m.pieces.length;
  const piece = m.pieces[at]!;
  const rest = how === 'end' ? [] : m.pieces.slice(at + 1);
  return { ...m, pieces: [...m.pieces.slice(0, at), ...(how === 'twice' ? [piece, piece] : []), ...rest] };
});

/** Undefined: refused. */
function byUs(contentType: string, chunks: readonly Buffer[]): readonly Part[] | undefined {
  try {
    const reader = openMultipart(boundaryOf(contentType), () => 1000);
    for (const chunk of chunks) reader.feed(chunk);
    return reader.end().map((p) => ({ ...p, bytes: Buffer.from(p.bytes).toString('latin1') }));
  } catch (error) {
    expect(error).toBeInstanceOf(PushError);
    return undefined;
  }
}

async function byOracle(contentType: string, chunks: readonly Buffer[]): Promise<readonly Part[] | undefined> {
  const parts: Promise<Part>[] = [];
  const reader = new Busboy({
    headers: { 'content-type': contentType },
    preservePath: true,
    isPartAFile: () => true,
  });
  reader.on('file', (name, stream, fileName: string | undefined, _encoding, type) => {
    const part = stream.toArray().then((all: Buffer[]) => {
      return { name, fileName: fileName ?? '', type, bytes: Buffer.concat(all).toString('latin1') };
    });
    // It breaks off, which the reader says too.
    part.catch(() => undefined);
    parts.push(part);
  });
  const accepted = new Promise<boolean>((done) => {
    reader.on('finish', () => done(true));
    reader.on('error', () => done(false));
  });
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return (await accepted) ? Promise.all(parts) : undefined;
}

/** Cut in two anywhere. */
function chunksOf({ pieces }: Message, n: number): Buffer[] {
  const body = Buffer.from(pieces.join(''), 'latin1');
  const at = n % (body.length + 1);
  return [body.subarray(0, at), body.subarray(at)];
}

describe('multipart and busboy', () => {
  it('read the same parts, wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.nat(), async (message, n) => {
        const chunks = chunksOf(message, n);
        expect(byUs(message.contentType, chunks)).toEqual(message.parts);
        expect(await byOracle(message.contentType, chunks)).toEqual(message.parts.map(withType));
      }),
      { numRuns: 300 },
    );
  });

  // On purpose: busboy drops a part without a name or without an empty line after its head, which is an empty part here; it goes on after a
  // boundary with something behind it, which is refused here.
  it('make the same parts of a damaged message that is not refused', async () => {
    let read = 0;
    const some = (parts: readonly Part[] | undefined): Part[] | undefined =>
      parts?.filter(({ name, bytes }) => name && bytes).map(withType);
    await fc.assert(
      fc.asyncProperty(damaged, fc.nat(), async (message, n) => {
        const chunks = chunksOf(message, n);
        const ours = some(byUs(message.contentType, chunks));
        if (ours === undefined) return;
        read++;
        expect(some(await byOracle(message.contentType, chunks))).toEqual(ours);
      }),
      { numRuns: 600 },
    );
    expect(read).toBeGreaterThan(150);
  });
});
