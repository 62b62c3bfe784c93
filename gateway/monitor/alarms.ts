/** Problems that begin and end become alarm events for the command room, once each, over restarts too. */
import type { Json } from '../contracts/base.ts';
import type { Problem } from '../contracts/status.ts';
import { inChinese } from '../contracts/words/words.ts';

/** Key of `meta`: the alarms that last. */
export const KNOWN_ALARMS = 'alarms';

export interface AlarmChange {
  readonly key: string;
  readonly state: 'raised' | 'cleared';
  /** The words with which it was raised. */
  readonly what: string;
  readonly data: Json;
}

/** The alarms to raise and to clear: the difference between those reported (`known`, key to text) and the problems of now. Pure. */
export function alarmChanges(known: ReadonlyMap<string, string>, problems: readonly Problem[]): AlarmChange[] {
  const now = new Map(problems.map((p) => [p.key, p]));
  const raised = problems
    .filter((p) => !known.has(p.key))
    .map(({ key, code, what, todo, zh }) => change(key, 'raised', what, { code, todo, zh: { ...zh } }));
  const cleared = [...known]
    .filter(([key]) => !now.has(key))
    .map(([key, what]) => change(key, 'cleared', what, { zh: { what: inChinese(what) } }));
  return [...raised, ...cleared];
}

function change(key: string, state: AlarmChange['state'], what: string, more: { [name: string]: Json }): AlarmChange {
  return { key, state, what, data: { key, state, what, ...more } };
}

/** The alarms reported so far, as they are kept in the store. */
export function parseKnown(text: string | undefined): Map<string, string> {
  try {
    const known = JSON.parse(text ?? '{}') as unknown;
    if (typeof known !== 'object' || known === null || Array.isArray(known)) return new Map();
    return new Map(Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
}

export function nextKnown(
  known: ReadonlyMap<string, string>,
  changes: readonly AlarmChange[],
  problems: readonly Problem[],
): string {
  const next = new Map(known);
  for (const c of changes) {
    if (c.state === 'cleared') next.delete(c.key);
    else next.set(c.key, problems.find((p) => p.key === c.key)?.what ?? '');
  }
  return JSON.stringify(Object.fromEntries(next));
}
