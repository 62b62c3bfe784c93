/** One question, one answer, over a half-duplex line; decides when a line or what hangs on it is no use any more. */
import type { Link } from '../../shared/link.ts';
import { createParser, DATA_BYTES, FOUND, OK, request, wordsOf, type Arrival, type Command } from './codec.ts';

export type Answer =
  | {
      readonly kind: 'reply';
      /** SW3. */
      readonly status: number;
      /** A copy, the caller's to wipe. */
      readonly data: Uint8Array;
      /** When its last byte came in, milliseconds since the epoch. */
      readonly at: number;
    }
  /** Bytes came, but no answer that can be used. */
  | { readonly kind: 'damaged' }
  /** Nothing came in time. */
  | { readonly kind: 'silent' };

export interface Exchange {
  /**
   * Sends `command` and waits for its answer, one at a time. Rejects with a sentence for people when the line is lost, the
   * reader does not answer three times in a row, says that it is broken, or is not (only) a reader of identity cards.
   */
  ask(command: Command): Promise<Answer>;
  /** Milliseconds (performance.now) since the line last showed noise, damage or an answer nobody asked for; Infinity for never. */
  quietForMs(): number;
  /** Replies with fingerprints that were thrown away. */
  readonly forbidden: () => number;
  /** Wipes what is held. Nothing may be asked afterwards. */
  end(): void;
}

const MAX_SILENT = 3;
/** In a row, without one good answer between. A line that has answered before is given more chances than one that never did. */
const MAX_DAMAGED = { atFirst: 3, later: 10 };
/** Questions in a row around which answers came that nobody asked for. */
const MAX_UNASKED = 3;
/** A frame that stops for this long in its middle does not go on. A USB adapter hands bytes over every 16 ms. */
const QUIET_MS = 250;

/** The reader says of itself that it is of no use. */
const BROKEN = [0x60, 0x66];
/** The question did not arrive as it was sent. */
const MISUNDERSTOOD = [0x10, 0x11, 0x21, 0x24];

export function createExchange(link: Link, address: string, timeoutMs: number): Exchange {
  let pending: { readonly command: Command; readonly settle: (answer: Answer) => void } | undefined;
  let disturbedAt = -Infinity;
  /** Of the question under way: whether anything came, and whether it was damaged. */
  let heard = false;
  let damaged = false;
  /** Answers that may still come to questions that were given up. */
  let late = 0;
  let unasked = false;
  let forbidden = 0;
  let failure: Error | undefined;
  let over = false;
  let quiet: NodeJS.Timeout | undefined;

  const disturb = (): void => {
    disturbedAt = performance.now();
    damaged = true;
  };
  const settle = (answer: Answer): void => {
    clearTimeout(quiet);
    const asked = pending;
    pending = undefined;
    asked?.settle(answer);
  };
  const take = (arrival: Arrival): void => {
    if (arrival.kind === 'echo') failure = new Error(complaints.echo(address));
    if (arrival.kind === 'forbidden') forbidden += 1;
    if (arrival.kind !== 'reply') return disturb();
    const { status } = arrival;
    if (pending && fits(pending.command, arrival)) {
      return settle({ kind: 'reply', status, data: new Uint8Array(arrival.data), at: Date.now() });
    }
    disturb();
    if (late > 0) late -= 1;
    else unasked = true;
  };
  const parser = createParser(take);
  const lineIsQuiet = (): void => {
    parser.quiet();
    if (failure || damaged) settle({ kind: 'damaged' });
  };
  link.onBytes((chunk) => {
    heard = true;
    parser.push(chunk);
    clearTimeout(quiet);
    if (failure) settle({ kind: 'damaged' });
    else if (pending) quiet = setTimeout(lineIsQuiet, QUIET_MS);
  });

  const lost = (error?: Error): void => {
    failure ??= error;
    over = true;
    settle({ kind: 'silent' });
  };
  link.closed.then(() => lost()).catch(lost);

  const once = async (command: Command): Promise<Answer> => {
    parser.clear();
    heard = damaged = false;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    pending = { command, settle: resolve };
    if (over) settle({ kind: 'silent' });
    link.write(request(command));
    const giveUp = setTimeout(() => {
      parser.quiet();
      settle({ kind: heard ? 'damaged' : 'silent' });
    }, timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(giveUp);
      clearTimeout(quiet);
      pending = undefined;
    }
  };
  const judge = createJudge(address, timeoutMs);
  return {
    async ask(command) {
      const extra = unasked;
      unasked = false;
      const answer = await once(command);
      // Behind a good answer none is outstanding.
      late = answer.kind === 'reply' ? 0 : 1;
      try {
        if (failure) throw failure;
        const judged = judge(command, answer, extra);
        if (judged.kind === 'damaged') disturb();
        return judged;
      } catch (error) {
        if (answer.kind === 'reply') answer.data.fill(0);
        throw error;
      }
    },
    quietForMs: () => performance.now() - disturbedAt,
    forbidden: () => forbidden,
    end() {
      clearTimeout(quiet);
      parser.clear();
    },
  };
}

/** Whether `reply` can be the answer to `command`. */
function fits(command: Command, { status, data }: { readonly status: number; readonly data: Uint8Array }): boolean {
  if (command === 'status' || command === 'reset') return data.length === 0 && status !== FOUND;
  const good = command === 'find' ? FOUND : OK;
  if (status === good) return data.length === DATA_BYTES[command];
  return data.length === 0 && status !== OK && status !== FOUND;
}

/** Counts what goes wrong, and throws when it is too much. */
function createJudge(address: string, timeoutMs: number): (command: Command, answer: Answer, extra: boolean) => Answer {
  let silent = 0;
  let damaged = 0;
  let unasked = 0;
  let answered = false;
  return (command, answer, extra) => {
    unasked = extra ? unasked + 1 : 0;
    if (unasked >= MAX_UNASKED) throw new Error(complaints.unasked(address));
    silent = answer.kind === 'silent' ? silent + 1 : 0;
    if (silent >= MAX_SILENT) throw new Error(complaints.silent(address, timeoutMs));
    if (answer.kind === 'reply') {
      if (BROKEN.includes(answer.status)) throw new Error(complaints.broken(address, answer.status));
      if (!MISUNDERSTOOD.includes(answer.status)) {
        answered = true;
        damaged = 0;
        return answer;
      }
    }
    damaged += answer.kind === 'silent' ? 0 : 1;
    if (damaged >= (answered ? MAX_DAMAGED.later : MAX_DAMAGED.atFirst)) {
      if (answer.kind === 'reply') throw new Error(complaints.misunderstood(address, command, answer.status));
      throw new Error(answered ? complaints.noise(address) : complaints.stranger(address));
    }
    return answer.kind === 'silent' ? answer : { kind: 'damaged' };
  };
}

const complaints = {
  echo: (address: string) =>
    `${address} sends back what it is sent: the port is looped, or an adapter echoes; no reader can be heard behind it`,
  unasked: (address: string) =>
    `${address}: answers come that nobody asked for: are two readers on one port, or does another program use this reader?`,
  silent: (address: string, timeoutMs: number) =>
    `the reader at ${address} does not answer: nothing came within ${timeoutMs} ms, ${MAX_SILENT} times in a row; check its power, its cable and \`baud\``,
  broken: (address: string, status: number) =>
    `the reader at ${address} is out of order: ${wordsOf(status)}; switch it off and on, and have it repaired if it says so again`,
  misunderstood: (address: string, command: Command, status: number) =>
    `the reader at ${address} does not understand \`${command}\`: ${wordsOf(status)}; check that it is an SDT reader, and \`baud\``,
  noise: (address: string) =>
    `the line to the reader at ${address} is disturbed: ${MAX_DAMAGED.later} answers in a row were damaged; check the cable and what runs beside it`,
  stranger: (address: string) =>
    `what answers at ${address} is not an identity-card reader: bytes came, but no frame of one; check \`port\` and \`baud\``,
};
