/** Sessions against a model of what they promise: whatever people, clocks and restarts do, no act passes that the model does not allow. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ACT_MS, IDLE_MS, MAX_PERSONAL_MS, MAX_PIN_TRIES } from './sessions.ts';
import { codeOf, HERE, openPeopleRig, passwordOf, PIN, type PeopleParts } from './people.fixtures.ts';

const PEOPLE = ['100001', '100002'];

interface ModelSession {
  token: string;
  readonly person: string;
  readonly opened: number;
  used: number;
  actUntil: number;
  tries: number;
  isGone: boolean;
}

interface Model {
  /** Believed time, ms from the start. */
  now: number;
  readonly sessions: ModelSession[];
  readonly disabled: Set<string>;
}

interface Real {
  readonly rig: ReturnType<typeof openPeopleRig>;
  parts: Pick<PeopleParts, 'accounts' | 'sessions'>;
}

type Command = fc.AsyncCommand<Model, Real>;

const command = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => name,
});
const chosen = (model: Model, n: number): ModelSession | undefined =>
  model.sessions[n % Math.max(1, model.sessions.length)];
const isAlive = (model: Model, s: ModelSession): boolean => !s.isGone && model.now - s.opened < MAX_PERSONAL_MS;

const logIn = (n: number): Command =>
  command(`log in ${n}`, async (model, { parts }) => {
    const person = PEOPLE[n % 2]!;
    const result = await parts.sessions.openPersonal({ serviceNumber: person, password: passwordOf(person) }, HERE);
    expect('token' in result).toBe(!model.disabled.has(person));
    if (!('token' in result)) return;
    // The oldest of eight gives way.
    const others = model.sessions.filter((s) => s.person === person && isAlive(model, s));
    if (others.length === 8) others[0]!.isGone = true;
    const { now } = model;
    model.sessions.push({ token: result.token, person, opened: now, used: now, actUntil: 0, tries: 0, isGone: false });
  });

const use = (n: number): Command =>
  command(`use ${n}`, async (model, { parts }) => {
    const session = chosen(model, n);
    if (!session) return;
    const isIdle = model.now - session.used >= IDLE_MS;
    const isAllowed = !isIdle || session.actUntil > model.now;
    const code = codeOf(parts.sessions.use(session.token));
    expect(code).toBe(!isAlive(model, session) ? 'session-ended' : isAllowed ? 'ok' : 'session-idle');
    if (code !== 'ok') return;
    if (isIdle) session.actUntil = 0;
    else session.used = model.now;
    await Promise.resolve();
  });

const reopen = (n: number, isRight: boolean): Command =>
  command(`PIN ${n} ${isRight ? 'right' : 'wrong'}`, async (model, { parts }) => {
    const session = chosen(model, n);
    if (!session) return;
    const code = codeOf(await parts.sessions.reopen(session.token, session.person, isRight ? PIN : '111112'));
    if (!isAlive(model, session)) return expect(code).toBe('session-ended');
    if (session.tries >= MAX_PIN_TRIES) return expect(code).toBe('pin-tries');
    expect(code).toBe(isRight ? 'ok' : 'pin-wrong');
    session.tries = isRight ? 0 : session.tries + 1;
    if (isRight) session.actUntil = model.now + ACT_MS;
  });

const proveAgain = (n: number): Command =>
  command(`password ${n}`, async (model, { parts }) => {
    const session = chosen(model, n);
    if (!session) return;
    const result = await parts.sessions.proveAgain(session.token, passwordOf(session.person), HERE);
    expect(codeOf(result)).toBe(isAlive(model, session) ? 'ok' : 'session-ended');
    if (!('token' in result)) return;
    expect(codeOf(parts.sessions.find(session.token))).toBe('session-ended');
    Object.assign(session, { token: result.token, used: model.now, tries: 0 });
  });

const disable = (n: number): Command =>
  command(`disable ${n}`, async (model, { parts }) => {
    const [person, by] = [PEOPLE[n % 2]!, PEOPLE[(n + 1) % 2]!];
    if (model.disabled.size > 0) return;
    const proofs = [{ serviceNumber: by, password: passwordOf(by) }];
    expect(codeOf(await parts.accounts.disable(person, { proofs, address: HERE }))).toBe('ok');
    model.disabled.add(person);
    for (const session of model.sessions) if (session.person === person) session.isGone = true;
  });

const logOut = (n: number): Command =>
  command(`log out ${n}`, async (model, { parts }) => {
    const session = chosen(model, n);
    if (!session) return;
    parts.sessions.end(session.token);
    session.isGone = true;
    await Promise.resolve();
  });

const pass = (minutes: number): Command =>
  command(`${minutes} min pass`, async (model, { rig }) => {
    rig.go(minutes * 60_000);
    // A clock that is set back stops nothing.
    model.now += Math.max(0, minutes) * 60_000;
    await Promise.resolve();
  });

const restart = command('restart', async (model, real) => {
  real.parts = real.rig.restart();
  await Promise.resolve();
});

it('no act passes that the model does not allow', async () => {
  const n = fc.nat(20);
  const commands = fc.commands(
    [
      n.map(logIn),
      n.map(use),
      n.map(use),
      fc.tuple(n, fc.boolean()).map(([i, isRight]) => reopen(i, isRight)),
      n.map(proveAgain),
      n.map(disable),
      n.map(logOut),
      // Whole minutes and more than one: the last use reaches the disk once a minute, and a restart forgets less than that.
      fc.oneof(fc.constantFrom(1, 2, 14, 15), fc.integer({ min: -600, max: 600 })).map(pass),
      fc.constant(restart),
    ],
    { maxCommands: 60 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (cmds) => {
      const rig = openPeopleRig();
      for (const person of PEOPLE) await rig.person(person);
      const model: Model = { now: 0, sessions: [], disabled: new Set() };
      await fc.asyncModelRun(() => ({ model, real: { rig, parts: rig } }), cmds);
    }),
    { numRuns: 60 },
  );
});
