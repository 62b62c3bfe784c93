import { describe, expect, it } from 'vitest';
import { packetize, readClip, splitNals, type RtpState } from './h264.ts';

const nal = (type: number, ...rest: number[]): number[] => [0, 0, 0, 1, 0x60 | type, ...rest];
const SPS = nal(7, 0x42, 0xc0, 0x1f, 9);
const PPS = nal(8, 0xce);
/** A slice's first bit says whether it is the first of its picture. */
const clip = (...parts: number[][]): Uint8Array => Uint8Array.from(parts.flat());

describe('splitNals', () => {
  it('takes start codes of three and four bytes, and no zero bytes before one', () => {
    const found = splitNals(Uint8Array.from([0, 0, 0, 1, 9, 1, 0, 0, 1, 7, 2, 0, 0, 0, 1, 5, 3]));
    expect(found.map((n) => [...n])).toEqual([
      [9, 1],
      [7, 2],
      [5, 3],
    ]);
  });
});

describe('readClip', () => {
  it('puts slices, parameter sets and delimiters of one picture together', () => {
    const read = readClip(
      clip(nal(9, 0xf0), SPS, PPS, nal(5, 0x80, 1), nal(5, 0x40, 2), nal(9, 0xf0), nal(1, 0x80, 3), nal(1, 0x80, 4)),
    );
    expect(read.units.map((u) => [u.key, u.nals.map((n) => n[0]! & 0x1f)])).toEqual([
      [true, [7, 8, 5, 5]],
      [false, [1]],
      [false, [1]],
    ]);
    expect([...read.sps]).toEqual(SPS.slice(4));
  });

  it('refuses what no stream can start with', () => {
    expect(() => readClip(clip(SPS, PPS, nal(1, 0x80)))).toThrow('must start with');
    expect(() => readClip(clip(nal(5, 0x80)))).toThrow('must start with');
    expect(() => readClip(new Uint8Array())).toThrow('must start with');
  });
});

/** Puts RTP packets together again, as RFC 6184 section 5.8 says, without the code under test. */
function unpack(bytes: Buffer): { nals: number[][]; sequences: number[]; timestamps: number[]; markers: boolean[] } {
  const out = {
    nals: [] as number[][],
    sequences: [] as number[],
    timestamps: [] as number[],
    markers: [] as boolean[],
  };
  for (let at = 0; at < bytes.length;) {
    expect([bytes[at], bytes[at + 1]]).toEqual([0x24, 0]);
    const packet = bytes.subarray(at + 4, at + 4 + bytes.readUInt16BE(at + 2));
    at += 4 + packet.length;
    expect(packet.length).toBeLessThanOrEqual(1412);
    out.markers.push((packet[1]! & 0x80) !== 0);
    out.sequences.push(packet.readUInt16BE(2));
    out.timestamps.push(packet.readUInt32BE(4));
    const payload = [...packet.subarray(12)];
    const [indicator = 0, header = 0] = payload;
    if ((indicator & 0x1f) !== 28) out.nals.push(payload);
    else if ((header & 0x80) !== 0) out.nals.push([(indicator & 0xe0) | (header & 0x1f), ...payload.slice(2)]);
    else out.nals.at(-1)!.push(...payload.slice(2));
  }
  return out;
}

describe('packetize', () => {
  it('carries small and large units whole, in order, with one marker at the end', () => {
    const large = Uint8Array.from({ length: 5000 }, (_, i) => (i === 0 ? 0x65 : i & 0xff));
    const edge = Uint8Array.from({ length: 1401 }, (_, i) => (i === 0 ? 0x41 : 7));
    const unit = { key: true, nals: [Uint8Array.from(SPS.slice(4)), large, edge] };
    const state: RtpState = { ssrc: 1, sequence: 0xfffe };
    const got = unpack(Buffer.concat(packetize(unit, 2 ** 32 + 5, state)));
    expect(got.nals).toEqual(unit.nals.map((n) => [...n]));
    expect(got.sequences).toEqual(got.sequences.map((_, i) => (0xfffe + i) & 0xffff));
    expect(new Set(got.timestamps)).toEqual(new Set([5]));
    expect(got.markers).toEqual(got.markers.map((_, i) => i === got.markers.length - 1));
    expect(state.sequence).toBe((0xfffe + got.sequences.length) & 0xffff);
  });
});
