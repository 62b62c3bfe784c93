/** Parses bytes to checked JSON. Their signatures are verified before, except those of a root that signs itself. */
import { z } from 'zod';
import { accept, refuse, type Result } from './result.ts';
import { english } from '../contracts/words/words.ts';

/** ISO 8601 text with `Z` or an offset, parsed to an Instant. */
export const timeText = z.iso
  .datetime({
    offset: true,
    error: (issue) => english(issue.input === undefined ? 'field-missing' : 'field-time'),
  })
  .transform((text) => Date.parse(text));

/** A list with 10,000 wrong rows must not fill the log. */
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
  return refuse('unreadable', english('file-form', { name, problems: sentences(problemTexts(parsed.error)) }));
}

/** One text per mistake: path and message. The messages of zod never repeat the value. */
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
