/** `npx sitebox audit show`: the rows of the audit log since a time, oldest first. */
import { InvalidArgumentError } from 'commander';
import type { Instant } from '../../contracts/base.ts';
import { named } from '../../contracts/words/names.ts';
import { auditRows, readHead } from '../../store/audit.ts';
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
    console.log(`${seq}  ${when(atMs)}  ${who}  ${spoken(named('deed', what))}  ${detail}`);
    shown++;
  }
  console.log(say('audit-shown', { shown, rows: last, since: when(since) }));
}
