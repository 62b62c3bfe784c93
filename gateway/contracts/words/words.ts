/** The catalogue of messages by code, and how one is put into words. /health, the alarms, the command line and the API share it. */
import { adaptersCameras } from './adapters-cameras.words.ts';
import { adaptersCrew } from './adapters-crew.words.ts';
import { adaptersOnvif } from './adapters-onvif.words.ts';
import { adaptersPush } from './adapters-push.words.ts';
import { adaptersReaders } from './adapters-readers.words.ts';
import { adaptersUpstream } from './adapters-upstream.words.ts';
import { fill, type Language, type Value, type ValuesOf, type Words } from './area.ts';
import { api } from './api.words.ts';
import { cliAudit } from './cli-audit.words.ts';
import { cliCameras } from './cli-cameras.words.ts';
import { cliCrew } from './cli-crew.words.ts';
import { cliHits } from './cli-hits.words.ts';
import { cliLists } from './cli-lists.words.ts';
import { cliPeople } from './cli-people.words.ts';
import { cliPictures } from './cli-pictures.words.ts';
import { cliStore } from './cli-store.words.ts';
import { cli } from './cli.words.ts';
import { commander } from './commander.words.ts';
import { config } from './config.words.ts';
import { crew } from './crew.words.ts';
import { deeds } from './deeds.words.ts';
import { entries } from './entries.words.ts';
import { healthCrew } from './health-crew.words.ts';
import { healthLists } from './health-lists.words.ts';
import { healthStore } from './health-store.words.ts';
import { fileErrors } from './file-errors.words.ts';
import { health } from './health.words.ts';
import { helpLists } from './help-lists.words.ts';
import { help } from './help.words.ts';
import { instructions } from './instructions.words.ts';
import { lists } from './lists.words.ts';
import { modelTitles } from './model-titles.words.ts';
import { network } from './network.words.ts';
import { people } from './people.words.ts';
import { policy } from './policy.words.ts';
import { reviews } from './reviews.words.ts';
import { sealing } from './sealing.words.ts';
import { shift } from './shift.words.ts';
import { sqlite } from './sqlite.words.ts';
import { store } from './store.words.ts';
import { threads } from './threads.words.ts';
import { web } from './web.words.ts';
import { zod, zodTypes } from './zod.words.ts';

export const catalogue = {
  ...adaptersCameras,
  ...adaptersCrew,
  ...adaptersOnvif,
  ...adaptersPush,
  ...adaptersReaders,
  ...adaptersUpstream,
  ...api,
  ...cli,
  ...cliAudit,
  ...cliCameras,
  ...cliCrew,
  ...cliHits,
  ...cliLists,
  ...cliPeople,
  ...cliPictures,
  ...cliStore,
  ...commander,
  ...config,
  ...crew,
  ...deeds,
  ...entries,
  ...fileErrors,
  ...health,
  ...healthCrew,
  ...healthLists,
  ...healthStore,
  ...help,
  ...helpLists,
  ...instructions,
  ...lists,
  ...modelTitles,
  ...network,
  ...people,
  ...policy,
  ...reviews,
  ...sealing,
  ...shift,
  ...sqlite,
  ...store,
  ...threads,
  ...web,
  ...zod,
};

export type { Value };
export type Code = keyof typeof catalogue;

/** A code of the catalogue whose advice stands beside it under `CODE-todo`. */
export type ProblemCode = { [C in Code]: `${C}-todo` extends Code ? C : never }[Code];

export type Given<C extends Code> = ValuesOf<(typeof catalogue)[C]['en']>;

/** A message with its values, in both languages. */
export interface Message extends Words {
  readonly code: Code;
}

/**
 * Puts a message into words.
 * @example words('camera-silent', { id: 'north', lane: 'in', seconds: 12, cause: words('camera-frozen') }).zh
 */
export function words<C extends Code>(code: C, ...[values]: Given<C>): Message {
  const { en, zh } = catalogue[code];
  return { code, en: filled(en, 'en', values), zh: filled(zh, 'zh', values) };
}

/** For what travels as text: errors, rows of the store, the log. `inChinese` finds the message again. */
export function english<C extends Code>(code: C, ...[values]: Given<C>): string {
  return filled(catalogue[code].en, 'en', values);
}

function filled(text: string, language: Language, values?: Readonly<Record<string, Value>>): string {
  return fill(text, (value) => inLanguage(value, language), values);
}

/** A text that the catalogue does not know stays as it is. */
export function inLanguage(value: Value, language: Language): string {
  if (typeof value === 'object') return value[language];
  return language === 'zh' ? inChinese(String(value)) : String(value);
}

/** `a, b`; `a、b`. */
export function joined(values: readonly Value[], between: Words = { en: ', ', zh: '、' }): Words {
  const inOne = (language: Language) => values.map((value) => inLanguage(value, language)).join(between[language]);
  return { en: inOne('en'), zh: inOne('zh') };
}

interface Sentence {
  readonly code: Code;
  /** The second, where the first fails, lets a parameter hold half a pair of brackets. */
  readonly patterns: readonly RegExp[];
  readonly names: readonly string[];
  /** The longest text between two parameters: a cheap look before the pattern. */
  readonly anchor: string;
}

/** Made at the first use. */
let sentences: readonly Sentence[] | undefined;
const known = new Map<string, string>();
const MAX_KNOWN = 1_000;
const MAX_LENGTH = 4_000;

/** An English text of the catalogue in Chinese, with its parameters; several, on lines of their own or parted by `; `. Any other text as it is. */
export function inChinese(text: string): string {
  const lines = text.split('\n');
  const said = lines.map(sentenceInChinese);
  return lines.some((line, i) => line !== said[i]) ? said.join('\n') : sentenceInChinese(text);
}

function sentenceInChinese(text: string): string {
  if (text === 'plate-list' || text === 'doc-list') return catalogue[text].zh;
  // Any other id or name is no sentence.
  if (!text.includes(' ') || text.length > MAX_LENGTH) return text;
  const before = known.get(text);
  if (before !== undefined) return before;
  const found = recall(text) ?? pieces(text) ?? text;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, found);
  return found;
}

function recall(text: string): string | undefined {
  sentences ??= recallable();
  for (const { code, patterns, names, anchor } of sentences) {
    if (!text.includes(anchor)) continue;
    const found = patterns[0]!.exec(text) ?? patterns[1]!.exec(text);
    if (!found) continue;
    const values = found.slice(1).map((value) => (code in zod ? (zodTypes.get(value) ?? value) : value));
    return filled(catalogue[code].zh, 'zh', Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])));
  }
  return undefined;
}

/** Several sentences, `north: is missing; is empty`, or one with a path or a field before it, `a.jpg: is no picture; expected JPEG`. */
function pieces(text: string): string | undefined {
  const parts = text.split('; ');
  const said = parts.length === 1 ? parts : parts.map(inChinese);
  const isSaid = parts.map((part, i) => part !== said[i]);
  if (isSaid.every(Boolean)) return said.join('；');
  const [, head = '', mark = '', rest = ''] = /^(\S+?)(:? )(.*)$/s.exec(text) ?? [];
  const sentence = rest === '' ? undefined : recall(rest);
  if (sentence !== undefined) return `${head}${mark === ': ' ? '：' : ' '}${sentence}`;
  return isSaid.some(Boolean) ? said.join('；') : undefined;
}

/** A message of a few letters and a parameter would be found in texts that are something else. */
const MIN_LETTERS = 8;

/** Letters of a text, without those of its values. */
function lettersOf(en: string): number {
  return en.replace(/\{\w+(?:\|[^|}]*\|([^|}]*))?\}/g, '$1').replace(/[^a-z]/gi, '').length;
}

/** Where the pattern of a sentence has a parameter. */
const ANY = '\0';

/** All messages but the help, those with the most words of their own first. */
function recallable(): Sentence[] {
  const all = (Object.keys(catalogue) as Code[]).flatMap((code) => {
    const { en } = catalogue[code];
    const parts = en.split(/\{\w+(?:\|[^|}]*\|[^|}]*)?\}/);
    const letters = lettersOf(en);
    if (code.startsWith('help-') || !en.includes(' ') || (parts.length > 1 && letters < MIN_LETTERS)) return [];
    const names: string[] = [];
    const source = en.replace(
      /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}|[^{}]+/g,
      (part, name?: string, one?: string, many?: string) => {
        if (name === undefined) return literally(part);
        names.push(name);
        return one === undefined ? ANY : `(\\S+) (?:${literally(one)}|${literally(many!)})`;
      },
    );
    const patterns = [source.replaceAll(ANY, '((?:[^()]|\\([^()]*\\))*?)'), source.replaceAll(ANY, '(.*?)')];
    const anchor = parts.reduce((a, b) => (b.length > a.length ? b : a), '');
    return [{ code, names, anchor, letters, patterns: patterns.map((each) => new RegExp(`^${each}$`, 's')) }];
  });
  return all.sort((a, b) => b.letters - a.letters);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
