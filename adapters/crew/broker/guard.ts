/**
 * Stands between a connection and aedes, which has no limits of its own on sizes and rates. aedes takes bytes by `read()`; this puts itself
 * in the place of that one method, walks the fixed headers (MQTT 3.1.1 section 2.2) and hands on only whole packets' worth. What is too
 * large ends the connection before it is gathered. What comes too fast is left in the kernel, which makes the sender wait; other
 * connections feel nothing. It is one pass over a few bytes of each packet, and no further stream layer.
 */
import type { Duplex } from 'node:stream';
import type { PartialPacket } from './salvage.ts';
import { TokenBucket } from '../../../gateway/contracts/rate-limiter.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';

/** Many packets that came at once are worked off in turns with those of other connections. */
const TURN_PACKETS = 64;
/** A wait that ends with the very next packet would be a timer for each packet. */
const WAIT_MS = 20;
/** Of what comes during login, taken out of the stream, where it would be lost with the connection. */
const EARLY_BYTES = 64 * 1024;
/** Remaining length has at most four bytes. */
const MAX_HEADER_BYTES = 5;

export interface SendRate {
  readonly packetsPerS: number;
  readonly bytesPerS: number;
}

/**
 * How much one device may send: a second's worth at once. Bytes may be overdrawn by one turn, and are paid back. It belongs to the device
 * and not to the connection, so that connecting again gains nothing.
 */
export class SendBudget {
  readonly #packets: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor({ packetsPerS, bytesPerS }: SendRate, now?: () => number) {
    this.#packets = new TokenBucket({ size: packetsPerS, perS: packetsPerS }, now);
    this.#bytes = new TokenBucket({ size: bytesPerS, perS: bytesPerS }, now);
  }

  /** Packets that may be read now, at most. 0: wait `waitMs`. */
  packets(): number {
    return this.#bytes.available() < 0 ? 0 : Math.floor(this.#packets.available());
  }

  take(packets: number, bytes: number): void {
    this.#packets.take(packets);
    this.#bytes.take(bytes);
  }

  waitMs(): number {
    return Math.max(WAIT_MS, this.#packets.waitMs(1), this.#bytes.waitMs(0));
  }
}

export interface StreamGuard {
  /** Login succeeded: packets may be `packetBytes` long and come as `budget` allows. Before, CONNECT alone is handed on. */
  open(packetBytes: number, budget: SendBudget): void;
  /** What has come and was not handed on, from the beginning of a packet. It is there after the end of the connection, too. */
  rest(): Buffer;
  /**
   * What aedes may not have got to, from the beginning of a packet, with the rest: a packet whose end has not come, or, where aedes has ended the
   * connection in the middle, all that it was handed last.
   */
  unsettled(from: 'unfinished' | 'last turn'): Buffer;
}

/**
 * `refused` is called once before the connection is destroyed, and once for each time that it has to slow down; of what is too large it gets
 * the beginning.
 */
export function guardStream(
  stream: Duplex,
  loginBytes: number,
  refused: (why: 'too large' | 'malformed' | 'too fast', partial?: PartialPacket) => void,
): StreamGuard {
  const read = stream.read.bind(stream) as (size?: number) => Buffer | null;
  const packet = openPacketWalker();
  let most = loginBytes;
  let budget: SendBudget | undefined;
  let state: 'connect' | 'login' | 'open' | 'waiting' = 'connect';
  /** Read from the stream and not handed on yet. */
  let held: Buffer | null = null;
  let timer: NodeJS.Timeout | undefined;
  const handedOn: HandedOn = { unfinished: [], 'last turn': [] };

  /** A read without a length would tell of the end together with the last bytes, while they are still held here. */
  const pull = (): Buffer | null => read(stream.readableLength || undefined);
  const next = (): Buffer | null => {
    if (stream.destroyed || state === 'login' || state === 'waiting') return null;
    const allowed = budget ? Math.min(TURN_PACKETS, budget.packets()) : 1;
    if (budget && allowed < 1) return wait(budget);
    const chunk = held ?? pull();
    held = null;
    if (!chunk) return null;
    const walked = packet.walk(chunk, allowed, most);
    if (walked === 'malformed') {
      held = chunk;
      return refuse(walked);
    }
    if ('head' in walked) {
      held = chunk.subarray(0, walked.whole);
      const more = pull();
      return refuse('too large', {
        head: walked.head,
        body: Buffer.concat([chunk.subarray(walked.end), ...(more ? [more] : [])]),
      });
    }
    budget?.take(walked.packets, walked.end);
    if (walked.end < chunk.length) held = chunk.subarray(walked.end);
    if (state === 'connect' && walked.packets > 0) state = 'login';
    const given = chunk.subarray(0, walked.end);
    note(handedOn, given, walked.whole);
    return given;
  };
  const refuse = (why: 'too large' | 'malformed', partial?: PartialPacket): null => {
    refused(why, partial);
    stream.destroy();
    return null;
  };
  const wait = (until: SendBudget): null => {
    refused('too fast');
    state = 'waiting';
    timer = setTimeout(() => {
      state = 'open';
      stream.emit('readable');
    }, timerMs(until.waitMs()));
    return null;
  };
  /**
   * aedes does not read the stream during login: without this the end of the connection would go unnoticed. What a client has sent before it
   * went is read first.
   */
  const early = (): void => {
    if (state !== 'login' || (held && (held.length >= EARLY_BYTES || stream.readableLength === 0))) return;
    const more = pull();
    if (more) held = held ? Buffer.concat([held, more]) : more;
  };

  // An empty read lets the stream end once it is empty: not while something of it is held here.
  stream.read = (size?: number) => (size !== 0 ? next() : held ? null : read(0));
  stream.on('readable', early);
  stream.once('close', () => clearTimeout(timer));
  return {
    open(packetBytes, deviceBudget) {
      if (state !== 'login') return;
      most = packetBytes;
      budget = deviceBudget;
      state = 'open';
      stream.off('readable', early);
      stream.emit('readable');
    },
    rest: () => held ?? Buffer.alloc(0),
    unsettled: (from) => Buffer.concat([...handedOn[from], ...(held ? [held] : [])]),
  };
}

/** Pieces of a packet are joined now and then: a buffer for each byte of it would cost a hundred times as much. */
const MAX_PIECES = 64;

/** What has been handed on: the beginning of a packet that has not come to its end, and all of the last turn. */
interface HandedOn {
  unfinished: readonly Buffer[];
  'last turn': readonly Buffer[];
}

/** `whole`: where the last packet that is whole ends in `bytes`; 0 where none does. */
function note(to: HandedOn, bytes: Buffer, whole: number): void {
  const turn = [...to.unfinished, bytes];
  to['last turn'] = turn.length < MAX_PIECES ? turn : [Buffer.concat(turn)];
  to.unfinished = whole > 0 ? [bytes.subarray(whole)] : to['last turn'];
}

type WalkResult =
  | { readonly packets: number; readonly end: number; readonly whole: number }
  | { readonly head: number; readonly end: number; readonly whole: number };

/** Behind the bytes of the length that are left. */
function bodyFrom(chunk: Buffer, at: number): number {
  while (at < chunk.length && chunk[at]! & 0x80) at++;
  return at + 1;
}

/** Follows the bytes of a stream from packet to packet, over the ends of chunks. */
function openPacketWalker() {
  let head = 0;
  let headerBytes = 0;
  let length = 0;
  /** Bytes of the packet's body that are still to come. */
  let need = 0;
  return {
    /** Goes to the end of packet number `count`, or of the chunk; or to the body of a packet that is too large, whose first byte is `head`. */
    walk(chunk: Buffer, count: number, most: number): WalkResult | 'malformed' {
      let packets = 0;
      let at = 0;
      let whole = 0;
      while (at < chunk.length && packets < count) {
        if (need > 0) {
          const step = Math.min(need, chunk.length - at);
          at += step;
          need -= step;
          if (need === 0) [packets, whole] = [packets + 1, at];
          continue;
        }
        const byte = chunk[at++]!;
        if (headerBytes++ === 0) {
          head = byte;
          continue;
        }
        length += (byte & 0x7f) * 128 ** (headerBytes - 2);
        if (byte & 0x80 && headerBytes === MAX_HEADER_BYTES) return 'malformed';
        if (length > most) return { head, end: (byte & 0x80) === 0 ? at : bodyFrom(chunk, at), whole };
        if (byte & 0x80) continue;
        need = length;
        if (need === 0) [packets, whole] = [packets + 1, at];
        headerBytes = 0;
        length = 0;
      }
      return { packets, end: at, whole };
    },
  };
}
