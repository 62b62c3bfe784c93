/** The connection to an SDT reader: one request and one answer at a time. Fails when the line or the reader is of no use any more. */
import type { SerialConnection } from '../../shared/serial-connection.ts';
import {
  openSdtParser,
  DATA_BYTES,
  FOUND,
  OK,
  request,
  statusText,
  type SdtCommand,
  type SdtMessage,
} from './codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

export type SdtAnswer =
  | {
      readonly kind: 'reply';
      /** SW3. */
      readonly status: number;
      /** A copy that the caller wipes. */
      readonly data: Uint8Array;
      /** When its last byte came in, milliseconds since the epoch. */
      readonly at: number;
    }
  /** Bytes came, but no usable answer. */
  | { readonly kind: 'damaged' }
  /** Nothing came in time. */
  | { readonly kind: 'silent' };

const MAX_SILENT = 3;
/** In a row, without a good answer in between. A line that has answered before gets more chances than one that never did. */
const MAX_DAMAGED = { atFirst: 3, later: 10 };
/** Requests in a row around which unrequested answers came. */
const MAX_UNREQUESTED = 3;
/** A frame that pauses for this long does not go on. A USB adapter hands bytes over every 16 ms. */
const QUIET_MS = 250;

/** Statuses with which a reader says that it is out of order. */
const BROKEN = [0x60, 0x66];
/** Statuses that say that the request did not arrive as it was sent. */
const MISUNDERSTOOD = [0x10, 0x11, 0x21, 0x24];

export class SdtConnection {
  readonly #link: SerialConnection;
  readonly #address: string;
  readonly #timeoutMs: number;
  readonly #parser = openSdtParser((message) => this.#take(message));
  readonly #failures: FailureCounter;
  #pending: { readonly command: SdtCommand; readonly settle: (answer: SdtAnswer) => void } | undefined;
  #disturbedAt = -Infinity;
  /** Of the request under way: whether any bytes came, and whether they were damaged. */
  #heard = false;
  #damaged = false;
  /** Answers that may still come to requests that timed out. */
  #late = 0;
  #unrequested = false;
  #forbidden = 0;
  #failure: Error | undefined;
  #lost = false;
  #quietTimer: NodeJS.Timeout | undefined;

  constructor(link: SerialConnection, address: string, timeoutMs: number) {
    this.#link = link;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
    this.#failures = new FailureCounter(address, timeoutMs);
    link.onBytes((chunk) => this.#receive(chunk));
    const lost = (error?: Error): void => {
      this.#failure ??= error;
      this.#lost = true;
      this.#settle({ kind: 'silent' });
    };
    link.closed.then(() => lost()).catch(lost);
  }

  /**
   * Sends `command` and waits for its answer. Rejects with a sentence for people when the line is lost, the reader does not answer three
   * times in a row, says that it is broken, or is no reader of identity cards, or not the only one.
   */
  async request(command: SdtCommand): Promise<SdtAnswer> {
    const unrequested = this.#unrequested;
    this.#unrequested = false;
    const answer = await this.#send(command);
    // After a good answer none is outstanding.
    this.#late = answer.kind === 'reply' ? 0 : 1;
    try {
      if (this.#failure) throw this.#failure;
      const counted = this.#failures.count(command, answer, unrequested);
      if (counted.kind === 'damaged') this.#disturbed();
      return counted;
    } catch (error) {
      if (answer.kind === 'reply') answer.data.fill(0);
      throw error;
    }
  }

  /** Milliseconds since the line last showed noise, damage or an unrequested answer; Infinity for never. */
  undisturbedMs(): number {
    return performance.now() - this.#disturbedAt;
  }

  /** Replies with fingerprints that were discarded unread. */
  forbidden(): number {
    return this.#forbidden;
  }

  /** Wipes what is buffered. Nothing may be requested afterwards. */
  close(): void {
    clearTimeout(this.#quietTimer);
    this.#parser.clear();
  }

  async #send(command: SdtCommand): Promise<SdtAnswer> {
    this.#parser.clear();
    this.#heard = this.#damaged = false;
    const { promise, resolve } = Promise.withResolvers<SdtAnswer>();
    this.#pending = { command, settle: resolve };
    if (this.#lost) this.#settle({ kind: 'silent' });
    this.#link.write(request(command));
    const timeout = setTimeout(() => {
      this.#parser.quiet();
      this.#settle({ kind: this.#heard ? 'damaged' : 'silent' });
    }, this.#timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timeout);
      clearTimeout(this.#quietTimer);
      this.#pending = undefined;
    }
  }

  #receive(chunk: Uint8Array): void {
    this.#heard = true;
    this.#parser.push(chunk);
    clearTimeout(this.#quietTimer);
    if (this.#failure) this.#settle({ kind: 'damaged' });
    else if (this.#pending) this.#quietTimer = setTimeout(() => this.#lineIsQuiet(), QUIET_MS);
  }

  #lineIsQuiet(): void {
    this.#parser.quiet();
    if (this.#failure || this.#damaged) this.#settle({ kind: 'damaged' });
  }

  #take(message: SdtMessage): void {
    if (message.kind === 'echo') this.#failure = new Error(complaints.echo(this.#address));
    if (message.kind === 'forbidden') this.#forbidden += 1;
    if (message.kind !== 'reply') return this.#disturbed();
    if (this.#pending && fits(this.#pending.command, message)) {
      const { status, data } = message;
      return this.#settle({ kind: 'reply', status, data: new Uint8Array(data), at: Date.now() });
    }
    this.#disturbed();
    if (this.#late > 0) this.#late -= 1;
    else this.#unrequested = true;
  }

  #disturbed(): void {
    this.#disturbedAt = performance.now();
    this.#damaged = true;
  }

  #settle(answer: SdtAnswer): void {
    clearTimeout(this.#quietTimer);
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle(answer);
  }
}

/** Whether `reply` can be the answer to `command`. */
function fits(command: SdtCommand, { status, data }: { readonly status: number; readonly data: Uint8Array }): boolean {
  if (command === 'status' || command === 'reset') return data.length === 0 && status !== FOUND;
  const good = command === 'find' ? FOUND : OK;
  if (status === good) return data.length === DATA_BYTES[command];
  return data.length === 0 && status !== OK && status !== FOUND;
}

/** Counts failures in a row, and throws when they are too many. */
class FailureCounter {
  readonly #address: string;
  readonly #timeoutMs: number;
  #silent = 0;
  #damaged = 0;
  #unrequested = 0;
  #answered = false;

  constructor(address: string, timeoutMs: number) {
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  /** The answer, or `damaged` where the reader says that it did not understand. */
  count(command: SdtCommand, answer: SdtAnswer, unrequested: boolean): SdtAnswer {
    const address = this.#address;
    this.#unrequested = unrequested ? this.#unrequested + 1 : 0;
    if (this.#unrequested >= MAX_UNREQUESTED) throw new Error(complaints.unrequested(address));
    this.#silent = answer.kind === 'silent' ? this.#silent + 1 : 0;
    if (this.#silent >= MAX_SILENT) throw new Error(complaints.silent(address, this.#timeoutMs));
    if (answer.kind === 'silent') return answer;
    if (answer.kind === 'reply' && BROKEN.includes(answer.status)) {
      throw new Error(complaints.broken(address, answer.status));
    }
    if (answer.kind === 'reply' && !MISUNDERSTOOD.includes(answer.status)) {
      this.#answered = true;
      this.#damaged = 0;
      return answer;
    }
    this.#damaged += 1;
    if (this.#damaged < (this.#answered ? MAX_DAMAGED.later : MAX_DAMAGED.atFirst)) return { kind: 'damaged' };
    if (answer.kind === 'reply') throw new Error(complaints.misunderstood(address, command, answer.status));
    throw new Error(this.#answered ? complaints.noise(address) : complaints.stranger(address));
  }
}

const complaints = {
  echo: (address: string) => english('sdt-echo', { address }),
  unrequested: (address: string) => english('sdt-unrequested', { address }),
  silent: (address: string, timeoutMs: number) => english('sdt-silent', { address, ms: timeoutMs, times: MAX_SILENT }),
  broken: (address: string, status: number) => english('sdt-out-of-order', { address, status: statusText(status) }),
  misunderstood: (address: string, command: SdtCommand, status: number) =>
    english('sdt-not-understood', { address, command, status: statusText(status) }),
  noise: (address: string) => english('sdt-disturbed', { address, answers: MAX_DAMAGED.later }),
  stranger: (address: string) => english('sdt-stranger', { address }),
};
