/** Six ways to tamper with the audit log: each is located by the command that can, and a log that was left alone by none. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBoxKey } from '../../gateway/audit/box-key.ts';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { sitebox, siteboxOrThrow } from '../product/gateway.ts';
import { isLocated, layLoggedBox, TAMPERINGS } from './tampering.ts';

test.each(TAMPERINGS)('$name: $foundBy names the row', async (tampering) => {
  expect(await isLocated(tampering, tempFolder())).toBe(true);
});

test('a tampering that was not planted is not located: the search finds no more than there is', async () => {
  for (const tampering of [TAMPERINGS[0]!, TAMPERINGS[3]!])
    expect(await isLocated({ ...tampering, plant: () => undefined }, tempFolder())).toBe(false);
});

test('a log that was left alone is whole, agrees with what the room holds, and says up to where that is', async () => {
  const box = layLoggedBox(tempFolder());
  const config = ['--config', box.configFile];
  const alone = await sitebox('audit', ...config);
  expect(alone).toMatchObject({ code: 0, stderr: '' });
  expect(alone.stdout).toContain('a command room holds the signed head of the last row');
  expect(await sitebox('audit', 'against', box.held, ...config)).toMatchObject({ code: 0 });
});

test('a head of the room that another key has signed is named', async () => {
  const folder = tempFolder();
  const [box, other] = [layLoggedBox(folder), layLoggedBox(join(mkdirsOf(folder, 'other')))];
  const compared = await sitebox('audit', 'against', other.held, '--config', box.configFile);
  expect(compared).toMatchObject({ code: 1 });
  expect(compared.stderr).toContain('is not signed with a key of this box');
});

test('an export is verified in an empty folder with nothing but the file and the public key, and every change of it is found', async () => {
  const box = layLoggedBox(tempFolder());
  const out = mkdirsOf(tempFolder(), 'export');
  const to = join(out, 'log.jsonl');
  await siteboxOrThrow('audit', 'export', '--to', to, '--by', 'Auditor 1', '--config', box.configFile);
  const key = readBoxKey(box.storage)!.publicKey;
  const elsewhere = tempFolder();
  cpSync(out, elsewhere, { recursive: true });
  const verify = (text?: string, by = key) => {
    if (text !== undefined) writeFileSync(join(elsewhere, 'log.jsonl'), text);
    return spawnSync(process.execPath, ['verify-audit.mjs', 'log.jsonl', by], {
      cwd: elsewhere,
      encoding: 'utf8',
      env: {},
    });
  };
  const whole = readFileSync(to, 'utf8');
  expect(
    execFileSync(process.execPath, ['verify-audit.mjs', 'log.jsonl', key], { cwd: elsewhere, encoding: 'utf8' }),
  ).toContain('rows up to 41');
  const lines = whole.trimEnd().split('\n');
  const edited = whole.replace('"calls\\":11', '"calls\\":12');
  const without = lines.toSpliced(12, 1).join('\n');
  const swapped = lines.toSpliced(12, 2, lines[13]!, lines[12]!).join('\n');
  const cut = lines.toSpliced(-3, 2).join('\n');
  const found = [
    edited,
    without,
    swapped,
    cut,
    lines.slice(0, -1).join('\n'),
    whole.replace(/"at":"2026/, '"at":"2025'),
  ];
  expect(edited).not.toBe(whole);
  expect(found.slice(0, 5).map((text) => verify(text).status)).toEqual([1, 1, 1, 1, 1]);
  expect(verify(whole, readBoxKey(layLoggedBox(tempFolder()).storage)!.publicKey).status).toBe(1);
  expect(verify(whole).status).toBe(0);
  // What is no export, or no key, is named without a stack trace.
  const named = (status: number, stderr: string) => ({ status, stderr: `${stderr}\n` });
  expect(verify('null\n')).toMatchObject(named(1, 'this is no export of an audit log'));
  expect(verify(whole, key.slice(0, -4))).toMatchObject(
    named(64, 'the public key is none of a sitebox: expected 44 characters, the last one ='),
  );
  rmSync(join(elsewhere, 'log.jsonl'));
  expect(verify()).toMatchObject(named(66, 'log.jsonl cannot be read (ENOENT)'));
  // The box agrees with its own export, and the export itself is in the log.
  expect(await sitebox('audit', 'against', to, '--config', box.configFile)).toMatchObject({ code: 0 });
  expect((await sitebox('audit', 'show', '--since', '2026-01-01', '--config', box.configFile)).stdout).toContain(
    'Auditor 1  audit exported',
  );
});

function mkdirsOf(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
