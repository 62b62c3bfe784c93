/** What a message is: the same sentence in English and Chinese, with the same parameters in both, which values replace. */

export type Language = 'en' | 'zh';

export type Words = Readonly<Record<Language, string>>;

/** The names in a text: `{name}`, or `{name|row|rows}` for a number with its English noun. */
export type NamesIn<Text extends string> = Text extends `${string}{${infer Inside}}${infer Rest}`
  ? (Inside extends `${infer Name}|${string}` ? Name : Inside) | NamesIn<Rest>
  : never;

/** A text (an id, a path, an error), or a message in both languages. */
export type Value = string | number | Words;

/** Nothing for a text without parameters; otherwise a value for each name. */
export type ValuesOf<Text extends string> = [NamesIn<Text>] extends [never]
  ? []
  : [Readonly<Record<NamesIn<Text>, Value>>];

type Agree<En extends string, Zh extends string> = [NamesIn<En>, NamesIn<Zh>] extends [NamesIn<Zh>, NamesIn<En>]
  ? Words
  : { readonly zh: `both languages need the same parameters: ${NamesIn<En>}` };

type Checked<Messages extends Readonly<Record<string, Words>>> = {
  readonly [Code in keyof Messages]: Agree<Messages[Code]['en'], Messages[Code]['zh']>;
};

/** Part of the catalogue, by code. A parameter that only one of the two languages has does not compile. */
export function area<const Messages extends Readonly<Record<string, Words>>>(
  messages: Messages & Checked<Messages>,
): Messages {
  return messages;
}

/** A message of an area in English, for code that threads load: `english` brings the whole catalogue. */
export function inEnglish<En extends string>(message: { readonly en: En }, ...[values]: ValuesOf<En>): string {
  return fill(message.en, (value) => (typeof value === 'object' ? value.en : String(value)), values);
}

/** A name, with the blanks that set it apart from Chinese characters. */
const NAME = /((?<=\p{sc=Han}) )?\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}( (?=\p{sc=Han}))?/gu;

/** Puts the values in the places of their names. */
export function fill(
  text: string,
  textOf: (value: Value) => string,
  values: Readonly<Record<string, Value>> = {},
): string {
  return text.replace(NAME, (_, before = '', name: string, one?: string, many?: string, after = '') => {
    const value = textOf(values[name] ?? '');
    if (one !== undefined) return `${value} ${value === '1' ? one : many}`;
    // No blank between two Chinese characters.
    return `${/^\p{sc=Han}/u.test(value) ? '' : before}${value}${/\p{sc=Han}$/u.test(value) ? '' : after}`;
  });
}
