/** Pictures of a stream as it came (access units): which codec, and where decoding can start. ITU-T H.264 and H.265, Annex B; JPEG. */
import type { AccessUnit } from '../../../gateway/contracts/source.ts';
import type { PesPacket } from './transport-stream.codec.ts';

type Codec = AccessUnit['codec'];

/** Stream types of ISO/IEC 13818-1, table 2-34; ffmpeg writes a codec that has none there as private data. */
const CODECS: Readonly<Record<number, Codec>> = { 0x1b: 'h264', 0x24: 'h265', 0x06: 'mjpeg' };

const START_CODE = Buffer.from([0, 0, 1]);
const H264 = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8 };
/** Below VPS are slices; 16 to 21 can be decoded without what came before (IRAP). */
const H265 = { firstIrap: 16, lastIrap: 21, vps: 32, sps: 33, pps: 34 };
const SETS = { h264: [H264.sps, H264.pps], h265: [H265.vps, H265.sps, H265.pps] };
const RECOVERY_POINT = 6;
/** Without an IDR picture for this long the encoder is taken for one that never marks any, and each intra picture counts. */
const IDR_AWAITED_MS = 10_000;
/** Parameter sets that are remembered; more are no parameter sets. */
const MAX_SETS_BYTES = 4_096;

/** What the first NAL units of a picture, up to its first slice, say. */
interface Beginning {
  readonly sets: readonly Buffer[];
  readonly hasSps: boolean;
  readonly recovers: boolean;
  readonly slice: 'idr' | 'intra' | 'predicted' | 'continued' | undefined;
}

export class AccessUnitReader {
  #sets: Buffer = Buffer.alloc(0);
  #idrAt: number | undefined;

  /** `at`: when it came. Undefined where the codec is none that the box decodes. */
  read({ streamType, pts, bytes }: PesPacket, at: number): AccessUnit | undefined {
    const codec = CODECS[streamType];
    if (codec === undefined) return undefined;
    if (codec === 'mjpeg') return isJpeg(bytes) ? { codec, key: true, pts, at, bytes } : undefined;
    const beginning = beginningOf(bytes, codec);
    this.#remember(beginning);
    const key = this.#startsHere(beginning, at) && this.#sets.length > 0;
    // A key picture carries its parameter sets, so that a decoder, or a viewer, can begin with it.
    const whole = key && !beginning.hasSps ? Buffer.concat([this.#sets, bytes]) : bytes;
    return { codec, key, pts, at, bytes: whole };
  }

  #startsHere({ slice, recovers, hasSps }: Beginning, at: number): boolean {
    this.#idrAt ??= at;
    if (slice === 'idr') this.#idrAt = at;
    const marksNone = Math.abs(at - this.#idrAt) > IDR_AWAITED_MS;
    return slice === 'idr' || (slice === 'intra' && (recovers || hasSps || marksNone));
  }

  #remember({ sets, hasSps }: Beginning): void {
    if (sets.length === 0) return;
    const before = hasSps ? [] : [this.#sets];
    const now = Buffer.concat([...before, ...sets.flatMap((set) => [Buffer.of(0), START_CODE, set])]);
    if (now.length <= MAX_SETS_BYTES) this.#sets = now;
  }
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** Reads up to the first slice and no further: the rest is the picture. */
function beginningOf(bytes: Buffer, codec: 'h264' | 'h265'): Beginning {
  const sets: Buffer[] = [];
  let [hasSps, recovers] = [false, false];
  let start = bytes.indexOf(START_CODE);
  while (start >= 0 && start + 6 < bytes.length) {
    const nal = bytes.subarray(start + 3);
    const type = codec === 'h264' ? nal[0]! & 0x1f : (nal[0]! >> 1) & 0x3f;
    const slice = codec === 'h264' ? h264Slice(type, nal) : h265Slice(type, nal);
    if (slice) return { sets, hasSps, recovers, slice };
    start = bytes.indexOf(START_CODE, start + 3);
    const unit = withoutZeros(start < 0 ? nal : nal.subarray(0, nal.length - bytes.length + start));
    if (SETS[codec].includes(type)) sets.push(unit);
    hasSps ||= type === (codec === 'h264' ? H264.sps : H265.sps);
    recovers ||= codec === 'h264' && type === H264.sei && hasRecoveryPoint(unit);
  }
  return { sets, hasSps, recovers, slice: undefined };
}

/** First bit: first_mb_in_slice is 0; then slice_type, 2 or 7 (intra) as an Exp-Golomb code: 011 or 0001000. */
function h264Slice(type: number, nal: Buffer): Beginning['slice'] {
  if (type !== H264.slice && type !== H264.idr) return undefined;
  const head = nal[1]!;
  if ((head & 0x80) === 0) return 'continued';
  if (type === H264.idr) return 'idr';
  return ((head >> 4) & 0x07) === 0b011 || (head & 0x7f) === 0b0001000 ? 'intra' : 'predicted';
}

function h265Slice(type: number, nal: Buffer): Beginning['slice'] {
  if (type >= H265.vps) return undefined;
  if ((nal[2]! & 0x80) === 0) return 'continued';
  return type >= H265.firstIrap && type <= H265.lastIrap ? 'idr' : 'predicted';
}

/** Messages one after the other: type and length, each in bytes of 255 and a last one (H.264 section 7.3.2.3.1). */
function hasRecoveryPoint(sei: Buffer): boolean {
  for (let at = 1; at + 2 < sei.length;) {
    const [type, afterType] = sum255(sei, at);
    const [length, afterLength] = sum255(sei, afterType);
    if (type === RECOVERY_POINT) return true;
    at = afterLength + length;
  }
  return false;
}

function sum255(bytes: Buffer, at: number): [sum: number, next: number] {
  let sum = 0;
  while (bytes[at] === 255) {
    sum += 255;
    at++;
  }
  return [sum + (bytes[at] ?? 0), at + 1];
}

/** Zero bytes before a start code belong to none; the last byte of a parameter set is never zero. */
function withoutZeros(nal: Buffer): Buffer {
  let end = nal.length;
  while (end > 1 && nal[end - 1] === 0) end--;
  return nal.subarray(0, end);
}
