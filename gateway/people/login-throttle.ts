/**
 * Slows down password guessing. After `MAX_WRONG` wrong logins within `WINDOW_MS` for one account from one address, logins from there are not
 * checked until the first of these is that long ago. A login that is turned away is not counted, and other addresses are not affected: no
 * account can be locked out for good. The counts survive a restart. Accounts are of any kind: cameras, people.
 */
import { causeOf } from '../contracts/errors.ts';
import type { LoginThrottle } from '../contracts/logins.ts';
import { labelled, type Problem, type Reading, type Status } from '../contracts/status.ts';
import type { Log } from '../contracts/base.ts';
import { problem } from '../contracts/words/problem.ts';

export const MAX_WRONG = 5;
/** What alarms and metrics call the logins of all people. */
export const PERSON = 'person';
export const SETUP_CODE = 'set-up code';
/** Typed by people; what any other account sends comes from a device, and what to do is another thing. */
const TYPED = new Set([PERSON, SETUP_CODE]);
export const WINDOW_MS = 15 * 60_000;
/** Pairs of account and address; the oldest is dropped. */
const MAX_KEPT = 1_000;
/** Addresses of one account that get an alarm each. The rest share one, so that many addresses do not flood the alarms. */
export const MAX_ALARMS = 4;

/** Where the counts outlive the process. */
export interface AttemptStorage {
  load(): string | undefined;
  /** Throws where it cannot be stored now; `LoginThrottles.save` tries again. */
  save(text: string): void;
}

interface LoginAttempts {
  readonly account: string;
  /** Which of the people that share this name. */
  readonly who?: string;
  readonly address: string;
  /** When the last wrong ones came, oldest first, ms since the epoch. */
  at: readonly number[];
}

interface LoginKey {
  readonly account: string;
  readonly who?: string | undefined;
  readonly address: string;
}

interface LoginTotals {
  wrong: number;
  throttled: number;
}

export class LoginThrottles {
  readonly #log: Log;
  readonly #now: () => number;
  /** By account and address, the newest last. */
  readonly #attempts = new Map<string, LoginAttempts>();
  readonly #totals = new Map<string, LoginTotals>();
  #storage: AttemptStorage | undefined;
  #unsaved = false;

  readonly status: Status = { problems: () => this.#problems(), readings: () => readingsOf(this.#totals) };

  constructor(log: Log, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * Alarms and metrics name the account so: `camera north`. `who` tells accounts of one name apart: people share `person`, and each has a digest
   * here, since neither a number nor what was typed in its place belongs into alarms and metrics.
   */
  of(account: string, who?: string): LoginThrottle {
    const totals = this.#totals.get(account) ?? { wrong: 0, throttled: 0 };
    this.#totals.set(account, totals);
    return {
      waitMs: (address) => {
        const attempts = this.#attempts.get(keyOf({ account, who, address }));
        const waitMs = attempts ? this.#waitMs(attempts) : 0;
        if (waitMs > 0) totals.throttled++;
        return Math.max(0, waitMs);
      },
      wrong: (address) => {
        totals.wrong++;
        this.#addWrong({ account, who, address });
      },
    };
  }

  /** Loads what was counted before the restart, and stores there what is counted from now on. */
  keepIn(storage: AttemptStorage): void {
    for (const one of parse(storage.load()).slice(-MAX_KEPT)) this.#attempts.set(keyOf(one), one);
    this.#storage = storage;
  }

  /** Stores what could not be stored when it was counted. */
  save(): void {
    if (this.#unsaved) this.#store();
  }

  #addWrong({ account, who, address }: LoginKey): void {
    const key = keyOf({ account, who, address });
    const attempts = this.#attempts.get(key) ?? { account, ...(who && { who }), address: networkOf(address), at: [] };
    attempts.at = [...this.#recent(attempts), this.#now()].slice(-MAX_WRONG);
    // Deleted first, because a Map keeps the place of a key.
    this.#attempts.delete(key);
    this.#attempts.set(key, attempts);
    if (this.#attempts.size > MAX_KEPT) this.#attempts.delete(this.#attempts.keys().next().value!);
    if (this.#waitMs(attempts) > 0) {
      this.#log.warn({ account, address: attempts.address }, 'too many wrong logins: none is checked for a while');
    }
    this.#store();
  }

  /** Attempts in the future are left out: after a clock was set back they would lock a person out for that long. */
  #recent({ at }: LoginAttempts): readonly number[] {
    return at.filter((t) => this.#now() - t >= 0 && this.#now() - t < WINDOW_MS);
  }

  #waitMs(attempts: LoginAttempts): number {
    const recent = this.#recent(attempts);
    return recent.length < MAX_WRONG ? 0 : recent.at(-MAX_WRONG)! + WINDOW_MS - this.#now();
  }

  #store(): void {
    for (const [key, one] of this.#attempts) if (this.#recent(one).length === 0) this.#attempts.delete(key);
    try {
      this.#storage?.save(JSON.stringify([...this.#attempts.values()]));
      this.#unsaved = false;
    } catch (error) {
      if (!this.#unsaved) {
        this.#log.warn({ cause: causeOf(error) }, 'wrong logins could not be stored; a restart would forget them');
      }
      this.#unsaved = true;
    }
  }

  #problems(): Problem[] {
    const throttled = [...this.#attempts.values()].filter((one) => this.#waitMs(one) > 0);
    return [...this.#totals.keys()].flatMap((account) => problemsOf(account, throttled));
  }
}

function keyOf({ account, who = '', address }: LoginKey): string {
  return JSON.stringify([account, who, networkOf(address)]);
}

/** `throttled` are those of all accounts. */
function problemsOf(account: string, throttled: readonly LoginAttempts[]): Problem[] {
  const tried = { wrong: MAX_WRONG, account, minutes: WINDOW_MS / 60_000 };
  const addresses = [...new Set(throttled.filter((one) => one.account === account).map((one) => one.address))];
  const more = addresses.length - MAX_ALARMS;
  const [one, many] = TYPED.has(account)
    ? (['typed-throttled', 'typed-throttled-more'] as const)
    : (['login-throttled', 'login-throttled-more'] as const);
  return [
    ...addresses
      .slice(0, MAX_ALARMS)
      .map((address) => problem(`login-throttled:${account}:${address}`, one, { ...tried, address })),
    ...(more > 0 ? [problem(`login-throttled:${account}`, many, { ...tried, more })] : []),
  ];
}

/** The whole of an IPv4 address, the first half of an IPv6 address: a host may choose the other half itself. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const [left, right] = [head, tail ?? ''].map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left!.length - right!.length);
  const groups = [...left!, ...Array.from({ length: zeros }, () => '0'), ...right!];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** Damaged text counts as no attempts: it must not keep the box from starting. */
function parse(text: string | undefined): LoginAttempts[] {
  try {
    const all = JSON.parse(text ?? '[]') as Partial<LoginAttempts>[];
    return all.flatMap(({ account, who, address, at }) =>
      typeof account === 'string' && typeof address === 'string' && Array.isArray(at)
        ? [{ account, ...(typeof who === 'string' && { who }), address, at: at.filter((t) => typeof t === 'number') }]
        : [],
    );
  } catch {
    return [];
  }
}

function readingsOf(totals: ReadonlyMap<string, LoginTotals>): Reading[] {
  const perAccount = labelled('account', () => totals);
  return [
    perAccount('sitebox_logins_failed_total', 'counter', 'Wrong logins', ([account, { wrong }]) => [account, wrong]),
    perAccount(
      'sitebox_logins_throttled_total',
      'counter',
      'Logins that were not looked at',
      ([account, { throttled }]) => [account, throttled],
    ),
  ];
}
