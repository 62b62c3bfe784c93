/** The files of the box: readable only by their owner, and named if others can reach them. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { layBallast } from './ballast.ts';
import { DB_FILE, openDb, setMeta } from '../db.ts';
import { boxExposures, storeExposures, makeFolder, replaceFile } from './private-files.ts';
import { openStore } from '../store.ts';

const file = (folder: string) => join(folder, DB_FILE);

function newFolder(): string {
  const folder = tempFolder();
  return join(folder, 'data');
}

test('W11: files of the store are made for their owner only, whatever the umask', () => {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const folder = newFolder();
  const store = openStore(folder, SILENT_LOG);
  onTestFinished(() => store.close());
  setMeta(store.db, 'a', '1');
  const mode = (name: string): number => statSync(join(folder, name)).mode & 0o777;
  expect(mode('.')).toBe(0o700);
  for (const name of [DB_FILE, `${DB_FILE}-wal`, `${DB_FILE}-shm`, 'gateway.lock']) expect(mode(name)).toBe(0o600);
  expect(storeExposures(folder)).toEqual([]);
});

test('W11: open modes, other owners and links are named, and the ballast is not written through a link', () => {
  const folder = newFolder();
  openDb(folder).close();
  const target = `${folder}.elsewhere`;
  symlinkSync(target, join(folder, 'ballast'));
  chmodSync(folder, 0o755);
  chmodSync(file(folder), 0o644);
  const [secret, root] = [join(folder, 'secret'), join(folder, 'root.json')];
  for (const path of [secret, root]) writeFileSync(path, 'x', { mode: 0o666 });
  chmodSync(secret, 0o666);
  chmodSync(root, 0o644);
  expect(layBallast(folder)).toBe(false);
  expect(existsSync(target)).toBe(false);
  const look = () => boxExposures({ folder, privateFiles: [secret], publicFiles: [root] }).map((e) => e.what);
  const open = (path: string, mode: string) => `${path} is open to other users of this computer (mode ${mode})`;
  const link = `${join(folder, 'ballast')} is a symbolic link to ${target}: nothing is written through it`;
  expect(look()).toEqual([open(folder, '0755'), open(file(folder), '0644'), link, open(secret, '0666')]);
  chmodSync(root, 0o646);
  expect(look()).toContain(open(root, '0646'));
  rmSync(join(folder, 'ballast'));
  chmodSync(folder, 0o700);
  for (const path of [file(folder), secret, root]) chmodSync(path, 0o600);
  expect(look()).toEqual([]);
});

test('W11: every file of the store is checked, also those beside it and those set aside', () => {
  const folder = newFolder();
  openDb(folder).close();
  const names = [
    ...['anchors.json', 'audit.head', 'ends.json', 'anchors.json.damaged', 'backup-7.part'],
    ...['sitebox.db.damaged-until-20261201T1135Z', 'sitebox.db.damaged-until-20261201T1135Z.missing.json'],
    ...['sitebox.db-wal.replaced-until-20261201T1135Z-2'],
  ];
  for (const name of [...names, 'root.json']) {
    writeFileSync(join(folder, name), 'x');
    chmodSync(join(folder, name), 0o644);
  }
  // A file that a person put there does not belong to the store.
  const found = storeExposures(folder).map((e) => basename(e.key.replace('exposed:', '')));
  expect(found.sort()).toEqual([...names].sort());
});

test('W11: a file of another user is named', (context) => {
  if (process.geteuid?.() !== 0) return context.skip('only root may give files away');
  const folder = newFolder();
  openDb(folder).close();
  chownSync(file(folder), 12_345, 12_345);
  expect(storeExposures(folder)).toMatchObject([
    { key: `exposed:${file(folder)}`, what: `${file(folder)} belongs to another user (12345)` },
  ]);
});

test('W1: a folder that a file system refuses fails at once, and a file in its place is named', () => {
  // Node's own recursive mkdir never returned here.
  expect(() => makeFolder('/proc/nope/deeper')).toThrow(/ENOENT/);
  expect(() => makeFolder('/proc/version')).toThrow(/EEXIST/);
});

test('W11: a file replaced in one step is private, follows no link, and leaves nothing half-written', () => {
  const folder = tempFolder();
  const [path, elsewhere] = [join(folder, 'ends.json'), join(folder, 'elsewhere')];
  writeFileSync(elsewhere, 'kept');
  symlinkSync(elsewhere, path);
  symlinkSync(elsewhere, `${path}.${process.pid}.part`);
  replaceFile(path, 'new');
  expect([readFileSync(path, 'utf8'), readFileSync(elsewhere, 'utf8')]).toEqual(['new', 'kept']);
  expect(lstatSync(path).isSymbolicLink()).toBe(false);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => replaceFile(join(folder, 'gone', 'a'), 'x')).toThrow(/ENOENT/);
  mkdirSync(join(folder, 'in the way'));
  expect(() => replaceFile(join(folder, 'in the way'), 'x')).toThrow();
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
