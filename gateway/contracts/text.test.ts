import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, plainLines, plainText, printable } from './text.ts';

test.each([
  ['a bidi override', 'Gate \u202e3', 'Gate 3'],
  ['isolates and marks', '\u2066A\u2069\u200fB\u061c', 'A B'],
  ['a terminal colour', '\u001b[31mred\u001b[0m', '[31mred [0m'],
  ['an eight-bit control sequence', '\u009b2Jgone', '2Jgone'],
  ['zero width and soft hyphen', 'po\u200blice\u00ad', 'po lice'],
  ['line ends', 'one\r\ntwo\u2028three', 'one two three'],
  ['a lone surrogate', 'a\ud800b', 'a b'],
  ['Chinese, also rare characters', '去东门支援 𪚥', '去东门支援 𪚥'],
])('S4: %s', (_what, text, plain) => expect(plainText(text)).toBe(plain));

test('S4: length counts characters, not halves of them', () => {
  expect(plainText('𪚥𪚥𪚥', 2)).toBe('𪚥𪚥');
  expect(plainLines('one\r\ntwo\u202e\n\u001b[2Jthree', 9)).toBe('one\ntwo');
});

test('S4: nothing unseen is left, whatever comes in', () => {
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plainText(text)).not.toMatch(unseen);
      expect(plainLines(text).replaceAll('\n', '')).not.toMatch(unseen);
      expect(printable(text).replace(/[\n\t]/g, '')).not.toMatch(unseen);
      const json = JSON.stringify({ text }, null, 2);
      expect(JSON.parse(printable(json))).toEqual({ text });
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['', '', 0],
  ['', '皖A', 2],
  ['皖A12345', '皖A12345', 0],
  ['皖A12345', '皖A1234', 1],
  ['皖A12345', '皖A23456', 2],
  ['cameras', 'camrea', 3],
])('%s and %s are so many edits apart, either way: %i', (a, b, edits) => {
  expect([editDistance(a, b), editDistance(b, a)]).toEqual([edits, edits]);
});
