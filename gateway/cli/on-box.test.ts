/** What the command line does where the store of a box is missing. Real processes, because a gateway may have lost its folder under it. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { sitebox, spawnGateway } from '../../simulators/product/gateway.ts';
import { laySite } from '../../simulators/product/site.ts';
import { StoreError } from '../store/db.ts';
import { onBox } from './on-box.ts';

const BUSY = new Database.SqliteError('database is locked', 'SQLITE_BUSY');
const NO_CAMERA = { 'cam-1': { kind: 'jpeg', url: 'http://127.0.0.1:9/snapshot.jpg' } };

async function lay() {
  const folder = tempFolder();
  return laySite({ folder, port: 0, cameras: NO_CAMERA });
}

test('W5: a verb that reads makes no store', async () => {
  const { configFile, storage } = await lay();
  for (const verb of [['audit'], ['order', 'list'], ['device', 'list'], ['mode', 'show'], ['clock', 'show']]) {
    const { code, stderr } = await sitebox(...verb, '--config', configFile);
    expect([verb, code, stderr]).toEqual([verb, 1, expect.stringContaining('There is no store in')]);
  }
  expect(existsSync(storage)).toBe(false);
});

test('W5, W12: beside a gateway that has lost its store none is made, and a second gateway names the first', async () => {
  const { configFile, storage, folder } = await lay();
  const gateway = spawnGateway(configFile);
  onTestFinished(() => gateway.kill());
  await gateway.line((l) => l.msg === 'serving');
  const second = await sitebox('start', configFile);
  expect(second.code).toBe(69);
  expect(second.stderr).toContain(`another sitebox (process ${gateway.pid}) already runs on storage folder ${storage}`);
  // The command line works beside it.
  const add = ['device', 'add', 'cam-7', '--kind', 'bodycam', '--role', 'officer', '--protocol', 'bodycam'];
  expect((await sitebox(...add, '--by', 'Chief 1', '--config', configFile)).code).toBe(0);
  const refused = async () => {
    const { code, stderr } = await sitebox(
      'mode',
      'set',
      'normal',
      '--by',
      'Chief 1',
      '--reason',
      'x',
      '--config',
      configFile,
    );
    expect([code, stderr]).toEqual([74, expect.stringContaining(`a gateway (process ${gateway.pid}) runs on`)]);
  };
  for (const end of ['', '-wal', '-shm']) rmSync(join(storage, `sitebox.db${end}`));
  await refused();
  renameSync(storage, join(folder, 'away'));
  await refused();
  expect(existsSync(storage)).toBe(false);
  await gateway.kill();
  // Whoever was killed keeps nobody out.
  renameSync(join(folder, 'away'), storage);
  const third = spawnGateway(configFile);
  onTestFinished(() => third.kill());
  await third.line((l) => l.msg === 'serving');
  expect(await third.stop()).toBe(0);
});

test('a store that another process holds for too long is named, and any other error is not', async () => {
  const { configFile, storage } = await lay();
  const failing = (error: Error) => onBox(configFile, () => Promise.reject(error), { creates: true });
  await expect(failing(BUSY)).rejects.toThrow(StoreError);
  await expect(failing(BUSY)).rejects.toThrow(storage);
  await expect(failing(new TypeError('planted'))).rejects.toThrow(TypeError);
});

test('W11: check names what others can reach', async () => {
  const { folder, configFile } = await lay();
  const secret = join(folder, 'room.secret');
  writeFileSync(secret, 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', { mode: 0o644 });
  const site = await laySite({
    folder,
    port: 0,
    cameras: NO_CAMERA,
    upstream: { room: { kind: 'https', url: 'http://127.0.0.1:9/', secret: `file:${secret}` } },
  }).catch(() => ({ configFile }));
  const { code, stderr } = await sitebox('check', site.configFile);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`${secret} is open to other users of this computer`)]);
});
