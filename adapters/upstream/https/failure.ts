/** What an answer means that is none: the table "Answers" of docs/upstream.md. */
import { Busy, Rejected } from '../../../gateway/errors.ts';
import type { Answer } from './exchange.ts';
import { retryAfterMs } from './exchange.ts';

/** `answer.status` is not 2xx. */
export function failureOf(answer: Answer): Error {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return new Error(`answered ${status}, a redirection, which is not followed: give the final address in \`url\``);
  }
  if ([400, 410, 413, 415, 422].includes(status)) return new Rejected(`refused for good with ${status}`);
  if ([429, 502, 503, 504].includes(status)) return new Busy(`answered ${status}`, retryAfterMs(answer, Date.now()));
  return new Error(`answered ${status}${HINT[status] ?? ''}`);
}

const HINT: Readonly<Record<number, string>> = {
  401: ': the signature is not accepted; compare `secret` on both sides, and the clocks',
  403: ': this box is not allowed; it has to be admitted in the command room',
  404: ': nothing there; check the path in `url`',
  424: ': pictures are missing there; they are sent again',
};
