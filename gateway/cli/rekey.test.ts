/** `sitebox rekey` and the keys of a backup, by the command line, on real files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backup, BY, layBackupBox, restore } from '../../simulators/faults/backup-box.ts';
import { PLATE } from '../../simulators/faults/store-fill.ts';
import { sitebox } from '../../simulators/product/gateway.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { holdAlone } from '../store/connection/hold-alone.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { checkStore } from '../store/damage/check.ts';
import { getEvidence } from '../store/evidence.ts';
import { DB_FILE, KEYS_FILE } from '../store/files/names.ts';
import { listHits } from '../store/hits.fixtures.ts';
import { readKeyFile } from '../store/sealing/key-file.ts';
import { lostKeys } from '../store/sealing/lost-keys.ts';
import { openDb, type Db } from '../store/db.ts';

/** Empty for a descriptor that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const hitsOf = (db: Db) => listHits(db, { limit: 100 });
const pictureOf = (db: Db) => getEvidence(db, hitsOf(db)[0]!.evidence[0]!.sha256)?.bytes;

test('rekey makes a new key for a stopped box, and leaves a running one alone', async () => {
  const box = layBackupBox(tempFolder(), 10);
  const keys = join(box.storage, KEYS_FILE);
  const before = box.with(hitsOf);
  const [old] = readKeyFile(keys)!.masters;
  const rekey = () => sitebox('rekey', '--config', box.config, ...BY);
  const lock = lockFolder(box.storage);
  expect(await rekey()).toMatchObject({ code: 69, stderr: expect.stringContaining('already runs') as string });
  lock.release();
  expect(readFileSync(keys).includes(old!)).toBe(true);
  const { code, stdout, stderr } = await rekey();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^sealed again under key [0-9a-f]{12}: \d+ values; the old keys are destroyed\n/);
  expect(`${stdout}${stderr}`).not.toContain(old!.toString('hex'));
  expect(readFileSync(keys).includes(old!)).toBe(false);
  expect(box.with(hitsOf)).toEqual(before);
});

test('rekey, restore and repair leave a store alone that another verb has open; rekey keeps others out while it works', async () => {
  const box = layBackupBox(tempFolder(), 3);
  const ids = () => readKeyFile(join(box.storage, KEYS_FILE))!.ids;
  const before = ids();
  const rekey = () => sitebox('rekey', '--config', box.config, ...BY);
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  // A verb that waits for a password, and seals what it writes with the keys that it has read.
  const program = new URL('../../sitebox.mjs', import.meta.url).pathname;
  const args = ['person', 'disable', '100001', '--by', '100002', '--config', box.config];
  const verb = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void verb.kill('SIGKILL'));
  const isOpen = () =>
    readdirSync(`/proc/${verb.pid}/fd`).some((fd) => linkOf(`/proc/${verb.pid}/fd/${fd}`).endsWith(DB_FILE));
  await expect.poll(isOpen, { timeout: 20_000 }).toBe(true);
  expect(await rekey()).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('another program has the store') as string,
  });
  const refused = { code: 69, stderr: expect.stringContaining(`open (process ${verb.pid})`) as string };
  expect(await restore(box, to, '--without-anchors')).toMatchObject(refused);
  expect(await sitebox('verify-store', '--repair', '--config', box.config, ...BY)).toMatchObject(refused);
  expect([ids(), readdirSync(box.storage).filter((name) => /-until-|\.part/.test(name))]).toEqual([before, []]);
  verb.stdin.end('x\n');
  await once(verb, 'close');
  expect(await rekey()).toMatchObject({ code: 0 });
  expect(ids()).not.toEqual(before);

  using db = openDb(box.storage);
  expect(holdAlone(db)).toBe(true);
  const late = await sitebox('outbox', 'list', '--config', box.config);
  expect(late).toMatchObject({ code: 74, stderr: expect.stringContaining('another program uses it alone') as string });
});

test('a lost key is acknowledged by name; where none is lost there is nothing to acknowledge', async () => {
  const box = layBackupBox(tempFolder(), 2);
  const accept = () => sitebox('rekey', '--accept-loss', '--config', box.config, ...BY);
  expect(await accept()).toMatchObject({ code: 1, stderr: 'no key is lost; nothing was changed\n' });
  const [id] = readKeyFile(join(box.storage, KEYS_FILE))!.ids;
  rmSync(join(box.storage, KEYS_FILE));
  expect(await accept()).toMatchObject({ code: 0, stdout: `acknowledged: keys ${id} are lost for good\n` });
});

test('an account that cannot read the keys makes no backup, no new key and no acknowledgement', async () => {
  const box = layBackupBox(tempFolder(), 1);
  const keys = join(box.storage, KEYS_FILE);
  const before = readFileSync(keys).subarray(0, 40);
  writeFileSync(keys, before);
  const config = ['--config', box.config];
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 1, stderr: expect.stringContaining('service') as string });
  expect(await sitebox('rekey', ...config, ...BY)).toMatchObject({ code: 74 });
  expect(await sitebox('rekey', '--accept-loss', ...config, ...BY)).toMatchObject({ code: 74 });
  const send = await sitebox('order', 'send', '--text', 'x', '--to', 'cam-1', ...config, ...BY);
  expect(send).toMatchObject({ code: 74, stderr: expect.stringContaining('use the account of the service') as string });
  expect(readFileSync(keys).equals(before)).toBe(true);
});

test('a backup opens on another box, which keeps a key of its own for what it writes', async () => {
  const [box, other] = [layBackupBox(tempFolder(), 5), layBackupBox(tempFolder(), 1)];
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  const [master] = readKeyFile(join(box.storage, KEYS_FILE))!.masters;
  expect(readFileSync(to).includes(master!)).toBe(false);
  expect(readFileSync(to).toString('latin1')).not.toContain(master!.toString('base64').slice(0, 40));
  const [before, picture] = [box.with(hitsOf), box.with(pictureOf)];
  const own = readKeyFile(join(other.storage, KEYS_FILE))!.ids;

  const elsewhere = { ...other, privateKey: box.privateKey };
  expect(await restore(elsewhere, to, '--without-anchors')).toMatchObject({ code: 0 });
  other.with((db) => {
    expect(hitsOf(db)).toEqual(before);
    expect(hitsOf(db)[0]!.hit).toMatchObject({ listed: PLATE });
    expect(pictureOf(db)).toEqual(picture);
    expect([db.sealing.keys.keyring.current]).toEqual(own);
    expect(lostKeys(db)).toEqual([]);
    expect(checkStore(db).damages).toEqual([]);
  });
  // On a computer without any key too.
  const bare = layBackupBox(tempFolder(), 1);
  rmSync(bare.storage, { recursive: true });
  mkdirSync(bare.storage, { mode: 0o700 });
  expect(await restore({ ...bare, privateKey: box.privateKey }, to, '--without-anchors')).toMatchObject({ code: 0 });
  expect(bare.with(hitsOf)).toEqual(before);
  // What came with the backup falls away once no row needs it.
  expect(await sitebox('rekey', '--config', bare.config, ...BY)).toMatchObject({ code: 0 });
  expect(bare.with(hitsOf)).toEqual(before);
  expect(bare.with((db) => db.sealing.keys.keyring.ids())).toHaveLength(1);
});
