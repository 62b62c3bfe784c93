/** Where the keys of a store lie, and what happens when one is lost: nothing is overwritten, and the box goes on under a new one. */
import { chownSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { newHit, newPicture, RELAY } from '../../../simulators/faults/store-fill.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { verifyAudit } from '../audit.ts';
import { checkStore } from '../damage/check.ts';
import { openDb, type Db } from '../db.ts';
import { getEvidence } from '../evidence.ts';
import { KEYS_FILE } from '../files/names.ts';
import { storeExposures } from '../files/private-files.ts';
import { storedHit } from '../hits.fixtures.ts';
import { getHit, recordHit } from '../hits.ts';
import { OutboxWriter } from '../outbox/outbox.ts';
import { openQueue } from '../outbox/queue.ts';
import { acknowledgeSos, recordSos } from '../sos.ts';
import { getSos, type SosPlace } from '../sos-table.ts';
import { openStore } from '../store.ts';
import { SEALED_COLUMNS } from './columns.ts';
import { readKeyFile } from './key-file.ts';
import { acceptLostKeys } from './lost-keys.ts';
import { addKeys, keptInCredential, readKeys } from './keys.ts';
import { rekeyStore } from './rekey.ts';
import { sealingStatus } from './status.ts';

const T0 = Date.parse('2026-11-30T12:00:00Z');
let folder: string;
let keys: string;
const opened: { close(): void }[] = [];

beforeEach(() => {
  folder = tempFolder();
  keys = join(folder, KEYS_FILE);
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  vi.unstubAllEnvs();
});

/** As a gateway opens it. */
function start(): Db {
  const store = openStore(folder, SILENT_LOG);
  opened.push(store);
  return store.db;
}
const stop = (): void => opened.splice(0).forEach((one) => one.close());

const CLOCK = { highest: T0, behindMs: 0 };
const outboxOf = (db: Db) =>
  new OutboxWriter(db, {
    source: '/sites/demo/boxes/box-001',
    relays: [RELAY],
    limits: { rows: 1_000, bytes: 1e6 },
    now: () => T0,
    wake: () => undefined,
  });

function commit(db: Db, n: number, picture = newPicture()): string {
  const hit = newHit(T0 + n * 10_000, n);
  return recordHit(db, { hit, evidence: [picture], windowMs: 1_000 }, outboxOf(db)).hit.id;
}

function callAt(db: Db, place: SosPlace): string {
  const device = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
  const report = { device: 'cam-1', sos: 'press', state: 'raised', at: T0 } as const;
  const move = () => ({ where: { place }, change: 'placed' }) as const;
  return recordSos(db, { report, device, move, clock: CLOCK }, outboxOf(db)).sos.id;
}

const pictureOf = (db: Db, hit: string) => {
  const [name] = storedHit(db, hit)?.evidence ?? [];
  return name && getEvidence(db, name.sha256);
};
const problems = (db: Db) => sealingStatus(db).problems!();
const bodies = (db: Db) => db.prepare('SELECT body FROM hits ORDER BY id').pluck().all() as string[];

test('the first opening makes a key that only the account of the box can read, and later ones use it', () => {
  const hit = commit(start(), 1);
  expect(statSync(keys).mode & 0o777).toBe(0o600);
  expect(storeExposures(folder)).toEqual([]);
  const before = readFileSync(keys);
  stop();
  const db = start();
  expect(getHit(db, hit)).toBeDefined();
  expect(readFileSync(keys).equals(before)).toBe(true);
  expect(sealingStatus(db).health!()).toEqual({ sealing: { key: 'file', theftOpensAll: true, lostKeys: [] } });
  expect(problems(db)).toEqual([]);
});

test('each class has a key of its own, which is the same after a restart and under no other master key', () => {
  const keysOf = (db: Db): string[] => {
    const { keyring } = db.sealing.keys;
    const classes = new Set(Object.values(SEALED_COLUMNS).map((column) => column.class));
    return [...classes].map((name) => keyring.key(keyring.current!, name)!.export().toString('hex'));
  };
  const before = keysOf(start());
  expect(new Set(before).size).toBe(7);
  stop();
  expect(keysOf(start())).toEqual(before);
  stop();
  rmSync(keys);
  expect(keysOf(start()).filter((key) => before.includes(key))).toEqual([]);
});

test('each value has a nonce of its own', () => {
  const db = start();
  const sealed = Array.from({ length: 2_000 }, () => db.sealing.sealBytes('hits.body', 'x', Buffer.from('same')));
  expect(new Set(sealed.map((bytes) => bytes.subarray(7, 19).toString('hex'))).size).toBe(2_000);
});

test.each([
  ['is gone', () => rmSync(keys)],
  ['is cut off', () => writeFileSync(keys, readFileSync(keys).subarray(0, 90))],
  [
    'holds another key',
    () => writeFileSync(keys, Buffer.concat([readFileSync(keys).subarray(0, -32), randomBytes(32)])),
  ],
])('a key file that %s: the box keeps new hits, says which rows it cannot open, and overwrites nothing', (_, lose) => {
  const first = start();
  const hit = commit(first, 1);
  const before = bodies(first);
  const pictures = first.prepare('SELECT bytes FROM evidence').all();
  stop();
  const saved = readFileSync(keys);
  lose();
  const damaged = readdirSync(folder).includes(KEYS_FILE) ? readFileSync(keys) : undefined;

  const db = start();
  const later = commit(db, 2);
  expect(getHit(db, later)).toBeDefined();
  expect(pictureOf(db, later)).toBeDefined();
  expect(getHit(db, hit)).toBeUndefined();
  expect(bodies(db).slice(0, 1)).toEqual(before);
  expect(db.prepare('SELECT bytes FROM evidence ORDER BY rowid LIMIT 1').all()).toEqual(pictures);
  // What could not be read is put aside, not written over.
  if (damaged) {
    const aside = readdirSync(folder).find((name) => name.startsWith(`${KEYS_FILE}.unreadable-`));
    expect(readFileSync(join(folder, aside!)).equals(damaged)).toBe(true);
  }
  expect(problems(db)).toMatchObject([{ code: 'seal-key-lost' }]);
  expect(problems(db)[0]!.what).toContain('hits.body 1, evidence.bytes 1, outbox.data 1, outbox.evidence 1');
  // Lost is not damaged: no repair would bring it back.
  expect(checkStore(db).damages).toEqual([]);
  expect(db.damage.counts()).toEqual({});
  const queue = openQueue(db, RELAY, '/s');
  const due = queue.due({ now: T0 + 1e6, liveFrom: 0, busyStreams: [], limit: 9, onlyLive: false });
  expect(() => due.find((row) => row.id === hit)!.envelope).toThrow(
    'the key that this row of the outbox was sealed with is lost',
  );
  expect(due.find((row) => row.id === later)!.envelope.evidence).toHaveLength(1);

  // Brought back under any name, it opens its rows again.
  stop();
  writeFileSync(join(folder, `${KEYS_FILE}.found`), saved, { mode: 0o600 });
  const again = start();
  expect([getHit(again, hit), getHit(again, later)]).not.toContain(undefined);
  expect(problems(again)).toEqual([]);
});

test('a picture that comes again can be read, and a place whose key is lost stays for when it is back', () => {
  const first = start();
  const picture = newPicture();
  const at = { lat: 31.5, lon: 117.5, trusted: true, origin: 'own', at: T0 } as const;
  commit(first, 1, picture);
  const id = callAt(first, at);
  stop();
  renameSync(keys, join(folder, 'away'));
  const db = start();
  expect(getEvidence(db, picture.sha256)).toBeUndefined();
  const again = commit(db, 2, picture);
  expect(pictureOf(db, again)?.bytes).toEqual(picture.bytes);
  expect(getSos(db, id)?.place).toBeUndefined();
  const seen = acknowledgeSos(db, { id, by: 'Chief', from: 'box', clock: CLOCK }, outboxOf(db));
  expect(seen).toMatchObject({ acknowledged: { by: 'Chief' } });
  stop();
  renameSync(join(folder, 'away'), `${keys}.old`);
  expect(getSos(start(), id)).toMatchObject({ place: at, acknowledged: { by: 'Chief' } });
});

test('the alarm ends when a person acknowledges the loss, which is in the audit log', () => {
  commit(start(), 1);
  stop();
  rmSync(keys);
  const db = start();
  expect(problems(db)).toHaveLength(1);
  expect(acceptLostKeys(db, 'A. Person', T0)).toHaveLength(1);
  expect(problems(db)).toEqual([]);
  expect(acceptLostKeys(db, 'A. Person', T0)).toEqual([]);
  const row = db.prepare(`SELECT who, detail FROM audit WHERE what = 'lost seal key acknowledged'`).get();
  expect(row).toMatchObject({ who: 'A. Person', detail: expect.stringContaining('"hits.body":1') as string });
  expect(verifyAudit(db)).toMatchObject({ ok: true });
  stop();
  expect(problems(start())).toEqual([]);
});

function handCredential(bytes = randomBytes(32)): string {
  const handed = tempFolder();
  writeFileSync(join(handed, 'seal-key'), bytes);
  vi.stubEnv('CREDENTIALS_DIRECTORY', handed);
  return handed;
}

test('a credential of systemd wraps the keys: neither they nor the credential lie in the folder', () => {
  const hit = commit(start(), 1);
  stop();
  const [plain] = readKeyFile(keys)!.masters;
  expect(keptInCredential(folder)).toBe(false);
  // As a backup brings them.
  const came = randomBytes(32);
  addKeys(folder, [Buffer.from(came)]);
  const credential = randomBytes(32);
  const handed = handCredential(credential);

  const db = start();
  expect(getHit(db, hit)).toBeDefined();
  expect(sealingStatus(db).health!()).toEqual({ sealing: { key: 'credential', theftOpensAll: false, lostKeys: [] } });
  for (const name of readdirSync(folder))
    for (const secret of [plain!, came, credential])
      expect(readFileSync(join(folder, name)).includes(secret), name).toBe(false);
  // A verb beside the service is handed nothing, and finds the credential where the service has it.
  vi.unstubAllEnvs();
  expect(keptInCredential(folder)).toBe(true);
  const beside = openDb(folder);
  opened.push(beside);
  expect(getHit(beside, hit)).toBeDefined();
  const later = randomBytes(32);
  addKeys(folder, [Buffer.from(later)]);
  expect(readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(later))).toEqual([]);
  expect(readKeys(folder).keyring.ids()).toHaveLength(3);
  // An account that may not read it seals nothing, and makes no key of its own.
  renameSync(handed, `${handed}-away`);
  onTestFinished(() => rmSync(`${handed}-away`, { recursive: true }));
  const other = openDb(folder);
  opened.push(other);
  expect(other.sealing.keys.kept).toBe('nowhere');
  expect(() => commit(other, 2)).toThrow('use the account of the service');
  expect(getHit(other, hit)).toBeUndefined();
});

test('the box goes on with another credential, and opens everything once it has the right one again', () => {
  const right = handCredential();
  const hit = commit(start(), 1);
  stop();
  handCredential();
  renameSync(join(right, 'seal-key'), join(right, 'away'));
  const db = start();
  expect(problems(db)[0]!.what).toContain(`${join(right, 'seal-key')} does not open it`);
  const later = commit(db, 2);
  stop();
  renameSync(join(right, 'away'), join(right, 'seal-key'));
  const again = start();
  expect([getHit(again, hit), getHit(again, later)]).not.toContain(undefined);
  expect(problems(again)).toEqual([]);
});

test.skipIf(process.geteuid?.() !== 0)('what root makes belongs to the account of the folder', () => {
  chownSync(folder, 4_711, 4_712);
  const made = openDb(folder);
  expect(statSync(keys)).toMatchObject({ uid: 4_711, gid: 4_712, mode: 0o100600 });
  rekeyStore(made, folder, { by: 'A. Person', at: T0 });
  made.close();
  expect(statSync(keys)).toMatchObject({ uid: 4_711, gid: 4_712, mode: 0o100600 });
});

test('keys and credentials are in no message', () => {
  const secret = Buffer.from('0123456789abcdef0123456789abcde');
  handCredential(secret);
  writeFileSync(keys, 'sitebox seal keys 1\n{"credential":"x","ids":["a"],"rekeying":false}\nsecret', { mode: 0o600 });
  const { unreadable, keyring } = readKeys(folder);
  expect(keyring.ids()).toEqual([]);
  expect(JSON.stringify(unreadable)).toMatch(/it has 31 bytes/);
  expect(JSON.stringify(unreadable)).not.toMatch(/secret"|01234567/);
});
