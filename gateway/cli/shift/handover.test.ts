/** `sitebox handover` on a real store: the sheet is read, both sign, and what was signed is shown again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPeopleRig, passwordOf, T0 } from '../../people/people.fixtures.ts';
import { plantHits, plantSos } from '../../store/shift.fixtures.ts';
import { run, type Outcome } from '../cli.fixtures.ts';
import { speak } from '../language.ts';
import { handoverCommand } from './handover.ts';

let file: string;
let rig: ReturnType<typeof openPeopleRig>;
beforeEach(async () => {
  rig = openPeopleRig();
  file = join(rig.folder, 'box.json');
  const crew = { equipment: [{ id: 'crew', kind: 'broker' }] };
  const paths = { storage: { folder: rig.folder }, lists: { trust: 'root.json' }, crew };
  writeFileSync(file, JSON.stringify({ site: 'demo', ...paths, upstream: [] }));
  await rig.person('100001');
  await rig.person('100002');
});
afterEach(() => {
  speak('en');
  rig.db.close();
});

type Asked = string | (() => string);

/** Each answer is typed to one question; a function does something first. */
async function handover(args: readonly string[], answers: Asked[] = [], isInteractive = true): Promise<Outcome> {
  const next = (): Promise<string> => {
    const answer = answers.shift() ?? '(nothing more was to be asked)';
    return Promise.resolve(typeof answer === 'string' ? answer : answer());
  };
  const terminal = () => ({ isInteractive, ask: next, secret: next, close: () => undefined });
  const outcome = await run(handoverCommand({ terminal }), [...args, '--config', file]);
  expect(answers).toEqual([]);
  return outcome;
}

const BOTH = ['--outgoing', '100001', '--incoming', '100002'];
const PASSWORDS = [passwordOf('100001'), passwordOf('100002')];

it('prints the sheet and how to sign it, and changes nothing', async () => {
  plantHits(rig.db, 150, T0);
  const { code, out } = await handover([]);
  expect(code).toBe(0);
  expect(out).toMatch(/^hand-over +NOT SIGNED$/m);
  expect(out).toMatch(/^hits to judge +150 unreviewed$/m);
  expect(out).toMatch(/^ {2}… and 50 more$/m);
  expect(out).toMatch(/^not looked at +none$/m);
  expect(out).toContain('To sign: npx sitebox handover');
  expect(rig.db.prepare('SELECT count(*) FROM handovers').pluck().get()).toBe(0);
});

it('both sign, and the sheet is shown by its id, as the last, in JSON and in Chinese', async () => {
  plantSos(rig.db, 'S-1', T0);
  const signed = await handover([...BOTH, '--note', '二号门灯不亮'], [...PASSWORDS]);
  expect([signed.code, signed.err]).toEqual([0, '']);
  const [, id] = /Handed over: (\S+)\. Sessions of 100001 that have ended: 0\. /.exec(signed.out)!;
  const shown = (await handover(['show', id!])).out;
  expect(shown).toMatch(new RegExp(`^hand-over +${id} `, 'm'));
  expect(shown).toMatch(/^outgoing +100001\nincoming +100002$/m);
  expect(shown).toMatch(/^ {2}S-1 {2}2026-11-30T08:00:00Z {2}cam-1 {2}NOT SEEN$/m);
  expect(shown).toMatch(/^note\n {2}二号门灯不亮$/m);
  expect((await handover(['show', '--last'])).out).toBe(shown);
  expect(JSON.parse((await handover(['show', '--last', '--json'])).out)).toMatchObject({ id, note: '二号门灯不亮' });
  speak('zh');
  expect((await handover(['show', '--last'])).out).toMatch(/^交班人 +100001\n接班人 +100002$/m);
});

it('at the keyboard a sheet that changed meanwhile is read again and signed then; a script is refused', async () => {
  const changing = (id: string): Asked[] => [
    PASSWORDS[0]!,
    () => {
      plantSos(rig.db, id, T0);
      return PASSWORDS[1]!;
    },
  ];
  const { code, out, err } = await handover(BOTH, [...changing('S-1'), ...PASSWORDS]);
  expect([code, err]).toEqual([0, expect.stringContaining('the sheet has changed')]);
  expect(out.split('NOT SIGNED')).toHaveLength(3);
  expect(out.split('NOT SIGNED')[2]).toContain('S-1');
  const script = await handover(BOTH, changing('S-2'), false);
  expect([script.code, script.err]).toEqual([1, expect.stringContaining('REFUSED: the sheet has changed')]);
  expect(script.out.split('NOT SIGNED')[2]).toContain('S-2');
  expect(rig.db.prepare('SELECT count(*) FROM handovers').pluck().get()).toBe(1);
});

it.each<[string, readonly string[], string[], number, string]>([
  ['one of the two alone', ['--outgoing', '100001'], [], 64, 'Name both who sign'],
  ['one person for both', ['--outgoing', '100001', '--incoming', '100001'], ['a', 'b'], 1, 'these are one'],
  ['a wrong password', BOTH, [PASSWORDS[0]!, 'x'], 1, 'service number or password is wrong'],
  ['an end that is over', [...BOTH, '--until', '2026-01-01T08:00Z'], [], 1, 'ends later than now'],
  ['an end without a zone', [...BOTH, '--until', '2026-12-02T08:00'], [], 64, 'expected a day or a time with its zone'],
  ['a hand-over that is not there', ['show', 'X'], [], 1, 'there is no hand-over X'],
  ['the last of none', ['show', '--last'], [], 1, 'no shift has been handed over yet'],
  ['none named', ['show'], [], 64, 'Name a hand-over'],
])('refuses %s', async (_what, args, answers, code, words) => {
  const outcome = await handover(args, answers);
  expect([outcome.code, outcome.err]).toEqual([code, expect.stringContaining(words)]);
});
