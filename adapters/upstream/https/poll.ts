/** Instructions over HTTPS: a signed poll that the command room answers at once where it has some, or with none after 25 s. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Busy } from '../../../gateway/contracts/errors.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { instructionId } from '../instructions.codec.ts';
import { decodeAnswer, encodePoll } from '../poll.codec.ts';
import type { InstructionSink, Inbox, Refuse, Take } from '../inbox.ts';
import { verifyBody } from '../webhook.codec.ts';
import type { HttpAnswer } from './http-request.ts';
import { failureOf } from './failure.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** How long a room may hold a poll that it has no answer to. */
export const HOLD_MS = 25_000;
/** An answer that is not complete by then is given up, even if bytes still come in. */
const WHOLE_WITHIN_MS = HOLD_MS + 60_000;
/** Between polls of a room that has no such address. */
const ASK_AGAIN_MS = 5 * 60_000;
/** Between polls of a room that does not hold them, or does not forget what was taken. */
const MIN_MS = 1_000;
const NO_INSTRUCTIONS = [404, 405, 501];

export interface PollOptions {
  /** Posts `body`, signed under `id`, and waits for HOLD_MS and more. */
  ask(id: string, body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer>;
  readonly source: string;
  /** Signing keys of this box; those that are shared sign the answers too. */
  readonly keys: string;
  readonly inbox: Inbox;
  /** Told once. */
  noInstructions(): void;
  /** Resolves after `ms`, or when `signal` aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What becomes the relay's `receive`. What was taken is named in the next poll, also after a failure in between. */
export function openPoll(options: PollOptions): (take: Take, signal: AbortSignal, refuse?: Refuse) => Promise<void> {
  const { inbox, source, keys, wait = pause } = options;
  let took: readonly string[] = [];
  let quietUntil = 0;
  let isReported = false;

  /** Takes what the room has. False: it gives no instructions. */
  const poll = async (
    ears: InstructionSink,
    signal: AbortSignal,
  ): Promise<{ readonly news: boolean } | 'no instructions'> => {
    const id = randomUUID();
    const answer = await askWithin(options, id, Buffer.from(encodePoll({ source, took })), signal);
    if (NO_INSTRUCTIONS.includes(answer.status)) return 'no instructions';
    if (answer.status !== 200) throw failureOf(answer);
    const forged = notAuthentic(answer, id, keys);
    if (forged !== undefined) {
      // A login page is no instruction; a list of them without a signature may be an attack.
      for (const event of messagesIn(answer.body)) inbox.refuse(() => event, forged, ears);
      throw new Error(forged);
    }
    const events = decodeAnswer(answer.body);
    const before = took;
    const now: string[] = [];
    took = now;
    for (const event of events) {
      inbox.give(() => event, ears);
      const name = instructionId(event);
      // It can never be acknowledged: the rest is taken first.
      if (name !== undefined) now.push(name);
    }
    if (now.length < events.length) throw new Error(english('room-nameless-instruction'));
    return { news: now.some((name) => !before.includes(name)) };
  };

  return async (take, signal, refuse) => {
    await wait(quietUntil - performance.now(), signal);
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        const found = await poll({ take, refuse }, signal);
        if (found === 'no instructions') {
          if (!isReported) options.noInstructions();
          isReported = true;
          await wait(ASK_AGAIN_MS, signal);
        } else if (!found.news) await wait(startedAt + MIN_MS - performance.now(), signal);
      } catch (e) {
        if (signal.aborted) return;
        if (e instanceof Busy) quietUntil = performance.now() + e.afterMs;
        throw e;
      }
    }
  };
}

async function askWithin(options: PollOptions, id: string, body: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
  const ending = new AbortController();
  const timer = setTimeout(
    () => ending.abort(new Error(english('room-no-whole-answer', { ms: WHOLE_WITHIN_MS }))),
    WHOLE_WITHIN_MS,
  );
  const stop = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await options.ask(id, body, ending.signal);
  } catch (e) {
    throw ending.signal.aborted ? ending.signal.reason : e;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function messagesIn(body: string): readonly unknown[] {
  try {
    return decodeAnswer(body);
  } catch {
    return [];
  }
}

/**
 * An instruction moves people, so the room proves itself too where it can: with a shared key it signs its answer, under the id of the
 * poll, so that an old answer is none. With a key pair only the box can sign, and TLS has to say who answers. Gives what is wrong.
 */
function notAuthentic(answer: HttpAnswer, id: string, keys: string): string | undefined {
  const shared = keys
    .trim()
    .split(/\s+/)
    .filter((key) => key.startsWith('whsec_'))
    .join(' ');
  if (shared === '') return undefined;
  const verdict =
    answer.signature['webhook-id'] !== undefined && answer.signature['webhook-id'] !== id
      ? { ok: false as const, why: english('signed-other-poll') }
      : verifyBody(shared, answer.signature, Buffer.from(answer.body), Date.now());
  return verdict.ok ? undefined : english('room-forged', { status: answer.status, why: verdict.why });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) await sleep(timerMs(ms), undefined, { signal }).catch(() => undefined);
}
