/** Accounts: who may make and change them, and that a stranger learns nothing. Hashes of real cost where the product makes them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyAnchors, readAnchors } from '../store/anchors/anchors.ts';
import { findPerson } from '../store/people.ts';
import { CONSOLE, WAIT_MS, type Backing } from './accounts.ts';
import { MAX_WRONG, WINDOW_MS } from './login-throttle.ts';
import { COST } from './person-login.ts';
import { codeOf, HERE, openPeopleRig, passwordOf, T0 } from './people.fixtures.ts';

type Rig = ReturnType<typeof openPeopleRig>;
type Proofs = Backing['proofs'];

let rig: Rig;
let [a, b, auditor, technician]: Proofs[number][] = [];
const GIVEN = { serviceNumber: '100009', name: '赵 九', kind: 'auxiliary', roles: ['officer'] } as const;
const PASSWORD = 'seven green kites';

beforeEach(async () => {
  rig = openPeopleRig();
  a = await rig.person('100001');
  b = await rig.person('100002');
  auditor = await rig.person('100003', { roles: ['auditor'] });
  technician = await rig.person('100004', { roles: ['technician'] });
});

const by = (proofs: readonly (Proofs[number] | undefined)[], vouched = false): Backing => ({
  proofs: proofs.map((proof) => proof!),
  vouched,
  address: CONSOLE,
});
const add = async (proofs: readonly (Proofs[number] | undefined)[], more: object = {}, vouched = false) =>
  codeOf(await rig.accounts.add({ ...GIVEN, ...more }, PASSWORD, by(proofs, vouched)));

describe('an account of an officer or auditor', () => {
  it('takes two people who prove who they are; a technician, an auditor alone, and one person twice are not two', async () => {
    expect(await add([a])).toBe('person-backers');
    expect(await add([a, a])).toBe('person-backers');
    // The same person, typed another way.
    expect(await add([a, { ...a!, serviceNumber: ' １00001 ' }])).toBe('person-backers');
    expect(await add([a, technician])).toBe('person-backer-role');
    expect(await add([auditor, technician])).toBe('person-backer-role');
    expect(await add([a, { ...b!, password: 'wrong' }])).toBe('login-wrong');
    expect(await add([a], { roles: ['auditor'] })).toBe('person-backers');
    expect(rig.accounts.find('100009')).toBeUndefined();
    expect(await add([a, auditor])).toBe('ok');
    expect(rig.accounts.find('100009')).toMatchObject({ name: '赵 九', kind: 'auxiliary', judgesFrom: T0 + WAIT_MS });
  });

  it('bears its name without characters that hide or turn it', async () => {
    expect(await add([a, b], { name: ' 赵\u202e九\u001b ' })).toBe('ok');
    expect(rig.accounts.find('100009')).toMatchObject({ name: '赵 九' });
  });

  it('of a technician takes one officer, and a technician makes none', async () => {
    const roles = { roles: ['technician'] };
    expect(await add([technician], roles)).toBe('person-backer-role');
    expect(await add([auditor], roles)).toBe('person-backer-role');
    expect(await add([a], roles)).toBe('ok');
  });

  it('is stored as argon2id of 64 MiB and 3 passes, logged and sent, and neither carries a name or hash', async () => {
    expect(await add([a, b])).toBe('ok');
    expect(COST).toEqual({ memoryCost: 65_536, timeCost: 3, parallelism: 1 });
    expect(findPerson(rig.db, '100009')!.hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    expect(rig.audit()).toEqual(['100001, 100002: person added']);
    const judgesFrom = new Date(T0 + WAIT_MS).toISOString();
    const person = { serviceNumber: '100009', kind: 'auxiliary', roles: ['officer'], judgesFrom };
    expect(rig.events()).toEqual([{ ...person, what: 'added', by: ['100001', '100002'] }]);
    expect(JSON.stringify(rig.db.prepare('SELECT * FROM audit').all())).not.toMatch(/赵|argon2/);
  });

  it('judges nothing for 24 hours unless both vouched, and makes no other account meanwhile', async () => {
    await add([a, b]);
    const c = { serviceNumber: '100009', password: PASSWORD };
    const judge = async () => codeOf(await rig.accounts.judge(c.serviceNumber, c.password));
    expect(await judge()).toBe('person-judges-later');
    expect(await add([a, c], { serviceNumber: '100010' })).toBe('person-backer-role');
    rig.go(WAIT_MS - 1);
    expect(await judge()).toBe('person-judges-later');
    // A clock that is set back and comes again gives nothing away.
    rig.go(-48 * 3_600_000);
    expect(await judge()).toBe('person-judges-later');
    rig.go(1);
    expect(await rig.accounts.judge('100009', PASSWORD)).toEqual({ serviceNumber: '100009', kind: 'auxiliary' });
    await add([a, b], { serviceNumber: '100011' }, true);
    expect(codeOf(await rig.accounts.judge('100011', PASSWORD))).toBe('ok');
    await add([a, b], { serviceNumber: '100012' });
    expect(codeOf(await rig.accounts.vouch('100012', by([a, c])))).toBe('ok');
    expect(codeOf(await rig.accounts.judge('100012', PASSWORD))).toBe('ok');
    expect(codeOf(await rig.accounts.vouch('100012', by([a])))).toBe('person-backers');
  });

  it('has a number of its own for ever, and may share its name', async () => {
    expect(await add([a, b], { serviceNumber: '100001' })).toBe('person-backs-self');
    expect(await add([a, b], { serviceNumber: '100003' })).toBe('person-number-taken');
    expect(await add([a, b])).toBe('ok');
    expect(await add([a, b], { serviceNumber: '100013' })).toBe('ok');
    await rig.accounts.disable('100009', by([a]));
    expect(await add([a, b])).toBe('person-number-taken');
  });

  it('is not made by somebody who is disabled while hashes are compared', async () => {
    rig.meanwhile(() => rig.db.prepare(`UPDATE people SET disabledMs = 1 WHERE serviceNumber = '100002'`).run());
    expect(await add([a, b])).toBe('login-disabled');
    expect(rig.accounts.find('100009')).toBeUndefined();
  });

  it.each(['people', 'audit', 'outbox'])(
    'leaves nothing half made where the store takes no row of %s',
    async (table) => {
      rig.db.exec(`CREATE TRIGGER planted BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);
      await expect(add([a, b])).rejects.toThrow('planted: full');
      expect([rig.accounts.find('100009'), rig.audit(), rig.events()]).toEqual([undefined, [], []]);
    },
  );
});

describe('a login', () => {
  it('says the same of a wrong password and of an unknown number, after the same work', async () => {
    // In processor time, which other work on this machine does not lengthen.
    const took = async (number: string): Promise<number> => {
      const start = process.cpuUsage();
      expect(codeOf(await rig.accounts.judge(number, 'wrong', HERE))).toBe('login-wrong');
      return process.cpuUsage(start).user;
    };
    await add([a, b], {}, true);
    await took('999999');
    const [known, unknown] = [await took('100009'), await took('999998')];
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(3);
    expect(codeOf(await rig.accounts.judge('', 'x', HERE))).toBe('login-wrong');
  });

  it('is not looked at after five wrong passwords, also over a restart, from that address alone', async () => {
    for (let i = 0; i < MAX_WRONG; i++) await rig.accounts.judge('100001', 'wrong', HERE);
    const right = (parts: Pick<Rig, 'accounts'>, address = HERE) =>
      parts.accounts.judge('100001', passwordOf('100001'), address);
    expect(codeOf(await right(rig))).toBe('login-wait');
    const again = rig.restart();
    expect(codeOf(await right(again))).toBe('login-wait');
    expect(codeOf(await right(again, '198.51.100.4'))).toBe('ok');
    expect(codeOf(await again.accounts.judge('100002', passwordOf('100002'), HERE))).toBe('ok');
    rig.go(WINDOW_MS);
    expect(codeOf(await right(again))).toBe('ok');
    // Neither an alarm nor a metric names the person.
    expect(
      JSON.stringify([again.throttles.status.problems!(), rig.db.prepare('SELECT value FROM meta').all()]),
    ).not.toMatch(/100001/);
    expect(rig.audit().filter((row) => row === '100001: login refused')).toHaveLength(MAX_WRONG);
  });

  it('is looked at one after the other: tries at the same moment are no way around', async () => {
    const tries = Array.from({ length: 30 }, () => rig.accounts.judge('100001', 'wrong', HERE).then(codeOf));
    const codes = await Promise.all(tries);
    expect([codes[0], new Set(codes.slice(1))]).toEqual(['login-wrong', new Set(['login-busy'])]);
    expect(rig.audit()).toEqual(['100001: login refused']);
  });

  it('to judge is for officers, and ends with the account', async () => {
    for (const proof of [auditor, technician])
      expect(codeOf(await rig.accounts.judge(proof!.serviceNumber, proof!.password))).toBe('person-no-officer');
    expect(codeOf(await rig.accounts.disable('100002', by([technician])))).toBe('person-backer-role');
    expect(codeOf(await rig.accounts.disable('100002', by([a])))).toBe('ok');
    expect(codeOf(await rig.accounts.judge('100002', passwordOf('100002')))).toBe('login-disabled');
    expect(codeOf(rig.accounts.mayJudge('100002'))).toBe('login-disabled');
    expect(codeOf(rig.accounts.mayJudge('100001'))).toBe('ok');
    expect(codeOf(await rig.accounts.disable('100002', by([a])))).toBe('person-disabled-already');
  });

  it('stays disabled in a store that is put back, unless it was enabled again', async () => {
    const anchors = () => {
      const read = readAnchors(rig.folder);
      if (read.state !== 'ok') throw new Error(read.state);
      return read.anchors;
    };
    const putBack = () => {
      rig.db.prepare('UPDATE people SET disabledMs = NULL').run();
      applyAnchors(rig.db, anchors(), { now: T0, older: true });
    };
    await rig.accounts.disable('100002', by([a]));
    putBack();
    expect(codeOf(rig.accounts.mayJudge('100002'))).toBe('login-disabled');
    await rig.accounts.reset('100002', PASSWORD, by([a, auditor], true));
    putBack();
    expect(codeOf(rig.accounts.mayJudge('100002'))).toBe('ok');
  });

  it('with a damaged row does nothing, and the others log in', async () => {
    rig.db.prepare(`UPDATE people SET hash = 'x' WHERE serviceNumber = '100001'`).run();
    rig.db.prepare(`UPDATE people SET roles = '["off' WHERE serviceNumber = '100002'`).run();
    await rig.person('100005', { kind: 'chief' as never, judgesFrom: 9e15 });
    expect(codeOf(await rig.accounts.judge('100001', passwordOf('100001')))).toBe('login-wrong');
    expect(codeOf(await rig.accounts.judge('100002', passwordOf('100002')))).toBe('person-no-officer');
    expect(codeOf(await rig.accounts.judge('100005', passwordOf('100005')))).toBe('person-judges-later');
    expect(rig.accounts.find('100005')!.kind).toBe('auxiliary');
    expect(codeOf(await rig.accounts.prove(auditor!, HERE))).toBe('ok');
    expect(rig.db.damage.counts()).toEqual({ people: 1 });
  });
});

describe('a password', () => {
  it('is changed by its owner alone, or by two others, and then the account is new again', async () => {
    const reset = async (number: string, proofs: readonly (Proofs[number] | undefined)[], vouched = false) =>
      codeOf(await rig.accounts.reset(number, PASSWORD, by(proofs, vouched)));
    expect(await reset('100001', [a])).toBe('ok');
    expect(codeOf(await rig.accounts.judge('100001', PASSWORD))).toBe('ok');
    expect(findPerson(rig.db, '100001')!.pinHash).toBeUndefined();
    const fresh = { serviceNumber: '100001', password: PASSWORD };
    expect(await reset('100002', [fresh])).toBe('person-backers');
    expect(await reset('100002', [fresh, b])).toBe('person-backs-self');
    expect(await reset('100002', [fresh, auditor])).toBe('ok');
    expect(codeOf(await rig.accounts.judge('100002', PASSWORD))).toBe('person-judges-later');
    // A disabled account comes back by two people, not by its own password.
    await rig.accounts.disable('100003', by([fresh]));
    expect(await reset('100003', [auditor])).toBe('login-disabled');
    expect(await reset('999999', [fresh, auditor])).toBe('login-disabled');
    expect(await reset('999999', [{ serviceNumber: '999999', password: 'x' }])).toBe('person-backers');
    expect(await reset('100001', [])).toBe('person-backers');
  });
});
