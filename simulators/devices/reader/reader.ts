/** An identity-card reader that speaks the SDT protocol, with cards of nobody and every fault that a reader can have. */
import { FOUND, frame, NO_CARD, OK } from '../../../adapters/readers/sdt/codec.ts';
import { cardBytes, numberOf, type Card } from './cards.ts';
import { openWire, type ReaderPort, type Wire } from './wire.ts';

export const READER_FAULTS = [
  'no answer',
  /** In five pieces, some of them cut within the preamble. */
  'split writes',
  'leading noise',
  'bad checksum',
  /** LEN FFFF */
  'bad length',
  /** The second half never comes. */
  'half a frame',
  /** SW3 41, 66, 60, 31 */
  'read failed',
  'not authorised',
  'self-test failed',
  'card rejects reader',
  /** The card goes away when it has been selected. */
  'lifted',
  /** A reply to a read that carries fingerprints too. */
  'fingerprints',
  /** Damage that no checksum sees: the number is another one, its check digit right. */
  'false reading',
  'double answers',
  'echo',
  /** Text lines instead of frames, as another device would send them. */
  'another device',
] as const;
export type ReaderFault = (typeof READER_FAULTS)[number];

export interface FaultLimits {
  /** How many answers it spoils; without it, all until it is switched off. */
  readonly times?: number;
  /** Only answers to this command, `CMD PARA` in hexadecimal, e.g. `3001`. */
  readonly on?: string;
}

export type Reader = Awaited<ReturnType<typeof startReader>>;

export interface ReaderOptions {
  /** Once read, a card is not found again before it is lifted: some models are like that. */
  readonly readsOnce?: boolean;
  /** Takes the time that a serial line of this many bits a second takes; without it, none. */
  readonly paceBaud?: number;
  /** Called when the last byte of an answer goes out, with the command as in `requests`: for measuring what follows. */
  onAnswer?(code: string): void;
}

const MAX_REQUESTS = 1_000;
const FINGERPRINT_BYTES = 1024;
export const FALSE_NUMBER = numberOf('000000000000000');

/** Starts a reader. It ends with `close`; closing the far end of the line does not end it. */
export async function startReader(place: ReaderPort, options: ReaderOptions = {}) {
  const state: State = { card: undefined, selected: false, wasRead: false };
  const requests: string[] = [];
  let fault: { readonly kind: ReaderFault; times: number; readonly on: string | undefined } | undefined;
  let free = 0;
  let wire: Wire | undefined;
  const send = (bytes: Uint8Array, code: string | undefined): void => {
    const go = (): void => {
      if (code !== undefined) options.onAnswer?.(code);
      wire?.send(bytes);
    };
    if (options.paceBaud === undefined) return go();
    // Ten bits a byte; what is sent while the line is taken comes after it.
    free = Math.max(free, performance.now()) + (bytes.length * 10_000) / options.paceBaud;
    setTimeout(go, free - performance.now());
  };
  const answer = (code: string, sound: boolean, raw: Uint8Array): void => {
    requests.push(code);
    if (requests.length > MAX_REQUESTS) requests.shift();
    const kind = fault && fault.times > 0 && (fault.on ?? code) === code ? fault.kind : undefined;
    if (kind === 'lifted' && code === '3001') state.card = undefined;
    const status = kind && REFUSALS[kind];
    const content =
      status !== undefined ? replyOf(status) : sound ? contentOf(code, state, options, kind) : replyOf(0x10);
    const whole = frame(kind === 'fingerprints' && code === '3001' ? withFingerprints(content) : content);
    const pieces = (kind && SPOILT[kind]?.(whole, raw)) ?? [whole];
    pieces.forEach((piece, i) => send(piece, i === pieces.length - 1 ? code : undefined));
    if (kind && fault) fault.times -= 1;
  };
  const open = (wire = await openWire(place, createRequests(answer)));
  return {
    address: open.address,
    /** Commands that came, `CMD PARA` in hexadecimal, oldest first; the latest thousand. */
    requests: requests as readonly string[],
    placeCard(card: Card): void {
      Object.assign(state, { card, selected: false, wasRead: false });
    },
    removeCard(): void {
      state.card = undefined;
    },
    /** Replaces the fault before; undefined ends it. */
    fault: (kind: ReaderFault | undefined, { times = Infinity, on }: FaultLimits = {}): void => {
      fault = kind && { kind, times, on };
    },
    close: () => open.close(),
  };
}

interface State {
  card: Card | undefined;
  selected: boolean;
  wasRead: boolean;
}

const REFUSALS: Partial<Record<ReaderFault, number>> = {
  'read failed': 0x41,
  'not authorised': 0x66,
  'self-test failed': 0x60,
  'card rejects reader': 0x31,
};

const replyOf = (status: number, data: Uint8Array = new Uint8Array(0)): Uint8Array =>
  Uint8Array.of(0, 0, status, ...data);

/** The table of commands. What the product has no business to ask is answered as an unknown command, and stands in `requests`. */
function contentOf(code: string, state: State, { readsOnce = false }: ReaderOptions, fault?: ReaderFault): Uint8Array {
  const { card } = state;
  switch (code) {
    case '10ff':
      Object.assign(state, { selected: false, wasRead: false });
      return replyOf(OK);
    case '11ff':
    case '61ff':
    case '6000':
    case '6001':
    case '6002':
    case '6003':
    case '6004':
      return replyOf(OK);
    case '12ff':
      return replyOf(OK, new Uint8Array(16));
    case '2001':
      state.selected = false;
      return card && !(readsOnce && state.wasRead) ? replyOf(FOUND, new Uint8Array(4)) : replyOf(NO_CARD);
    case '2002':
      if (!card) return replyOf(0x81);
      state.selected = true;
      return replyOf(OK, new Uint8Array(8));
    case '3001':
      if (!card || !state.selected) return replyOf(0x41);
      state.wasRead = true;
      return replyOf(OK, cardBytes(fault === 'false reading' ? { ...card, number: FALSE_NUMBER } : card));
    default:
      return replyOf(0x24);
  }
}

/** Three lengths instead of two, and as many bytes more; replies that carry no card stay as they are. */
function withFingerprints(content: Uint8Array): Uint8Array {
  if (content.length < 1024) return content;
  const [text, photo] = [content.subarray(7, 7 + 256), content.subarray(7 + 256)];
  const lengths = Uint8Array.of(1, 0, 4, 0, 4, 0);
  return Buffer.concat([content.subarray(0, 3), lengths, text, photo, new Uint8Array(FINGERPRINT_BYTES).fill(0x5a)]);
}

/** What goes out instead of an answer, piece by piece; faults that are not named here go out as they are. */
const SPOILT: Partial<Record<ReaderFault, (answer: Uint8Array, request: Uint8Array) => Uint8Array[]>> = {
  'no answer': () => [],
  'split writes': (answer) => [0, 2, 6, 7, 9].map((from, i, cuts) => answer.subarray(from, cuts[i + 1])),
  'leading noise': (answer) => [Uint8Array.of(0xaa, 0x00, 0xff), answer],
  'bad checksum': (answer) => [answer.with(answer.length - 1, answer.at(-1)! ^ 0x01)],
  'bad length': (answer) => [answer.with(5, 0xff).with(6, 0xff)],
  'half a frame': (answer) => [answer.subarray(0, answer.length >> 1)],
  'double answers': (answer) => [answer, answer],
  echo: (answer, request) => [request, answer],
  'another device': () => [Buffer.from('$GPTXT,01,01,02,not a card reader*00\r\n')],
};

/** Cuts what comes in into requests. `sound` is false where length or checksum is wrong. */
function createRequests(answer: (code: string, sound: boolean, raw: Uint8Array) => void): (bytes: Uint8Array) => void {
  let held = Buffer.alloc(0);
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    for (;;) {
      const start = held.indexOf('aaaaaa9669', 0, 'hex');
      if (start < 0) break;
      held = held.subarray(start);
      const total = 7 + (held.length < 7 ? Infinity : held.readUInt16BE(5));
      if (total > 64 && held.length >= 7) held = held.subarray(1);
      if (held.length < total) break;
      const raw = held.subarray(0, total);
      held = held.subarray(total);
      const sum = raw.subarray(5).reduce((all, byte) => all ^ byte, 0);
      answer(raw.toString('hex', 7, 9), sum === 0, raw);
    }
    held = held.subarray(Math.max(0, held.length - 64));
  };
}
