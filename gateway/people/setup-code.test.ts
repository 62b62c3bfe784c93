/** The first accounts of a box, and recovery. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { openDamaged } from '../store/damage/fallback.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { Accounts, type NewPerson } from './accounts.ts';
import { LoginThrottles } from './login-throttle.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import { MAX_SETUP_MS, SetUp } from './setup-code.ts';
import { codeOf, HERE, HOUR_MS, openPeopleRig, passwordOf, T0 } from './people.fixtures.ts';

type Rig = ReturnType<typeof openPeopleRig>;

let rig: Rig;
beforeEach(() => {
  rig = openPeopleRig();
});

const tokenOf = (result: { token: string } | Refusal): string => {
  if (isRefusal(result)) throw new Error(result.refused.en);
  return result.token;
};
const someone = (serviceNumber: string, ...roles: NewPerson['roles']): NewPerson => ({
  serviceNumber,
  name: '赵 九',
  kind: 'police',
  roles,
});
const PASSWORD = 'seven green kites';
const enter = async (token: string, person: NewPerson, { setUp }: Pick<Rig, 'setUp'> = rig, password = PASSWORD) => {
  const result = await setUp.enter(token, person, password);
  return isRefusal(result) ? result.refused.code : `${result.officers} ${result.others}`;
};

describe('set-up', () => {
  it('takes two officers and an auditor or technician, makes their accounts at once, and ends', async () => {
    expect([rig.accounts.isSetUp(), rig.accounts.status.health!()]).toEqual([false, { accounts: { isSetUp: false } }]);
    const token = tokenOf(rig.setUp.open(rig.setUp.makeCode(), HERE));
    expect(await enter(token, someone('100001', 'officer'))).toBe('1 1');
    expect(await enter(token, someone('100001', 'auditor'))).toBe('setup-number-twice');
    expect(await enter(token, someone('100002', 'technician'), rig, 'short')).toBe('password-short');
    expect(await enter(token, someone('100002', 'technician'))).toBe('1 0');
    expect(await enter(token, someone('100003', 'auditor'))).toBe('setup-enough-others');
    expect([rig.accounts.list(), rig.accounts.isSetUp()]).toEqual([[], false]);
    expect(await enter(token, someone('100003', 'officer'))).toBe('0 0');
    expect(rig.accounts.isSetUp()).toBe(true);
    expect(rig.accounts.list().map((p) => p.serviceNumber)).toEqual(['100001', '100002', '100003']);
    expect(await enter(token, someone('100004', 'officer'))).toBe('session-ended');
    expect(rig.audit()).toEqual([
      'set-up: set-up session opened',
      'set-up: person added',
      'set-up: person added',
      'set-up: person added',
    ]);
    expect(rig.events()).toHaveLength(3);
    // They vouch for each other, and judge at once.
    expect(codeOf(await rig.accounts.judge('100003', PASSWORD))).toBe('ok');
    expect(rig.sessions.list()).toEqual([]);
  });

  it('takes a code once, the newest one, on the day it was made; wrong ones are throttled', () => {
    const [old, code] = [rig.setUp.makeCode(), rig.setUp.makeCode()];
    expect(codeOf(rig.setUp.open(old, HERE))).toBe('setup-code-unknown');
    const again = rig.restart();
    expect(codeOf(again.setUp.open(code.toUpperCase(), HERE))).toBe('ok');
    expect(codeOf(again.setUp.open(code, HERE))).toBe('setup-code-unknown');
    const late = again.setUp.makeCode();
    rig.go(24 * HOUR_MS);
    expect(codeOf(again.setUp.open(late, HERE))).toBe('setup-code-unknown');
    for (let i = 0; i < 4; i++) again.setUp.open('0000-0000-0000-0000', HERE);
    expect(codeOf(again.setUp.open(again.setUp.makeCode(), HERE))).toBe('login-wait');
  });

  it('lasts an hour, and what was entered is not kept beyond it or over a restart', async () => {
    const token = tokenOf(rig.setUp.openOnConsole());
    await enter(token, someone('100001', 'officer'));
    await enter(token, someone('100002', 'officer'));
    const again = rig.restart();
    expect(await enter(token, someone('100003', 'auditor'), again)).toBe('2 0');
    rig.go(MAX_SETUP_MS);
    expect(await enter(token, someone('100001', 'officer'), again)).toBe('session-ended');
    expect(again.accounts.isSetUp()).toBe(false);
    // A second session ends the first.
    const [one, two] = [tokenOf(again.setUp.openOnConsole()), tokenOf(again.setUp.openOnConsole())];
    expect(await enter(one, someone('100001', 'officer'), again)).toBe('session-ended');
    expect(await enter(two, someone('100001', 'officer'), again)).toBe('1 1');
  });

  it('makes no account where the store does not take all of them', async () => {
    const token = tokenOf(rig.setUp.openOnConsole());
    await enter(token, someone('100001', 'officer'));
    await enter(token, someone('100002', 'officer'));
    rig.db.exec(
      `CREATE TRIGGER planted BEFORE INSERT ON outbox WHEN NEW.subject = '100003' BEGIN SELECT RAISE(ABORT, 'planted'); END`,
    );
    await expect(enter(token, someone('100003', 'auditor'))).rejects.toThrow('planted');
    expect([rig.accounts.list(), rig.events()]).toEqual([[], []]);
    rig.db.exec('DROP TRIGGER planted');
    expect(await enter(token, someone('100003', 'auditor'))).toBe('0 0');
  });
});

it('a box whose store is damaged has its accounts, and offers no set-up', async () => {
  await rig.person('100001');
  const db = openDamaged(rig.folder, 'planted', SILENT_LOG);
  onTestFinished(() => db.close());
  const clock = { now: () => T0, trusted: () => T0 };
  const outbox = new OutboxWriter(db, {
    source: '/s',
    relays: [],
    limits: { rows: 1, bytes: 1 },
    now: () => T0,
    wake: () => undefined,
  });
  const throttles = new LoginThrottles(SILENT_LOG);
  const accounts = new Accounts({ db, outbox, clock, throttles });
  const setUp = new SetUp({ db, outbox, clock, accounts, throttles });
  expect(accounts.isSetUp()).toBe(true);
  expect(codeOf(await accounts.judge('100001', passwordOf('100001')))).toBe('ok');
  expect(() => setUp.makeCode()).toThrow('planted');
  expect(() => setUp.openOnConsole()).toThrow('planted');
});

describe('recovery', () => {
  beforeEach(async () => {
    await rig.person('100001');
    await rig.person('100002', { disabled: 1 });
  });

  it('is logged, sent upstream, and an alarm for 24 hours, also over a restart', () => {
    rig.setUp.makeCode();
    expect(rig.audit()).toEqual(['console: recovery of accounts opened']);
    expect(rig.events()).toEqual([{ what: 'recovery opened', by: ['console'] }]);
    const again = rig.restart();
    const problems = () => again.setUp.status.problems!().map((one) => one.code);
    expect(problems()).toEqual(['accounts-recovered']);
    rig.go(24 * HOUR_MS - 1);
    expect(problems()).toEqual(['accounts-recovered']);
    rig.go(1);
    expect(problems()).toEqual([]);
  });

  it('enters people who have an account with a new password, ends their sessions, and lets none of them judge for 24 hours', async () => {
    const opened = await rig.sessions.openPersonal({ serviceNumber: '100001', password: passwordOf('100001') }, HERE);
    const token = tokenOf(rig.setUp.open(rig.setUp.makeCode(), HERE));
    expect(await enter(token, someone('100001', 'officer'))).toBe('1 1');
    expect(await enter(token, someone('100002', 'officer'))).toBe('0 1');
    expect(rig.sessions.use(tokenOf(opened))).toMatchObject({ kind: 'personal' });
    expect(await enter(token, someone('100005', 'auditor'))).toBe('0 0');
    expect(codeOf(rig.sessions.use(tokenOf(opened)))).toBe('session-ended');
    expect(codeOf(await rig.accounts.judge('100001', PASSWORD))).toBe('person-judges-later');
    expect(codeOf(await rig.accounts.judge('100002', PASSWORD))).toBe('person-judges-later');
    rig.go(24 * HOUR_MS);
    expect(codeOf(await rig.accounts.judge('100001', PASSWORD))).toBe('ok');
    const made = rig.events().map((event) => (event as { what: string }).what);
    expect(made).toEqual(['recovery opened', 'reset', 'reset', 'added']);
  });

  it('is not what a code for the first accounts opens, nor a session of theirs', async () => {
    const fresh = openPeopleRig();
    const code = fresh.setUp.makeCode();
    const token = tokenOf(fresh.setUp.openOnConsole());
    const other = fresh.setUp.makeCode();
    await fresh.person('100001');
    expect(codeOf(fresh.setUp.open(code, HERE))).toBe('setup-code-unknown');
    expect(codeOf(fresh.setUp.open(other, HERE))).toBe('setup-code-unknown');
    expect(await enter(token, someone('100009', 'officer'), fresh)).toBe('session-ended');
    expect(fresh.setUp.status.problems!()).toEqual([]);
  });
});
