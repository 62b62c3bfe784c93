/** One YAML file as a document whose every value knows its line, and the wording of every mistake in it. */
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { ConfigProblem } from './errors.ts';

type Path = readonly (string | number)[];

export interface ConfigFile {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Line (from 1) of the value at `path`, or of the nearest parent that exists. With `key`, the line of that key in it. */
  line(path: Path, key?: string): number;
}

/** Parses YAML 1.2. Tabs, duplicate keys and other mistakes become problems; their text never quotes the file. */
export function readYaml(text: string): ConfigFile {
  const lines = new LineCounter();
  // prettyErrors would quote the offending line, which may hold a secret.
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    maxAliasCount: 0,
  } as object);
  const problems = doc.errors.map((e) => ({
    path: [],
    line: lines.linePos(e.pos[0]).line,
    ...wordYamlError(e.code, e.message),
  }));
  const fatal = doc.errors.some((e) => e.code !== 'DUPLICATE_KEY');
  return {
    value: fatal ? undefined : doc.toJS(),
    problems,
    line: (path, key) => lines.linePos(offsetOf(doc, path, key)).line,
  };
}

function wordYamlError(code: string, message: string): { message: string; hint?: string } {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used for indentation', hint: 'YAML is indented with spaces only' };
    case 'DUPLICATE_KEY':
      return { message: 'this key stands twice in the same block', hint: 'keep one of the two' };
    default:
      return { message: `not valid YAML: ${message.split('\n')[0] ?? code}` };
  }
}

function offsetOf(doc: Document, path: Path, key?: string): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node: unknown = depth === 0 ? doc.contents : doc.getIn(path.slice(0, depth), true);
    if (!isNode(node)) continue;
    const wanted = depth === path.length ? key : undefined;
    if (wanted !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isNode(item.key) && String(item.key) === wanted);
      if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
    }
    return node.range?.[0] ?? 0;
  }
  return 0;
}

/** The parts of a zod 4 issue that are worded here. Zod's own messages never contain the input. */
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** Turns the error of a zod schema into problems; unknown keys get the nearest known key as a hint. */
export function problemsOf(schema: unknown, error: unknown): ConfigProblem[] {
  const issues = (error as { issues?: readonly Issue[] }).issues ?? [];
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path.map((p) => (typeof p === 'symbol' ? String(p) : p));
    if (issue.code !== 'unrecognized_keys')
      return [{ path, message: issue.message.replace(/^Invalid (input|option): /, '') }];
    const known = keysAt(schema, path);
    return (issue.keys ?? []).map((key) => {
      const near = nearest(key, known);
      const hint = near ? `did you mean \`${near}\`?` : `known keys: ${known.join(', ')}`;
      return { path: [...path, key], message: 'unknown key', hint };
    });
  });
}

interface SchemaNode {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly def?: { readonly innerType?: unknown; readonly in?: unknown };
}

function keysAt(schema: unknown, path: Path): string[] {
  let node = schema as SchemaNode;
  const bare = (n: SchemaNode): SchemaNode => {
    const inner = n.def?.innerType ?? n.def?.in;
    return inner === undefined ? n : bare(inner as SchemaNode);
  };
  node = bare(node);
  for (const step of path) {
    const next = typeof step === 'number' ? node.element : node.shape?.[step];
    if (next === undefined) return [];
    node = bare(next as SchemaNode);
  }
  return Object.keys(node.shape ?? {});
}

/** The candidate within two edits (a third of the word at most), or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates.map((c) => ({ c, d: distance(word.toLowerCase(), c.toLowerCase()) }));
  scored.sort((a, b) => a.d - b.d);
  const best = scored[0];
  return best && best.d <= Math.max(1, Math.min(2, Math.floor(word.length / 3))) ? best.c : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
