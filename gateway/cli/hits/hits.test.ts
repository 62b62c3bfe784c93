/** The verbs about hits as a duty officer runs them, beside a box that is running. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../clock/clock.ts';
import { AUX, LI, picture, plateHit, possibleHit, reviewRig, WANG } from '../../hits/reviews.fixtures.ts';
import type { Hit } from '../../contracts/hit.ts';
import { recordHit } from '../../store/hits.ts';
import { putPerson } from '../../store/people.ts';
import { reviewOf } from '../../store/reviews.ts';
import { openCliRig, type CliRig } from '../crew/crew.fixtures.ts';
import { run } from '../cli.fixtures.ts';
import { hitsCommand } from './hits.ts';
import type { JudgeLogin } from './judge.ts';

let rig: CliRig;
beforeEach(() => {
  rig = openCliRig();
  const account = { name: 'Nobody', roles: ['officer'], created: 0, judgesFrom: 0, hash: '', vouchedBy: [] } as const;
  for (const judge of [LI, WANG, AUX]) putPerson(rig.db, { ...account, ...judge });
});
afterEach(() => rig.close());

const login: JudgeLogin = (_, number) => Promise.resolve([LI, WANG, AUX].find((p) => p.serviceNumber === number)!);
const hits = (verb: string, ...args: string[]) => run(hitsCommand(login), [verb, '--config', rig.file, ...args]);
const BY = ['--by', 'Duty 1'];
const raise = (hit: Hit, pictures = [picture('p'), picture('v', 'vehicle')]): string =>
  recordHit(rig.db, { hit, evidence: pictures, windowMs: 0 }, rig.outbox).hit.id;
const opinion = (id: string, number: string, ...more: string[]) =>
  hits('opinion', id, '--number', number, '--verdict', 'confirm', '--reason', 'same-vehicle', ...more);

describe('hits list', () => {
  it('shows the newest first, by lane and state, and no plate', async () => {
    const [a, b, c] = [1, 2, 3].map((n) =>
      raise(plateHit({ id: newId(n), entry: `E-${n}`, last: Date.UTC(2026, 0, n), lane: n === 3 ? 'south' : 'north' })),
    ) as [string, string, string];
    await opinion(a, 'P001');
    const all = await hits('list', ...BY);
    expect(all.out.split('\n').map((line) => line.slice(0, 26))).toEqual([c, b, a, '']);
    expect(all.out).toContain('stolen  exact  one opinion, a second one is needed');
    expect(all.out).not.toMatch(/皖|P001/);
    expect((await hits('list', ...BY, '--lane', 'south')).out).toContain(c);
    expect((await hits('list', ...BY, '--lane', 'north', '--state', 'first')).out.split('\n')).toHaveLength(2);
    expect((await hits('list', ...BY, '--last', '1', '--state', 'unreviewed')).out).toContain(c);
    expect(rig.audit()).toContain('Duty 1: hits listed');
  });
});

describe('hits show', () => {
  it('withholds the plate of a possible hit, says nothing of the first opinion, and is in the audit log', async () => {
    const id = raise(possibleHit());
    await opinion(id, 'P001', '--characters', 'B');
    const shown = await hits('show', id, ...BY);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('read:   皖A□234N');
    expect(shown.out).toContain('state: one opinion, a second one is needed');
    expect(shown.out).not.toMatch(/皖AB234N|P001|confirm/);
    expect(rig.audit()).toContain('Duty 1: hit viewed');
    await opinion(id, 'P002', '--characters', 'B');
    expect((await hits('show', id, ...BY)).out).toMatch(/P001 \(box\): confirm, it is the listed vehicle; 0 pictures/);
  });

  it('writes the pictures for their owner alone', async () => {
    const id = raise(plateHit());
    const folder = join(rig.folder, 'pictures');
    await hits('show', id, ...BY, '--pictures', folder);
    const names = readdirSync(folder).sort();
    expect(names).toMatchObject([expect.stringContaining('-plate-'), expect.stringContaining('-vehicle-')]);
    expect(readFileSync(join(folder, names[0]!), 'utf8')).toBe('p');
    expect(statSync(join(folder, names[0]!)).mode & 0o777).toBe(0o600);
  });

  it('says of a dismissed hit that it was erased, and of a strange one that there is none', async () => {
    const box = reviewRig(rig.db);
    const id = raise(plateHit());
    for (const number of ['P001', 'P002'])
      await hits('opinion', id, '--number', number, '--verdict', 'dismiss', '--reason', 'other-vehicle');
    rig.db.exec("DELETE FROM outbox WHERE type = 'io.sitebox.plate.hit.v2'");
    box.minute();
    expect(await hits('show', id, ...BY)).toMatchObject({
      code: 1,
      err: expect.stringContaining('erased at') as string,
    });
    expect(await hits('show', 'x', ...BY)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such hit') as string,
    });
  });
});

describe('hits opinion and outcome', () => {
  it('are recorded with the pictures that were written out, and refused in words', async () => {
    const id = raise(plateHit());
    const first = await opinion(id, 'P001', '--pictures', join(rig.folder, 'p'));
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('your opinion is recorded; one opinion, a second one is needed');
    expect(await opinion(id, 'P001')).toMatchObject({
      code: 1,
      err: expect.stringContaining('another service number') as string,
    });
    expect((await opinion(id, 'P002')).out).toContain('; confirmed');
    const [stored] = rig.db.prepare('SELECT opened FROM reviews ORDER BY seq').pluck().all() as string[];
    expect(stored!.split(' ')).toHaveLength(2);
    const outcome = (is: string, number = 'A101') => hits('outcome', id, '--number', number, '--outcome', is);
    expect((await outcome('clone-suspected')).out).toContain('outcome recorded: clone suspected');
    expect(await outcome('wrong')).toMatchObject({
      code: 1,
      err: expect.stringContaining('by a police officer') as string,
    });
    expect((await outcome('wrong', 'P001')).code).toBe(0);
    const types = rig.events().map(({ type }) => type);
    expect(types.filter((type) => type === 'io.sitebox.review.v1')).toHaveLength(4);
  });

  it('ask for what was not given: the doubtful character first, and only then the listed plate is shown', async () => {
    const id = raise(possibleHit());
    const asked = await typed('b\n2\n1\n', 'opinion', id, '--number', 'P001', '--config', rig.file);
    expect(asked).toMatchObject({ code: 0 });
    const withheld = asked.out.indexOf('listed: withheld');
    expect(withheld).toBeGreaterThan(0);
    expect(asked.out.indexOf('皖AB234N')).toBeGreaterThan(withheld);
    expect(asked.out.indexOf('皖A8234N')).toBeGreaterThan(withheld);
    expect(reviewOf(rig.db, id)?.opinions).toMatchObject([
      { verdict: 'dismiss', reason: 'plate-misread', characters: 'B' },
    ]);
    const gone = await typed('', 'opinion', id, '--number', 'P002', '--config', rig.file);
    expect(gone.code).not.toBe(0);
    expect(gone.out).not.toContain('皖AB234N');
  });
});

/** In a process of its own, with somebody at the keyboard. */
function typed(input: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = `
    import { Command } from '${import.meta.resolve('commander')}';
    import { hitsCommand } from '${new URL('./hits.ts', import.meta.url).href}';
    const login = (_, serviceNumber) => Promise.resolve({ serviceNumber, kind: 'police' });
    const program = new Command('sitebox').enablePositionalOptions().addCommand(hitsCommand(login));
    await program.parseAsync(['hits', ...process.argv.slice(1)], { from: 'user' });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}
