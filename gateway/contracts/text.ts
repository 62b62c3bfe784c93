/** Makes foreign text safe to show: of devices, the command room, a person at the keyboard. Imports nothing. */

/** Controls, format characters (bidi marks and embeddings, zero-width ones), lone surrogates, line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSEEN_BUT_LINE_ENDS = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * One line without invisible characters, which can reverse text (Unicode 16, UAX #9; CVE-2021-42574), colour or clear a terminal (ECMA-48)
 * or hide words. Each run of them becomes one space; ends are trimmed. `maxChars` counts code points.
 * @example plainText('Gate\u202e 3\u001b[31m') // 'Gate 3 [31m'
 */
export function plainText(text: string, maxChars = Infinity): string {
  return cut(text.replace(UNSEEN, ' '), maxChars);
}

/** The same for text of several lines: line feeds stay. */
export function plainLines(text: string, maxChars = Infinity): string {
  return cut(text.replace(/\r\n?/g, '\n').replace(UNSEEN_BUT_LINE_ENDS, ' '), maxChars);
}

/** Collapses runs of spaces and cuts at `maxChars`. */
function cut(text: string, maxChars: number): string {
  const trimmed = text.replace(/ {2,}/g, ' ').trim();
  return trimmed.length <= maxChars ? trimmed : [...trimmed].slice(0, maxChars).join('').trimEnd();
}

/**
 * For a terminal: invisible characters become JSON escapes (RFC 8259, section 7), so that nothing is hidden or lost. Line feeds and tabs
 * stay. JSON stays JSON.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
    '',
  );
}

/**
 * Characters to change, add or leave out to turn one text into the other (Levenshtein distance).
 * @example editDistance('cameras', 'camera') // 1
 */
export function editDistance(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  let row = [0, ...y.map((_, j) => j + 1)];
  for (const [i, character] of x.entries()) {
    const next = [i + 1];
    for (const [j, other] of y.entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + Number(character !== other)));
    }
    row = next;
  }
  return row.at(-1)!;
}
