/** The verbs as a duty officer runs them: real processes, real files, a real store. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { verifyAudit } from '../../store/audit.ts';
import { openDb } from '../../store/db.ts';
import { list, type Outcome } from '../cli.fixtures.ts';

const folder = tempFolder();
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
});

const MODULE = new URL('./list.ts', import.meta.url).href;
const COMMANDER = import.meta.resolve('commander');
/** As the program mounts it. Positional options keep `--version` of `sign` apart from that of the program. */
const PROGRAM = `
  import { Command } from '${COMMANDER}';
  import { listCommand } from '${MODULE}';
  const program = new Command('sitebox').version('0.0.0').enablePositionalOptions().addCommand(listCommand());
  await program.parseAsync(['list', ...process.argv.slice(1)], { from: 'user' });
`;

/** In a process of its own, with somebody at the keyboard. */
function run(args: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...args], { cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.on('error', () => {}); // A command that does not ask has gone before it reads.
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const HEAD = 'id,plate,category,legalBasis,issuer,authorisedBy,validFrom,validUntil,instruction';
const row = (id: string, plate: string) =>
  `${id},${plate},stolen,Order 12/2026,Demo room,Officer 7,2026-01-01 00:00,2099-01-01 00:00,Compare the picture.`;
const csv = (name: string, ...rows: string[]) => writeFileSync(join(folder, name), [HEAD, ...rows, ''].join('\n'));
const SIGN = ['--site', 'demo', '--offset', '+08:00', '--yes'];

function config(name: string, trust = '../trust/root.json'): string {
  mkdirSync(join(folder, name), { recursive: true });
  const text = `site: demo
storage: { folder: store }
lists: { trust: ${trust} }
cameras: [{ id: north, kind: folder }]
lanes: [{ id: north-in, kind: road, cameras: [north] }]
`;
  writeFileSync(join(folder, name, 'box.yaml'), text);
  return `${name}/box.yaml`;
}

function audit(name: string): string[] {
  const db = openDb(join(folder, name, 'store'));
  try {
    expect(verifyAudit(db).ok).toBe(true);
    const rows = db.prepare('SELECT who, what FROM audit ORDER BY seq').all() as { who: string; what: string }[];
    return rows.map((r) => `${r.who}: ${r.what}`);
  } finally {
    db.close();
  }
}

describe('from a table to the box', () => {
  it('two people sign, the box asks, and the audit log knows who imported', async () => {
    const box = config('box');
    const made = await list(['new-root']);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(statSync(join(folder, 'trust/list-1.key')).mode & 0o777).toBe(0o600);
    expect(made.out).not.toContain(
      readFileSync(join(folder, 'trust/list-1.key'), 'utf8').split('"seed":"')[1]!.slice(0, 43),
    );

    csv('monday.csv', row('E-1', '皖A·12345'), row('E-2', '苏B54321'));
    const signed = await list([
      'sign',
      'monday.csv',
      ...SIGN,
      '--version',
      '7',
      '--key',
      'trust/list-1.key',
      '--root',
      'trust/root.json',
    ]);
    expect(signed).toMatchObject({ code: 0, err: '' });
    expect(signed.out).toContain('plate-list version 7 for site demo, 2 entries');
    expect(signed.out).toContain('Not complete yet: 1 of the 2');
    const short = await list(['verify', 'monday.list.json', '--root', 'trust/root.json']);
    expect(short).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (unsigned)') as string });
    const second = await list([
      'sign',
      'monday.list.json',
      '--key',
      'trust/list-2.key',
      '--root',
      'trust/root.json',
      '--yes',
    ]);
    expect(second).toMatchObject({ code: 0, out: expect.stringContaining('Enough signatures') as string });

    const verify = ['verify', 'monday.list.json', '--root', 'trust/root.json', '--site'];
    expect(await list([...verify, 'demo'])).toMatchObject({ code: 0, err: '' });
    expect(await list([...verify, 'other'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('wrong site') as string,
    });

    for (const answer of ['', 'n\n']) {
      const declined = await run(['import', 'monday.list.json', '--config', box], answer);
      expect(declined).toMatchObject({ code: 1, err: 'Nothing was changed.\n' });
      expect(declined.out).toContain('+ E-1  皖A12345');
    }
    expect((await list(['show', '--config', box])).out).toContain('plate-list: NOT in force (no list)');
    const imported = await run(['import', 'monday.list.json', '--config', box, '--by', 'Officer 9'], 'y\n');
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('version 7 is in force until') as string });
    expect((await list(['show', '--config', box])).out).toContain('plate-list: in force, version 7, 2 entries');
    expect(audit('box').at(-1)).toBe('Officer 9: list imported');
  });

  it('shows what changes, and refuses the older list by name with an entry in the audit log', async () => {
    csv('tuesday.csv', row('E-2', '苏B54322'), row('E-3', '皖C00001'));
    const keys = ['--key', 'trust/list-1.key', '--key', 'trust/list-3.key'];
    expect((await list(['sign', 'tuesday.csv', ...SIGN, '--version', '8', ...keys])).code).toBe(0);
    const diff = await list(['diff', 'monday.list.json', 'tuesday.list.json', '--root', 'trust/root.json']);
    const table = await list(['show', 'tuesday.list.json', '--root', 'trust/root.json', '--csv']);
    expect(diff.out).toContain('1 added, 1 changed, 1 withdrawn, 0 as before');
    expect(diff.out).toMatch(/^- E-1 .*/m);
    writeFileSync(join(folder, 'again.csv'), table.out);
    const again = await list(['sign', 'again.csv', '--site', 'demo', '--yes', ...keys]);
    expect(again).toMatchObject({ code: 0, err: '' });
    // Without --version, the time is the version: YYYYMMDDhhmm.
    expect(again.out).toMatch(/version 20\d{10} for site demo, 2 entries/);

    expect((await list(['import', 'tuesday.list.json', '--config', 'box/box.yaml', '--yes'])).code).toBe(0);
    const back = await list(['import', 'monday.list.json', '--config', 'box/box.yaml', '--yes', '--by', 'Officer 9']);
    expect(back).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (rolled back)') as string });
    expect(audit('box').at(-1)).toBe('Officer 9: list refused');
    const shown = await list(['show', '--config', 'box/box.yaml']);
    expect(shown.out).toContain('version 8, 2 entries');
    expect(shown.out).toMatch(/last refused: .* by Officer 9 \(rolled back\)/);
  });

  it('rotates the root; the list of the old keys stays until one of the new keys comes', async () => {
    const one = await list([
      'rotate-root',
      '--root',
      'trust/root.json',
      '--key',
      'trust/root-1.key',
      '--out',
      'next',
      '--replace-list-keys',
    ]);
    expect(one).toMatchObject({ code: 0, out: expect.stringContaining('Not complete yet: 1 of the 2') as string });
    const two = await list([
      'sign',
      'next/root.json',
      '--key',
      'trust/root-3.key',
      '--root',
      'trust/root.json',
      '--yes',
    ]);
    expect(two).toMatchObject({ code: 0, out: expect.stringContaining('2 signatures') as string });
    config('box', '../next/root.json');
    const waits = await list(['trust', '--config', 'box/box.yaml']);
    expect(waits).toMatchObject({ code: 1, err: expect.stringContaining('root version 2 waits') as string });
    expect(waits.out).toContain('the plate-list in force, version 8, FALLS AWAY');
    const refused = await list(['import', 'again.list.json', '--config', 'box/box.yaml', '--yes']);
    expect(refused.err).toContain('which the root.json in place (version 2) replaces');
    // L2: whatever was refused, the list of before is in force.
    const shown = await list(['show', '--config', 'box/box.yaml']);
    expect(shown.out).toContain('plate-list: in force, version 8');
    expect(shown.out).toContain('root.json version 2 at lists.trust waits');
    expect(audit('box').at(-1)).toMatch(/: list refused$/);
  });

  it('L2: a root and the first list of its keys come into force in one step, said and asked', async () => {
    csv('wednesday.csv', row('E-9', '皖C00009'));
    const keys = ['--key', 'next/list-1.key', '--key', 'next/list-2.key', '--version', '3'];
    expect((await list(['sign', 'wednesday.csv', ...SIGN, ...keys])).code).toBe(0);
    const asked = await run(['import', 'wednesday.list.json', '--config', 'box/box.yaml'], 'n\n');
    expect(asked.out).toContain('root.json version 2 comes into force together with this list');
    expect((await list(['show', '--config', 'box/box.yaml'])).out).toContain('plate-list: in force, version 8');
    const taken = await list([
      'import',
      'wednesday.list.json',
      '--config',
      'box/box.yaml',
      '--yes',
      '--by',
      'Officer 9',
    ]);
    expect(taken).toMatchObject({ code: 0, err: '' });
    expect((await list(['show', '--config', 'box/box.yaml'])).out).toContain('plate-list: in force, version 3');
    expect(audit('box').slice(-2)).toEqual(['Officer 9: root installed', 'Officer 9: list imported']);
  });

  it('L2: list keys that were stolen are cut off at once where a person says so', async () => {
    const next = ['--root', 'next/root.json', '--key', 'trust/root-1.key', '--key', 'trust/root-2.key'];
    expect((await list(['rotate-root', ...next, '--out', 'third', '--replace-list-keys'])).code).toBe(0);
    config('box', '../third/root.json');
    const drop = ['trust', '--config', 'box/box.yaml', '--drop-lists', '--by', 'Officer 9'];
    expect(await run(drop, 'n\n')).toMatchObject({ code: 1, err: 'Nothing was changed.\n' });
    const dropped = await list([...drop, '--yes']);
    expect(dropped).toMatchObject({ code: 0, out: expect.stringContaining('root version 3 is in force') as string });
    expect(dropped.out).toContain('the plate-list in force, version 3, FALLS AWAY');
    expect((await list(['show', '--config', 'box/box.yaml'])).out).toContain('NOT in force (no list)');
    expect(audit('box').at(-1)).toBe('Officer 9: root installed');
  });
});

describe('mistakes', () => {
  it('in a table are all named, and nothing is signed', async () => {
    csv('bad.csv', row('E-1', '皖O12345'), row('E-1', '皖A12345').replace('Order 12/2026', ''), row('E 3', '皖A12345'));
    const bad = await list(['sign', 'bad.csv', ...SIGN, '--key', 'trust/list-1.key']);
    expect(bad.code).toBe(1);
    expect(bad.err).toContain('bad.csv: row 2, plate: expected a plate without the letters I and O');
    expect(bad.err).toContain('bad.csv: row 3, legalBasis: is missing');
    expect(bad.err).toContain('bad.csv: row 4, id:');
    expect(bad.err).toContain('3 mistakes; nothing was signed');
    expect(() => statSync(join(folder, 'bad.list.json'))).toThrow();
  });

  it('at the keyboard exit 64, a bad list or file 1, a bad configuration 78; none shows a stack', async () => {
    writeFileSync(join(folder, 'broken.yaml'), 'site: [demo\n');
    const cases: [number, string[]][] = [
      [64, ['sign', 'monday.csv', '--key', 'trust/list-1.key']],
      [64, ['sign', 'monday.csv', ...SIGN]],
      [64, ['sign', 'monday.csv', ...SIGN, '--key', 'trust/root-1.key']],
      [64, ['sign', 'monday.csv', ...SIGN, '--key', 'trust/list-1.key', '--days', '8']],
      [64, ['new-root', '--keys', '1', '--threshold', '2', '--out', 'none']],
      [64, ['import', 'monday.list.json']],
      [64, ['no-such-verb']],
      [0, ['import', '--help']],
      [1, ['verify', 'nowhere.json', '--root', 'trust/root.json']],
      [1, ['new-root']],
      [1, ['sign', 'monday.csv', ...SIGN, '--key', 'monday.csv']],
      [78, ['import', 'monday.list.json', '--config', 'broken.yaml']],
    ];
    for (const [code, args] of cases) {
      const outcome = await list(args);
      expect([args, outcome.code]).toEqual([args, code]);
      expect(outcome.err).not.toMatch(/^\s+at /m);
      if (code !== 0) expect(outcome.err).not.toBe('');
    }
    const [usage, refused] = await Promise.all([
      run(['sign']),
      run(['verify', 'no.json', '--root', 'trust/root.json']),
    ]);
    expect([usage.code, refused.code]).toEqual([64, 1]);
  });
});

it('a list is said to be in force until its root ends, where that is sooner', async () => {
  await list(['new-root', '--out', 'brief', '--keys', '1', '--days', '2']);
  csv('brief.csv', row('E-1', '皖A·12345'));
  await list(['sign', 'brief.csv', ...SIGN, '--key', 'brief/list-1.key']);
  const box = config('brief-box', '../brief/root.json');
  const { out } = await list(['import', 'brief.list.json', '--config', box, '--yes']);
  const until = Date.parse(/is in force until (\S+)/.exec(out)![1]!);
  expect(until).toBeLessThan(Date.now() + 3 * 86_400_000);
});
