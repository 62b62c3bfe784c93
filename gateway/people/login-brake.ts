/**
 * Slows down whoever tries passwords: after `MAX_WRONG` wrong logins within `WINDOW_MS`, by account and address, none from there is looked at
 * until the first of them is that long ago. A right login from another address passes all the same, and what is turned away counts as no
 * further try: nobody is locked out for ever, whoever keeps trying. The counts survive a restart. Of accounts of any kind: cameras, people.
 */
import { causeOf } from '../contracts/errors.ts';
import type { LoginBrake } from '../contracts/logins.ts';
import type { Problem, Reading, Status } from '../contracts/status.ts';
import type { Log } from '../contracts/base.ts';
import { problem } from '../contracts/words/problem.ts';

export const MAX_WRONG = 5;
export const WINDOW_MS = 15 * 60_000;
/** Pairs of account and address that are kept; the oldest gives way. */
const MAX_KEPT = 1_000;
/** Addresses of an account with an alarm each; what is beyond them is one alarm together, so that a flood of addresses is none of alarms. */
export const MAX_ALARMS = 4;

/** Where the counts outlive the process. */
export interface BrakeKeeper {
  load(): string | undefined;
  /** Throws where it cannot be kept now; `save` of the brake tries again. */
  save(text: string): void;
}

export interface LoginBrakes {
  /** `account` names it in alarms and metrics: `camera north`. */
  of(account: string): LoginBrake;
  /** Takes over what was counted before the restart, and keeps there what is counted from now on. */
  keepIn(keeper: BrakeKeeper): void;
  /** Tries again to keep what could not be kept. */
  save(): void;
  readonly status: Status;
}

interface Tried {
  readonly account: string;
  readonly address: string;
  /** Of the wrong ones, oldest first, ms since the epoch. */
  at: readonly number[];
}

export function openLoginBrakes(log: Log, now: () => number = Date.now): LoginBrakes {
  const tried = new Map<string, Tried>();
  const totals = new Map<string, { wrong: number; braked: number }>();
  let keeper: BrakeKeeper | undefined;
  let unsaved = false;

  const keyOf = (account: string, address: string): string => JSON.stringify([account, networkOf(address)]);
  /** A clock that was set back forgets, rather than locking somebody out for as long. */
  const fresh = (at: readonly number[]): readonly number[] => at.filter((t) => now() - t >= 0 && now() - t < WINDOW_MS);
  const waitOf = ({ at }: Tried): number => {
    const last = fresh(at);
    return last.length < MAX_WRONG ? 0 : last.at(-MAX_WRONG)! + WINDOW_MS - now();
  };
  const save = (): void => {
    for (const [key, one] of tried) if (fresh(one.at).length === 0) tried.delete(key);
    try {
      keeper?.save(JSON.stringify([...tried.values()]));
      unsaved = false;
    } catch (error) {
      if (!unsaved)
        log.warn({ cause: causeOf(error) }, 'wrong logins could not be kept; they count, but not over a restart');
      unsaved = true;
    }
  };
  const count = (account: string, what: 'wrong' | 'braked'): void => {
    totals.get(account)![what]++;
  };
  const problems = (): Problem[] => {
    const braked = [...tried.values()].filter((one) => waitOf(one) > 0);
    return [...totals.keys()].flatMap((account) => problemsOf(account, braked));
  };

  return {
    of(account) {
      totals.set(account, totals.get(account) ?? { wrong: 0, braked: 0 });
      return {
        waitMs(address) {
          const one = tried.get(keyOf(account, address));
          const waitMs = one ? waitOf(one) : 0;
          if (waitMs > 0) count(account, 'braked');
          return Math.max(0, waitMs);
        },
        wrong(address) {
          count(account, 'wrong');
          const key = keyOf(account, address);
          const one = tried.get(key) ?? { account, address: networkOf(address), at: [] };
          one.at = [...fresh(one.at), now()].slice(-MAX_WRONG);
          // Last, so that the oldest stands first.
          tried.delete(key);
          tried.set(key, one);
          if (tried.size > MAX_KEPT) tried.delete(tried.keys().next().value!);
          if (waitOf(one) > 0)
            log.warn({ account, address: one.address }, 'too many wrong logins: none is looked at for a while');
          save();
        },
      };
    },
    keepIn(given) {
      for (const one of parse(given.load()).slice(-MAX_KEPT)) tried.set(keyOf(one.account, one.address), one);
      keeper = given;
    },
    save: () => void (unsaved && save()),
    status: {
      problems,
      readings: () => readingsOf(totals),
    },
  };
}

/** `braked`: addresses from which nothing is looked at now, of all accounts. */
function problemsOf(account: string, braked: readonly Tried[]): Problem[] {
  const tried = { wrong: MAX_WRONG, account, minutes: WINDOW_MS / 60_000 };
  const addresses = braked.filter((one) => one.account === account).map((one) => one.address);
  const more = addresses.length - MAX_ALARMS;
  return [
    ...addresses
      .slice(0, MAX_ALARMS)
      .map((address) => problem(`login-throttled:${account}:${address}`, 'login-throttled', { ...tried, address })),
    ...(more > 0 ? [problem(`login-throttled:${account}`, 'login-throttled-more', { ...tried, more })] : []),
  ];
}

/** IPv4 as it is; of IPv6 the first half, because a host may give itself any of the other. */
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

/** What is damaged counts as nothing: a brake that cannot be read must not keep the box from starting. */
function parse(text: string | undefined): Tried[] {
  try {
    const all = JSON.parse(text ?? '[]') as Partial<Tried>[];
    return all.flatMap(({ account, address, at }) =>
      typeof account === 'string' && typeof address === 'string' && Array.isArray(at)
        ? [{ account, address, at: at.filter((t) => typeof t === 'number') }]
        : [],
    );
  } catch {
    return [];
  }
}

function readingsOf(totals: ReadonlyMap<string, { readonly wrong: number; readonly braked: number }>): Reading[] {
  const family = (name: string, help: string, value: 'wrong' | 'braked'): Reading => ({
    name,
    help,
    type: 'counter',
    labels: ['account'],
    read: () => [...totals].map(([account, counts]) => [[account], counts[value]] as const),
  });
  return [
    family('sitebox_logins_failed_total', 'Wrong logins', 'wrong'),
    family('sitebox_logins_throttled_total', 'Logins that were not looked at', 'braked'),
  ];
}
