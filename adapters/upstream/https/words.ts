/** What came in place of an acknowledgement, for people: the status, and the first words of a page, without anything that was sent. */
import { plainText } from '../../../gateway/contracts/text.ts';
import type { HttpAnswer } from './http-request.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const MAX_WORDS_CHARS = 80;
/** More of a page is not looked at. */
const MAX_READ_CHARS = 8_192;
/** Shorter pieces say nothing about anybody. */
const MIN_QUOTED_CHARS = 3;

/**
 * A page may quote the request, and so a plate: words that stand in `sent` are left out.
 * @example describeAnswer({ status: 413, body: '<h1>Request Entity Too Large</h1>', … }) // 'answered 413 "Request Entity Too Large"'
 */
export function describeAnswer({ status, body, contentType }: HttpAnswer, sent?: Uint8Array): string {
  const kind = plainText(contentType?.split(';')[0] ?? '', 40);
  const words = firstWords(body, sent === undefined ? '' : Buffer.from(sent).toString('utf8'));
  return english('room-answered', {
    answer: `${status}${kind === '' ? '' : ` (${kind})`}${words === '' ? '' : ` "${words}"`}`,
  });
}

/** Plates and numbers at least: what is shorter, or has neither digit nor Chinese character, is the name of a field. */
const MIN_NUMBER_CHARS = 5;

/** The reason of a room for a refusal, without the plates and numbers of `sent` that it quotes. */
export function withoutQuotes(why: string, sent: Uint8Array): string {
  const words = new Set(
    Buffer.from(sent)
      .toString('utf8')
      .split(/[\s"'{}[\],.:;=/\\]+/),
  );
  const numbers = [...words].filter((word) => word.length >= MIN_NUMBER_CHARS && /\d|[^ -~]/.test(word));
  return numbers.reduce((text, number) => text.replaceAll(number, '…'), why);
}

function firstWords(body: string, sent: string): string {
  const visible = body
    .slice(0, MAX_READ_CHARS)
    .replace(/<(script|style)\b[^]*?(<\/\1\s*>|$)/gi, ' ')
    .replace(/<[^>]*(>|$)/g, ' ')
    .replace(/&[a-z]+;|&#x?[0-9a-f]+;/gi, ' ');
  const words = plainText(visible)
    .split(/[\s"'{}[\],:;=/\\]+/)
    .filter((word) => word !== '' && (word.length < MIN_QUOTED_CHARS || !sent.includes(word)));
  return plainText(words.join(' '), MAX_WORDS_CHARS);
}
