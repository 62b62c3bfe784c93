/**
 * Frames of Chinese identity-card readers (SDT protocol, GA 467): requests out, a bounded parser for what comes back.
 *
 *     request : AA AA AA 96 69 | LEN hi lo | CMD | PARA              | XOR     LEN counts what follows it, XOR included
 *     reply   : AA AA AA 96 69 | LEN hi lo | SW1 | SW2 | SW3 | data… | XOR     XOR goes over LEN and all up to the last data byte
 *
 * The XOR has 8 bits and overlooks much. So nothing counts as a reply that does not also have a length which some reply has
 * and zeros in SW1 and SW2.
 */
import { english } from '../../../gateway/contracts/words/words.ts';

/** The only requests that this program can send. */
export type SdtCommand = 'find' | 'select' | 'read' | 'status' | 'reset';

const CODES: Readonly<Record<SdtCommand, readonly [cmd: number, para: number]>> = {
  find: [0x20, 0x01],
  select: [0x20, 0x02],
  read: [0x30, 0x01],
  status: [0x11, 0xff],
  reset: [0x10, 0xff],
};

const PREAMBLE = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69);
/** Preamble and LEN. */
const HEAD = 7;
/** LEN of a request without data; when received, it is an echo. */
const LEN_REQUEST = 3;
/** LEN of the reply in which some readers include fingerprints. It is discarded unread. */
const LEN_FORBIDDEN = 0x090a;
/** LEN of the replies: a status alone, found, selected, read. */
const LENGTHS: ReadonlySet<number> = new Set([4, 8, 12, 0x0508, LEN_REQUEST, LEN_FORBIDDEN]);
const MAX_BYTES = HEAD + LEN_FORBIDDEN;

/** Bytes of data after the status words. */
export const DATA_BYTES = { find: 4, select: 8, read: 0x0508 - 4 } as const;

/** SW3. */
export const OK = 0x90;
export const FOUND = 0x9f;
export const NO_CARD = 0x80;

const STATUSES: Readonly<Record<number, string>> = {
  [OK]: english('sdt-done'),
  [FOUND]: english('sdt-card-found'),
  0x10: english('sdt-wrong-checksum'),
  0x11: english('sdt-wrong-length'),
  0x21: english('sdt-wrong-command'),
  0x24: english('sdt-unknown-command'),
  0x31: english('sdt-card-rejects-reader'),
  0x32: english('sdt-reader-rejects-card'),
  0x33: english('sdt-card-not-verified'),
  0x40: english('sdt-wrong-kind'),
  0x41: english('sdt-reading-failed'),
  0x47: english('sdt-no-random-number'),
  0x60: english('sdt-self-test-failed'),
  0x66: english('sdt-not-authorised'),
  [NO_CARD]: english('sdt-no-card'),
  0x81: english('sdt-selecting-failed'),
  0x91: english('sdt-no-such-item'),
};

/** SW3 in words, with its number. */
export function statusText(status: number): string {
  const code = status.toString(16).padStart(2, '0').toUpperCase();
  return STATUSES[status] ?? english('sdt-unknown-status', { status: code });
}

function xorOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}

/** Preamble, LEN, `content` and XOR. */
export function frame(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + content.length + 1);
  bytes.set(PREAMBLE);
  bytes.set([(content.length + 1) >> 8, (content.length + 1) & 0xff], PREAMBLE.length);
  bytes.set(content, HEAD);
  bytes[bytes.length - 1] = xorOf(bytes.subarray(PREAMBLE.length, bytes.length - 1));
  return bytes;
}

export function request(command: SdtCommand): Uint8Array {
  return frame(Uint8Array.from(CODES[command]));
}

export type SdtMessage =
  /** `data` is part of the parser's buffer, which is wiped when the receiver returns: copy what must live longer. */
  | { readonly kind: 'reply'; readonly status: number; readonly data: Uint8Array }
  /** A request came back: the line echoes. */
  | { readonly kind: 'echo' }
  /** A reply with fingerprints, discarded. */
  | { readonly kind: 'forbidden' }
  /** Bytes outside any frame, or a damaged frame; emitted at least once for each run of them. */
  | { readonly kind: 'noise' };

export interface SdtParser {
  /** Takes the next bytes, split anywhere. */
  push(chunk: Uint8Array): void;
  /** The line is quiet, so an incomplete frame stays incomplete: looks for whole frames after a damaged start. */
  quiet(): void;
  /** Wipes everything that is buffered. */
  clear(): void;
  /** Bytes that wait for the rest of a frame. */
  readonly heldBytes: () => number;
}

/** Looks for a frame at each preamble, and after a wrong one from the next byte on. Tests pass `held`. */
export function openSdtParser(receive: (a: SdtMessage) => void, held = new Uint8Array(MAX_BYTES)): SdtParser {
  let used = 0;
  const scan = (final: boolean): void => {
    let start = 0;
    try {
      for (;;) {
        const next = takeFrame(held.subarray(start, used), final);
        if (next.noise) receive({ kind: 'noise' });
        start += next.bytes;
        if (!next.content) break;
        const content = next.content;
        receive(messageOf(content));
      }
    } finally {
      held.copyWithin(0, start, used);
      held.fill(0, used - start, used);
      used -= start;
    }
  };
  return {
    push(chunk) {
      for (let taken = 0; taken < chunk.length;) {
        const piece = chunk.subarray(taken, taken + held.length - used);
        held.set(piece, used);
        used += piece.length;
        taken += piece.length;
        scan(false);
      }
    },
    quiet: () => scan(true),
    clear() {
      held.fill(0);
      used = 0;
    },
    heldBytes: () => used,
  };
}

/** `content` is the bytes between LEN and XOR. */
function messageOf(content: Uint8Array): SdtMessage {
  if (content.length + 1 === LEN_FORBIDDEN) return { kind: 'forbidden' };
  if (content.length + 1 === LEN_REQUEST) return { kind: 'echo' };
  return { kind: 'reply', status: content[2]!, data: content.subarray(3) };
}

interface FrameSearch {
  /** To be removed from the front: noise, and the frame if there is one. */
  readonly bytes: number;
  readonly noise: boolean;
  readonly content?: Uint8Array;
}

/** Finds the first whole frame of `bytes`, or how many bytes at the front cannot be part of one. */
function takeFrame(bytes: Uint8Array, final: boolean): FrameSearch {
  for (let start = 0; ; start++) {
    start = findPreamble(bytes, start);
    const rest = bytes.subarray(start);
    const verdict = rest.length === 0 ? 'wait' : frameLengthOf(rest);
    if (verdict === 'wait' && (!final || rest.length === 0)) return { bytes: start, noise: start > 0 };
    if (typeof verdict === 'number') {
      return { bytes: start + verdict, noise: start > 0, content: rest.subarray(HEAD, verdict - 1) };
    }
  }
}

/** Total length of the frame at the front, or `wait` while it may still become one, or `wrong`. */
function frameLengthOf(bytes: Uint8Array): number | 'wait' | 'wrong' {
  if (bytes.length < HEAD) return 'wait';
  const length = (bytes[5]! << 8) | bytes[6]!;
  if (!LENGTHS.has(length)) return 'wrong';
  const total = HEAD + length;
  if (bytes.length < total) return 'wait';
  if (xorOf(bytes.subarray(PREAMBLE.length, total)) !== 0) return 'wrong';
  // Where another frame starts inside this one, bytes were lost and the checksum is right by chance.
  const next = findPreamble(bytes, 1);
  if (next < total && bytes.length - next >= PREAMBLE.length) return 'wrong';
  const fits = length === LEN_REQUEST ? isRequest(bytes[HEAD]!, bytes[HEAD + 1]!) : !(bytes[HEAD]! | bytes[HEAD + 1]!);
  return fits ? total : 'wrong';
}

function isRequest(cmd: number, para: number): boolean {
  return Object.values(CODES).some(([c, p]) => c === cmd && p === para);
}

/** Start of the next preamble, or of a partial one at the very end; the length of `bytes` if there is none. */
function findPreamble(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    at = bytes.indexOf(PREAMBLE[0]!, at);
    if (at < 0) break;
    let same = 1;
    while (same < PREAMBLE.length && at + same < bytes.length && bytes[at + same] === PREAMBLE[same]) same++;
    if (same === PREAMBLE.length || at + same === bytes.length) return at;
  }
  return bytes.length;
}
