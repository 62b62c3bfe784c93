/** What the verbs about accounts share: the accounts of a box, passwords typed at a terminal, and refusals. */
import { InvalidArgumentError } from 'commander';
import { SILENT_LOG } from '../../contracts/base.ts';
import type { AccountRole, PersonKind, ServiceNumber } from '../../contracts/people.ts';
import { Accounts, CONSOLE, type Backing } from '../../people/accounts.ts';
import { LoginThrottles } from '../../people/login-throttle.ts';
import type { CommonPasswords } from '../../people/passwords.ts';
import type { Proof } from '../../people/person-login.ts';
import { isRefusal, type Refusal } from '../../people/refusal.ts';
import { serviceNumberOf } from '../../people/service-number.ts';
import { Sessions } from '../../people/sessions.ts';
import { SetUp } from '../../people/setup-code.ts';
import { readableMeta } from '../../store/damage/readable-meta.ts';
import { setMeta } from '../../store/db.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

export const KINDS: readonly PersonKind[] = ['police', 'auxiliary'];
export const ROLES: readonly AccountRole[] = ['officer', 'technician', 'auditor'];
/** Of logins typed here. The gateway keeps its own in memory, and would write over these. */
const TYPED_LOGINS = 'wrongLoginsTyped';

/** What a test puts in place of the keyboard and of the list. */
export interface PersonIo {
  readonly terminal?: () => Terminal;
  readonly commonPasswords?: CommonPasswords;
}

export interface PeopleOfBox {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly setUp: SetUp;
}

export function peopleOf({ db, outbox, clock }: Box, { commonPasswords }: PersonIo = {}): PeopleOfBox {
  const throttles = new LoginThrottles(SILENT_LOG);
  throttles.keepIn({
    load: () => readableMeta(db, TYPED_LOGINS),
    save: (text) => setMeta(db, TYPED_LOGINS, text),
  });
  const accounts = new Accounts({ db, outbox, clock, throttles, ...(commonPasswords ? { commonPasswords } : {}) });
  const sessions = new Sessions({ db, clock, accounts });
  return { accounts, sessions, setUp: new SetUp({ db, outbox, clock, accounts, throttles }) };
}

export async function atTerminal<T>(
  { terminal = openTerminal }: PersonIo,
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const opened = terminal();
  try {
    return await work(opened);
  } finally {
    opened.close();
  }
}

/** The passwords of those who answer for a change. */
export async function backingBy(
  terminal: Terminal,
  numbers: readonly ServiceNumber[],
  vouched: boolean,
): Promise<Backing> {
  const proofs: Proof[] = [];
  for (const serviceNumber of numbers)
    proofs.push({
      serviceNumber,
      password: await terminal.secret(say('person-password-of', { number: serviceNumber })),
    });
  return { proofs, vouched, address: CONSOLE };
}

/** Typed twice by its owner. */
export async function newPassword(terminal: Terminal, number: string): Promise<string> {
  for (;;) {
    const first = await terminal.secret(say('person-new-password', { number }));
    if (first === (await terminal.secret(say('person-password-again')))) return first;
    if (!terminal.isInteractive) throw new Stop(say('person-passwords-differ'), EXIT_USAGE);
    console.error(say('person-passwords-differ'));
  }
}

export function granted<T extends object>(result: T | Refusal): T {
  if (isRefusal(result)) throw refused(result);
  return result;
}

export function refused({ refused: why }: Refusal): Stop {
  return new Stop(say('refused', { why }));
}

/** An argument of the command line. */
export function serviceNumber(text: string): ServiceNumber {
  const number = serviceNumberOf(text);
  if (number === undefined) throw new InvalidArgumentError(say('person-number-form'));
  return number;
}
