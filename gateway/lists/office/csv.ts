/** CSV (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes. Reads CRLF, LF and a byte order mark. */
import type { Result } from '../result.ts';
import { accept, refuse } from '../result.ts';
import { english } from '../../contracts/words/words.ts';

export type Encoding = 'utf-8' | 'gb18030';

/** Chinese spreadsheets often save GB18030. The encoding is not guessed; the refusal names it. */
export function decodeCsv(bytes: Uint8Array, encoding: Encoding): Result<string> {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse('unreadable', english('csv-utf-16'));
  }
  try {
    return accept(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch {
    return refuse('unreadable', english(encoding === 'utf-8' ? 'csv-not-utf-8' : 'csv-not-gb18030'));
  }
}

/** `row` is the number that a spreadsheet shows, from 1. Empty lines are left out but counted. */
export function parseCsv(
  text: string,
): Result<readonly { readonly row: number; readonly fields: readonly string[] }[]> {
  const records: { row: number; fields: string[] }[] = [];
  let row = 1;
  let at = 0;
  while (at < text.length) {
    const fields: string[] = [];
    for (;;) {
      const quoted = text[at] === '"';
      const end = quoted ? closingQuote(text, at) : plainEnd(text, at);
      if (end === undefined) return refuse('unreadable', english('csv-quote-open', { row }));
      fields.push(quoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
      at = end;
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    if (at < text.length && text[at] !== '\n') {
      return refuse('unreadable', english('csv-quotes', { row }));
    }
    at++;
    if (fields.some((field) => field.trim() !== '')) records.push({ row, fields });
    row++;
  }
  return accept(records);
}

export function formatCsv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((fields) => `${fields.map(cell).join(',')}\r\n`).join('');
}

/** Position after the quote that closes the one at `from`. */
function closingQuote(text: string, from: number): number | undefined {
  let at = from + 1;
  for (;;) {
    at = text.indexOf('"', at);
    if (at < 0) return undefined;
    if (text[at + 1] !== '"') return at + 1;
    at += 2;
  }
}

/** What ends a field without quotes, or does not belong in one. */
const PLAIN_END = /[,"\n]|\r\n/g;

function plainEnd(text: string, from: number): number {
  PLAIN_END.lastIndex = from;
  return PLAIN_END.exec(text)?.index ?? text.length;
}
