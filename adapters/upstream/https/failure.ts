/** What an answer means that is no acknowledgement: the table "Answers" of docs/upstream.md. */
import { Busy, Rejected, TurnedAway } from '../../../gateway/contracts/errors.ts';
import { refusalOf } from '../codec.ts';
import type { HttpAnswer } from './http-request.ts';
import { retryAfterMs } from './http-request.ts';
import { describeAnswer, withoutQuotes } from './words.ts';

/** What was sent: a refusal for good has to say `name`; an answer may quote `sent`, which must not reach the log. */
export interface SentEvent {
  readonly name: string;
  readonly sent: Uint8Array;
}

/** A refusal with one of these, by name, is for good. */
const FINAL = [400, 410, 413, 415, 422];
const BUSY = [429, 502, 503, 504];

/** `answer` is no acknowledgement. */
export function failureOf(answer: HttpAnswer, asked?: SentEvent): Error {
  const { status } = answer;
  const why = asked && FINAL.includes(status) ? refusalOf(answer.body, asked.name) : undefined;
  if (asked && why !== undefined)
    return new Rejected(`refused for good with ${status}${why === '' ? '' : `: ${withoutQuotes(why, asked.sent)}`}`);
  if (BUSY.includes(status)) return new Busy(`answered ${status}`, retryAfterMs(answer, Date.now()));
  const came = describeAnswer(answer, asked?.sent);
  if (status >= 500) return new Error(came);
  return new TurnedAway(`${came}${hintOf(status)}`);
}

function hintOf(status: number): string {
  if (status < 300) {
    return ', but not with an acknowledgement: something on the way (a login page, a proxy, another server) answers in place of the command room';
  }
  if (status < 400) return ', a redirection, which is not followed: give the final address in `url`';
  return HINT[status] ?? '';
}

const HINT: Readonly<Record<number, string>> = {
  401: ': the signature is not accepted; compare `secret` on both sides, and the clocks',
  403: ': this box is not allowed; it has to be admitted in the command room',
  404: ': nothing there; check the path in `url`',
  407: ': a proxy on the way wants a login',
  411: ': something on the way does not understand the request',
  413: ': something on the way takes nothing so large; the command room itself would name the event',
  424: ': pictures are missing there; they are sent again',
  451: ': something on the way does not let it through',
};
