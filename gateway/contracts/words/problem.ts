/** One thing that a person has to look at, as /health and the alarms say it: what it is and what to do, in two languages. */
import type { Problem } from '../status.ts';
import { words, type Code, type Given, type ProblemCode } from './words.ts';

/**
 * @example problem('reader:desk-1', 'reader-silent', { id: 'desk-1', lane: 'gate-1', cause: 'unplugged' })
 */
export function problem<C extends ProblemCode>(
  key: string,
  code: C,
  ...values: Given<C | Extract<`${C}-todo`, Code>>
): Problem {
  const what = words(code, ...(values as Given<C>));
  const todo = words(`${code}-todo` as ProblemCode, ...(values as unknown as Given<ProblemCode>));
  return { key, code, what: what.en, todo: todo.en, zh: { what: what.zh, todo: todo.zh } };
}
