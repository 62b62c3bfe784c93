/** Backups and repairs by the command line, on real files: what comes back, what must not, and what is refused. */
import { fork } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { sitebox } from '../../simulators/product/gateway.ts';
import { backup, BY, layBackupBox, restore, type BackupBox } from '../../simulators/faults/backup-box.ts';
import { overwritePage, pagesOf, pageToDamage } from '../../simulators/faults/pages.ts';
import { fillStore } from '../../simulators/faults/store-fill.ts';
import { highestVersion, readAnchors } from '../store/anchors/anchors.ts';
import { verifyAudit } from '../store/audit.ts';
import { checkStore } from '../store/damage/check.ts';
import { DB_FILE, getMeta, setMeta, type Db } from '../store/db.ts';
import { addDevice, allDevices, revokeDevice } from '../store/devices.ts';
import { listHits } from '../store/hits.fixtures.ts';
import { addRoot, atomically, highestPolicy, putList, setHighestPolicy } from '../store/lists.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { openSealed, readHeader, sealFile } from '../store/backup/seal.ts';
import { OLD_NAMES, oldFolder, outboxRows } from '../store/upgrade.fixtures.ts';

function layBox(rounds: number): BackupBox {
  const folder = tempFolder();
  return layBackupBox(folder, rounds);
}

const count = (db: Db, table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
const listOf = (version: number) => ({
  type: 'plate-list' as const,
  version,
  sha256: String(version).repeat(64),
  bytes: Buffer.from('x'),
  signatures: '',
  importedMs: 1,
  importedBy: 'A. Person',
});

test('W6: a restored backup brings back hits, and no older list, revoked device, tracks or event number', async () => {
  const box = layBox(30);
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  // Sealed, and nothing of it lies about.
  expect(readFileSync(to).includes('皖A12345')).toBe(false);
  expect(readdirSync(box.storage).filter((name) => name.includes('part'))).toEqual([]);

  const { hits, sequence } = box.with((db) => {
    atomically(db, () => putList(db, listOf(7)));
    atomically(db, () => setHighestPolicy(db, { version: 5, sha256: '5'.repeat(64) }));
    addRoot(db, { version: 3, bytes: Buffer.from('x'), signatures: '', acceptedMs: 1 });
    addDevice(
      db,
      { id: 'new-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] },
      { by: 'x', now: 2 },
    );
    revokeDevice(db, 'cam-1', { by: 'B. Person', now: Date.now() });
    const before = { hits: count(db, 'hits'), sequence: Number(getMeta(db, 'sequence')) };
    fillStore(db, 3, Date.now() + 60_000);
    return before;
  });
  rmSync(box.store);

  const put = await restore(box, to);
  expect(put).toMatchObject({ code: 0, stderr: '' });
  expect(readAnchors(box.storage)).toMatchObject({ anchors: { root: { version: 3 } } });
  expect(put.stdout).toContain('30 orders that waited then are ended');
  box.with((db) => {
    expect(count(db, 'hits')).toBe(hits);
    expect(count(db, 'tracks')).toBe(0);
    expect(highestVersion(db, 'plate-list')?.version).toBe(7);
    expect(highestPolicy(db)?.version).toBe(5);
    expect(allDevices(db).find((d) => d.id === 'cam-1')).toMatchObject({ revokedBy: 'B. Person' });
    expect(Number(getMeta(db, 'sequence'))).toBeGreaterThan(sequence + 10);
    expect(checkStore(db).damages).toEqual([]);
    expect(verifyAudit(db)).toMatchObject({ ok: true, restarts: [{ who: 'A. Person', accepted: true }] });
    expect(db.prepare(`SELECT count(*) FROM orderTargets WHERE state = 'waiting'`).pluck().get()).toBe(0);
  });
});

test('W6: a backup that is cut, altered, of another box, over its last day, or without anchors is refused, and nothing is changed', async () => {
  const box = layBox(5);
  // The deed that the anchors are for.
  box.with((db) => revokeDevice(db, 'cam-1', { by: 'B. Person', now: 5 }));
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  const before = readFileSync(box.store);
  const refused = async (file: string, words: string | RegExp, ...more: string[]) => {
    const { code, stderr } = await restore(box, file, ...more);
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(readFileSync(box.store).equals(before)).toBe(true);
    expect(readdirSync(box.storage).filter((name) => name.includes('part'))).toEqual([]);
  };
  const bad = join(box.folder, 'bad.backup');
  copyFileSync(to, bad);
  truncateSync(bad, readFileSync(to).length - 5_000);
  await refused(bad, /not whole/);
  const altered = readFileSync(to);
  altered[altered.length - 9_000]! ^= 1;
  writeFileSync(bad, altered);
  await refused(bad, /not whole/);
  // A header that says another day does not open either.
  writeFileSync(
    bad,
    Buffer.from(
      readFileSync(to)
        .toString('latin1')
        .replace(/"lastDay":"20/, '"lastDay":"21'),
      'latin1',
    ),
  );
  await refused(bad, /not whole/);
  const header = { ...readHeader(to), lastDay: '2026-01-01T00:00:00.000Z' };
  const key = createPublicKey(readFileSync(box.publicKey));
  rmSync(bad);
  sealFile(box.store, bad, key, header);
  await refused(bad, /last day/);
  rmSync(bad);
  sealFile(box.store, bad, key, { ...readHeader(to), box: 'box-777' });
  await refused(bad, /of box box-777/);

  const anchors = join(box.storage, 'anchors.json');
  rmSync(anchors, { force: true });
  await refused(to, /anchors\.json is not there/);
  writeFileSync(anchors, '{');
  await refused(to, /anchors\.json is damaged/);
  expect(await restore(box, to, '--without-anchors')).toMatchObject({ code: 0 });

  const lock = lockFolder(box.storage);
  onTestFinished(() => lock.release());
  expect((await restore(box, to)).stderr).toContain('already runs');
  const repair = await sitebox('verify-store', '--repair', '--config', box.config, ...BY);
  expect(repair.stderr).toContain('already runs');
  // A backup does not mind.
  expect(await backup(box, join(box.folder, 'two.backup'))).toMatchObject({ code: 0 });
});

test('W6: a backup ends while the box commits every 5 ms, and is of one moment', async () => {
  const box = layBox(300);
  const writer = fork(new URL('../../simulators/faults/busy-writer.ts', import.meta.url), [box.storage], {
    execArgv: [],
  });
  onTestFinished(() => void writer.kill('SIGKILL'));
  await once(writer, 'message');
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  const { createPrivateKey } = await import('node:crypto');
  const open = join(box.folder, 'open.db');
  openSealed(to, open, createPrivateKey(readFileSync(box.privateKey)));
  const written = box.with((db) => Number(getMeta(db, 'written')));
  rmSync(box.store);
  copyFileSync(open, box.store);
  for (const name of ['-wal', '-shm']) rmSync(`${box.store}${name}`, { force: true });
  box.with((db) => {
    // One moment: the number and the row with it were written in one transaction.
    expect(getMeta(db, 'written')).toBe(
      String(db.prepare('SELECT max(atMs) FROM roomMessages WHERE atMs < 1e9').pluck().get()),
    );
    expect(Number(getMeta(db, 'written'))).toBeLessThanOrEqual(written);
    expect(checkStore(db).damages).toEqual([]);
  });
  // It was written to meanwhile, or the test proved nothing.
  expect(written).toBeGreaterThan(20);
});

test.each([
  ['hits', 'leaf'],
  ['hitsByEntry', 'leaf'],
  ['audit', 'leaf'],
  ['evidence', 'overflow'],
  ['outbox', 'leaf'],
  ['meta', 'leaf'],
] as const)('W6: verify-store --repair keeps all but what a damaged page of %s held', async (name, kind) => {
  const box = layBox(120);
  const all = box.with((db) => {
    setMeta(db, 'kept', 'yes');
    return { hits: count(db, 'hits'), audit: count(db, 'audit'), outbox: count(db, 'outbox'), sos: count(db, 'sos') };
  }) as Readonly<Record<string, number>>;
  const page = pageToDamage(pagesOf(box.store), name, kind)!;
  overwritePage(box.store, page.number, 'random');
  const found = await sitebox('verify-store', '--config', box.config);
  expect(found).toMatchObject({ code: 1 });
  expect(found.stdout).toContain(name);
  expect(found.stderr).toContain('verify-store --repair');
  const repair = await sitebox('verify-store', '--repair', '--config', box.config, ...BY);
  expect(repair).toMatchObject({ code: 0, stderr: '' });

  box.with((db) => {
    expect(checkStore(db).damages).toEqual([]);
    expect(verifyAudit(db)).toMatchObject({ ok: true, restarts: [{ who: 'A. Person' }] });
    for (const table of ['hits', 'outbox', 'sos']) {
      const lost = all[table]! - count(db, table);
      if (table === name) expect(lost).toBeGreaterThan(0);
      expect(lost).toBeLessThan(all[table]! / 3);
      if (table !== name) expect(lost).toBe(0);
    }
    const rows = { rows: count(db, 'outbox') };
    expect(JSON.parse(getMeta(db, 'outbox:room')!)).toMatchObject(rows);
  });
  const aside = readdirSync(box.storage).filter((file) => /damaged-until-\d{8}T\d{4}Z/.test(file));
  expect(aside.length).toBeGreaterThanOrEqual(2);
  const missing = JSON.parse(
    readFileSync(
      join(
        box.storage,
        aside.find((f) => f.endsWith('.json'))!,
      ),
      'utf8',
    ),
  ) as {
    table: string;
    missing: string[];
  }[];
  if (name === 'hits' || name === 'evidence') {
    const { missing: keys } = missing.find((t) => t.table === name)!;
    expect(keys.length).toBeGreaterThan(0);
    expect(keys[0]).toMatch(name === 'hits' ? /^[0-9A-Z]{26}$/ : /^[0-9a-f]{64}$/);
  }
  expect(existsSync(join(box.storage, 'anchors.json'))).toBe(true);
});

test.each(['leaf', 'overflow'] as const)(
  'W6: of a store with a damaged %s page of pictures no backup is made, and the command says why',
  async (kind) => {
    const box = layBox(30);
    overwritePage(box.store, pageToDamage(pagesOf(box.store), 'evidence', kind)!.number, 'random');
    const to = join(box.folder, 'one.backup');
    const made = await backup(box, to);
    expect(made).toMatchObject({ code: 1, stdout: '' });
    expect(made.stderr).toMatch(
      /^REFUSED: the store is damaged: .*verify-store.*\. No backup was made: keep the last one\.\n$/,
    );
    expect([...readdirSync(box.folder), ...readdirSync(box.storage)].filter((f) => /part|backup$/.test(f))).toEqual([]);
  },
);

test('W6: where the list of tables is damaged, repair says so and changes nothing', async () => {
  const box = layBox(3);
  overwritePage(box.store, 1, 'random');
  const before = readFileSync(box.store);
  const repair = await sitebox('verify-store', '--repair', '--config', box.config, ...BY);
  expect(repair).toMatchObject({ code: 74 });
  expect(repair.stderr).toContain('restore the last backup');
  expect(readFileSync(box.store).equals(before)).toBe(true);
});

test('W6: a store of a newer version is not repaired into an older one', async () => {
  const box = layBox(5);
  box.with((db) => db.pragma('user_version = 999'));
  const repair = await sitebox('verify-store', '--repair', '--config', box.config, ...BY);
  expect(repair).toMatchObject({ code: 74, stderr: expect.stringContaining('a newer sitebox') as string });
});

test('a backup of a store of 0.1.0 is restored under the names of today', async () => {
  const box = layBox(1);
  const [made, sealed] = [join(box.folder, 'made.backup'), join(box.folder, 'old.backup')];
  expect(await backup(box, made)).toMatchObject({ code: 0 });
  sealFile(join(oldFolder(), DB_FILE), sealed, createPublicKey(readFileSync(box.publicKey)), readHeader(made));
  expect(await restore(box, sealed, '--without-anchors')).toMatchObject({ code: 0 });
  const rows = outboxRows(box.storage).filter(({ type }) => /hit|device/.test(type));
  expect(rows.length).toBeGreaterThan(20);
  for (const { type, data, evidence } of rows) expect(`${type} ${data} ${evidence}`).not.toMatch(OLD_NAMES);
  box.with((db) => {
    expect(listHits(db, { limit: 10 }).map(({ hit }) => hit.sightings)).toEqual([1, 1, 1, 2, 2]);
    expect(checkStore(db).damages).toEqual([]);
    expect(verifyAudit(db)).toMatchObject({ ok: true });
  });
});
