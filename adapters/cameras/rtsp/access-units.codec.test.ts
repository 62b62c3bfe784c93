import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessUnitReader } from './access-units.codec.ts';
import { TransportStreamReader } from './transport-stream.codec.ts';

const H264 = 0x1b;
const nal = (...bytes: number[]): number[] => [0, 0, 1, ...bytes, 0x80, 0x80];
const SPS = nal(0x67, 0x42, 0xc0, 0x1f);
const PPS = nal(0x68, 0xce);
const RECOVERY_POINT = nal(0x06, 0x01, 0x01, 0xff, 0x06, 0x01, 0xc4);
const IDR = nal(0x65, 0b1000_1000);
const INTRA = nal(0x41, 0b1011_0000);
const PREDICTED = nal(0x41, 0b1100_0000);
/** The second slice of a picture. */
const CONTINUED = nal(0x65, 0b0100_1000);

function reader(): (atMs: number, ...parts: number[][]) => { key: boolean; bytes: number[] } {
  const units = new AccessUnitReader();
  return (at, ...parts) => {
    const bytes = Buffer.from(parts.flat());
    const unit = units.read({ streamType: H264, pts: undefined, bytes }, at)!;
    return { key: unit.key, bytes: [...unit.bytes] };
  };
}

describe('AccessUnitReader', () => {
  it('takes IDR pictures for key pictures, and gives them their parameter sets', () => {
    const read = reader();
    expect(read(0, PREDICTED).key).toBe(false);
    expect(read(0, IDR).key).toBe(false);
    expect(read(0, SPS, PPS, IDR)).toEqual({ key: true, bytes: [...SPS, ...PPS, ...IDR] });
    expect(read(0, CONTINUED).key).toBe(false);
    const { key, bytes } = read(0, IDR);
    expect(key).toBe(true);
    expect(bytes).toEqual([0, ...SPS, 0, ...PPS, ...IDR]);
  });

  it('goes on with parameter sets that have changed', () => {
    const read = reader();
    const other = nal(0x67, 0x42, 0xc0, 0x28);
    read(0, SPS, PPS, IDR);
    read(0, other, PPS, PREDICTED);
    expect(read(0, IDR).bytes).toEqual([0, ...other, 0, ...PPS, ...IDR]);
  });

  it('takes intra pictures with a recovery point or parameter sets, and any of them where there is never an IDR picture', () => {
    const read = reader();
    read(0, SPS, PPS, PREDICTED);
    expect(read(0, INTRA).key).toBe(false);
    expect(read(0, RECOVERY_POINT, INTRA).key).toBe(true);
    expect(read(0, RECOVERY_POINT, PREDICTED).key).toBe(false);
    expect(read(0, SPS, PPS, INTRA).key).toBe(true);
    expect(read(20_000, INTRA).key).toBe(true);
    read(20_000, IDR);
    expect(read(20_040, INTRA).key).toBe(false);
  });

  it('takes no harm from bytes that are no stream', () => {
    const bytes = fc.uint8Array({ maxLength: 1000 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), fc.constantFrom(0x1b, 0x24, 0x06, 0x02), (chunks, streamType) => {
        const packets = new TransportStreamReader();
        const units = new AccessUnitReader();
        for (const chunk of chunks) {
          packets.read(Buffer.from(chunk));
          units.read({ streamType, pts: 0, bytes: Buffer.from(chunk) }, 0);
          units.read({ streamType, pts: 0, bytes: Buffer.from([0, 0, 1, ...chunk]) }, 0);
        }
      }),
    );
  });

  it('finds its way back into a stream that begins, or goes on, in the middle', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const packets = new TransportStreamReader();
        const rubbish = Buffer.from(noise.map((byte) => (byte === 0x47 ? 0 : byte)));
        const found = packets.read(Buffer.concat([rubbish, ...TABLES, packet(IDR), rubbish, packet(PREDICTED)]));
        expect(found.map(({ bytes }) => [...bytes])).toEqual([IDR, PREDICTED]);
      }),
    );
  });
});

/** A PAT with the map on PID 0x1000, and a map with H.264 on PID 0x100; the CRC is not looked at. */
const TABLES = [
  transport(0, [0, 0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x00, 9, 9, 9, 9]),
  transport(0x1000, [0, 0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, H264, 0xe1, 0, 0xf0, 0, 9, 9, 9, 9]),
];

/** One picture without a stamp in one packet. */
function packet(bytes: number[]): Buffer {
  return transport(0x100, [0, 0, 1, 0xe0, 0, bytes.length + 3, 0x80, 0, 0, ...bytes]);
}

/** Padded by an adaptation field. */
function transport(pid: number, payload: number[]): Buffer {
  const stuffing = 188 - 4 - 1 - payload.length;
  const head = [0x47, 0x40 | (pid >> 8), pid & 0xff, 0x30, stuffing];
  return Buffer.from([...head, ...Array.from({ length: stuffing }, (_, i) => (i === 0 ? 0 : 0xff)), ...payload]);
}
