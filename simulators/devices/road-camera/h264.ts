/** H.264 byte streams (ITU-T H.264 Annex B) and their RTP packets (RFC 6184), as pure bytes. */

export interface ClipPicture {
  /** NAL units without start codes; access unit delimiters left out, as RTP marks the end itself. */
  readonly nals: readonly Uint8Array[];
  /** It holds an IDR slice: decoding can start here. */
  readonly key: boolean;
}

export interface Clip {
  readonly units: readonly ClipPicture[];
  readonly sps: Uint8Array;
  readonly pps: Uint8Array;
}

const TYPE = { idr: 5, sps: 7, pps: 8, delimiter: 9 };
const typeOf = (nal: Uint8Array): number => nal[0]! & 0x1f;

/** NAL units between start codes 00 00 01; zero bytes before a start code belong to none. */
export function splitNals(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let i = 0; i + 3 < bytes.length; i++) {
    if (bytes[i] === 0 && bytes[i + 1] === 0 && bytes[i + 2] === 1) starts.push(i + 3);
  }
  return starts.map((start, i) => {
    let end = i + 1 < starts.length ? starts[i + 1]! - 3 : bytes.length;
    while (end > start && bytes[end - 1] === 0) end -= 1;
    return bytes.subarray(start, end);
  });
}

/** Splits an Annex-B stream into pictures. Throws where the first picture is no key frame with its parameter sets. */
export function readClip(bytes: Uint8Array): Clip {
  const units: { nals: Uint8Array[]; key: boolean; hasSlice: boolean }[] = [];
  let sps: Uint8Array | undefined;
  let pps: Uint8Array | undefined;
  for (const nal of splitNals(bytes)) {
    if (nal.length === 0) continue;
    const type = typeOf(nal);
    const slice = type === 1 || type === TYPE.idr;
    // A slice whose first_mb_in_slice is 0 (coded as a single 1 bit) and everything but a slice start a new picture after one.
    const opens = !slice || (nal[1]! & 0x80) !== 0;
    if (units.length === 0 || (opens && units.at(-1)!.hasSlice)) units.push({ nals: [], key: false, hasSlice: false });
    const unit = units.at(-1)!;
    if (type !== TYPE.delimiter) unit.nals.push(nal);
    unit.hasSlice ||= slice;
    unit.key ||= type === TYPE.idr;
    if (type === TYPE.sps) sps ??= nal;
    if (type === TYPE.pps) pps ??= nal;
  }
  if (!sps || !pps || !units[0]?.key)
    throw new Error('a clip must start with SPS, PPS and a key frame (Annex B H.264)');
  return { units: units.filter((u) => u.hasSlice), sps, pps };
}

/** Where a stream of RTP packets stands. */
export interface RtpState {
  readonly ssrc: number;
  sequence: number;
}

export const PAYLOAD_TYPE = 96;
/** RTP payload bytes; keeps a packet within an Ethernet frame, as cameras do over UDP. */
const MAX_PAYLOAD_BYTES = 1400;

/**
 * RTP packets of one picture (RFC 6184: single NAL units and FU-A fragments, packetization-mode 1), each behind the four bytes
 * that RTSP puts before interleaved data (RFC 2326 section 10.12), whose second is the channel. `timestamp` counts 1/90000 s and wraps at 32 bits.
 */
export function packetize(unit: ClipPicture, timestamp: number, state: RtpState): Buffer[] {
  const packets: Buffer[] = [];
  const add = (payload: readonly Uint8Array[], last: boolean): void => {
    const bytes = payload.reduce((n, p) => n + p.length, 0);
    const head = Buffer.alloc(16);
    head[0] = 0x24;
    head.writeUInt16BE(12 + bytes, 2);
    head[4] = 0x80;
    head[5] = PAYLOAD_TYPE | (last ? 0x80 : 0);
    head.writeUInt16BE(state.sequence, 6);
    head.writeUInt32BE(timestamp >>> 0, 8);
    head.writeUInt32BE(state.ssrc, 12);
    state.sequence = (state.sequence + 1) & 0xffff;
    packets.push(Buffer.concat([head, ...payload]));
  };
  for (const [i, nal] of unit.nals.entries()) {
    const lastNal = i === unit.nals.length - 1;
    if (nal.length <= MAX_PAYLOAD_BYTES) {
      add([nal], lastNal);
      continue;
    }
    const indicator = (nal[0]! & 0xe0) | 28;
    const step = MAX_PAYLOAD_BYTES - 2;
    for (let from = 1; from < nal.length; from += step) {
      const piece = nal.subarray(from, from + step);
      const end = from + step >= nal.length;
      const header = (from === 1 ? 0x80 : 0) | (end ? 0x40 : 0) | typeOf(nal);
      add([Uint8Array.of(indicator, header), piece], lastNal && end);
    }
  }
  return packets;
}
