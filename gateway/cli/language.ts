/** The language of the command line: `--lang`, else what the environment says (POSIX.1-2024, 8.2: LC_ALL, LC_MESSAGES, LANG). */
import { iso } from '../contracts/time.ts';
import type { Language } from '../contracts/words/area.ts';
import { inLanguage, words, type Code, type Given, type Value } from '../contracts/words/words.ts';

/** A process speaks one language, from its first word on. */
let language: Language = 'en';

/** Whoever reads JSON or an exit code sees no difference. */
export function speak(next: Language): void {
  language = next;
}

export function languageOf(env: NodeJS.ProcessEnv): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '');
  return /^zh\b|^zh_/i.test(locale ?? '') ? 'zh' : 'en';
}

/** Takes `--lang` out of `args`, wherever it is in front of a `--`. `lang` is what was written, if anything: the last one counts. */
export function takeLang(args: readonly string[]): { readonly lang: string | undefined; readonly rest: string[] } {
  const [options, end] = [[...args], args.indexOf('--')];
  const rest = end < 0 ? [] : options.splice(end);
  const others: string[] = [];
  let lang: string | undefined;
  for (let arg = options.shift(); arg !== undefined; arg = options.shift()) {
    if (arg === '--lang') lang = options.shift() ?? '';
    else if (arg.startsWith('--lang=')) lang = arg.slice('--lang='.length);
    else others.push(arg);
  }
  return { lang, rest: [...others, ...rest] };
}

/** A message in the language of this process. */
export function say<C extends Code>(code: C, ...values: Given<C>): string {
  return inLanguage(words(code, ...values), language);
}

/** A message made elsewhere, or an English text that the catalogue may know, in the language of this process. */
export function spoken(value: Value): string {
  return inLanguage(value, language);
}

/** East Asian Width (Unicode, UAX #11): W and F, as far as plates, Chinese text and its marks go. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/gu;

/** Columns that a text takes in a terminal: a Chinese character takes two. */
export function displayWidth(text: string): number {
  return [...text].length + (text.match(WIDE)?.length ?? 0);
}

/** `padEnd` by columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Labels with their values under each other, `gap` columns behind the longest label. */
export function inColumns(rows: readonly (readonly [label: string, value: string])[], gap: number): string[] {
  const most = Math.max(...rows.map(([label]) => displayWidth(label)));
  return rows.map(([label, value]) => `${padded(label, most + gap)}${value}`);
}

/** Rows of cells, each column as wide as its widest cell. */
export function inTable(rows: readonly (readonly string[])[], gap: number): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => displayWidth(row[i] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, i) => padded(cell, (widths[i] ?? 0) + gap))
      .join('')
      .trimEnd(),
  );
}

/** To the second: `2026-11-21T08:00:00Z`. */
export function when(at: number | undefined): string {
  return at === undefined ? '-' : `${iso(at).slice(0, 19)}Z`;
}
