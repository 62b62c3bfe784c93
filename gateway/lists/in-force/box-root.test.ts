import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { verifyAudit } from '../../store/audit.ts';
import { testDb } from '../../store/db.fixtures.ts';
import { type Db } from '../../store/db.ts';
import { getList } from '../../store/lists.ts';
import { openLists, type ActiveLists } from './active-lists.ts';
import { installRoot, replaceRoot, storedRoot, type TrustState } from './box-root.ts';
import { DEFAULT_LIST_LIMITS } from '../bundle.ts';
import { writeSigned } from '../files.ts';
import { list, NOW, office, read, SITE, type Office } from '../lists.fixtures.ts';
import { importBundle } from './import.fixtures.ts';
import { commitBundle, stageBundle } from './import.ts';
import type { Result } from '../result.ts';
import { rotateRoot, signBundle, type SecretKey } from '../office/sign.ts';
import type { SignedFile } from '../signature.ts';

let folder: string;
let trustFile: string;
let db: Db;
let o: Office;
const by = { now: NOW, who: 'officer' };
const newListKeys = { now: NOW, replaceListKeys: true };

beforeEach(() => {
  folder = tempFolder();
  trustFile = join(folder, 'root.json');
  o = office();
  writeSigned(trustFile, o.rootFile);
  db = testDb(folder);
  installRoot(db, o.rootFile, by);
});

const open = (): ActiveLists =>
  openLists({ db, site: SITE, trustFile, timeZone: 'UTC', limits: DEFAULT_LIST_LIMITS }, NOW);
const request = (file: SignedFile, trust?: SignedFile) => ({
  ...by,
  file,
  site: SITE,
  limits: DEFAULT_LIST_LIMITS,
  ...(trust ? { trust } : {}),
});
const bring = (file: SignedFile, trust?: SignedFile) => importBundle(db, request(file, trust));
const plates = (version: number, keys: readonly SecretKey[] = o.listKeys.slice(0, 2)) => list(keys, { version });
const documents = (version: number, keys = o.listKeys) =>
  signBundle({ type: 'doc-list', site: SITE, version, entries: [], now: NOW }, keys);
/** The successor with new list keys lies at `lists.trust`. */
function rotated(): { file: SignedFile; newKeys: readonly SecretKey[] } {
  const made = rotateRoot(o.root, o.rootKeys, newListKeys);
  writeSigned(trustFile, made.file, true);
  return made;
}
const rootVersion = (): number => {
  const root = storedRoot(db);
  return root.ok ? root.value.version : 0;
};
const detailOf = (what: string): unknown => {
  const row = db.prepare('SELECT detail FROM audit WHERE what = ? ORDER BY seq DESC LIMIT 1').get(what);
  return JSON.parse((row as { detail: string }).detail);
};

function expectInForce(version: number): void {
  const lists = open();
  expect(lists.state('plate-list', NOW)).toMatchObject({ state: 'in force', ref: { version } });
  expect(lists.matchPlate(read('皖A12345'), 'north', NOW)).toMatchObject({ certainty: 'exact' });
}

describe('L2: a root with new list keys', () => {
  it('waits while a list is in force that they did not sign; that list stays in force, and it is said', () => {
    bring(plates(7));
    const { file } = rotated();
    expect(open().pendingRoot()?.what).toContain('root.json version 2 at lists.trust waits');
    expectInForce(7);
    expect(installRoot(db, file, by)).toMatchObject({ ok: true, value: { root: { version: 1 } } });
    expect(rootVersion()).toBe(1);
  });

  it('and a refused list change nothing at all', () => {
    bring(plates(7));
    const { file } = rotated();
    const foreign = office();
    for (const refused of [plates(8, foreign.listKeys), plates(8), documents(8)]) {
      expect(bring(refused, file)).toMatchObject({ ok: false, why: 'unsigned' });
      expect(rootVersion()).toBe(1);
      expectInForce(7);
    }
    const words = (keys: readonly SecretKey[]): string => (bring(plates(8, keys), file) as { detail: string }).detail;
    expect(words(foreign.listKeys)).toContain('is a newer root.json due');
    expect(words(o.listKeys)).toContain('which the root.json in place (version 2) replaces');
  });

  it('comes into force together with the first list that they signed, whatever version that has', () => {
    const top = Number.MAX_SAFE_INTEGER;
    expect(bring(plates(top)).ok).toBe(true);
    const { file, newKeys } = rotated();
    expect(bring(plates(8, newKeys), file)).toMatchObject({ ok: true, value: { root: { version: 2 }, drops: [] } });
    expect(rootVersion()).toBe(2);
    expectInForce(8);
    expect(open().pendingRoot()).toBeUndefined();
    expect(bring(plates(9))).toMatchObject({ ok: false, why: 'unsigned' });
    expect(verifyAudit(db)).toMatchObject({ ok: true });
  });

  it('names the list of the other type that falls away with it, before and in the audit log', () => {
    bring(plates(7));
    bring(documents(3));
    const { file, newKeys } = rotated();
    const staged = stageBundle(db, request(plates(8, newKeys), file));
    if (!staged.ok) throw new Error(staged.detail);
    expect(staged.value.drops).toEqual(['doc-list']);
    expect(getList(db, 'doc-list')?.version).toBe(3);
    commitBundle(db, request(plates(8, newKeys), file), staged.value);
    expect(getList(db, 'doc-list')).toBeUndefined();
    expect(detailOf('root installed')).toMatchObject({ version: 2, dropped: ['plate-list', 'doc-list'] });
  });

  it('is one step with the list: if the list cannot be stored, the old root stays', () => {
    bring(plates(7));
    const { file, newKeys } = rotated();
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON lists BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    expect(() => bring(plates(8, newKeys), file)).toThrow('disk full');
    expect(rootVersion()).toBe(1);
    expectInForce(7);
  });

  it('cuts stolen keys off at once where a person says so', () => {
    bring(plates(Number.MAX_SAFE_INTEGER));
    const { file, newKeys } = rotated();
    expect(installRoot(db, file, by, { dropLists: true })).toMatchObject({ ok: true, value: { root: { version: 2 } } });
    expect(detailOf('root installed')).toMatchObject({ dropped: ['plate-list'] });
    expect(open().state('plate-list', NOW)).toMatchObject({ state: 'not in force', why: 'no list' });
    expect(bring(plates(8, newKeys)).ok).toBe(true);
    expectInForce(8);
  });

  it('after a list that it does not know came in meanwhile, is looked at again', () => {
    bring(plates(7));
    const { file, newKeys } = rotated();
    const staged = stageBundle(db, request(plates(8, newKeys), file));
    if (!staged.ok) throw new Error(staged.detail);
    bring(documents(3));
    expect(() => commitBundle(db, request(plates(8, newKeys), file), staged.value)).toThrow('meanwhile');
    expect(getList(db, 'doc-list')?.version).toBe(3);
  });
});

describe('a root of trust on the box', () => {
  it('takes N+1 from the installed file, refuses N+2, and says why N+2 waits', () => {
    bring(plates(7));
    const plan = { now: NOW, replaceRootKeys: true };
    const second = rotateRoot(o.root, o.rootKeys, plan);
    expect(installRoot(db, second.file, by).ok).toBe(true);
    const root = storedRoot(db);
    if (!root.ok) throw new Error(root.detail);
    const keys = second.newKeys;
    const third = rotateRoot(root.value, keys, { now: NOW });
    const fourth = rotateRoot({ ...root.value, version: 3 }, keys, { now: NOW });
    writeSigned(trustFile, fourth.file, true);
    expectInForce(7);
    expect(open().pendingRoot()).toMatchObject({ todo: 'install root version 3 first' });
    expect(rootVersion()).toBe(2);
    writeSigned(trustFile, third.file, true);
    expectInForce(7);
    expect(rootVersion()).toBe(3);
    // The file of before is part of the chain: putting it back changes nothing.
    const back: Result<TrustState> = installRoot(db, o.rootFile, by);
    expect(back).toMatchObject({ ok: true, value: { root: { version: 3 } } });
  });

  it('that leaves the signing keys alone leaves the list and its version alone', () => {
    bring(plates(7));
    installRoot(db, rotateRoot(o.root, o.rootKeys, { now: NOW, replaceRootKeys: true }).file, by);
    expect(rootVersion()).toBe(2);
    expectInForce(7);
    expect(bring(plates(6))).toMatchObject({ why: 'rolled back' });
  });

  it('by replacement drops everything of before', () => {
    bring(plates(7));
    const other = office();
    expect(installRoot(db, other.rootFile, by).ok).toBe(false);
    expect(replaceRoot(db, other.rootFile, by).ok).toBe(true);
    expect(detailOf('root installed')).toMatchObject({ dropped: ['plate-list'] });
    writeSigned(trustFile, other.rootFile, true);
    expect(open().state('plate-list', NOW)).toMatchObject({ state: 'not in force', why: 'no list' });
  });
});
