/** What an answer means that is no acknowledgement: the table "Answers" of docs/upstream.md. */
import { Busy, Rejected, TurnedAway } from '../../../gateway/contracts/errors.ts';
import { refusalOf } from '../codec.ts';
import type { HttpAnswer } from './http-request.ts';
import { retryAfterMs } from './http-request.ts';
import { describeAnswer, withoutQuotes } from './words.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** What was sent: a refusal for good has to say `name`; an answer may quote `sent`, which must not reach the log. */
export interface SentEvent {
  readonly name: string;
  readonly sent: Uint8Array;
}

/** A refusal with one of these, by name, is for good. */
const FINAL = [400, 410, 413, 415, 422];
const BUSY = [429, 502, 503, 504];
/** Statuses with a usual cause, which the message names. */
const HINTED = [401, 403, 404, 407, 411, 413, 424, 451] as const;

/** `answer` is no acknowledgement. */
export function failureOf(answer: HttpAnswer, asked?: SentEvent): Error {
  const { status } = answer;
  const why = asked && FINAL.includes(status) ? refusalOf(answer.body, asked.name) : undefined;
  if (asked && why !== undefined) {
    const words = why === '' ? '' : `: ${withoutQuotes(why, asked.sent)}`;
    return new Rejected(english('room-refused', { answer: `${status}${words}` }));
  }
  if (BUSY.includes(status))
    return new Busy(english('room-answered', { answer: status }), retryAfterMs(answer, Date.now()));
  const came = describeAnswer(answer, asked?.sent);
  return status >= 500 ? new Error(came) : new TurnedAway(withHint(status, came));
}

function withHint(status: number, came: string): string {
  if (status < 300) return english('room-no-acknowledgement', { came });
  if (status < 400) return english('room-redirects', { came });
  const hinted = HINTED.find((known) => known === status);
  return hinted === undefined ? came : english(`room-hint-${hinted}`, { came });
}
