/** The box signs the head of its log each hour and at the stop, and says when its key is lost or another one. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { anchoredHead, boxKeys, newestHead, storedHeads } from '../store/audit-heads.ts';
import { readHead, verifyAudit } from '../store/audit.ts';
import { testDb } from '../store/db.fixtures.ts';
import type { Db } from '../store/db.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';
import { storedEvents } from '../store/sealing/sealing.fixtures.ts';
import { AuditLog } from './audit-log.ts';
import { noteSettings } from './settings.ts';
import { isSigned } from './signed-head.ts';

const SOURCE = '/sites/demo/boxes/box-001';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder: string;
let keyFile: string;
let db: Db;
let now: number;

beforeEach(() => {
  folder = tempFolder();
  keyFile = join(folder, 'audit.key');
  db = testDb(folder);
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => vi.unstubAllEnvs());

function start(): AuditLog {
  const limits = { rows: 1000, bytes: 1e6 };
  const outbox = new OutboxWriter(db, { source: SOURCE, relays: ['room'], limits, now: () => now, wake() {} });
  const log = new AuditLog({ db, outbox, folder, log: SILENT_LOG });
  log.turn();
  return log;
}

const deeds = () => db.prepare('SELECT what FROM audit ORDER BY seq').pluck().all();
const events = () =>
  storedEvents(db).map((row) => ({
    type: row.type,
    ...(row.data as { seq: number; hash: string; at: string; key: string; signature: string }),
  }));
const codes = (log: AuditLog) => log.status.problems!().map((p) => p.code);

test('a key is made once, for its owner alone, and its public half is in the log', () => {
  const key = start().publicKey();
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(Buffer.from(key!, 'base64')).toHaveLength(32);
  const again = start();
  expect([again.publicKey(), deeds(), codes(again)]).toEqual([key, ['audit key made'], []]);
});

test('each hour, over restarts too, and at the stop a head leaves that only this key can have signed', () => {
  const log = start();
  now += HOUR_MS - 1;
  log.turn();
  expect(events()).toEqual([]);
  now += 1;
  log.turn();
  log.turn();
  now += HOUR_MS - 1;
  start();
  expect(events()).toHaveLength(1);
  now += 1;
  start();
  log.sign();
  expect(events()).toHaveLength(3);
  const { type, ...head } = events()[0]!;
  expect([type, head.seq, head.hash]).toEqual(['io.sitebox.audit.v1', 1, readHead(db)!.hash]);
  expect(isSigned({ source: SOURCE, ...head })).toBe(true);
  for (const forged of [{ seq: 2 }, { hash: 'f'.repeat(64) }, { at: '2026-01-02T00:00:00.000Z' }, { source: '/other' }])
    expect(isSigned({ source: SOURCE, ...head, ...forged })).toBe(false);
});

test('a head stays signed when the box is given another name, and its key known when the row that names it is lost', () => {
  const log = start();
  log.sign();
  expect(storedHeads(db).every((head) => isSigned(head) && head.source === SOURCE)).toBe(true);
  db.prepare('DELETE FROM audit').run();
  expect(boxKeys(db)).toEqual([log.publicKey()]);
});

test('a head is anchored once its event has left for one room at least', () => {
  const log = start();
  log.sign();
  expect(anchoredHead(db)).toBeUndefined();
  db.prepare('DELETE FROM outbox').run();
  log.sign();
  expect([storedHeads(db).length, anchoredHead(db)?.event]).toEqual([2, storedHeads(db)[0]!.event]);
});

test.each([
  ['gone', () => rmSync(keyFile), true],
  ['no key', () => writeFileSync(keyFile, 'x'), true],
  [
    'another one',
    () => {
      const other = tempFolder();
      const otherDb = testDb(other);
      const outbox = new OutboxWriter(otherDb, {
        source: '/o',
        relays: [],
        limits: { rows: 1, bytes: 1 },
        now: () => now,
        wake() {},
      });
      new AuditLog({ db: otherDb, outbox, folder: other, log: SILENT_LOG }).turn();
      writeFileSync(keyFile, readFileSync(join(other, 'audit.key')));
    },
    false,
  ],
])('a key file that is %s is said, logged, alarmed for a day, and the new key announced at once', (_, damage, lost) => {
  const before = start().publicKey();
  damage();
  const log = start();
  expect(log.publicKey()).not.toBe(before);
  expect([deeds(), codes(log)]).toEqual([['audit key made', 'audit key replaced'], ['audit-key-replaced']]);
  const row = db.prepare('SELECT detail FROM audit WHERE seq = 2').pluck().get() as string;
  expect(JSON.parse(row)).toEqual({ before, key: log.publicKey(), lost });
  expect(newestHead(db)?.key).toBe(log.publicKey());
  now += DAY_MS - 1;
  const later = start();
  expect(codes(later)).toEqual(['audit-key-replaced']);
  now += 1;
  expect(codes(later)).toEqual([]);
  expect(verifyAudit(db)).toMatchObject({ ok: true });
});

test('a key that cannot be reached is an alarm, and no other is made in its place', () => {
  const key = start().publicKey();
  const aside = readFileSync(keyFile);
  rmSync(keyFile);
  mkdirSync(keyFile);
  const log = start();
  expect([log.publicKey(), codes(log)]).toEqual([null, ['audit-key-unusable']]);
  log.sign();
  expect(events()).toEqual([]);
  rmSync(keyFile, { recursive: true });
  writeFileSync(keyFile, aside);
  chmodSync(keyFile, 0o600);
  log.turn();
  expect([log.publicKey(), codes(log), deeds()]).toEqual([key, [], ['audit key made']]);
});

test('a credential of systemd is the key, and nothing is written beside the store', () => {
  const other = tempFolder();
  start();
  writeFileSync(join(other, 'audit-key'), readFileSync(keyFile));
  const key = start().publicKey();
  rmSync(keyFile);
  vi.stubEnv('CREDENTIALS_DIRECTORY', other);
  const log = start();
  expect([log.publicKey(), existsSync(keyFile), codes(log)]).toEqual([key, false, []]);
});

test('another configuration than at the start before is logged', () => {
  for (const config of ['a', 'a', 'b']) noteSettings(db, config, now);
  expect(db.prepare('SELECT what, detail FROM audit').all()).toEqual([
    { what: 'settings changed', detail: '{"before":"a","after":"b"}' },
  ]);
});
