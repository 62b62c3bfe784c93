/** What a message is: the same sentence in English and Chinese, with the same parameters in both. */

export type Language = 'en' | 'zh';

export type Words = Readonly<Record<Language, string>>;

/** The names in a text: `{name}`, or `{name|row|rows}` for a number with its English noun. */
export type NamesIn<Text extends string> = Text extends `${string}{${infer Inside}}${infer Rest}`
  ? (Inside extends `${infer Name}|${string}` ? Name : Inside) | NamesIn<Rest>
  : never;

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
