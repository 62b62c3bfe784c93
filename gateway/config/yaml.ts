/** Parses YAML with the line of every value, and words the mistakes in it. */
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { ZodError } from 'zod';
import type { ConfigProblem } from '../contracts/errors.ts';
import { english } from '../contracts/words/words.ts';
import { editDistance } from '../contracts/text.ts';

export type Path = readonly (string | number)[];

export type ConfigFile = ReturnType<typeof readYaml>;

/** Parses YAML 1.2. Tabs, duplicate keys and other mistakes become problems; messages never quote the file. */
export function readYaml(text: string) {
  const lines = new LineCounter();
  // prettyErrors would quote the offending line, which may hold a secret.
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    maxAliasCount: 0,
  } as object);
  const problems: readonly ConfigProblem[] = doc.errors.map((e) => ({
    path: [],
    line: lines.linePos(e.pos[0]).line,
    ...wordYamlError(e.code, e.message),
  }));
  const fatal = doc.errors.some((e) => e.code !== 'DUPLICATE_KEY');
  return {
    value: fatal ? undefined : (doc.toJS() as unknown),
    problems,
    /** Line (from 1) of the value at `path`, or of its nearest existing parent; with `key`, of that key in it. */
    line: (path: Path, key?: string) => lines.linePos(offsetOf(doc, path, key)).line,
  };
}

function wordYamlError(code: string, message: string): { message: string; hint?: string } {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: english('config-tab'), hint: english('config-tab-hint') };
    case 'DUPLICATE_KEY':
      return { message: english('config-key-twice'), hint: english('config-key-twice-hint') };
    default:
      return { message: english('config-no-yaml', { cause: message.split('\n')[0] ?? code }) };
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

/** Keys of 0.1.0, and what they are called since. */
const RENAMED_KEYS: ReadonlyMap<string, string> = new Map([
  ['relayS', 'relayIntervalS'],
  ['reportS', 'reportIntervalS'],
  ['unconfirmed', 'alertUnconfirmed'],
  ['freeDiskBytes', 'minFreeDiskBytes'],
]);

/** Turns the error of a zod schema over `value` into problems; unknown keys get their new name, or else the nearest known key as a hint. */
export function problemsOf(schema: unknown, error: unknown, value: unknown): ConfigProblem[] {
  // Their messages never contain the input.
  const { issues = [] } = error as Partial<ZodError>;
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path.map((p) => (typeof p === 'symbol' ? String(p) : p));
    if (issue.code !== 'unrecognized_keys')
      return [{ path, message: issue.message.replace(/^Invalid (input|option): /, '') }];
    const known = keysAt(schema, path, value);
    return issue.keys.map((key) => {
      const renamed = RENAMED_KEYS.get(key);
      if (renamed !== undefined && known.includes(renamed))
        return { path: [...path, key], message: english('config-renamed', { key, renamed }) };
      const hint = didYouMean(key, known, english('config-known-keys', { keys: known.join(', ') }));
      return { path: [...path, key], message: english('config-unknown-key'), hint };
    });
  });
}

interface SchemaNode {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly options?: readonly unknown[];
  readonly def?: { readonly innerType?: unknown; readonly in?: unknown };
}

/** Keys that the schema knows at `path`; where it has several forms (kinds of lanes), those of the form that the value says it has. */
function keysAt(schema: unknown, path: Path, value: unknown): string[] {
  let nodes = forms(schema, value);
  let at = value;
  for (const step of path) {
    at = (at as Record<string | number, unknown> | null | undefined)?.[step];
    const next = nodes.map((n) => (typeof step === 'number' ? n.element : n.shape?.[step]));
    nodes = next.filter((n) => n !== undefined).flatMap((n) => forms(n, at));
  }
  return [...new Set(nodes.flatMap((n) => Object.keys(n.shape ?? {})))];
}

function forms(schema: unknown, value: unknown): SchemaNode[] {
  const node = schema as SchemaNode;
  const inner = node.def?.innerType ?? node.def?.in;
  if (inner !== undefined) return forms(inner, value);
  const all = (node.options ?? []) as readonly SchemaNode[];
  const { kind } = (value ?? {}) as { kind?: unknown };
  const named = all.filter((n) => (n.shape?.['kind'] as { value?: unknown } | undefined)?.value === kind);
  const options = named.length > 0 ? named : all;
  return node.options ? options.flatMap((n) => forms(n, value)) : [node];
}

/** The hint that names the candidate within two edits (a third of the word at most), or `otherwise` where there is none. */
export function didYouMean(word: string, candidates: readonly string[], otherwise: string): string {
  const scored = candidates.map((near) => ({ near, edits: editDistance(word.toLowerCase(), near.toLowerCase()) }));
  scored.sort((a, b) => a.edits - b.edits);
  const best = scored[0];
  const isNear = best && best.edits <= Math.max(1, Math.min(2, Math.floor(word.length / 3)));
  return isNear ? english('config-did-you-mean', { near: best.near }) : otherwise;
}
