/** Two people sign: neither signs blind, and no signature gets lost in silence. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { list, type Outcome } from '../cli.fixtures.ts';

const folder = tempFolder();
const before = process.cwd();
beforeAll(async () => {
  process.chdir(folder);
  await list(['new-root']);
});
afterAll(() => {
  process.chdir(before);
});

const HEAD = 'id,plate,category,legalBasis,issuer,authorisedBy,validFrom,validUntil,instruction';
const row = (id: string, plate: string) =>
  `${id},${plate},stolen,Order 12/2026,Demo room,Officer 7,2026-01-01 00:00,2099-01-01 00:00,Compare the picture.`;
const csv = (name: string, ...rows: string[]) => writeFileSync(name, [HEAD, ...rows, ''].join('\n'));
const ROOT = ['--root', 'trust/root.json'];
const key = (n: number) => ['--key', `trust/list-${n}.key`];
const make = (name: string, version: number, ...more: string[]) =>
  list(['sign', name, '--site', 'demo', '--offset', '+08:00', '--version', `${version}`, '--yes', ...more]);
const add = (n: number, ...more: string[]) => list(['sign', 'a.list.json', ...key(n), ...ROOT, ...more]);
const signatures = () => readFileSync('a.list.json.sig', 'utf8').trim().split('\n').length;

beforeEach(async () => {
  for (const name of ['a.list.json', 'a.list.json.sig', 'b.list.json', 'b.list.json.sig'])
    rmSync(name, { force: true });
  csv('a.csv', row('E-1', '皖A12345'), row('E-2', '苏B54321'));
  expect((await make('a.csv', 7, ...key(1))).code).toBe(0);
});

/** In a process of its own, with somebody at the keyboard. */
function typed(answer: string, ...args: string[]): Promise<Outcome> {
  const module = new URL('./list.ts', import.meta.url).href;
  const program = `
    import { Command } from '${import.meta.resolve('commander')}';
    import { listCommand } from '${module}';
    const program = new Command('sitebox').enablePositionalOptions().addCommand(listCommand());
    await program.parseAsync(['list', ...process.argv.slice(1)], { from: 'user' });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(answer);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

it('L1: show, verify and diff of a list with one signature say what is missing', async () => {
  const shown = await list(['show', 'a.list.json', ...ROOT]);
  expect(shown).toMatchObject({ code: 0, err: expect.stringContaining('1 of the 2 needed signatures') as string });
  expect(shown.err).toContain('1 missing');
  expect(shown.out).toContain('E-1  皖A12345');
  const verified = await list(['verify', 'a.list.json', ...ROOT]);
  expect(verified).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (unsigned)') as string });
  expect(verified.out).toContain('plate-list version 7 for site demo, 2 entries');
  csv('b.csv', row('E-2', '苏B54321'));
  expect((await make('b.csv', 8, ...key(1), ...key(2))).code).toBe(0);
  const diff = await list(['diff', 'a.list.json', 'b.list.json', ...ROOT]);
  expect(diff.out).toContain('0 added, 0 changed, 1 withdrawn, 1 as before');
  expect(diff.err).toContain('NOT COMPLETE: no box takes a.list.json yet');
  // Without any signature file there is something to see as well, and nothing to take.
  rmSync('a.list.json.sig');
  expect(await list(['show', 'a.list.json', ...ROOT])).toMatchObject({ code: 0 });
  expect(await list(['verify', 'a.list.json', ...ROOT])).toMatchObject({ code: 1 });
});

it('L1: the second person sees the entries, or the difference to the last list, and is asked', async () => {
  for (const answer of ['', 'n\n']) {
    const declined = await typed(answer, 'sign', 'a.list.json', ...key(2), ...ROOT);
    expect(declined).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was signed') as string });
    expect(declined.out).toContain('E-1  皖A12345');
    expect(signatures()).toBe(1);
  }
  const signed = await typed('y\n', 'sign', 'a.list.json', ...key(2), ...ROOT);
  expect(signed).toMatchObject({ code: 0, out: expect.stringContaining('Enough signatures') as string });
  csv('b.csv', row('E-2', '苏B54322'));
  await make('b.csv', 8, ...key(1));
  const known = await list(['sign', 'b.list.json', ...key(2), ...ROOT, '--previous', 'a.list.json', '--yes']);
  expect(known.out).toContain('0 added, 1 changed, 1 withdrawn, 0 as before');
  expect(known.out).toContain('(E-2: key changed)');
});

it('L1: what was altered after the first signature is not signed, and the key is named', async () => {
  const id = readFileSync('a.list.json.sig', 'utf8').slice(0, 16);
  const text = readFileSync('a.list.json', 'utf8');
  writeFileSync('a.list.json', text.replace('Compare the picture.', 'Let it pass.'));
  for (const n of [2, 1]) {
    const refused = await add(n, '--yes');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(`the signature of key ${id}`) as string });
    expect(signatures()).toBe(1);
  }
  for (const verb of ['show', 'verify'])
    expect(await list([verb, 'a.list.json', ...ROOT])).toMatchObject({ code: 1, out: '' });
  // A signature file that is damaged is none: nobody signs beside it.
  writeFileSync('a.list.json', text);
  writeFileSync('a.list.json.sig', 'damaged\n');
  expect(await add(2, '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (altered)') as string });
  expect(await list(['sign', 'a.list.json', ...key(2), '--yes'])).toMatchObject({ code: 64 });
});

it('L1: a key that the root does not know signs nothing, neither as the first nor as the second', async () => {
  expect((await list(['new-root', '--out', 'other', '--keys', '1'])).code).toBe(0);
  const other = ['--key', 'other/list-1.key', ...ROOT, '--yes'];
  const text = readFileSync('a.list.json.sig', 'utf8');
  csv('c.csv', row('E-1', '皖A12345'));
  const why = /^REFUSED \(unsigned\): key [0-9a-f]{16} is not a list key of this root.json \(version 1\)/;
  for (const file of [['a.list.json'], ['c.csv', '--site', 'demo', '--offset', '+08:00']])
    expect(await list(['sign', ...file, ...other])).toMatchObject({
      code: 1,
      err: expect.stringMatching(why) as string,
    });
  expect(readFileSync('a.list.json.sig', 'utf8')).toBe(text);
});

it('L1: a list that is made anew says which signatures fall away, and asks', async () => {
  expect((await add(2, '--yes')).code).toBe(0);
  const ids = readFileSync('a.list.json.sig', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 16));
  csv('a.csv', row('E-1', '皖A12346'));
  const again = ['sign', 'a.csv', '--site', 'demo', '--offset', '+08:00', ...key(3)];
  const declined = await typed('n\n', ...again);
  expect(declined).toMatchObject({ code: 1 });
  for (const id of ids) expect(declined.err).toContain(id);
  expect(declined.err).toContain('FALL AWAY');
  expect(signatures()).toBe(2);
  expect(await list(['verify', 'a.list.json', ...ROOT])).toMatchObject({ code: 0 });
  const made = await list([...again, '--yes']);
  expect(made).toMatchObject({ code: 0, err: expect.stringContaining('FALL AWAY') as string });
  expect(signatures()).toBe(1);
});

it('L1: a root.json shows its keys before it is signed, and an altered one is not signed', async () => {
  const rotate = ['rotate-root', ...ROOT, '--key', 'trust/root-1.key', '--out', 'next', '--replace-list-keys'];
  expect((await list(rotate)).code).toBe(0);
  const sign = ['sign', 'next/root.json', '--key', 'trust/root-2.key', ...ROOT, '--yes'];
  const text = readFileSync('next/root.json', 'utf8');
  writeFileSync('next/root.json', text.replace(/"threshold": 2/, '"threshold": 1'));
  expect(await list(sign)).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (altered)') as string });
  writeFileSync('next/root.json', text);
  const signed = await list(sign);
  expect(signed).toMatchObject({ code: 0, err: '' });
  expect(signed.out.match(/^[+-] list keys: [0-9a-f]{16}/gm)).toHaveLength(6);
});

it('L8: more entries than a box takes are refused before any digest is made, and no key of a box is named', async () => {
  const one = JSON.stringify({
    id: 'E',
    plate: '皖A12345',
    category: 'c',
    legalBasis: 'l',
    issuer: 'i',
    authorisedBy: 'a',
  });
  const times = `"validFrom":"2026-01-01T00:00:00Z","validUntil":"2099-01-01T00:00:00Z","instruction":"Ask."`;
  const entry = (i: number) => one.replace('"E"', `"E-${i}"`).replace(/}$/, `,${times}}`);
  writeFileSync('many.json', `[${Array.from({ length: 100_001 }, (_, i) => entry(i)).join(',')}]`);
  const refused = await list(['sign', 'many.json', '--site', 'demo', ...key(1), '--yes']);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('has 100001 entries, a list has at most 100000; nothing was signed');
  expect(refused.err).not.toContain('limits.');
});
