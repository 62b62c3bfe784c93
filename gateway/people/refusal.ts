/** What an account or a session refuses, in words for the person who tries it. */
import { words, type Code, type Given, type Message } from '../contracts/words/words.ts';

export interface Refusal {
  readonly refused: Message;
}

export function refuse<C extends Code>(code: C, ...values: Given<C>): Refusal {
  return { refused: words(code, ...values) };
}

export function isRefusal(result: object | undefined): result is Refusal {
  return result !== undefined && 'refused' in result;
}
