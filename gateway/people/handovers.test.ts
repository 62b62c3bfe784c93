/** A shift goes from one person to another: row, log, event and sessions in one transaction, or nothing of it. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '../contracts/people.ts';
import { setMeta } from '../store/db.ts';
import { getHandover, lastHandover } from '../store/handovers.ts';
import { plantHits, plantSos } from '../store/shift.fixtures.ts';
import { allSessions } from '../store/sessions.ts';
import { storedEvents } from '../store/sealing/sealing.fixtures.ts';
import type { HandoverDraft, Signing } from './handovers.ts';
import { codeOf, HERE, HOUR_MS, openPeopleRig, passwordOf, T0 } from './people.fixtures.ts';
import { MAX_WRONG } from './login-throttle.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import type { Session } from './sessions.ts';

let rig: ReturnType<typeof openPeopleRig>;
beforeEach(async () => {
  rig = openPeopleRig();
  await rig.person('100001');
  await rig.person('100002');
});

const proof = (serviceNumber: string, password = passwordOf(serviceNumber)) => ({ serviceNumber, password });
function must<T extends object>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(answer.refused.en);
  return answer;
}
const draft = (until?: number): HandoverDraft => must(rig.handovers.draft(until));

/** From 100001 to 100002, as they have read the sheet now. */
async function sign(more: Partial<Signing> = {}, held?: Pick<Session, 'id' | 'kind'>) {
  const { digest, sheet } = draft();
  const usual = {
    digest,
    until: Date.parse(sheet.until),
    note: '',
    outgoing: proof('100001'),
    incoming: proof('100002'),
  };
  return await rig.handovers.sign({ ...usual, ...more }, HERE, held);
}
const codeAfter = async (more: Partial<Signing>, held?: Pick<Session, 'id' | 'kind'>) => codeOf(await sign(more, held));
const logIn = async (number: string) => must(await rig.sessions.openPersonal(proof(number), HERE));
const openDuty = async (number: string) => must(await rig.sessions.openDuty(proof(number), HERE));

/** All that a hand-over writes. */
const written = () => [
  rig.db.prepare('SELECT count(*) FROM handovers').pluck().get(),
  rig.audit().filter((row) => row.includes('shift handed over')).length,
  storedEvents(rig.db).filter(({ type }) => type === 'io.sitebox.handover.v1').length,
];

describe('a hand-over', () => {
  it('is kept, logged and sent, with ids and counts alone; the note is sealed and stays here', async () => {
    plantHits(rig.db, 2, T0);
    plantSos(rig.db, 'S-1', T0);
    const { handover } = must(await sign({ note: 'the lamp at gate 2 is dark' }));
    expect(written()).toEqual([1, 1, 1]);
    expect(rig.audit().at(-1)).toBe('100001, 100002: shift handed over');
    expect(lastHandover(rig.db)).toEqual(handover);
    expect(getHandover(rig.db, handover.id)).toMatchObject({ outgoing: '100001', note: 'the lamp at gate 2 is dark' });
    const body = rig.db.prepare('SELECT body FROM handovers').pluck().get() as string;
    expect(body).not.toMatch(/lamp|S-1/);
    expect(rig.events().at(-1)).toMatchObject({
      outgoing: '100001',
      incoming: '100002',
      digest: handover.digest,
      hits: { unreviewed: 2, first: 0, 'one-opinion': 0 },
      sos: ['S-1'],
    });
    expect(JSON.stringify(rig.events())).not.toContain('lamp');
  });

  it('ends the sessions of who goes, opens one for who comes, and screens of the duty room name them', async () => {
    const [mine, other] = [await logIn('100001'), await logIn('100001')];
    const [screen, stranger] = [await openDuty('100001'), await openDuty('100002')];
    const before = await logIn('100002');
    const { ended, screens, opened } = must(await sign({}, mine.session));
    expect([ended, screens, opened?.session.person?.serviceNumber]).toEqual([2, 1, '100002']);
    const stateOf = (token: string) => {
      const found = rig.sessions.find(token);
      return isRefusal(found) ? 'ended' : `${found.kind} ${found.person?.serviceNumber}`;
    };
    expect([mine, other, screen, stranger, before, opened!].map(({ token }) => stateOf(token))).toEqual([
      'ended',
      'ended',
      'duty 100002',
      'duty 100002',
      'personal 100002',
      'personal 100002',
    ]);
  });

  it('signed at a screen of the duty room opens no personal session: the screen goes on under its token', async () => {
    const screen = await openDuty('100001');
    const { opened, screens } = must(await sign({}, screen.session));
    expect([opened, screens]).toEqual([undefined, 1]);
    expect(rig.sessions.find(screen.token)).toMatchObject({ kind: 'duty', person: { serviceNumber: '100002' } });
    expect(rig.sessions.list()).toHaveLength(1);
  });

  it('with no session open hands over the sheet alone', async () => {
    expect(must(await sign())).toMatchObject({ ended: 0, screens: 0 });
    expect(rig.sessions.list()).toEqual([]);
  });

  it('goes on to the next: the sheet of the second begins where the first was signed', async () => {
    must(await sign());
    rig.go(HOUR_MS);
    must(await sign({ outgoing: proof('100002'), incoming: proof('100001') }));
    expect(written()).toEqual([2, 2, 2]);
    expect(lastHandover(rig.db)).toMatchObject({ outgoing: '100002' });
  });

  it('keeps the order in which they were signed after the clock was set back', async () => {
    must(await sign());
    rig.go(-5 * HOUR_MS);
    must(await sign({ outgoing: proof('100002'), incoming: proof('100001') }));
    expect(lastHandover(rig.db)).toMatchObject({ outgoing: '100002' });
  });
});

describe('refused is', () => {
  it.each<[string, () => Partial<Signing>, string]>([
    ['one person for both', () => ({ incoming: proof('100001') }), 'handover-one-person'],
    [
      'one person in two spellings',
      () => ({ incoming: proof(' 100001 ', passwordOf('100001')) }),
      'handover-one-person',
    ],
    ['a wrong password of who goes', () => ({ outgoing: proof('100001', 'x') }), 'login-wrong'],
    ['a wrong password of who comes', () => ({ incoming: proof('100002', 'x') }), 'login-wrong'],
    ['a number that has no account', () => ({ incoming: proof('100009') }), 'login-wrong'],
    ['an end in the past', () => ({ until: T0 }), 'handover-until'],
    ['an end that is no time', () => ({ until: NaN }), 'handover-until'],
    ['an end in eight days', () => ({ until: T0 + 8 * 24 * HOUR_MS }), 'handover-until'],
    ['another digest', () => ({ digest: 'a'.repeat(64) }), 'handover-changed'],
    ['another end than the sheet says', () => ({ until: T0 + HOUR_MS }), 'handover-changed'],
  ])('%s', async (_what, more, code) => {
    expect(await codeAfter(more())).toBe(code);
    expect(written()).toEqual([0, 0, 0]);
  });

  it.each<[string, Partial<Person>, Partial<Person>, string]>([
    ['a technician who goes', { roles: ['technician'] }, {}, 'person-no-officer'],
    ['a technician who comes', {}, { roles: ['technician'] }, 'person-no-officer'],
    ['an auditor who comes', {}, { roles: ['auditor'] }, 'person-no-officer'],
    ['an auxiliary after a police officer', {}, { kind: 'auxiliary' }, 'handover-fewer-rights'],
    ['fewer roles', { roles: ['officer', 'technician'] }, {}, 'handover-fewer-rights'],
    ['a new account', {}, { judgesFrom: T0 + 1 }, 'person-judges-later'],
    ['a disabled one who comes', {}, { disabled: T0 }, 'login-disabled'],
    ['a disabled one who goes', { disabled: T0 }, {}, 'login-disabled'],
  ])('%s', async (_what, from, to, code) => {
    await rig.person('100001', from);
    await rig.person('100002', to);
    expect(await codeAfter({})).toBe(code);
    expect(written()).toEqual([0, 0, 0]);
  });

  it.each<[string, Partial<Person>, Partial<Person>]>([
    ['a police officer after an auxiliary', { kind: 'auxiliary' }, {}],
    ['more roles', {}, { roles: ['officer', 'technician'] }],
    ['an auxiliary after an auxiliary', { kind: 'auxiliary' }, { kind: 'auxiliary' }],
  ])('but not %s', async (_what, from, to) => {
    await rig.person('100001', from);
    await rig.person('100002', to);
    expect(await codeAfter({})).toBe('ok');
  });

  it.each<[string, () => void]>([
    ['a call for help', () => plantSos(rig.db, 'S-2', T0)],
    ['a hit', () => plantHits(rig.db, 1, T0)],
    ['an opinion', () => rig.db.prepare("UPDATE hits SET state = 'first' WHERE id = 'A-7999'").run()],
  ])('a sheet that %s has changed since it was read, of 8,000 hits too', async (_what, change) => {
    plantHits(rig.db, 8_000, T0 - 24 * HOUR_MS, 'unreviewed', 'A');
    const { digest } = draft();
    change();
    const session = await logIn('100001');
    expect(await codeAfter({ digest }, session.session)).toBe('handover-changed');
    expect(written()).toEqual([0, 0, 0]);
    expect(rig.sessions.list()).toHaveLength(1);
    expect(await codeAfter({}, session.session)).toBe('ok');
  });

  it('what is not transferred changes all the time and is no other sheet', async () => {
    const { digest } = draft();
    expect(draft().sheet.outbox[0]!.waiting).toBe(0);
    setMeta(rig.db, 'outbox:room', '{"rows":5,"bytes":9,"dead":0,"evicted":0}');
    expect(draft().sheet.outbox[0]!.waiting).toBe(5);
    expect(await codeAfter({ digest })).toBe('ok');
  });

  it.each<[string, () => void, string]>([
    ['the incoming person is disabled', () => setDisabled('100002'), 'login-disabled'],
    ['the outgoing person is disabled', () => setDisabled('100001'), 'login-disabled'],
    ['the session is revoked', () => rig.sessions.revoke(rig.sessions.list()[0]!.id, '100002'), 'session-ended'],
    ['a call for help comes', () => plantSos(rig.db, 'S-3', T0), 'handover-changed'],
  ])('a signature during which %s', async (_what, happens, code) => {
    const { session } = await logIn('100001');
    const prove = rig.accounts.prove.bind(rig.accounts);
    vi.spyOn(rig.accounts, 'prove').mockImplementation(async (given, address) => {
      const person = await prove(given, address);
      // The second password was right: from here on only the transaction looks.
      if (given.serviceNumber === '100002') happens();
      return person;
    });
    expect(await codeAfter({}, session)).toBe(code);
    expect(written()).toEqual([0, 0, 0]);
  });

  it('a password after too many wrong ones, each of which counts', async () => {
    for (let i = 0; i < MAX_WRONG; i++) expect(await codeAfter({ incoming: proof('100002', 'x') })).toBe('login-wrong');
    expect(await codeAfter({})).toBe('login-wait');
    expect(written()).toEqual([0, 0, 0]);
  });

  it('a session of somebody else', async () => {
    const { session } = await logIn('100002');
    expect(await codeAfter({}, session)).toBe('session-ended');
    expect(allSessions(rig.db)).toHaveLength(1);
  });
});

const setDisabled = (number: string): void =>
  void rig.db.prepare('UPDATE people SET disabledMs = ? WHERE serviceNumber = ?').run(T0, number);

describe('all or nothing', () => {
  it.each([
    ['the log', 'audit'],
    ['the outbox', 'outbox'],
    ['the table', 'handovers'],
    ['the sessions', 'sessions'],
  ])('where %s takes no row, nothing changes hands', async (_what, table) => {
    const { session, token } = await logIn('100001');
    rig.db.exec(`CREATE TRIGGER planted BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);
    await expect(sign({}, session)).rejects.toThrow('planted');
    expect(written()).toEqual([0, 0, 0]);
    expect(rig.sessions.find(token)).toMatchObject({ person: { serviceNumber: '100001' } });
    rig.db.exec('DROP TRIGGER planted');
    expect(await codeAfter({}, session)).toBe('ok');
  });

  it('a sheet is kept for 90 days, and its end is logged', async () => {
    must(await sign());
    rig.go(91 * 24 * HOUR_MS);
    must(await sign({ outgoing: proof('100002'), incoming: proof('100001') }));
    expect(written()[0]).toBe(1);
    expect(rig.audit()).toContain('box: retention run');
  });

  it('of a sheet whose key is lost it says so', async () => {
    const { handover } = must(await sign());
    rig.db.prepare("UPDATE handovers SET body = 'x'").run();
    expect(getHandover(rig.db, handover.id)).toBe('lost');
    expect(getHandover(rig.db, 'none')).toBeUndefined();
  });
});
