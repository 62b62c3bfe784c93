/** The catalogue and the code that uses it fit: no code that nothing uses, and no English that the command line says past it. */
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { commander } from './commander.words.ts';
import { deeds } from './deeds.words.ts';
import { modelTitles } from './model-titles.words.ts';
import { sqlite } from './sqlite.words.ts';
import { catalogue, inChinese, words, type Code } from './words.ts';
import { zod } from './zod.words.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const filesIn = (...globs: string[]): Map<string, string> =>
  new Map(
    globSync(globs, { cwd: ROOT })
      .filter((path) => !/\.(test|fixtures)\.ts$|\.words\.ts$|words\/words\.ts$/.test(path))
      .map((path) => [path, readFileSync(`${ROOT}${path}`, 'utf8')]),
  );

function walk(node: ts.Node, visit: (node: ts.Node) => boolean | void): void {
  if (visit(node) === false) return;
  ts.forEachChild(node, (child) => walk(child, visit));
}
const parse = (text: string): ts.SourceFile => ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);

/** Codes of which no file holds the name, nor the first part of it in a template or as what an id is of (`named`). */
function unused(codes: readonly string[], files: Iterable<string>): string[] {
  const words = new Set<string>();
  const heads = new Set<string>();
  for (const text of files)
    walk(parse(text), (node) => {
      if (ts.isStringLiteralLike(node)) words.add(node.text);
      if (ts.isTemplateExpression(node) && /^[a-z][\w-]*-$/.test(node.head.text)) heads.add(node.head.text);
      const isNamed = ts.isCallExpression(node) && node.expression.getText() === 'named';
      const of = isNamed ? node.arguments[0] : undefined;
      if (of && ts.isStringLiteral(of)) heads.add(`${of.text}-`);
    });
  // The advice beside a problem.
  const isUsed = (code: string): boolean => words.has(code) || [...heads].some((head) => code.startsWith(head));
  return codes.filter((code) => !isUsed(code) && !isUsed(code.replace(/-(todo|advice)$/, '')));
}

/** Where text of two words or more does not come from the catalogue. Audit rows, SQL and invariants are not for the terminal. */
function englishIn(text: string): string[] {
  const found: string[] = [];
  const isKept = (node: ts.Node): boolean =>
    ts.isImportDeclaration(node) ||
    (ts.isCallExpression(node) && /^(appendAudit|log\.\w+|.*\.prepare)$/.test(node.expression.getText())) ||
    (ts.isPropertyAssignment(node) && /^(kind|outcome)$/.test(node.name.getText()));
  walk(parse(text), (node) => {
    if (isKept(node)) return false;
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    // `REFUSED`, `-h, --help` and `help [command]` are no sentences.
    if (isText && /[a-z]{2,},? [a-z]{2,}/i.test(node.text) && !ts.isLiteralTypeNode(node.parent)) found.push(node.text);
    return true;
  });
  return found;
}

/** What goes into the audit log (`who` does `what`), into the log or into the data of an event: these stay English. */
const isRecord = (node: ts.Node): boolean =>
  (ts.isCallExpression(node) && /^(appendAudit|log\.\w+)$/.test(node.expression.getText())) ||
  (ts.isPropertyAssignment(node) && node.name.getText() === 'data') ||
  (ts.isObjectLiteralExpression(node) && node.properties.some((property) => property.name?.getText() === 'who'));

/** Where an error, a problem, a finding or a key of the configuration says English of its own. */
function englishSaid(text: string): string[] {
  const found: string[] = [];
  walk(parse(text), (node) => {
    if (isRecord(node)) return false;
    const isError = ts.isNewExpression(node) && ERROR.test(node.expression.getText());
    const isRule = ts.isCallExpression(node) && /\.(refine|regex|multipleOf)$/.test(node.expression.getText());
    const isProblem = ts.isPropertyAssignment(node) && TEXT.test(node.name.getText());
    const isVariable = ts.isVariableDeclaration(node) && TEXT.test(node.name.getText());
    const isRefusal = ts.isNewExpression(node) && node.expression.getText() === 'PushError';
    const said = isError
      ? node.arguments?.[0]
      : isRefusal
        ? node.arguments?.[1]
        : isRule
          ? node.arguments[1]
          : isProblem || isVariable
            ? node.initializer
            : undefined;
    if (said && !ts.isObjectLiteralExpression(said)) found.push(...englishIn(said.getText()));
    return true;
  });
  return found;
}
const ERROR = /^((?!Push)\w*Error|TurnedAway|Busy|Rejected|FolderInUse|Refused)$/;
const TEXT = /^(message|hint|what|why|problem|todo)$/;

/** Codes whose message travels as English, in an error or a row of the store. */
function travelling(text: string): string[] {
  const codes: string[] = [];
  walk(parse(text), (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'english') return;
    walk(node.arguments[0]!, (inner) => {
      if (ts.isStringLiteral(inner) && inner.text in catalogue) codes.push(inner.text);
    });
  });
  return codes;
}

/** Whether the Chinese words of a message are found by its English ones. One of values alone is found by its parts. */
function isFoundAgain(code: Code): boolean {
  const names = [...catalogue[code].en.matchAll(/\{(\w+)/g)].map(([, name]) => name!);
  if (!/[a-z]/i.test(catalogue[code].en.replace(/\{[^}]*\}/g, ''))) return true;
  const values = Object.fromEntries(names.map((name, i) => [name, `v${i}-${name}`]));
  const { en, zh } = (words as (code: Code, values: object) => { en: string; zh: string })(code, values);
  return inChinese(en) === zh;
}

describe('the catalogue', () => {
  it('has no code that nothing uses', () => {
    const ours = Object.keys(catalogue).filter((code) => !LIBRARIES.some((area) => code in area));
    const files = filesIn('gateway/**/*.ts', 'adapters/**/*.ts', 'models/**/*.ts');
    expect(unused(ours, files.values())).toEqual([]);
    expect(unused(['camera-gone', 'camera-gone-todo', 'role-cook'], [`say('camera-silent')`])).toHaveLength(3);
    expect(unused(['camera-gone-todo', 'role-cook'], [`problem(key, 'camera-gone'); named('role', id)`])).toEqual([]);
  });

  it('has all that the command line says', () => {
    const found = [...filesIn('gateway/cli/**/*.ts')].flatMap(([path, text]) =>
      englishIn(text)
        .filter((english) => !NO_SENTENCES.has(english))
        .map((english) => `${path}: ${english}`),
    );
    expect(found).toEqual([]);
    expect(englishIn('console.log(`${n} rows are lost`)')).toEqual([' rows are lost']);
    expect(englishIn("new Stop('Nothing was changed.')")).toEqual(['Nothing was changed.']);
    expect(englishIn("command.description('run the box')")).toEqual(['run the box']);
  });

  it('finds every message again that travels as English', () => {
    const files = filesIn('gateway/**/*.ts', 'adapters/**/*.ts', 'models/**/*.ts');
    const codes = [...files.values()].flatMap(travelling) as Code[];
    expect(codes.length).toBeGreaterThan(300);
    expect(codes.filter((code) => !isFoundAgain(code))).toEqual([]);
    expect(travelling("throw new Error(english(n ? 'order-at' : 'times-many', { n }))")).toEqual([
      'order-at',
      'times-many',
    ]);
    expect(isFoundAgain('order-at')).toBe(false);
  });

  it('has all that rooms and adapters say in errors, in findings and of their keys', () => {
    const found = [...filesIn('gateway/**/*.ts', 'adapters/**/*.ts')]
      .filter(([path]) => !INNER_CODECS.includes(path) && !path.startsWith('gateway/cli/'))
      .flatMap(([path, text]) =>
        englishSaid(text)
          .filter((english) => !NO_SENTENCES.has(english))
          .map((english) => `${path}: ${english}`),
      );
    expect(found).toEqual([]);
    expect(englishSaid('new Error(`no picture for ${s} s`)')).toEqual(['no picture for ']);
    expect(englishSaid("new PushError(400, 'expected the plate')")).toEqual(['expected the plate']);
    expect(englishSaid('throw new StoreError(`the folder ${name} is gone`)')).toEqual(['the folder ', ' is gone']);
    expect(englishSaid("const why = closed ? 'the box stops' : ''; f({ part, what: 'is missing' })")).toEqual([
      'the box stops',
      'is missing',
    ]);
    expect(englishSaid("appendAudit(db, { what: 'list imported' }); log.warn({ why: 'too late' })")).toEqual([]);
    expect(englishSaid("const by = { who: 'box', what: 'list imported' }")).toEqual([]);
    expect(englishSaid("z.string().refine(isHost, 'expected a host name')")).toEqual(['expected a host name']);
    expect(englishSaid("check.addIssue({ message: 'a user is missing' })")).toEqual(['a user is missing']);
  });
});

/** Sentences of libraries and of the manifest of models, found by their English words. */
const LIBRARIES = [commander, zod, sqlite, modelTitles];

/** What the command room says of an event, and what a caller of our own did wrong. */
const INNER_CODECS = ['adapters/upstream/codec.ts', 'adapters/crew/jt808/codec.ts'];

/** Ids with a blank in them, the mark of a key file, what the audit log says, and errors that end within the program. */
const NO_SENTENCES: ReadonlySet<string> = new Set([
  ...Object.values(deeds).map(({ en }) => en),
  'not taken',
  'login refused',
  'not logged in',
  'no such message is kept',
  'the relay is closed',
  'there is no listener',
  'there is a listener already',
  'PRIVATE KEY',
  'an order to the nearest',
  'not compared',
  'no camera',
  'no header',
  'no road camera ',
  ' is no name of a table',
  'its content is damaged',
  'serveJobs is for worker threads',
  ' may not call for help here',
  ' is not registered: it has no authentication code',
  'the program systemd-notify is missing: install the package systemd',
  'is systemd busy?',
  ' does not say who may call it',
  ' has no schema of what it answers',
  ' has no schema of what it takes',
  'hit reviewed',
  'outcome recorded',
  'hit seen again',
  'hit compared',
  'hit updated',
  'clock wrong',
  'not read',
  'unknown document',
  'check digit',
  'PRAGMA quick_check(1)',
  'no face',
  'several faces',
  'too small',
  'no list',
  'no trust',
  'in force',
]);
