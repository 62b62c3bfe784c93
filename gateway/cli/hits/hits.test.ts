/** The verbs about hits as a duty officer runs them, beside a box that is running. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../clock/clock.ts';
import { AUX, LI, picture, plateHit, possibleHit, reviewRig, WANG } from '../../hits/reviews.fixtures.ts';
import type { Hit } from '../../contracts/hit.ts';
import type { AccountRole } from '../../contracts/people.ts';
import { hashWith } from '../../people/credentials.ts';
import { recordHit } from '../../store/hits.ts';
import { putPerson } from '../../store/people.ts';
import { reviewOf } from '../../store/reviews.ts';
import { auditCommand } from '../audit/audit.ts';
import { openCliRig, type CliRig } from '../crew/crew.fixtures.ts';
import { run } from '../cli.fixtures.ts';
import { hitsCommand } from './hits.ts';
import type { HitLogin } from './judge.ts';

let rig: CliRig;
beforeEach(() => {
  rig = openCliRig();
  const account = { name: 'Nobody', roles: ['officer'], created: 0, judgesFrom: 0, hash: '', vouchedBy: [] } as const;
  for (const judge of [LI, WANG, AUX]) putPerson(rig.db, { ...account, ...judge });
});
afterEach(() => rig.close());

const login: HitLogin = (_, number) => Promise.resolve([LI, WANG, AUX].find((p) => p.serviceNumber === number)!);
const hits = (verb: string, ...args: string[]) =>
  run(hitsCommand({ viewer: login, judge: login }), [verb, '--config', rig.file, ...args]);
const BY = ['--number', 'P001'];
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
    expect((await hits('list', ...BY, '--state', 'disputed')).out).toBe('no such hit\n');
    expect(rig.audit()).toContain('P001: hits listed');
  });
});

describe('audit show', () => {
  it('says neither the first opinion nor its author until the second is in', async () => {
    const id = raise(plateHit());
    await opinion(id, 'P001');
    await opinion(id, 'P001');
    const judged = async () => {
      const { out } = await run(auditCommand(), ['show', '--since', '2020-01-01', '--config', rig.file]);
      return out.split('\n').filter((line) => /hit reviewed|review refused/.test(line));
    };
    expect(await judged()).toEqual([
      expect.stringMatching(/- {2}hit reviewed {2}withheld until/),
      expect.stringMatching(/- {2}review refused {2}withheld until/),
    ]);
    await opinion(id, 'P002');
    expect(await judged()).toEqual([
      expect.stringMatching(/P001 {2}hit reviewed {2}.*"verdict":"confirm"/),
      expect.stringMatching(/P001 {2}review refused {2}.*review-same-person/),
      expect.stringMatching(/P002 {2}hit reviewed {2}.*"state":"confirmed"/),
    ]);
  });
});

describe('hits show', () => {
  it('withholds the plate of a possible hit, says nothing of the first opinion, and is in the audit log', async () => {
    const id = raise(possibleHit());
    await opinion(id, 'P001', '--characters', 'B');
    const shown = await hits('show', id, '--number', 'P002');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('read:   皖A□234N');
    expect(shown.out).toContain('state: one opinion, a second one is needed');
    expect(shown.out).not.toMatch(/皖AB234N|P001|confirm/);
    expect(rig.audit()).toContain('P002: hit viewed');
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

describe('who looks at hits', () => {
  const config = () => ['--config', rig.file];
  const account = async (serviceNumber: string, roles: readonly AccountRole[] = ['officer']) => {
    const hash = await hashWith(`seven kites of ${serviceNumber}`, { memoryCost: 8, timeCost: 1, parallelism: 1 });
    const made = {
      name: 'Nobody',
      kind: 'police',
      created: 0,
      judgesFrom: Number.MAX_SAFE_INTEGER,
      vouchedBy: [],
    } as const;
    putPerson(rig.db, { ...made, serviceNumber, roles, hash });
  };

  it('proves it by the password of an officer, whom the audit log names', async () => {
    await account('100001');
    const id = raise(plateHit());
    const listed = await proved('seven kites of 100001\n', 'list', '--number', '100001', ...config());
    expect([listed.code, listed.err, listed.out.includes(id)]).toEqual([0, '', true]);
    expect((await proved('seven kites of 100001\n', 'show', id, '--number', '100001', ...config())).code).toBe(0);
    const looks = ['100001: hits listed', '100001: hit viewed'];
    expect(rig.audit().filter((row) => row.includes('hit'))).toEqual(expect.arrayContaining(looks));
  });

  it('shows nothing to another role, after a wrong password, or to a name without one', async () => {
    await account('100001');
    await account('100003', ['technician']);
    const id = raise(plateHit());
    const tries = [
      await proved('seven kites of 100003\n', 'list', '--number', '100003', ...config()),
      await proved('\n', 'show', id, '--number', '100001', ...config()),
      await proved('', 'list', '--by', 'Duty 1', ...config()),
    ];
    expect(tries.map(({ code, out }) => [code, out])).toEqual([
      [1, ''],
      [1, ''],
      [64, ''],
    ]);
    expect(tries[0]!.err).toContain('only an officer account sees hits');
    expect(rig.audit().filter((row) => /hits listed|hit viewed/.test(row))).toEqual([]);
  });

  it('is slowed down after five wrong passwords, each in a process of its own', async () => {
    await account('100001');
    for (let i = 0; i < 5; i++) await proved('guess\n', 'list', '--number', '100001', ...config());
    const right = await proved('seven kites of 100001\n', 'list', '--number', '100001', ...config());
    expect([right.code, right.out]).toEqual([1, '']);
    expect(right.err).toContain('too many wrong passwords');
  });

  it('writes no picture that the log does not take', async () => {
    const id = raise(plateHit());
    rig.db.exec(`CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);
    const folder = join(rig.folder, 'pictures');
    await expect(hits('show', id, ...BY, '--pictures', folder)).rejects.toThrow('planted');
    expect(existsSync(folder)).toBe(false);
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
    // A script that answers something else is told what was expected.
    const other = await typed('yes\n', 'opinion', raise(plateHit()), '--number', 'P001', '--config', rig.file);
    expect([other.code, other.err]).toEqual([
      64,
      expect.stringContaining('"yes" to choose: expected a number from 1 to 2'),
    ]);
    const asked = await typed('b\ndismiss\n1\n', 'opinion', id, '--number', 'P001', '--config', rig.file);
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

it('what was opened and read before counts, also where the opinion comes from another process', async () => {
  const id = raise(possibleHit());
  await hits('show', id, ...BY, '--pictures', join(rig.folder, 'p'));
  // The listed plate is shown after the reading; then the process ends without an opinion.
  const gone = await typed('8\n', 'opinion', id, '--number', 'P001', '--config', rig.file);
  expect([gone.code, gone.out.includes('皖AB234N')]).toEqual([64, true]);
  const again = await opinion(id, 'P001', '--characters', 'B');
  expect(again.out).toContain('that reading counts');
  const [given] = reviewOf(rig.db, id)!.opinions;
  expect([given!.characters, given!.opened.length]).toEqual(['8', 2]);
});

/** In a process of its own, with somebody at the keyboard. */
const typed = (input: string, ...args: string[]) =>
  inProcess('(_, serviceNumber) => Promise.resolve({ serviceNumber, kind: "police" })', input, args);

/** As the program is run: passwords are asked for and compared. */
const proved = (input: string, ...args: string[]) =>
  inProcess(`(await import('${import.meta.resolve('./judge.ts')}')).LOGINS.viewer`, input, args);

function inProcess(
  login: string,
  input: string,
  args: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  const program = `
    import { Command } from '${import.meta.resolve('commander')}';
    import { hitsCommand } from '${new URL('./hits.ts', import.meta.url).href}';
    const login = ${login};
    const program = new Command('sitebox').enablePositionalOptions().addCommand(hitsCommand({ viewer: login, judge: login }));
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
