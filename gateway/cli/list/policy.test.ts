/** The policy of a site on the command line: written by a person, signed by two root keys, checked and put in force. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { iso } from '../../contracts/time.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { PolicyFile } from '../../lists/in-force/policy-file.ts';
import { openDb } from '../../store/db.ts';
import { list, run } from '../cli.fixtures.ts';
import { checkCommand } from '../check.ts';

const folder = tempFolder();
const before = process.cwd();
beforeAll(async () => {
  process.chdir(folder);
  await list(['new-root']);
});
afterAll(() => process.chdir(before));

const ROOT = ['--root', 'trust/root.json'];
const key = (n: number, role = 'root') => ['--key', `trust/${role}-${n}.key`];
const sign = (...more: string[]) => list(['sign', 'policy.json', ...ROOT, '--yes', ...more]);

function write(more: object = {}): void {
  const times = { issued: iso(Date.now()), expires: iso(Date.now() + 86_400_000) };
  const policy = {
    _type: 'policy',
    spec: 1,
    site: 'demo',
    version: 1,
    ...times,
    opinions: 1,
    rooms: ['room'],
    ...more,
  };
  writeFileSync('policy.json', JSON.stringify(policy));
  writeFileSync('policy.json.sig', '');
}
function box(name: string, lists: object): string {
  mkdirSync(name, { recursive: true });
  const crew = { equipment: [{ id: 'crew', kind: 'broker' }] };
  const config = { site: 'demo', storage: { folder: 'store' }, lists: { trust: '../trust/root.json', ...lists }, crew };
  writeFileSync(join(name, 'box.yaml'), JSON.stringify(config));
  return `${name}/box.yaml`;
}

it('is signed by root keys alone, shown before, and complete with as many as the root wants', async () => {
  write();
  expect(await sign(...key(1, 'list'))).toMatchObject({ code: 64 });
  const first = await sign(...key(1));
  expect(first.out).toContain('ONE police officer is enough');
  expect(first.out).toContain('over the relays room');
  expect(first.out).toContain('Not complete yet');
  expect((await sign(...key(2))).out).toContain('Enough signatures');
  expect(readFileSync('policy.json.sig', 'utf8').trim().split('\n')).toHaveLength(2);
  writeFileSync('policy.json', readFileSync('policy.json', 'utf8').replace('"room"', '"moor"'));
  expect(await sign(...key(3))).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (altered)') as string });
});

it('is put in force where the configuration names its place, and never an older one', async () => {
  write();
  await sign(...key(1), ...key(2));
  const take = (file: string, config: string) => list(['import', file, '--config', config, '--by', 'Chief', '--yes']);
  expect(await take('policy.json', box('none', {}))).toMatchObject({
    code: 1,
    err: expect.stringContaining('`policy: FILE`') as string,
  });
  const config = box('one', { policy: 'policy.json' });
  const taken = await take('policy.json', config);
  expect(taken).toMatchObject({ code: 0, err: '' });
  expect(taken.out).toContain('Policy version 1 is in force until');
  expect(existsSync('one/policy.json.sig')).toBe(true);
  using db = openDb('one/store');
  const file = new PolicyFile({ db, site: 'demo', path: 'one/policy.json', now: Date.now });
  expect(file.inForce()).toMatchObject({ opinions: 1, rooms: ['room'] });
  expect(db.prepare("SELECT who FROM audit WHERE what = 'policy in force'").pluck().all()).toEqual(['Chief']);
  write({ opinions: 2 });
  await sign(...key(1), ...key(2));
  expect(await take('policy.json', config)).toMatchObject({
    code: 1,
    err: expect.stringContaining('REFUSED (rolled back)') as string,
  });
  write({ site: 'elsewhere', version: 2 });
  await sign(...key(1), ...key(2));
  expect(await take('policy.json', config)).toMatchObject({
    code: 1,
    err: expect.stringContaining('wrong site') as string,
  });
  expect(file.inForce()).toMatchObject({ opinions: 1 });
});

it('is looked at by `check`, which warns where it would not be in force', async () => {
  const adapters = { readers: {}, photoDecoders: {}, cameras: {}, relays: {}, equipment: { broker: () => ({}) } };
  const check = (config: string) => run(checkCommand(adapters as never), [config]);
  write();
  await sign(...key(1), ...key(2));
  expect((await check(box('checked', { policy: '../policy.json' }))).out).toContain('policy version 1');
  write();
  expect(await check('checked/box.yaml')).toMatchObject({
    code: 0,
    err: expect.stringContaining('would not be in force (unsigned)') as string,
  });
});
