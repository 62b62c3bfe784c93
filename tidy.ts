/**
 * The project checked by the project: who may import whom, cycles, length of files and functions, words that belong to one
 * machine only, links between documents. Pure functions over a map of path -> text, so that tidy.test.ts can plant violations.
 * Who may import whom stands in `tidy.rooms.ts`.
 */
import { posix } from 'node:path';
import ts from 'typescript';
import { rules, TEST, type Rule } from './tidy.rooms.ts';

/** Repository path with forward slashes -> text. */
export type Files = ReadonlyMap<string, string>;

export interface Import {
  /** As written: `node:fs`, `zod`, `../types.ts`. `?` stands for a path computed at run time. */
  readonly specifier: string;
  /** `import type`, `export type … from` or a type `import('…')`: gone before the program runs. */
  readonly typeOnly: boolean;
  /** From 1. */
  readonly line: number;
}

export const MAX_FILE_LINES = 300;
export const MAX_FUNCTION_LINES = 60;
/** With the named functions inside it. */
export const MAX_WHOLE_FUNCTION_LINES = 120;

/** Folders at the top level, each with its row in ARCHITECTURE.md. */
const FOLDERS = ['.ci', '.github', 'adapters', 'docs', 'gateway', 'models', 'simulators', 'systemd'];

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/**
 * Everything a file pulls in: import and export-from declarations, `import()`, type `import('…')`, and workers and children
 * named by `new URL('./x.ts', import.meta.url)`. `import { type A }` counts as a value import, because under
 * verbatimModuleSyntax the module is still loaded when the program runs.
 */
export function importsOf(path: string, text: string): Import[] {
  const source = parse(path, text);
  const found: Import[] = [];
  const add = (at: ts.Node, target: ts.Node | undefined, typeOnly: boolean): void => {
    const specifier = target !== undefined && ts.isStringLiteralLike(target) ? target.text : '?';
    found.push({ specifier, typeOnly, line: source.getLineAndCharacterOfPosition(at.getStart()).line + 1 });
  };
  walk(source, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false);
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
      const [target, base] = node.arguments ?? [];
      const isModule = target !== undefined && ts.isStringLiteralLike(target) && target.text.endsWith('.ts');
      if (isModule && base?.getText() === 'import.meta.url') add(node, target, false);
    }
  });
  return found;
}

/** `node:fs`, `npm:zod`, or the repository path a relative specifier leads to. */
export function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier));
  return specifier.startsWith('node:') ? specifier : `npm:${specifier}`;
}

const isCode = (path: string): boolean => path.endsWith('.ts');

/** Every import that no rule allows, every .ts file that no rule names, every import of a file that is not there. */
export function checkImports(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    if (!isCode(path)) continue;
    const rule = rules.find((r) => r.files.test(path));
    if (!rule) {
      problems.push(`${path}: no rule names this file; decide in tidy.ts what it may import`);
      continue;
    }
    for (const { specifier, typeOnly, line } of importsOf(path, text)) {
      const target = targetOf(path, specifier);
      const at = `${path}:${line}`;
      if (specifier === '?') {
        if (!TEST.test(path)) problems.push(`${at}: import() of a computed path cannot be checked; write the path out`);
      } else if (specifier.startsWith('.') && !files.has(target)) {
        problems.push(`${at}: imports ${target}, which is not there (relative imports end in .ts)`);
      } else if (TEST.test(target) && !TEST.test(path)) {
        problems.push(`${at}: imports ${target}; only tests may import tests`);
      } else if (target === 'npm:vitest' && !TEST.test(path)) {
        problems.push(`${at}: imports vitest outside a test`);
      } else if (!allowed(rule, target, typeOnly)) {
        problems.push(`${at}: may not import ${target}${typeOnly ? ' (type)' : ''}`);
      }
    }
  }
  return problems;
}

function allowed(rule: Rule, target: string, typeOnly: boolean): boolean {
  if (target.startsWith('node:')) return true;
  return [...rule.may, ...(typeOnly ? (rule.mayType ?? []) : [])].some((r) => r.test(target));
}

/** Groups of files that import each other in a ring, by value or by type. */
export function checkCycles(files: Files): string[] {
  const problems: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) problems.push(`import cycle: ${[...trail.slice(start), path].join(' -> ')}`);
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const { specifier } of importsOf(path, files.get(path) ?? '')) {
      const target = targetOf(path, specifier);
      if (specifier.startsWith('.') && isCode(target) && files.has(target)) visit(target);
    }
    trail.pop();
    done.add(path);
  };
  for (const path of files.keys()) if (isCode(path)) visit(path);
  return problems;
}

/** Files over MAX_FILE_LINES, tests too; outside tests functions over MAX_FUNCTION_LINES, or MAX_WHOLE_FUNCTION_LINES in all. */
export function checkLengths(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    if (!/\.(ts|mjs|js|py|sh)$|^setup$/.test(path)) continue;
    const lines = text.replace(/\n$/, '').split('\n').length;
    if (lines > MAX_FILE_LINES) problems.push(`${path}: ${lines} lines; split it (at most ${MAX_FILE_LINES})`);
    if (!isCode(path) || TEST.test(path)) continue;
    const source = parse(path, text);
    walk(source, (node) => {
      if (!isFunction(node)) return;
      const [own, whole] = [ownLines(source, node), linesOf(source, node)];
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const name = `${path}:${line}: function ${nameOf(node)}`;
      if (own > MAX_FUNCTION_LINES)
        problems.push(`${name} has ${own} lines of its own (at most ${MAX_FUNCTION_LINES})`);
      if (whole > MAX_WHOLE_FUNCTION_LINES)
        problems.push(
          `${name} has ${whole} lines with those inside it (at most ${MAX_WHOLE_FUNCTION_LINES}); a class?`,
        );
    });
  }
  return problems;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named?.getText() ?? '(anonymous)';
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return lineOf(node.end) - lineOf(node.getStart()) + 1;
}

/**
 * Lines of a function less those of the named functions inside it, which are measured by themselves: where others write a class
 * with methods we write a function that returns functions. Callbacks count with the function they stand in.
 */
function ownLines(source: ts.SourceFile, outer: ts.FunctionLikeDeclaration): number {
  let own = linesOf(source, outer);
  const descend = (node: ts.Node): void => {
    const holder = node.parent;
    const named = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node);
    const assigned = ts.isVariableDeclaration(holder) || ts.isPropertyAssignment(holder);
    if (isFunction(node) && (named || assigned)) own -= linesOf(source, node);
    else ts.forEachChild(node, descend);
  };
  ts.forEachChild(outer, descend);
  return own;
}

/** What is true on one machine only. The letters in brackets keep this file from matching itself. */
const FOREIGN: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  {
    pattern: /\/wor[k]\/(main|shared)\b|\/(hom[e]|User[s])\/\w+|(?<![\w.])\/roo[t]\/\w/,
    what: 'a path of one machine',
  },
  {
    pattern: /\bregistr[y]\.(npmjs|npmmirror|yarnpkg)|\bdeb\.debia[n]\.|\bpyp[i]\.org|"resolve[d]": "http/,
    what: 'a package host',
  },
];

const LIMIT = /(^|_)(MOST|LEAST)(_|$)|^(most|least)[A-Z]/;

/** Names of limits that are neither MAX_… nor MIN_…. */
export function checkNames(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    if (!/\.(ts|js|mjs)$/.test(path)) continue;
    const source = parse(path, text);
    walk(source, (node) => {
      if (!ts.isIdentifier(node) || !LIMIT.test(node.text)) return;
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      problems.push(`${path}:${line}: ${node.text}: a limit begins with MAX or MIN, and its unit comes last`);
    });
  }
  return problems;
}

/**
 * Exported types whose name stands in more than one file: one name has one meaning. A type that is exported again under its own name is the same
 * one; under another name it counts as one of that name.
 */
export function checkTypeNames(files: Files): string[] {
  const homes = new Map<string, string[]>();
  for (const [path, text] of files) {
    if (!isCode(path)) continue;
    for (const name of typesExportedBy(parse(path, text))) homes.set(name, [...(homes.get(name) ?? []), path]);
  }
  return [...homes].flatMap(([name, paths]) =>
    paths.length < 2 ? [] : [`${paths.join(', ')}: each exports a type ${name}; give one of them a name of its own`],
  );
}

function typesExportedBy({ statements }: ts.SourceFile): Set<string> {
  const types = statements.filter(
    (s) =>
      ts.isInterfaceDeclaration(s) ||
      ts.isTypeAliasDeclaration(s) ||
      ts.isClassDeclaration(s) ||
      ts.isEnumDeclaration(s),
  );
  const own = new Set(types.flatMap(({ name }) => (name ? [name.text] : [])));
  const exported = types.filter((s) => s.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword));
  const names = new Set(exported.flatMap(({ name }) => (name ? [name.text] : [])));
  for (const statement of statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
      continue;
    for (const { name, propertyName, isTypeOnly } of statement.exportClause.elements) {
      const before = propertyName?.text ?? name.text;
      const isType = statement.isTypeOnly || isTypeOnly || (!statement.moduleSpecifier && own.has(before));
      const isNew = before !== name.text || (!statement.moduleSpecifier && own.has(before));
      if (isType && isNew) names.add(name.text);
    }
  }
  return names;
}

/** Words that tie the text to one machine or to one package host. */
export function checkWords(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    for (const [i, line] of text.split('\n').entries()) {
      for (const { pattern, what } of FOREIGN) if (pattern.test(line)) problems.push(`${path}:${i + 1}: names ${what}`);
    }
  }
  return problems;
}

/** Folders at the top level that the layout does not know. */
export function checkFolders(files: Files): string[] {
  const folders = new Set([...files.keys()].filter((p) => p.includes('/')).map((p) => p.slice(0, p.indexOf('/'))));
  return [...folders]
    .filter((f) => !FOLDERS.includes(f))
    .map((f) => `${f}/: not in the layout; put it in a known folder, or change FOLDERS in tidy.ts and ARCHITECTURE.md`);
}
