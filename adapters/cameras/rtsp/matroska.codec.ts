/** Writes access units as a live Matroska stream (RFC 9559), which hands ffmpeg whole pictures with the stamps that we choose. */
import type { AccessUnit } from '../../../gateway/contracts/source.ts';

const CODEC_IDS = { h264: 'V_MPEG4/ISO/AVC', h265: 'V_MPEGH/ISO/HEVC', mjpeg: 'V_MJPEG' };

/** Element IDs as they are written, with the bits that give their length. */
const ID = {
  ebml: [0x1a, 0x45, 0xdf, 0xa3],
  docType: [0x42, 0x82],
  segment: [0x18, 0x53, 0x80, 0x67],
  tracks: [0x16, 0x54, 0xae, 0x6b],
  trackEntry: [0xae],
  trackNumber: [0xd7],
  trackUid: [0x73, 0xc5],
  trackType: [0x83],
  codecId: [0x86],
  cluster: [0x1f, 0x43, 0xb6, 0x75],
  timestamp: [0xe7],
  simpleBlock: [0xa3],
};
const TRACK = 1;
const VIDEO = 1;
const KEY = 0x80;
/** The end of the segment is open. */
const UNKNOWN_SIZE = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

export function matroskaHeader(codec: AccessUnit['codec']): Buffer {
  const track = element(
    ID.trackEntry,
    element(ID.trackNumber, uint(TRACK)),
    element(ID.trackUid, uint(TRACK)),
    element(ID.trackType, uint(VIDEO)),
    element(ID.codecId, Buffer.from(CODEC_IDS[codec], 'latin1')),
  );
  return Buffer.concat([
    element(ID.ebml, element(ID.docType, Buffer.from('matroska', 'latin1'))),
    Buffer.from(ID.segment),
    UNKNOWN_SIZE,
    element(ID.tracks, track),
  ]);
}

/** A cluster of one picture. `stampMs`: a whole number from 0 on; the timestamp scale of Matroska is a millisecond unless another is given. */
export function matroskaPicture({ bytes, key }: Pick<AccessUnit, 'bytes' | 'key'>, stampMs: number): Buffer {
  // The block's own timestamp counts from that of its cluster, in 16 bits.
  const blockHead = Buffer.from([0x80 | TRACK, 0, 0, key ? KEY : 0]);
  return element(ID.cluster, element(ID.timestamp, uint(stampMs)), element(ID.simpleBlock, blockHead, bytes));
}

function element(id: readonly number[], ...data: readonly Uint8Array[]): Buffer {
  const size = uint(data.reduce((sum, { length }) => sum + length, 0));
  size[0] = 0x01;
  return Buffer.concat([Buffer.from(id), size, ...data]);
}

function uint(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
