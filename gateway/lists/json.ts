/** Bytes -> checked JSON. Used on bytes whose signatures were verified before, except for a root that vouches for itself. */
import { z } from 'zod';
import { accept, refuse, type Result } from './result.ts';
import { english } from '../contracts/words/words.ts';

/** ISO 8601 with `Z` or an offset, as text; becomes an Instant. */
export const timeText = z.iso
  .datetime({
    offset: true,
    error: (issue) => english(issue.input === undefined ? 'field-missing' : 'field-time'),
  })
  .transform((text) => Date.parse(text));

/** The first few mistakes are enough to act on; a list with 10,000 wrong rows would fill the log. */
const SHOWN_PROBLEMS = 20;

export function readJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, name: string): Result<T> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse('unreadable', english('signed-no-json', { name }));
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  return refuse('unreadable', `${name}: ${sentences(problemTexts(parsed.error))}`);
}

/** One text per mistake, `path: what is wrong`. zod's own messages never repeat the value. */
export function problemTexts(error: { readonly issues: readonly z.core.$ZodIssue[] }): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return path ? `${path} ${issue.message}` : issue.message;
  });
}

export function sentences(problems: readonly string[]): string {
  const more = problems.length - SHOWN_PROBLEMS;
  return problems.slice(0, SHOWN_PROBLEMS).join('; ') + (more > 0 ? `; ${english('and-more-problems', { more })}` : '');
}
