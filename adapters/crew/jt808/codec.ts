/**
 * JT/T 808: packets of vehicle terminals, in the layouts of 2013 and 2019, as far as registering, positions and the emergency button go.
 * Layouts and test vectors: SmallChi/JT808 (MIT).
 *
 *     7E | message u16 | properties u16 | [2019: version u8] | phone BCD 6 (2019: 10) | serial u16 | [split: 2 × u16] | body | XOR | 7E
 *
 * Numbers are big-endian. Between the two 7E, 7E is written 7D 02 and 7D is written 7D 01; the XOR goes over all before it.
 */
export type Layout = 2013 | 2019;

export const MESSAGES = {
  terminalAnswer: 0x0001,
  heartbeat: 0x0002,
  register: 0x0100,
  authenticate: 0x0102,
  location: 0x0200,
  answer: 0x8001,
  registered: 0x8100,
} as const;

export interface Packet {
  readonly message: number;
  readonly layout: Layout;
  /** Of the protocol, in the layout of 2019; else 0. */
  readonly version: number;
  /** Without zeros in front. */
  readonly phone: string;
  readonly serial: number;
  /** A part of a longer message. */
  readonly split: boolean;
  /** Which one, from 1, where it is one. */
  readonly part?: number;
  /** How many there are, where it is one. */
  readonly parts?: number;
  readonly body: Uint8Array;
}

/** Results of a general answer. */
export const ANSWERS = { done: 0, failed: 1, wrong: 2, notSupported: 3 } as const;
/** Results of an answer to a registration. */
export const REGISTRATIONS = { done: 0, noSuchTerminal: 4 } as const;

const FLAG = 0x7e;
const ESCAPE = 0x7d;
const MAX_BODY = 0x3ff;
const SPLIT = 0x2000;
const LAYOUT_2019 = 0x4000;
/** Encryption, for which the box has no key, and the reserved bit. */
const NOT_READ = 0x9c00;
const HEADS = { 2013: { bytes: 12, phoneAt: 4, phone: 6 }, 2019: { bytes: 17, phoneAt: 5, phone: 10 } } as const;
const PARTS = 4;
/** Of everything between the flags, escapes taken back. */
const MAX_PACKET = HEADS[2019].bytes + PARTS + MAX_BODY + 1;

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function xorOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}

// ---------------------------------------------------------------- packets from a stream

/**
 * Takes the bytes of a connection, cut anywhere, and gives each packet, or `damaged` for each row of bytes between two flags that is none.
 * It starts again at the next flag, so one bad packet never costs the next.
 */
export function openUnpacker(receive: (arrival: Packet | 'damaged') => void): (chunk: Uint8Array) => void {
  const buffer = new Uint8Array(MAX_PACKET);
  let used = 0;
  let escaped = false;
  /** Too long, or an escape that is none. */
  let broken = false;
  const keep = (byte: number): void => {
    if (used === buffer.length) broken = true;
    else buffer[used++] = byte;
  };
  const end = (): void => {
    const something = used > 0 || broken || escaped;
    const packet = broken || escaped ? undefined : readPacket(buffer.subarray(0, used));
    used = 0;
    escaped = false;
    broken = false;
    if (something) receive(packet ?? 'damaged');
  };
  return (chunk) => {
    for (const byte of chunk) {
      if (byte === FLAG) end();
      else if (escaped) {
        escaped = false;
        if (byte === 1 || byte === 2) keep(ESCAPE + byte - 1);
        else broken = true;
      } else if (byte === ESCAPE) escaped = true;
      else keep(byte);
    }
  };
}

/** `bytes` lie between two flags, escapes taken back. Undefined where checksum, length or digits do not fit. */
function readPacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.length <= HEADS[2013].bytes || xorOf(bytes) !== 0) return undefined;
  const properties = u16(bytes, 2);
  if ((properties & NOT_READ) !== 0) return undefined;
  // Some makers set the bit of 2019 and keep the layout of 2013. The two differ in length, so only one can fit.
  return (properties & LAYOUT_2019 ? readLayout(bytes, 2019) : undefined) ?? readLayout(bytes, 2013);
}

function readLayout(bytes: Uint8Array, layout: Layout): Packet | undefined {
  const properties = u16(bytes, 2);
  const split = (properties & SPLIT) !== 0;
  const head = HEADS[layout];
  const bodyAt = head.bytes + (split ? PARTS : 0);
  if (bytes.length !== bodyAt + (properties & MAX_BODY) + 1) return undefined;
  const digits = Buffer.from(bytes.subarray(head.phoneAt, head.phoneAt + head.phone)).toString('hex');
  if (!/^\d+$/.test(digits)) return undefined;
  return {
    message: u16(bytes, 0),
    layout,
    version: layout === 2019 ? bytes[4]! : 0,
    phone: digits.replace(/^0+/, ''),
    serial: u16(bytes, head.bytes - 2),
    split,
    ...(split ? { parts: u16(bytes, head.bytes), part: u16(bytes, head.bytes + 2) } : {}),
    body: bytes.slice(bodyAt, -1),
  };
}

/** A whole packet, flags and escapes included. Throws where the body is longer than 1,023 bytes or the phone has no digits to be. */
export function writePacket(packet: Omit<Packet, 'split' | 'part' | 'parts'>): Uint8Array {
  const { body, layout } = packet;
  const head = HEADS[layout];
  const phone = packet.phone.padStart(head.phone * 2, '0');
  if (body.length > MAX_BODY) throw new Error(`a body has at most ${MAX_BODY} bytes`);
  if (phone.length !== head.phone * 2 || !/^\d+$/.test(phone)) {
    throw new Error(`a phone number has at most ${head.phone * 2} digits and nothing else`);
  }
  const bytes = Buffer.alloc(head.bytes + body.length + 1);
  bytes.writeUInt16BE(packet.message, 0);
  bytes.writeUInt16BE(body.length | (layout === 2019 ? LAYOUT_2019 : 0), 2);
  if (layout === 2019) bytes.writeUInt8(packet.version, 4);
  bytes.write(phone, head.phoneAt, 'hex');
  bytes.writeUInt16BE(packet.serial, head.bytes - 2);
  bytes.set(body, head.bytes);
  bytes[bytes.length - 1] = xorOf(bytes);
  const escape = (byte: number): number[] => (byte === FLAG || byte === ESCAPE ? [ESCAPE, byte - ESCAPE + 1] : [byte]);
  return Uint8Array.from([FLAG, ...[...bytes].flatMap(escape), FLAG]);
}

// ---------------------------------------------------------------- bodies: login

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
/** Of fields of fixed length, which are filled up with zeros. */
const filled = (bytes: Uint8Array): string => text(bytes).replace(/^[\0 ]+|[\0 ]+$/g, '');

/** Province and city before it, manufacturer and model next; the plate that comes last is not read. */
const TERMINAL_ID = { 2013: { at: 4 + 5 + 20, bytes: 7 }, 2019: { at: 4 + 11 + 30, bytes: 30 } } as const;

/** The terminal id of a registration (0100); undefined where the body is too short for one. */
export function readTerminalId({ layout, body }: Pick<Packet, 'layout' | 'body'>): string | undefined {
  const { at, bytes } = TERMINAL_ID[layout];
  return body.length > at + bytes ? filled(body.subarray(at, at + bytes)) : undefined;
}

/** Body of a registration of a vehicle without a plate. */
export function writeRegistration(layout: Layout, terminalId: string): Uint8Array {
  const { at, bytes } = TERMINAL_ID[layout];
  const body = Buffer.alloc(at + bytes + 1);
  body.write(terminalId.slice(0, bytes), at, 'latin1');
  return body;
}

/** The code of an authentication (0102); undefined where the body has no room for it. */
export function readCode({ layout, body }: Pick<Packet, 'layout' | 'body'>): Uint8Array | undefined {
  if (layout === 2013) return body;
  const length = body[0] ?? body.length;
  return length < body.length ? body.subarray(1, 1 + length) : undefined;
}

export function writeCode(layout: Layout, code: string): Uint8Array {
  if (layout === 2013) return Buffer.from(code);
  // IMEI and version of the software follow.
  return Buffer.concat([Uint8Array.of(code.length), Buffer.from(code), new Uint8Array(15 + 20)]);
}

export interface RegistrationAnswer {
  readonly serial: number;
  readonly result: number;
  /** Only with result 0. */
  readonly code: string;
}

export function readRegistrationAnswer(body: Uint8Array): RegistrationAnswer {
  return { serial: u16(body, 0), result: body[2]!, code: text(body.subarray(3)) };
}

export function writeRegistrationAnswer({ serial, result, code }: RegistrationAnswer): Uint8Array {
  return Buffer.concat([Uint8Array.of(serial >> 8, serial & 0xff, result), Buffer.from(code)]);
}

export interface GeneralAnswer {
  readonly serial: number;
  readonly message: number;
  readonly result: number;
}

export function readAnswer(body: Uint8Array): GeneralAnswer {
  return { serial: u16(body, 0), message: u16(body, 2), result: body[4]! };
}

export function writeAnswer({ serial, message, result }: GeneralAnswer): Uint8Array {
  return Uint8Array.of(serial >> 8, serial & 0xff, message >> 8, message & 0xff, result);
}
