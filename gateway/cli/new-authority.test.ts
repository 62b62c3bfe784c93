/** `sitebox new-authority`, and what screens trust on a box that was restored: by the command line, on real files. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCertificate } from '../../simulators/command-room/certificate.ts';
import { backup, BY, layBackupBox, restore, type BackupBox } from '../../simulators/faults/backup-box.ts';
import { sitebox } from '../../simulators/product/gateway.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { openDb } from '../store/db.ts';
import { KEYS_FILE } from '../store/files/names.ts';
import { storedAuthority } from '../store/tls-authority.ts';
import { BoxCertificate } from '../web/tls/certificate.ts';

/** As a start finds it. */
async function certificateOf({ storage }: BackupBox) {
  using db = openDb(storage);
  const options = { site: 's', box: 'b', db, folder: storage, hosts: ['gate-box.lan'], log: SILENT_LOG };
  const certificate = await BoxCertificate.open({ ...options, now: Date.now });
  const codes = certificate.status.problems!().map(({ code }) => code);
  return { fingerprint: certificate.authority?.fingerprint, codes, key: storedAuthority(db)?.key ?? '' };
}

test('a restored box has the authority that screens trust, and its key lies in no backup as it is', async () => {
  const [box, other] = [layBackupBox(tempFolder(), 2), layBackupBox(tempFolder(), 1)];
  const made = await sitebox('new-authority', '--config', box.config, ...BY);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const before = await certificateOf(box);
  expect(made.stdout).toContain(before.fingerprint);
  expect(await certificateOf(other)).not.toEqual(before);

  const to = join(box.folder, 'one.backup');
  const done = await backup(box, to);
  expect(done).toMatchObject({ code: 0 });
  // What a box needs beside its store.
  expect(done.stdout).toContain(`Not in it, keep a copy elsewhere: ${box.config}`);
  const body = before.key.split('\n').slice(1, -2).join('');
  expect(body).not.toBe('');
  const written = readFileSync(to);
  expect([body, before.key.split('\n')[1]!].filter((text) => written.includes(text))).toEqual([]);
  expect(written.includes(Buffer.from(body, 'base64'))).toBe(false);
  expect(await restore({ ...other, privateKey: box.privateKey }, to, '--without-anchors')).toMatchObject({ code: 0 });
  expect(await certificateOf(other)).toEqual({ ...before, codes: [] });
});

test('a box with a certificate of the site has no authority to replace', async () => {
  const box = layBackupBox(tempFolder(), 1);
  const config = JSON.parse(readFileSync(box.config, 'utf8')) as object;
  const { cert, key } = makeCertificate();
  writeFileSync(join(box.folder, 'a.crt'), cert);
  writeFileSync(join(box.folder, 'a.key'), key, { mode: 0o600 });
  const listen = { host: '127.0.0.1', port: 0, tls: { certificate: 'a.crt', key: 'a.key' } };
  writeFileSync(box.config, JSON.stringify({ ...config, listen }));
  const refused = await sitebox('new-authority', '--config', box.config, ...BY);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('a certificate of the site') as string });
});

test('check says what screens would trust: nothing yet, an authority, or one whose key is lost', async () => {
  const box = layBackupBox(tempFolder(), 1);
  const config = JSON.parse(readFileSync(box.config, 'utf8')) as object;
  writeFileSync(box.config, JSON.stringify({ ...config, listen: { host: '192.0.2.1', port: 0 } }));
  const notes = async () => {
    const { code, stderr } = await sitebox('check', box.config);
    expect(code, stderr).toBe(0);
    return stderr.match(/no private authority yet|cannot be opened here/g);
  };
  expect(await notes()).toEqual(['no private authority yet']);
  await sitebox('new-authority', '--config', box.config, ...BY);
  expect(await notes()).toBeNull();
  rmSync(join(box.storage, KEYS_FILE));
  expect(await notes()).toEqual(['cannot be opened here']);
});
