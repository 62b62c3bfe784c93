import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf, RtspReader, rtspBytes, withField } from './rtsp.codec.ts';

const RESPONSE =
  'RTSP/1.0 200 OK\r\nCSeq: 3\r\nWWW-Authenticate: a\r\nWWW-Authenticate: b\r\nContent-Length: 3\r\n\r\nv=0';
const packet = (bytes: number[]): Buffer => Buffer.from([0x24, 0, bytes.length >> 8, bytes.length & 0xff, ...bytes]);

describe('RtspReader', () => {
  it('finds messages between packets, however they are cut, and changes no byte', () => {
    // What stands in a packet is no message, whatever it looks like.
    const stream = Buffer.concat([
      packet([1, 2]),
      Buffer.from(RESPONSE),
      packet([...Buffer.from('RTSP/1.0 401 No\r\n\r\n')]),
      Buffer.from(RESPONSE),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length }), { maxLength: 9 }), (cuts) => {
        const reader = new RtspReader('responses');
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const parts = edges.slice(1).flatMap((to, i) => reader.read(stream.subarray(edges[i], to)));
        const messages = parts.flatMap((part) => ('message' in part ? [part.message] : []));
        expect(messages.map(({ body, fields }) => [String(body), fields.length])).toEqual([
          ['v=0', 4],
          ['v=0', 4],
        ]);
        expect(Buffer.concat(parts.map((part) => ('data' in part ? part.data : rtspBytes(part.message))))).toEqual(
          stream,
        );
      }),
    );
  });

  it('passes on bytes that are nothing, and refuses a head or a body without end', () => {
    const reader = new RtspReader('responses');
    expect(reader.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toEqual([
      { data: Buffer.from('HTTP/1.1 200 OK\r\n\r\n') },
    ]);
    expect(() => new RtspReader('responses').read(Buffer.from(`RTSP/1.0 ${'x'.repeat(20_000)}`))).toThrow();
    expect(() =>
      new RtspReader('requests').read(Buffer.from('OPTIONS * RTSP/1.0\r\nContent-Length: 1e9\r\n\r\n')),
    ).toThrow();
  });

  it('replaces a field in whatever letters it came', () => {
    const [part] = new RtspReader('requests').read(Buffer.from('PLAY x RTSP/1.0\r\ncseq: 3\r\n\r\n'));
    const message = 'message' in part! ? withField(part.message, 'CSeq', '9') : undefined;
    expect(fieldOf(message!, 'cseq')).toBe('9');
    expect(message!.fields.length).toBe(1);
  });
});
