/** What stands in the place of a file and is none: nothing waits for it, and it is named. */
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from './rig.fixtures.ts';
import { layBackupBox } from '../../simulators/faults/backup-box.ts';
import { spawnGateway } from '../../simulators/product/gateway.ts';
import { NoFileError, readRegular } from './regular-file.ts';
import { readHeadFile } from '../store/anchors/head-file.ts';
import { ANCHORS_FILE, ENDS_FILE, HEAD_FILE } from '../store/files/names.ts';

function newFolder(): string {
  const folder = tempFolder();
  return folder;
}

const put = {
  'a named pipe': (path: string) => void execFileSync('mkfifo', [path]),
  'a folder': (path: string) => void mkdirSync(path),
  'a symbolic link': (path: string) => {
    writeFileSync(`${path}.elsewhere`, '{}');
    symlinkSync(`${path}.elsewhere`, path);
  },
};

test.each(Object.entries(put))(
  'W12: %s in the place of ends.json, anchors.json and audit.head holds no start up, and is named',
  async (what, stand) => {
    const { config, storage } = layBackupBox(newFolder(), 1);
    const paths = [ENDS_FILE, ANCHORS_FILE, HEAD_FILE].map((name) => join(storage, name));
    for (const path of paths) {
      rmSync(path, { recursive: true, force: true });
      stand(path);
    }
    const gateway = spawnGateway(config);
    onTestFinished(() => gateway.kill());
    await gateway.line((l) => l.msg === 'serving');
    expect(await gateway.line((l) => l.msg.startsWith('the count of ends'))).toMatchObject({
      cause: expect.stringContaining(what) as string,
    });
    expect(await gateway.line((l) => l.msg.startsWith('anchors.json is made anew'))).toMatchObject({
      why: expect.stringContaining(what) as string,
    });
    expect(await gateway.stop()).toBe(0);
    expect(gateway.text()).toContain(`audit.head is ${what}`);
    // A folder is the only one that cannot be written over in one step.
    for (const path of paths)
      if (what !== 'a folder' || !path.endsWith(ENDS_FILE)) expect(lstatSync(path).isFile()).toBe(true);
    expect(readHeadFile(storage)).toBeDefined();
  },
);

test('a pipe, a folder, a device, a socket and a link are no files; a link that a person may put is followed', async () => {
  const folder = newFolder();
  const at = (name: string) => join(folder, name);
  put['a named pipe'](at('pipe'));
  put['a symbolic link'](at('link'));
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  for (const path of [at('pipe'), folder, at('link'), at('socket'), '/dev/zero'])
    expect(() => readRegular(path), path).toThrow(NoFileError);
  expect(readRegular(at('link'), { linked: true })).toBe('{}');
  expect(() => readRegular(at('gone'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test.each<[string, script: string]>([
  ['a secret', `(await import(at('../config/secret.ts'))).readSecret('file:' + path, '/').message`],
  [
    'the configuration',
    `await Promise.try(async () => (await import(at('../config/config.ts'))).loadConfig(path)).catch(String)`,
  ],
])('W12: a named pipe in the place of %s is named, and nothing waits for it', (_, script) => {
  const path = join(newFolder(), 'pipe');
  put['a named pipe'](path);
  const start = `const path = ${JSON.stringify(path)}; const at = (file) => new URL(file, ${JSON.stringify(import.meta.url)}).href;`;
  // In a process of its own: what waits in `open` can only be killed.
  const { stdout, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `${start} console.log(${script})`],
    { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' },
  );
  expect(signal).toBeNull();
  expect(stdout).toContain('it is a named pipe, not a file');
});
