/**
 * A real box under what systemd hands to a service: credentials that systemd-creds encrypted, decrypted into a folder that only the service may read,
 * as systemd does it at the start. There is no TPM here: they are encrypted with systemd's null key, which protects nothing.
 */
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { openDb } from '../../gateway/store/db.ts';
import { KEYS_FILE } from '../../gateway/store/files/names.ts';
import { getHit } from '../../gateway/store/hits.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { layPushBox } from '../faults/push-box.ts';
import type { GatewayProcess } from '../product/gateway.ts';

interface Health {
  readonly sealing: { readonly key: string; readonly theftOpensAll: boolean; readonly lostKeys: readonly string[] };
  readonly auditLog: { readonly key: string };
  readonly problems: readonly { readonly key: string; readonly what: string }[];
}

const PLATES = ['皖A12345', '皖A23456', '皖A34567', '皖A45678'] as const;

function creds(args: readonly string[], input: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync('systemd-creds', args, { input });
  if (status !== 0) throw new Error(`systemd-creds ${args.join(' ')}: ${stderr.toString()}`);
  return stdout;
}

/** What `LoadCredentialEncrypted=NAME:FILE` gives to the service. */
function throughSystemd(name: string, secret: Buffer): Buffer {
  const encrypted = creds(['encrypt', `--name=${name}`, '--with-key=tpm2-absent', '-', '-'], secret);
  expect(encrypted.includes(secret)).toBe(false);
  return creds(['decrypt', `--name=${name}`, '-', '-'], encrypted);
}

function hand(folder: string, name: string, secret: Buffer): void {
  rmSync(join(folder, name), { force: true });
  writeFileSync(join(folder, name), throughSystemd(name, secret), { mode: 0o400 });
}

test(
  'keys come from credentials; with a wrong one or none the box starts, says what is lost, and keeps receiving hits',
  { timeout: 120_000 * PATIENCE_FACTOR },
  async () => {
    const handed = join(tempFolder(), 'sitebox.service');
    mkdirSync(handed, { mode: 0o700 });
    onTestFinished(() => chmodSync(handed, 0o700));
    const seal = randomBytes(32);
    const audit = generateKeyPairSync('ed25519').privateKey;
    hand(handed, 'seal-key', seal);
    hand(handed, 'audit-key', Buffer.from(audit.export({ type: 'pkcs8', format: 'pem' })));
    const env = { CREDENTIALS_DIRECTORY: handed };
    const box = await layPushBox({ folder: tempFolder(), plates: PLATES, env });
    onTestFinished(() => box.close());
    const start = async (): Promise<{ gateway: GatewayProcess; health: Health }> => {
      const gateway = box.start();
      onTestFinished(() => gateway.kill());
      await gateway.line((l) => l.msg === 'listening');
      const health = async () => (await (await fetch(`${await gateway.url()}/health`)).json()) as Health;
      await expect.poll(async () => (await health()).auditLog.key, { timeout: 15_000 }).not.toBeNull();
      return { gateway, health: await health() };
    };
    const lost = ({ problems }: Health) => problems.find(({ key }) => key === 'seal-key-lost')?.what;

    const first = await start();
    expect(first.health.sealing).toEqual({ key: 'credential', theftOpensAll: false, lostKeys: [] });
    const { x = '' } = createPublicKey(audit).export({ format: 'jwk' });
    expect(Buffer.from(first.health.auditLog.key, 'base64').toString('base64url')).toBe(x);
    expect(await box.push(PLATES[0])).toBe(200);
    expect(await first.gateway.stop()).toBe(0);
    expect(readdirSync(box.site.storage)).not.toContain('audit.key');
    expect(readFileSync(join(box.site.storage, KEYS_FILE)).includes(seal)).toBe(false);

    hand(handed, 'seal-key', randomBytes(32));
    const second = await start();
    expect(lost(second.health)).toMatch(/hits\.body 1.*seal-key does not open it/);
    expect(second.health.sealing).toMatchObject({ key: 'credential', lostKeys: [expect.any(String)] });
    expect(await box.push(PLATES[1])).toBe(200);
    expect(await second.gateway.stop()).toBe(0);

    rmSync(join(handed, 'seal-key'));
    const third = await start();
    expect(lost(third.health)).toContain('hits.body 2');
    expect(third.health.sealing).toMatchObject({ key: 'file', theftOpensAll: true });
    expect(await box.push(PLATES[2])).toBe(200);
    expect(await third.gateway.stop()).toBe(0);

    // The right one again: what it sealed opens, and so does what was written without one.
    hand(handed, 'seal-key', seal);
    const fourth = await start();
    expect(lost(fourth.health)).toContain('hits.body 1');
    expect(fourth.health.sealing).toMatchObject({ key: 'credential', theftOpensAll: false });
    expect(await box.push(PLATES[3])).toBe(200);
    using db = openDb(box.site.storage);
    const ids = db.prepare('SELECT id FROM hits ORDER BY rowid').pluck().all() as string[];
    expect(ids.map((id) => getHit(db, id) !== undefined)).toEqual([true, false, true, true]);
    expect(await fourth.gateway.stop()).toBe(0);
  },
);
