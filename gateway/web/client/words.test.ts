/** Every outcome and reason has words in both languages, the browser's code fits the gateway's types, and what it shows when. */
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DocumentType } from '../../contracts/document.ts';
import type { LaneOutcome, LookReason } from '../../contracts/display.ts';
import type { WhyNotCompared } from '../../contracts/comparison.ts';

// `tsc` fails here when a union grows.
const UNIONS = {
  outcomes: { clear: 1, listed: 1, 'look at the document': 1, 'no list': 1 } satisfies Record<LaneOutcome, 1>,
  sounds: { clear: 1, listed: 1, 'look at the document': 1, 'no list': 1, sos: 1, out: 1, lost: 1 } satisfies Record<
    LaneOutcome | 'sos' | 'out' | 'lost',
    1
  >,
  reasons: {
    expired: 1,
    'not yet valid': 1,
    borrowed: 1,
    'check digit': 1,
    'unknown document': 1,
    garbled: 1,
    'not read': 1,
    refused: 1,
  } satisfies Record<LookReason, 1>,
  whys: {
    'no face': 1,
    'several faces': 1,
    'too small': 1,
    blurred: 1,
    turned: 1,
    dark: 1,
    'no camera': 1,
    'no photo': 1,
    'photo unusable': 1,
    'model off': 1,
    'switched off': 1,
    declined: 1,
    removed: 1,
  } satisfies Record<WhyNotCompared, 1>,
  documents: {
    'resident-card': 1,
    'residence-permit': 1,
    'permanent-resident-card': 1,
    passport: 1,
    'travel-card': 1,
  } satisfies Record<DocumentType, 1>,
};

/** The browser's modules, loaded as they are. */
const load = async (name: string): Promise<unknown> => import(new URL(`./${name}`, import.meta.url).href);
type Tables = Record<string, Record<string, unknown>>;

describe('the words', () => {
  let tables: Tables;
  beforeAll(async () => {
    tables = (await load('words.js')) as Tables;
  });

  it.each(Object.entries(UNIONS))('has all %s', (name, union) => {
    expect(Object.keys(tables[name]!).sort()).toEqual(Object.keys(union).sort());
  });

  it('says everything in Chinese and in English', () => {
    const check = (words: unknown, path: string): void => {
      const entries = Object.entries(words as Record<string, unknown>);
      if (typeof entries[0]?.[1] === 'object') return entries.forEach(([key, value]) => check(value, `${path}.${key}`));
      const { zh, en } = words as Record<string, string>;
      const swapped = path === 'words.language';
      expect((swapped ? en : zh) ?? '', path).toMatch(/^(?:\{n\}|[\p{Script=Han}（：，；。）…1、 ·])+$/u);
      expect((swapped ? zh : en) ?? '', path).toMatch(/^[ -~…·]+$/);
    };
    for (const [name, table] of Object.entries(tables)) check(table, name);
  });
});

describe('the types of the browser code', () => {
  const config = join(import.meta.dirname, 'tsconfig.json');
  const kept = new Map<string, ts.SourceFile | undefined>();

  /** What tsc says of the browser code; `planted` changes the text of files by their names. */
  function problems(planted: Readonly<Record<string, (text: string) => string>> = {}): string {
    const { fileNames, options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
      ts.sys,
      dirname(config),
    );
    const host = ts.createCompilerHost(options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (path, language) => {
      const change = planted[basename(path)];
      if (change) return ts.createSourceFile(path, change(ts.sys.readFile(path)!), language);
      if (!kept.has(path)) kept.set(path, read(path, language));
      return kept.get(path);
    };
    const program = ts.createProgram(fileNames, options, host);
    const found = fileNames.flatMap((name) => program.getSemanticDiagnostics(program.getSourceFile(name)));
    return found.map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n')).join('\n');
  }

  it('fit', () => expect(problems()).toBe(''));

  it('do not fit when a reason has no words, or the view changes its shape', () => {
    const found = problems({
      'words.js': (text) => text.replace(/^ {2}refused: \{[\s\S]*?^ {2}\},\n/m, ''),
      'display.ts': (text) => text.replace('readonly lastFour?: string', 'readonly tail?: string'),
    });
    expect(found).toContain("Property 'refused' is missing");
    expect(found).toContain("Property 'lastFour' does not exist");
  });
});
