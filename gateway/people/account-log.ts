/** Puts a change of an account into the audit log and sends it upstream. */
import { iso } from '../contracts/time.ts';
import type { Json } from '../contracts/base.ts';
import type { Person, ServiceNumber } from '../contracts/people.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';

export type AccountDeed = 'added' | 'disabled' | 'reset' | 'vouched for';

/** Who changed it: people by their numbers, or root at the console. */
export type By = readonly ServiceNumber[] | 'console' | 'set-up';

/** In the open transaction. Neither the log nor the event carries a name or a hash. */
export function recordAccount(
  { db, outbox }: { readonly db: Db; readonly outbox: OutboxWriter },
  what: AccountDeed,
  { serviceNumber, kind, roles, judgesFrom }: Person,
  by: By,
): void {
  const at = outbox.now();
  const who = typeof by === 'string' ? by : by.join(', ');
  const person = { serviceNumber, kind, roles, judgesFrom: iso(judgesFrom) };
  appendAudit(db, { at, who, what: `person ${what}`, detail: person });
  const data: Json = { ...person, what, by: typeof by === 'string' ? [by] : by };
  outbox.enqueue({
    type: 'io.sitebox.account.v1',
    subject: serviceNumber,
    time: at,
    data,
    stream: `account:${serviceNumber}`,
  });
}

/** Root opens the entry of new accounts on a box that has some. */
export function recordRecovery({ db, outbox }: { readonly db: Db; readonly outbox: OutboxWriter }): void {
  const at = outbox.now();
  appendAudit(db, { at, who: 'console', what: 'recovery of accounts opened', detail: {} });
  outbox.enqueue({
    type: 'io.sitebox.account.v1',
    subject: 'recovery',
    time: at,
    data: { what: 'recovery opened', by: ['console'] },
    stream: 'account:recovery',
  });
}
