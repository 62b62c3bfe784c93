/** What survives the store: an older one put back revives no list, root or device, uses no event number twice, and reports the loss. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { office } from '../../lists/lists.fixtures.ts';
import { installRoot, readTrust } from '../../lists/in-force/box-root.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { AnchorsError, highestVersion, readAnchors, saveAnchors } from './anchors.ts';
import { appendAnyDeed } from '../audit.fixtures.ts';
import { acceptRestart, readHead, verifyAudit } from '../audit.ts';
import { DB_FILE, getMeta, openDb, setMeta, type Db } from '../db.ts';
import { addDevice, allDevices, revokeDevice } from '../devices.ts';
import { openHeadFile, readHeadFile, type HeadFile } from './head-file.ts';
import { atomically, putList, type StoredList } from '../lists.ts';
import { timeKeeper } from '../time.ts';
import { OutboxWriter } from '../outbox/outbox.ts';
import { ANCHORS_FILE } from '../files/names.ts';
import { settleAnchors } from './rollback-check.ts';

const T0 = Date.UTC(2026, 0, 1);
const BY = { by: 'A. Person', now: T0 };

function openFolder(): { folder: string; open: () => Db } {
  const folder = tempFolder();
  const opened: Db[] = [];
  onTestFinished(() => {
    for (const db of opened) if (db.open) db.close();
  });
  const open = (): Db => {
    const db = openDb(folder);
    opened.push(db);
    return db;
  };
  return { folder, open };
}

const device = (id: string) => ({ id, kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] }) as const;
const listOf = (version: number): StoredList => ({
  type: 'plate-list' as const,
  version,
  sha256: String(version).repeat(64).slice(0, 64),
  bytes: Buffer.from('x'),
  signatures: '',
  importedMs: T0,
  importedBy: 'A. Person',
});
const settle = (db: Db) => settleAnchors(db, { now: () => T0 + 1_000, log: SILENT_LOG });
const anchors = (folder: string) => {
  const read = readAnchors(folder);
  if (read.state !== 'ok') throw new Error(`anchors.json is ${read.state}`);
  return read.anchors;
};

test('W6: list, root, revoked device and clock are beside the store before the change returns, readable only by their owner', () => {
  const { folder, open } = openFolder();
  const db = open();
  timeKeeper(db).save(T0 + 5);
  const { rootFile } = office();
  expect(installRoot(db, rootFile, { now: T0, who: 'A. Person' }).ok).toBe(true);
  expect(anchors(folder).root).toMatchObject({ version: 1 });
  atomically(db, () => putList(db, listOf(3)));
  expect(anchors(folder)).toMatchObject({ lists: { 'plate-list': { version: 3 } }, clockMs: T0 + 5 });
  addDevice(db, device('cam-1'), BY);
  expect(revokeDevice(db, 'cam-1', BY)).toBe(true);
  expect(anchors(folder).revoked).toEqual([{ id: 'cam-1', atMs: T0, by: 'A. Person' }]);
  expect(statSync(join(folder, ANCHORS_FILE)).mode & 0o777).toBe(0o600);
});

function outboxOf(db: Db, head: Pick<HeadFile, 'touch'>): OutboxWriter {
  const options = { source: '/sites/demo/boxes/box-001', relays: [], limits: { rows: 9, bytes: 9 } };
  return new OutboxWriter(db, { ...options, now: () => T0, wake: () => head.touch() });
}

test('W6: an older store put back takes no older list, root or device, continues its numbers, and reports the loss', async () => {
  const { folder, open } = openFolder();
  let db = open();
  const head = openHeadFile(db);
  const outbox = outboxOf(db, head);
  settle(db);
  atomically(db, () => putList(db, listOf(3)));
  addDevice(db, device('cam-1'), BY);
  addDevice(db, device('cam-2'), BY);
  revokeDevice(db, 'cam-2', BY);
  addDevice(db, device('cam-2'), { ...BY, now: T0 + 10 });
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(join(folder, DB_FILE), join(folder, 'older'));

  atomically(db, () => putList(db, listOf(4)));
  setMeta(db, 'highestRoot', '');
  revokeDevice(db, 'cam-1', { by: 'B. Person', now: T0 + 20 });
  for (let i = 0; i < 30; i++) {
    db.transaction(() => {
      appendAnyDeed(db, { at: T0, who: 'box', what: 'hit raised', detail: { i } });
      outbox.enqueue({ type: 'io.sitebox.health.v1', subject: 'x', time: T0, data: {}, stream: 'x' });
    }).immediate();
  }
  await Promise.resolve();
  const known = readHeadFile(folder)!;
  expect(known).toMatchObject({ sequence: 30 });
  head.close();
  db.close();
  copyFileSync(join(folder, 'older'), join(folder, DB_FILE));

  db = open();
  settle(db);
  expect(highestVersion(db, 'plate-list')?.version).toBe(4);
  const [first, second] = allDevices(db);
  expect(first).toMatchObject({ id: 'cam-1', revoked: T0 + 20, revokedBy: 'B. Person' });
  // Registered anew after it was revoked.
  expect(second).toMatchObject({ id: 'cam-2' });
  expect(second).not.toHaveProperty('revoked');
  expect(Number(getMeta(db, 'sequence'))).toBeGreaterThan(known.sequence);
  const verdict = verifyAudit(db);
  expect(verdict).toMatchObject({ ok: true, restarts: [{ seq: known.seq + 1, who: 'box', accepted: false }] });
  const restart = verdict.ok && verdict.restarts![0]!;
  expect(restart && restart.missing.at(-1)).toEqual([expect.any(Number), known.seq]);
  // Once: the next start finds nothing new.
  settle(db);
  expect(verifyAudit(db)).toMatchObject({ restarts: [{}] });
  expect(acceptRestart(db, known.seq + 1, { at: T0, who: 'B. Person' })).toBe(true);
  expect(verifyAudit(db)).toMatchObject({ ok: true, restarts: [{ accepted: true }] });
});

test('W6: a root older than the highest one of the box is refused', () => {
  const { open } = openFolder();
  const db = open();
  const { rootFile } = office();
  setMeta(db, 'highestRoot', `2 ${'0'.repeat(64)}`);
  expect(readTrust(db, rootFile)).toMatchObject({ ok: false, why: 'rolled back' });
});

test('W6: the highest root survives every older store put back, however often', () => {
  const { folder, open } = openFolder();
  let db = open();
  const { rootFile } = office();
  installRoot(db, rootFile, { now: T0, who: 'A. Person' });
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(join(folder, DB_FILE), join(folder, 'older'));
  db.prepare(`INSERT INTO roots SELECT 3, bytes, signatures, acceptedMs FROM roots`).run();
  saveAnchors(db);
  for (let i = 0; i < 3; i++) {
    db.close();
    copyFileSync(join(folder, 'older'), join(folder, DB_FILE));
    db = open();
    settle(db);
    expect(anchors(folder).root?.version).toBe(3);
    expect(readTrust(db, rootFile)).toMatchObject({ ok: false, why: 'rolled back' });
  }
});

/** An older store is in place; its anchors hold its former state: list 4, audit row 40, event 30. */
async function putOlderBack(): Promise<{ db: Db; folder: string; enqueueOne: (on: Db) => void }> {
  const { folder, open } = openFolder();
  let db = open();
  const head = openHeadFile(db);
  const enqueueOne = (on: Db): void => {
    outboxOf(on, head).enqueue({ type: 'io.sitebox.health.v1', subject: 'x', time: T0, data: {}, stream: 'x' });
  };
  settle(db);
  atomically(db, () => putList(db, listOf(3)));
  addDevice(db, device('cam-1'), BY);
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(join(folder, DB_FILE), join(folder, 'older'));
  for (let i = 0; i < 40; i++) appendAnyDeed(db, { at: T0, who: 'box', what: 'x', detail: { i } });
  for (let i = 0; i < 30; i++) enqueueOne(db);
  atomically(db, () => putList(db, listOf(4)));
  await Promise.resolve();
  head.close();
  db.close();
  copyFileSync(join(folder, 'older'), join(folder, DB_FILE));
  db = open();
  return { db, folder, enqueueOne };
}

test('W6: an older store that refuses writes at the start is settled before its first write', async () => {
  const { db, folder, enqueueOne } = await putOlderBack();
  const before = anchors(folder);
  const known = readHeadFile(folder)!;
  db.health.shut('full', 'the disk is full');
  const keeper = settle(db);
  const head = openHeadFile(db, keeper.settled);
  keeper.save();
  head.touch();
  await Promise.resolve();
  expect(keeper.settled()).toBe(false);
  expect(() => enqueueOne(db)).toThrow('the disk is full');
  expect([anchors(folder), readHeadFile(folder)]).toEqual([before, known]);
  db.health.reopen();
  enqueueOne(db);
  expect(keeper.settled()).toBe(true);
  // No event number is used twice, the loss is recorded, and the older list is not in force.
  expect(Number(getMeta(db, 'sequence'))).toBeGreaterThan(known.sequence);
  expect(verifyAudit(db)).toMatchObject({ ok: true, restarts: [{ who: 'box', accepted: false }] });
  keeper.save();
  expect(anchors(folder).lists['plate-list']?.version).toBe(4);
  expect(highestVersion(db, 'plate-list')?.version).toBe(4);
  head.close();
  expect(verifyAudit(db)).toMatchObject({ restarts: [{}] });
});

test('W6: a command on an older store that no gateway has checked removes nothing from the anchors', async () => {
  const { db, folder } = await putOlderBack();
  const before = anchors(folder);
  // Also longer than the lost log.
  for (let i = 0; i < 60; i++) appendAnyDeed(db, { at: T0, who: 'A. Person', what: 'y', detail: { i } });
  revokeDevice(db, 'cam-1', BY);
  expect(anchors(folder)).toEqual({ ...before, audit: readHeadFile(folder), revoked: [expect.anything()] });
  const keeper = settle(db);
  expect(keeper.settled()).toBe(true);
  expect(verifyAudit(db)).toMatchObject({ ok: true, restarts: [{ who: 'box' }] });
  expect(anchors(folder)).toMatchObject({ lists: { 'plate-list': { version: 4 } }, audit: readHead(db) });
  settle(db);
  expect(verifyAudit(db)).toMatchObject({ restarts: [{}] });
});

test('W6: a change inside a larger transaction is anchored after the commit, and not after a rollback', () => {
  const { folder, open } = openFolder();
  const db = open();
  const other = open();
  for (const id of ['cam-1', 'cam-2']) addDevice(db, device(id), BY);
  settle(db);
  const before = anchors(folder);
  const undone = db.transaction(() => {
    revokeDevice(db, 'cam-1', BY);
    throw new Error('undone');
  });
  expect(() => undone.immediate()).toThrow('undone');
  db.transaction(() => undefined).immediate();
  expect(anchors(folder)).toEqual(before);
  const done = db.transaction(() => {
    revokeDevice(db, 'cam-2', BY);
    atomically(db, () => putList(db, listOf(3)));
    // The lock is not held while the disk syncs.
    expect(anchors(folder)).toEqual(before);
    // Another connection takes the lock before the anchors are written.
    db.afterCommit(() => other.transaction(() => setMeta(other, 'free', 'yes')).immediate());
  });
  done.immediate();
  expect(getMeta(db, 'free')).toBe('yes');
  expect(anchors(folder)).toMatchObject({ revoked: [{ id: 'cam-2' }], lists: { 'plate-list': { version: 3 } } });
});

test('W6: rows missing without a record of their loss, and a forged record of loss, are found', () => {
  const { open } = openFolder();
  const db = open();
  for (let i = 0; i < 5; i++) appendAnyDeed(db, { at: T0, who: 'box', what: 'x', detail: { i } });
  db.prepare('DELETE FROM audit WHERE seq = 3').run();
  expect(verifyAudit(db)).toEqual({ ok: false, seq: 3, why: 'the row is missing' });
  // Chained like any other row, but not one that restarted the chain.
  const detail = { why: 'nothing', missing: [[3, 3]] };
  appendAnyDeed(db, { at: T0, who: 'A. Person', what: 'audit log started anew', detail });
  expect(verifyAudit(db)).toEqual({ ok: false, seq: 3, why: 'the row is missing' });
});

test('W6: a damaged anchors.json is moved aside and made anew, a missing one is made anew, and both are problems', () => {
  const { folder, open } = openFolder();
  const db = open();
  expect(settle(db).status.problems?.()).toEqual([]);
  atomically(db, () => putList(db, listOf(3)));
  writeFileSync(
    join(folder, ANCHORS_FILE),
    readFileSync(join(folder, ANCHORS_FILE), 'utf8').replace('"version":3', '"version":2'),
  );
  expect(readAnchors(folder).state).toBe('damaged');
  expect(settle(db).status.problems?.()).toMatchObject([{ key: 'store:anchors lost' }]);
  expect(anchors(folder).lists['plate-list']?.version).toBe(3);
  rmSync(join(folder, ANCHORS_FILE));
  expect(settle(db).status.problems?.()).toMatchObject([{ key: 'store:anchors lost' }]);
  expect(settle(db).status.problems?.()).toEqual([]);
});

test('W6: when anchors.json cannot be written the change stays, the failure is reported, and the box tries again', () => {
  const { folder, open } = openFolder();
  const db = open();
  addDevice(db, device('cam-1'), BY);
  const keeper = settle(db);
  rmSync(join(folder, ANCHORS_FILE));
  const inTheWay = [ANCHORS_FILE, `${ANCHORS_FILE}.damaged`].map((name) => join(folder, name));
  for (const path of inTheWay) mkdirSync(join(path, 'full'), { recursive: true });
  expect(() => revokeDevice(db, 'cam-1', BY)).toThrow(AnchorsError);
  expect(allDevices(db)).toMatchObject([{ revoked: T0 }]);
  keeper.save();
  const what = expect.not.stringMatching(/The change is made|Error:/) as string;
  expect(keeper.status.problems?.()).toMatchObject([{ key: 'store:anchors', what }]);
  // The next start meets the same obstacle, and the box still serves.
  const restarted = settle(db);
  expect(restarted.status.problems?.().map((p) => p.key)).toEqual(['store:anchors', 'store:anchors lost']);
  for (const path of inTheWay) rmSync(path, { recursive: true });
  keeper.save();
  expect(keeper.status.problems?.()).toEqual([]);
  expect(anchors(folder).revoked).toMatchObject([{ id: 'cam-1' }]);
});

test('W6: nothing of a damaged anchors.json is quoted: it names people', () => {
  const { folder, open } = openFolder();
  const db = open();
  writeFileSync(join(folder, ANCHORS_FILE), 'A. Person revoked cam-1');
  expect(JSON.stringify(settle(db).status.problems?.())).not.toContain('Person');
});
