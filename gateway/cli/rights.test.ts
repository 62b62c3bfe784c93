/** What the command line says of files and folders that an account may not use, or that are something else than what is expected. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { DB_FILE, openDb } from '../store/db.ts';
import { laySite } from '../../simulators/product/site.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { oldFolder, raw } from '../store/upgrade.fixtures.ts';
import { auditCommand } from './audit/audit.ts';
import { backupCommand } from './backup.ts';
import { list, run } from './cli.fixtures.ts';
import { CREW } from './crew/crew.fixtures.ts';
import { outboxCommand } from './outbox.ts';
import { restoreCommand } from './restore.ts';
import { BECOME_STRANGER, canBecomeStranger, preloaded } from './stranger.fixtures.ts';

/** The configuration of a box that has its store in `storage`. */
function layBox(storage = 'store'): { readonly config: string } {
  const folder = tempFolder();
  const config = join(folder, 'box.yaml');
  const rest = { lists: { trust: 'root.json' }, crew: CREW, upstream: [{ id: 'room', kind: 'https' }] };
  writeFileSync(config, JSON.stringify({ site: 'demo', storage: { folder: storage }, ...rest }));
  if (storage === 'store') openDb(join(folder, storage)).close();
  return { config };
}

const NO_CAMERA = { 'cam-1': { kind: 'jpeg', url: 'http://127.0.0.1:9/snapshot.jpg' } };

/** A folder that everybody may enter. */
function openFolder(): string {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  return folder;
}

const asStranger = (...args: readonly string[]) => preloaded(BECOME_STRANGER, ...args);
const NO_CHINESE = /^[^\u4e00-\u9fff]*$/;

describe.skipIf(!canBecomeStranger)('W1: an account that may not use the storage folder', () => {
  test.each<[what: string, mode: number, verbs: readonly (readonly string[])[]]>([
    ['may enter it', 0o755, [['outbox', 'list'], ['verify-store'], ['verify-store', '--repair', '--by', 'A. Person']]],
    ['may not enter it', 0o700, [['list', 'show'], ['verify-store']]],
  ])('and %s ends with 74, what is wrong and what to do', async (_, mode, verbs) => {
    const { configFile: config, storage } = await laySite({ folder: openFolder(), port: 0, cameras: NO_CAMERA });
    chmodSync(config, 0o644);
    openDb(storage).close();
    chmodSync(storage, mode);
    const before = readdirSync(storage);
    for (const verb of [['start', config], ...verbs.map((v) => [...v, '--config', config])]) {
      const { code, err } = asStranger(...verb);
      const message = err.split('\n').find((line) => line.startsWith('storage folder'));
      expect([verb, code, message]).toEqual([verb, 74, expect.stringContaining(`${storage} cannot be used: `)]);
      expect(message).toContain('check its owner and mount, or choose another in `storage.folder`');
      expect(err).not.toMatch(/E(ACCES|PERM)|no store|\n\s+at /);
    }
    const { code, err } = asStranger('--lang', 'zh', 'start', config);
    expect([code, err]).toEqual([74, expect.stringContaining('不能用：')]);
    expect(err).toContain('当前账户无权读取或改动');
    expect(readdirSync(storage)).toEqual(before);
  });

  test('says so of the other files that a person names, in both languages', () => {
    const closed = join(openFolder(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    writeFileSync(join(closed, 'root.json'), '{}');
    for (const args of [
      ['list', 'new-root', '--out', join(closed, 'root')],
      ['list', 'verify', 'a.json', '--root', join(closed, 'root.json')],
    ]) {
      const { code, err } = asStranger(...args);
      expect([args, code, err]).toEqual([
        args,
        1,
        expect.stringContaining('this account may not read or change it; see who owns it'),
      ]);
    }
    const chinese = asStranger('--lang', 'zh', 'list', 'new-root', '--out', join(closed, 'root')).err;
    expect(chinese).toContain('当前账户无权读取或改动；请查看');
    const check = asStranger('check', join(closed, 'box.yaml'));
    expect([check.code, check.err]).toEqual([78, expect.stringContaining('this account may not read or change it')]);
  });
});

describe('W1: a file that a person names', () => {
  const folder = tempFolder();
  const sub = join(folder, 'sub');
  mkdirSync(sub);
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const gone = join(folder, 'gone');
  const { config } = layBox();
  const restore = (path: string, key: string) =>
    run(restoreCommand(), [path, '--config', config, '--key', key, '--by', 'A. Person', '--without-anchors']);
  const backup = (key: string) =>
    run(backupCommand(), ['--config', config, '--to', join(gone, 'b'), '--key', key, '--by', 'A. Person']);
  test.each([
    ['a backup that is not there', () => restore(gone, file), `${gone} does not exist; check how`],
    ['a folder for a backup', () => restore(sub, file), `${sub} is a folder, expected a file; name a file`],
    ['a key that is not there', () => backup(gone), `${gone} does not exist; check how`],
    ['a folder for a key', () => backup(sub), `${sub} is a folder, expected a file`],
    ['a file that is no key', () => backup(file), `${file} is no public key for backups: it holds no key in PEM form`],
    ['a folder for a file of events', () => run(auditCommand(), ['--config', config, '--against', sub]), `${sub} is a`],
    ['a file for a folder', () => list(['new-root', '--out', file]), `${file} leads through a file`],
    ['a file on the way', () => list(['new-root', '--out', join(file, 'a')]), 'leads through a file'],
    ['a folder for a list', () => list(['sign', sub, '--key', file]), 'is a folder, expected a file'],
    ['a root that is not there', () => list(['verify', file, '--root', gone]), `${gone} does not exist`],
  ])('%s is named, with what is expected and what to do', async (_, work, message) => {
    const { code, err } = await work();
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    expect(err).not.toMatch(/\bE[A-Z]{4,}\b|error:|\.part/);
    expect(err).toMatch(NO_CHINESE);
  });
});

test('L4: a folder that has a root, or keys, gets no other keys, and what is there stays', async () => {
  const out = join(tempFolder(), 'trust');
  expect((await list(['new-root', '--out', out])).code).toBe(0);
  const root = readFileSync(join(out, 'root.json'));
  const keys = readdirSync(out).filter((name) => name.endsWith('.key'));
  for (const key of keys) unlinkSync(join(out, key));
  const again = await list(['new-root', '--out', out]);
  expect([again.code, again.out, again.err]).toEqual([1, '', expect.stringContaining('root.json exists already')]);
  expect(readdirSync(out).sort()).toEqual(['root.json', 'root.json.sig']);
  expect(readFileSync(join(out, 'root.json')).equals(root)).toBe(true);
  // One key that is left is reason enough.
  for (const name of readdirSync(out)) unlinkSync(join(out, name));
  writeFileSync(join(out, 'list-3.key'), 'x');
  expect((await list(['new-root', '--out', out])).err).toContain('list-3.key exists already');
  expect(readdirSync(out)).toEqual(['list-3.key']);
});

test('W5: beside a running gateway a verb leaves a store of an earlier layout as it is', async () => {
  const storage = oldFolder();
  const { config } = layBox(storage);
  const layout = () => raw(storage, (db) => db.prepare('PRAGMA user_version').get());
  const before = [layout(), readFileSync(join(storage, DB_FILE))];
  const gateway = lockFolder(storage);
  let stopped = false;
  onTestFinished(() => (stopped ? undefined : gateway.release()));
  const { code, err } = await run(outboxCommand(), ['list', '--config', config]);
  expect([code, err]).toEqual([69, expect.stringContaining(`(process ${process.pid}) may not know the layout`)]);
  expect(readFileSync(join(storage, DB_FILE)).equals(before[1] as Buffer)).toBe(true);
  expect(layout()).toEqual(before[0]);
  gateway.release();
  stopped = true;
  expect((await run(outboxCommand(), ['list', '--config', config])).code).toBe(0);
  expect(layout()).not.toEqual(before[0]);
});
