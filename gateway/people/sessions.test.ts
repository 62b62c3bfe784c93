/** Sessions of people and screens. */
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { copyStore } from '../store/backup/copy.ts';
import { openForReading } from '../store/db.ts';
import { hasPeople } from '../store/people.ts';
import { allSessions } from '../store/sessions.ts';
import { DISPLAY_CODE_MS } from './display-codes.ts';
import { ACT_MS, IDLE_MS, MAX_PERSONAL_MS, MAX_PIN_TRIES, type OpenedSession } from './sessions.ts';
import { MAX_SESSIONS_OF_ONE } from './open-session.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import { SHARED_MS } from './token-clients.ts';
import { codeOf, HERE, HOUR_MS, openPeopleRig, passwordOf, PIN } from './people.fixtures.ts';

type Rig = ReturnType<typeof openPeopleRig>;

let rig: Rig;
beforeEach(async () => {
  rig = openPeopleRig();
  await rig.person('100001');
  await rig.person('100002');
});

function opened(result: OpenedSession | Refusal): OpenedSession {
  if (isRefusal(result)) throw new Error(result.refused.en);
  return result;
}
const proof = (serviceNumber = '100001') => ({ serviceNumber, password: passwordOf(serviceNumber) });
const logIn = async (number = '100001') => opened(await rig.sessions.openPersonal(proof(number), HERE)).token;
const use = (token: string, parts: Pick<Rig, 'sessions'> = rig) => codeOf(parts.sessions.use(token));

describe('a personal session', () => {
  it('has a token of 256 bits, another at each login, of which the store has the digest alone', async () => {
    const [one, two] = [await logIn(), await logIn()];
    expect(Buffer.from(one, 'base64url')).toHaveLength(32);
    expect(one).not.toBe(two);
    const rows = JSON.stringify([
      rig.db.prepare('SELECT * FROM sessions').all(),
      rig.db.prepare('SELECT * FROM audit').all(),
    ]);
    expect([rows.includes(one), rows.includes(two)]).toEqual([false, false]);
    // A token that somebody planted opens nothing.
    expect(use('x'.repeat(43))).toBe('session-ended');
  });

  it('is idle after 15 minutes without an act, however often its views refresh', async () => {
    const token = await logIn();
    for (let i = 0; i < 14; i++) {
      rig.go(60_000);
      expect(rig.sessions.find(token)).toMatchObject({ isIdle: false });
    }
    rig.go(60_000);
    expect(rig.sessions.find(token)).toMatchObject({ isIdle: true });
    expect(use(token)).toBe('session-idle');
  });

  it('goes on with each act, for 24 hours at most, over restarts', async () => {
    const token = await logIn();
    let parts: Pick<Rig, 'sessions'> = rig;
    for (let i = 0; i < 24 * 5 - 1; i++) {
      rig.go(12 * 60_000);
      if (i % 40 === 7) parts = rig.restart();
      expect(use(token, parts)).toBe('ok');
    }
    rig.go(12 * 60_000);
    expect(use(token, parts)).toBe('session-ended');
    expect(parts.sessions.list()).toEqual([]);
  });

  it('is opened again for one act by number and PIN', async () => {
    const token = await logIn();
    rig.go(IDLE_MS);
    const reopen = async (number: string, pin: string) => codeOf(await rig.sessions.reopen(token, number, pin));
    expect(await reopen('100001', '111112')).toBe('pin-wrong');
    expect(await reopen('100002', PIN)).toBe('pin-wrong');
    expect(use(token)).toBe('session-idle');
    expect(await reopen('100001', PIN)).toBe('ok');
    expect([use(token), use(token)]).toEqual(['ok', 'session-idle']);
    expect(await reopen('100001', PIN)).toBe('ok');
    rig.go(ACT_MS);
    expect(use(token)).toBe('session-idle');
  });

  it('takes five wrong PINs, also at one moment, and then the password', async () => {
    const token = await logIn();
    rig.go(IDLE_MS);
    const tries = Array.from({ length: 12 }, () => rig.sessions.reopen(token, '100001', '111112').then(codeOf));
    const codes = await Promise.all(tries);
    expect(codes.filter((code) => code === 'pin-wrong')).toHaveLength(MAX_PIN_TRIES);
    expect(codes.filter((code) => code === 'pin-tries')).toHaveLength(12 - MAX_PIN_TRIES);
    const again = rig.restart();
    expect(codeOf(await again.sessions.reopen(token, '100001', PIN))).toBe('pin-tries');
    expect(codeOf(await again.sessions.proveAgain(token, 'wrong', HERE))).toBe('login-wrong');
    const proved = opened(await again.sessions.proveAgain(token, passwordOf('100001'), HERE));
    // Under another token: a copy of the old one opens nothing.
    expect([use(proved.token, again), use(token, again)]).toEqual(['ok', 'session-ended']);
  });

  it('counts as proved for five minutes after the password: for a PIN, and for acts that need it', async () => {
    const token = await logIn();
    expect(rig.sessions.find(token)).toMatchObject({ isProved: true });
    expect(codeOf(await rig.sessions.setPin(token, '123456'))).toBe('pin-simple');
    expect(codeOf(await rig.sessions.setPin(token, '830164'))).toBe('ok');
    rig.go(5 * 60_000);
    expect(rig.sessions.find(token)).toMatchObject({ isProved: false });
    expect(codeOf(await rig.sessions.setPin(token, '830165'))).toBe('session-not-proved');
    const again = opened(await rig.sessions.proveAgain(token, passwordOf('100001'), HERE));
    expect(again.session).toMatchObject({ isProved: true });
    rig.go(IDLE_MS);
    expect(codeOf(await rig.sessions.reopen(again.token, '100001', PIN))).toBe('pin-wrong');
    expect(codeOf(await rig.sessions.reopen(again.token, '100001', '830164'))).toBe('ok');
  });

  it('ends at once with its account, its password, its log-out, or a revocation by its id', async () => {
    const tokens = [await logIn('100002'), await logIn('100002'), await logIn('100001')];
    rig.sessions.end(tokens[0]!);
    expect(tokens.map((token) => use(token))).toEqual(['session-ended', 'ok', 'ok']);
    const backing = { proofs: [proof()], address: HERE };
    // In the middle of a PIN: what it opens is gone.
    rig.go(IDLE_MS);
    const reopening = rig.sessions.reopen(tokens[1]!, '100002', PIN);
    await rig.accounts.disable('100002', backing);
    await reopening;
    expect(use(tokens[1]!)).toBe('session-ended');
    expect(codeOf(await rig.sessions.openPersonal(proof('100002'), HERE))).toBe('login-disabled');
    const [left] = rig.sessions.list();
    expect(rig.sessions.revoke(left!.id, '100001')).toBe(true);
    expect(rig.sessions.revoke(left!.id, '100001')).toBe(false);
    expect(use(tokens[2]!)).toBe('session-ended');
    expect(rig.audit()).toEqual([
      '100002: login',
      '100002: login',
      '100001: login',
      '100002: session ended',
      '100001: person disabled',
      '100001: session ended',
    ]);
  });

  it('is one of few: the oldest of a person gives way', async () => {
    const tokens: string[] = [];
    for (let i = 0; i <= MAX_SESSIONS_OF_ONE; i++) {
      rig.go(1);
      tokens.push(await logIn());
    }
    expect(tokens.map((token) => use(token)).filter((code) => code === 'ok')).toHaveLength(MAX_SESSIONS_OF_ONE);
    expect(use(tokens[0]!)).toBe('session-ended');
  });

  it('gives way to its own kind alone: the screen of the duty room goes on while its officer logs in elsewhere', async () => {
    const duty = opened(await rig.sessions.openDuty(proof('100001'), HERE));
    for (let i = 0; i <= MAX_SESSIONS_OF_ONE; i++) await logIn();
    expect(use(duty.token)).toBe('ok');
  });

  it('does not last longer where the clock is set back', async () => {
    const token = await logIn();
    rig.go(IDLE_MS);
    rig.go(-HOUR_MS);
    expect(use(token)).toBe('session-idle');
    rig.go(MAX_PERSONAL_MS);
    expect(use(token)).toBe('session-ended');
  });

  it('is in no backup, which could bring it back after it was revoked; accounts are', async () => {
    await logIn();
    rig.sessions.makeDisplayCode('gate-1', '100001');
    const path = join(rig.folder, 'copy.db');
    copyStore(rig.db, path);
    const copy = openForReading(path);
    expect([hasPeople(copy), allSessions(copy)]).toEqual([true, []]);
    expect(copy.prepare('SELECT count(*) FROM oneTimeCodes').pluck().get()).toBe(0);
    copy.close();
  });

  it('works on where a full store takes no last use, and is not opened where none takes its row of the log', async () => {
    const token = await logIn();
    rig.go(2 * 60_000);
    rig.db.exec(`CREATE TRIGGER planted BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);
    expect(use(token)).toBe('ok');
    rig.go(14 * 60_000);
    expect(use(token)).toBe('ok');
    rig.db.exec(`CREATE TRIGGER deaf BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);
    await expect(rig.sessions.openPersonal(proof(), HERE)).rejects.toThrow('planted');
    expect(rig.sessions.list()).toHaveLength(1);
  });
});

describe('the screen of the duty room', () => {
  it('never logs out, is opened by an officer, and ends with that account', async () => {
    await rig.person('100004', { roles: ['technician'] });
    expect(codeOf(await rig.sessions.openDuty(proof('100004'), HERE))).toBe('person-no-officer');
    const { token } = opened(await rig.sessions.openDuty(proof(), HERE));
    rig.go(400 * 24 * HOUR_MS);
    expect(rig.sessions.use(token)).toMatchObject({ kind: 'duty', isIdle: false, isProved: false });
    expect(codeOf(await rig.sessions.reopen(token, '100001', PIN))).toBe('session-ended');
    expect(codeOf(await rig.sessions.setPin(token, '830164'))).toBe('session-ended');
    await rig.accounts.disable('100001', { proofs: [proof('100002')], address: HERE });
    expect(use(token)).toBe('session-ended');
  });
});

describe('a lane display', () => {
  const scan = (code: string, parts: Pick<Rig, 'sessions'> = rig) => parts.sessions.openLane(code, HERE);

  it('exchanges its code once within ten minutes for a token of that lane, which lasts a year', () => {
    const code = rig.sessions.makeDisplayCode('gate-1', '100001');
    const again = rig.restart();
    const { token, session } = opened(scan(code, again));
    expect(session).toMatchObject({ kind: 'lane', lane: 'gate-1', isIdle: false, isProved: false });
    expect(codeOf(scan(code, again))).toBe('code-used');
    expect(codeOf(scan('abcd-efgh', again))).toBe('code-unknown');
    const late = again.sessions.makeDisplayCode('gate-1', '100001');
    rig.go(DISPLAY_CODE_MS);
    expect(codeOf(scan(late, again))).toBe('code-expired');
    rig.go(364 * 24 * HOUR_MS);
    expect(use(token, again)).toBe('ok');
    rig.go(24 * HOUR_MS);
    expect(use(token, again)).toBe('session-ended');
  });

  it('with one token at two clients is an alarm, until one of them has gone', () => {
    const { token } = opened(scan(rig.sessions.makeDisplayCode('gate-1', '100001')));
    const problems = () => rig.sessions.status.problems!().map((one) => one.what);
    rig.sessions.find(token, 'a');
    rig.go(SHARED_MS);
    // Another address after a while is the same screen.
    rig.sessions.find(token, 'b');
    expect(problems()).toEqual([]);
    rig.sessions.find(token, 'a');
    expect(problems()).toEqual(['lane gate-1: two clients show its display with one token']);
    rig.go(SHARED_MS - 1);
    rig.sessions.find(token, 'a');
    expect(problems()).toHaveLength(1);
    rig.go(1);
    expect(problems()).toEqual([]);
    for (let i = 0; i < 1_000; i++) rig.sessions.find(token, `client ${i}`);
    expect(problems()).toHaveLength(1);
    rig.sessions.revoke(rig.sessions.list()[0]!.id, '100001');
    expect([problems(), use(token)]).toEqual([[], 'session-ended']);
  });
});
