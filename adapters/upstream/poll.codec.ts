/** The bodies of the poll that fetches instructions over HTTPS, pure. docs/upstream.md, "Instructions over HTTPS", describes them for the other side. */
import { z } from 'zod';
import type { Json } from '../../gateway/contracts/base.ts';
import { MAX_EVENT_BYTES } from './codec.ts';
import { english } from '../../gateway/contracts/words/words.ts';
import { checked, instructionIdSchema, parsed, sourceSchema } from './instructions.codec.ts';

/** In one answer to a poll. */
export const MAX_INSTRUCTIONS = 16;

/** The body of `POST BASE/down`. `took`: what the room may forget. */
export interface Poll {
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly took: readonly string[];
}

const LIST = english('expected-list-most', { most: MAX_INSTRUCTIONS });
const pollSchema = z.looseObject({
  source: sourceSchema,
  took: z.array(instructionIdSchema, LIST).max(MAX_INSTRUCTIONS, LIST),
});
const answerSchema = z.looseObject({
  messages: z.array(z.unknown(), LIST).max(MAX_INSTRUCTIONS, LIST),
});

export function encodePoll({ source, took }: Poll): string {
  return JSON.stringify({ source, took });
}

/** Throws an Error that names the member. */
export function decodePoll(text: string): Poll {
  const { source, took } = checked(pollSchema, parsed(text, 'poll'), 'poll');
  return { source, took };
}

/** As many of `events` as one answer may hold: 16, and 64 KiB. */
export function encodeAnswer(events: readonly Json[]): string {
  for (let n = Math.min(events.length, MAX_INSTRUCTIONS); ; n--) {
    const text = JSON.stringify({ messages: events.slice(0, n) });
    if (n <= 1 || Buffer.byteLength(text) <= MAX_EVENT_BYTES) return text;
  }
}

/** The events of an answer, not decoded yet; throws an Error that names the member. */
export function decodeAnswer(text: string): readonly unknown[] {
  return checked(answerSchema, parsed(text, 'answer'), 'answer').messages;
}
