/** `npx sitebox audit show`: the rows of the audit log since a time, oldest first. */
import { InvalidArgumentError } from 'commander';
import type { Instant } from '../../contracts/base.ts';
import { named } from '../../contracts/words/names.ts';
import { auditRows, readHead } from '../../store/audit.ts';
import { isFinal } from '../../hits/review-state.ts';
import { reviewOf } from '../../store/reviews.ts';
import { say, spoken, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { BoxVerb, type Verb } from '../verb.ts';

const DAY_MS = 86_400_000;

export function showCommand(): Verb {
  return new BoxVerb('show', 'help-audit-show').option('--since <time>', say('help-audit-since'), instant).onBox(show);
}

/** The date of a day, or a time with its zone. */
export function instant(text: string): Instant {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const at = isDay || isTime ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new InvalidArgumentError(say('audit-since-form'));
}

function show({ db, clock }: Box, { since = clock.now() - DAY_MS }: { readonly since?: Instant }): void {
  const last = readHead(db)?.seq ?? 0;
  let shown = 0;
  for (const { seq, atMs, who, what, detail } of auditRows(db, { from: 1, to: last })) {
    if (atMs < since) continue;
    const [by, more] = isOfOpenHit(db, what, detail) ? ['-', say('audit-withheld')] : [who, detail];
    console.log(`${seq}  ${when(atMs)}  ${by}  ${spoken(named('deed', what))}  ${more}`);
    shown++;
  }
  console.log(say('audit-shown', { shown, rows: last, since: when(since) }));
}

/** Deeds that say what the first of two people thinks of a hit, or who it was. */
const OF_FIRST_OPINION = new Set(['hit reviewed', 'review refused']);

/** Until the second opinion is in, neither the first nor its author is shown; the rows, and an export of them, hold both. */
function isOfOpenHit(db: Box['db'], what: string, detail: string): boolean {
  if (!OF_FIRST_OPINION.has(what)) return false;
  const review = reviewOf(db, String((JSON.parse(detail) as { readonly hit?: unknown }).hit));
  return review !== undefined && !isFinal(review.state);
}
