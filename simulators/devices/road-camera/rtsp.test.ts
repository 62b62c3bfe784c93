import { describe, expect, it } from 'vitest';
import { interleavedChannel, requestReader, response, sdp } from './rtsp.ts';

const REQUESTS =
  'OPTIONS rtsp://h/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n' +
  'SET_PARAMETER rtsp://h/1 RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 4\r\n\r\nbody' +
  '$\x01\x00\x03abc' +
  'PLAY rtsp://h/1 RTSP/1.0\r\nCSEQ: 3\r\nSession: 9\r\n\r\n';

describe('requestReader', () => {
  it('finds the same requests however the bytes are cut, past bodies and interleaved packets', () => {
    const bytes = Buffer.from(REQUESTS, 'latin1');
    for (let piece = 1; piece < bytes.length; piece++) {
      const read = requestReader();
      const found = [];
      for (let i = 0; i < bytes.length; i += piece) found.push(...read(bytes.subarray(i, i + piece)));
      expect(found.map((r) => `${r.method} ${r.headers['cseq']}`)).toEqual(['OPTIONS 1', 'SET_PARAMETER 2', 'PLAY 3']);
    }
  });

  it('gives up on what is no RTSP or has no end', () => {
    expect(() => requestReader()(Buffer.from('hello\r\n\r\n'))).toThrow('not an RTSP request');
    expect(() => requestReader()(Buffer.alloc(20_000, 0x41))).toThrow('too large');
    expect(() => requestReader()(Buffer.from('PLAY x RTSP/1.0\r\nContent-Length: 999999\r\n\r\n'))).toThrow(
      'too large',
    );
  });
});

it('takes only interleaved TCP', () => {
  expect(interleavedChannel('RTP/AVP/TCP;unicast;interleaved=4-5')).toBe(4);
  expect(interleavedChannel('RTP/AVP/TCP;unicast')).toBe(0);
  expect(interleavedChannel('RTP/AVP;unicast;client_port=5000-5001')).toBeUndefined();
  expect(interleavedChannel('RTP/AVP/TCP;interleaved=999')).toBeUndefined();
  expect(interleavedChannel(undefined)).toBeUndefined();
});

it('answers with the number of the request and the length of the body in bytes', () => {
  const request = { method: 'DESCRIBE', url: 'x', headers: { cseq: '7' } };
  expect(response(request, 200, { A: 'b' }, 'é')).toBe(
    'RTSP/1.0 200 OK\r\nCSeq: 7\r\nA: b\r\nContent-Length: 2\r\n\r\né',
  );
  expect(response(request, 404)).toBe('RTSP/1.0 404 Not Found\r\nCSeq: 7\r\n\r\n');
});

it('describes the stream by its parameter sets', () => {
  const text = sdp({ sps: Uint8Array.from([0x67, 0x42, 0xc0, 0x1f]), pps: Uint8Array.from([0x68, 0xce]) }, 25);
  expect(text).toContain('profile-level-id=42c01f;sprop-parameter-sets=Z0LAHw==,aM4=\r\n');
});
