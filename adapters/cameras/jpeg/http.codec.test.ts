import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsImage, HttpPictureReader } from './http.codec.ts';

const JPEG = Buffer.from([0xff, 0xd8, 1, 2, 3, 0x0d, 0x0a, 4, 0xff, 0xd9]);
const OTHER = Buffer.from([0xff, 0xd8, 9, 9, 0xff, 0xd9]);
const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from('\r\n--b\r\nContent-Length: 9\r\n\r\n'), bytes]);

/** What is read of `bytes`, cut at `cuts`: whole pictures, then what is pending. */
function readIn(bytes: Buffer, cuts: readonly number[] = []): string[] {
  const reader = new HttpPictureReader(1_000);
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const whole = edges.slice(1).flatMap((to, i) => reader.read(bytes.subarray(edges[i], to)));
  return [...whole, reader.pending ?? Buffer.alloc(0)].map((b) => b.toString('hex'));
}

describe('HttpPictureReader', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n';
  const stream = Buffer.concat([Buffer.from(head), part(JPEG), part(OTHER), part(JPEG), Buffer.from('\r\n--b--\r\n')]);

  it('finds the same pictures however the answer is cut', () => {
    const expected = [JPEG, OTHER, JPEG, Buffer.alloc(0)].map((b) => b.toString('hex'));
    const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (at) => {
        expect(readIn(stream, at)).toEqual(expected);
      }),
    );
  });

  it('takes chunks apart', () => {
    const chunked = Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n'),
      JPEG.subarray(0, 4),
      Buffer.from('\r\n6;x=y\r\n'),
      JPEG.subarray(4),
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: chunked.length }), { maxLength: 9 }), (at) => {
        expect(readIn(chunked, at).filter((hex) => hex !== '')).toEqual([JPEG.toString('hex')]);
      }),
    );
  });

  it('takes no harm from any bytes, and refuses what has no end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(readIn(Buffer.concat([Buffer.from(head), bytes])).length).toBeGreaterThan(0);
      }),
    );
    expect(() => new HttpPictureReader(9).read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n1234567890'))).toThrow(
      'larger than',
    );
    expect(() => new HttpPictureReader(9).read(Buffer.from(`HTTP/1.1 200 ${'x'.repeat(20_000)}`))).toThrow(
      'web server',
    );
  });

  it('knows a whole JPEG by its end, padded or not', () => {
    expect(endsImage(Buffer.concat([JPEG, Buffer.from('\r\n\0')]))).toBe(true);
    expect(endsImage(JPEG.subarray(0, -1))).toBe(false);
  });
});
