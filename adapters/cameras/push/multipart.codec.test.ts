import { describe, expect, it } from 'vitest';
import { boundaryOf, openMultipart, type MultipartPart, type PartHeaders } from './multipart.codec.ts';

const HEAD = 'Content-Disposition: form-data; name="a.xml"; filename="b.xml"\r\nContent-Type: Text/XML; charset=utf-8';
const BODY = `--B\r\n${HEAD}\r\n\r\n<a/>\r\n--B\r\nContent-Disposition: form-data; name=p\r\n\r\n\r\n--not\r\n--B--\r\n`;

function parts(
  body: string,
  most: (head: PartHeaders) => number = () => 1000,
  cutAt = body.length,
): readonly MultipartPart[] {
  const bytes = Buffer.from(body, 'latin1');
  const reader = openMultipart('B', most);
  reader.feed(bytes.subarray(0, cutAt));
  reader.feed(bytes.subarray(cutAt));
  return reader.end();
}

const texts = (all: readonly MultipartPart[]): string[] =>
  all.map(({ bytes }) => Buffer.from(bytes).toString('latin1'));

describe('multipart', () => {
  it('gives the parts with name, file name and type, cut anywhere', () => {
    for (let at = 0; at <= BODY.length; at++) {
      const [first, second] = parts(BODY, undefined, at);
      expect(first).toMatchObject({ name: 'a.xml', fileName: 'b.xml', type: 'text/xml' });
      expect(second).toMatchObject({ name: 'p', fileName: '', type: '' });
      expect(texts([first!, second!])).toEqual(['<a/>', '\r\n--not']);
    }
  });

  it('byte by byte, with a preamble and an epilogue', () => {
    const reader = openMultipart('B', () => 1000);
    for (const byte of Buffer.from(`hello\r\n${BODY}and more --B`)) reader.feed(Uint8Array.of(byte));
    expect(texts(reader.end())).toEqual(['<a/>', '\r\n--not']);
  });

  it('passes over what is not asked for, and gives what is kept a buffer of its own', () => {
    const [only, ...more] = parts(BODY, (head) => (head.name === 'p' ? 100 : 0));
    expect(more).toEqual([]);
    expect(only!.name).toBe('p');
    expect(only!.bytes.buffer.byteLength).toBe(only!.bytes.length);
    // Unseen parts may be as large as the body may be.
    const large = BODY.replace('<a/>', 'x'.repeat(100_000));
    expect(parts(large, (head) => (head.name === 'p' ? 100 : 0))).toHaveLength(1);
  });

  it('a part that ends with its head is empty, and does not take the next one for its contents', () => {
    for (const body of [BODY.replace('\r\n\r\n<a/>', ''), BODY.replace('<a/>\r\n', '')]) {
      for (let at = 0; at <= body.length; at++) expect(texts(parts(body, undefined, at))).toEqual(['', '\r\n--not']);
    }
  });

  it.each<[string, string, string]>([
    ['another boundary', BODY.replaceAll('--B', '--C'), 'after the boundary that Content-Type names'],
    ['5 kB before the first boundary', 'x'.repeat(5000) + `\r\n${BODY}`, 'after the boundary'],
    ['no end', BODY.slice(0, -4), 'the body breaks off'],
    ['half a part', BODY.slice(0, 60), 'the body breaks off'],
    ['nothing', '', 'after the boundary'],
    ['a boundary that goes on', BODY.replace('--B\r', '--Bx\r'), 'two hyphens after a boundary'],
    ['nine parts', `${`--B\r\n${HEAD}\r\n\r\nx\r\n`.repeat(9)}--B--`, 'at most 8 parts'],
    ['a head of 5 kB', BODY.replace('Content-Type', `X: ${'x'.repeat(5000)}\r\nContent-Type`), '4096 bytes'],
    ['a head without end', `--B\r\n${'x'.repeat(5000)}`, '4096 bytes'],
    ['a part larger than it may be', BODY.replace('<a/>', 'x'.repeat(1001)), '1000 bytes expected at most'],
  ])('%s is refused', (_, body, words) => {
    expect(() => parts(body)).toThrow(words);
  });

  it('takes the boundary from the type', () => {
    expect(boundaryOf('multipart/form-data; boundary=MIME_boundary')).toBe('MIME_boundary');
    expect(boundaryOf('multipart/form-data;charset=utf-8; Boundary="a b:c" ; x=y')).toBe('a b:c');
    const bad = ['', ' ', '"', '""', 'x'.repeat(71), '"a\u0000b"', '"ab "', '"ü"'];
    for (const boundary of bad) {
      expect(() => boundaryOf(`multipart/form-data; boundary=${boundary}`)).toThrow('a boundary of 1 to 70 characters');
    }
    expect(() => boundaryOf('multipart/form-data')).toThrow('a boundary of 1 to 70');
  });
});
