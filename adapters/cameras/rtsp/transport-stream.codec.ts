/** Takes the video out of an MPEG transport stream (ISO/IEC 13818-1) as ffmpeg writes it: one PES packet for each picture. */

export interface PesPacket {
  /** What the program map says that the video is. */
  readonly streamType: number;
  /** 1/90000 s, 33 bits; undefined where the packet has none. */
  readonly pts: number | undefined;
  readonly bytes: Buffer;
}

const PACKET_BYTES = 188;
const SYNC = 0x47;
const PAT_PID = 0;

/** A picture larger than this is none; what has come of it is dropped. */
const MAX_PICTURE_BYTES = 16 * 2 ** 20;

/** The picture that is being put together. */
interface Pending {
  readonly parts: Buffer[];
  bytes: number;
  /** Undefined where the packet does not say how long it is. */
  readonly wanted: number | undefined;
}

export class TransportStreamReader {
  #rest: Buffer = Buffer.alloc(0);
  #mapPid: number | undefined;
  #video: { readonly pid: number; readonly streamType: number } | undefined;
  #pending: Pending | undefined;
  #whole: PesPacket[] = [];

  /**
   * Takes the next bytes, however they are cut, and returns the pictures that they complete. A picture is whole when it has its length, when
   * a packet of it is padded (ffmpeg pads only the last one), or when the next one begins.
   */
  read(chunk: Buffer): PesPacket[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#whole = [];
    let at = 0;
    while (at + PACKET_BYTES <= bytes.length) {
      if (bytes[at] !== SYNC) {
        at++;
        continue;
      }
      this.#packet(bytes.subarray(at, at + PACKET_BYTES));
      at += PACKET_BYTES;
    }
    this.#rest = bytes.subarray(at);
    return this.#whole;
  }

  #packet(packet: Buffer): void {
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const begins = (packet[1]! & 0x40) !== 0;
    const adapted = (packet[3]! & 0x20) !== 0;
    const hasPayload = (packet[3]! & 0x10) !== 0;
    const from = adapted ? 5 + packet[4]! : 4;
    if (!hasPayload || from > PACKET_BYTES) return;
    const payload = packet.subarray(from);
    if (pid === PAT_PID && begins) this.#mapPid = mapPidOf(section(payload)) ?? this.#mapPid;
    else if (pid === this.#mapPid && begins) this.#video = videoOf(section(payload)) ?? this.#video;
    else if (pid === this.#video?.pid) this.#videoPayload(payload, begins, adapted);
  }

  #videoPayload(payload: Buffer, begins: boolean, adapted: boolean): void {
    if (begins) {
      this.#finish();
      this.#pending = beginning(payload);
    } else if (this.#pending) {
      this.#pending.parts.push(payload);
      this.#pending.bytes += payload.length;
    }
    const pending = this.#pending;
    if (!pending) return;
    if (pending.bytes > MAX_PICTURE_BYTES) this.#pending = undefined;
    else if (pending.wanted === undefined ? adapted && !begins : pending.bytes >= pending.wanted) this.#finish();
  }

  #finish(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending || !this.#video) return;
    const pes = Buffer.concat(pending.parts).subarray(0, pending.wanted);
    const dataAt = 9 + (pes[8] ?? 0);
    const hasPts = (pes[7]! & 0x80) !== 0 && pes.length >= 14;
    const { streamType } = this.#video;
    if (pes.length > dataAt)
      this.#whole.push({ streamType, pts: hasPts ? ptsOf(pes) : undefined, bytes: pes.subarray(dataAt) });
  }
}

/** `undefined` for what is no PES packet. */
function beginning(payload: Buffer): Pending | undefined {
  if (payload.length < 9 || payload.readUIntBE(0, 3) !== 1) return undefined;
  const length = payload.readUInt16BE(4);
  return { parts: [payload], bytes: payload.length, wanted: length === 0 ? undefined : length + 6 };
}

/** The five bytes of section 2.4.3.7: three, fifteen and fifteen bits, each part followed by a marker. */
function ptsOf(pes: Buffer): number {
  const high = (pes[9]! >> 1) & 0x07;
  return high * 2 ** 30 + (pes.readUInt16BE(10) >> 1) * 2 ** 15 + (pes.readUInt16BE(12) >> 1);
}

/** A table section without its header, its pointer field and its CRC; ffmpeg's tables fit into one packet. */
function section(payload: Buffer): Buffer {
  const start = 1 + (payload[0] ?? 0);
  if (start + 3 > payload.length) return payload.subarray(0, 0);
  const length = payload.readUInt16BE(start + 1) & 0x0fff;
  return payload.subarray(start + 8, Math.max(start + 8, start + 3 + length - 4));
}

function mapPidOf(body: Buffer): number | undefined {
  for (let at = 0; at + 4 <= body.length; at += 4)
    if (body.readUInt16BE(at) !== 0) return body.readUInt16BE(at + 2) & 0x1fff;
  return undefined;
}

/** The first elementary stream: the box asks ffmpeg for the video alone. */
function videoOf(body: Buffer): { readonly pid: number; readonly streamType: number } | undefined {
  if (body.length < 4) return undefined;
  const at = 4 + (body.readUInt16BE(2) & 0x0fff);
  return at + 5 > body.length ? undefined : { streamType: body[at]!, pid: body.readUInt16BE(at + 1) & 0x1fff };
}
