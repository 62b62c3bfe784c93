import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { openClock } from '../../clock/clock.ts';
import { verifyAudit } from '../../store/audit.ts';
import { testDb } from '../../store/db.fixtures.ts';
import { type Db } from '../../store/db.ts';
import { getList, putList } from '../../store/lists.ts';
import { timeKeeper } from '../../store/time.ts';
import type { ListProblem } from '../../contracts/list.ts';
import { DEFAULT_LIST_LIMITS } from '../bundle.ts';
import { DAY_MS, entry, list, NOW, office, type Office, LoadedLists, read, SITE } from '../lists.fixtures.ts';
import { writeSigned } from '../files.ts';
import { installRoot, replaceRoot } from './box-root.ts';
import { importBundle } from './import.fixtures.ts';
import { commitBundle, stageBundle } from './import.ts';
import { rotateRoot, signBundle, type SignListOptions, type SecretKey } from '../office/sign.ts';
import type { SignedFile } from '../signature.ts';

let folder: string;
let trustFile: string;
let db: Db;
let o: Office;
const by = { now: NOW, who: 'officer' };

beforeEach(() => {
  folder = tempFolder();
  trustFile = join(folder, 'root.json');
  o = office();
  writeSigned(trustFile, o.rootFile);
  db = testDb(folder);
  installRoot(db, o.rootFile, by);
});

const open = (more: { site?: string; now?: number } = {}): LoadedLists =>
  new LoadedLists(
    { db, site: SITE, trustFile, timeZone: 'UTC', limits: DEFAULT_LIST_LIMITS, ...more },
    more.now ?? NOW,
  );
const bring = (file: SignedFile, now = NOW) =>
  importBundle(db, { file, site: SITE, limits: DEFAULT_LIST_LIMITS, now, who: 'officer' });
const plates = (
  version: number,
  plan: Partial<SignListOptions> = {},
  keys: readonly SecretKey[] = o.listKeys.slice(0, 2),
) => list(keys, { version, ...plan });
const audit = () =>
  (db.prepare('SELECT what FROM audit ORDER BY seq').all() as { what: string }[]).map((row) => row.what);

/** The listed plate is driven by: nothing may match, and the state must say why. */
function expectDead(lists: LoadedLists, why: ListProblem, now = NOW): void {
  expect(lists.state('plate-list', now)).toMatchObject({ state: 'not in force', why });
  expect(lists.matchPlate(read('皖A12345'), 'north', now)).toBeUndefined();
}
function expectAlive(lists: LoadedLists, version: number, now = NOW): void {
  expect(lists.state('plate-list', now)).toMatchObject({ state: 'in force', ref: { version }, entries: 1 });
  expect(lists.matchPlate(read('皖A12345'), 'north', now)).toMatchObject({ certainty: 'exact', entry: { id: 'E-1' } });
}

describe('what is in force', () => {
  it('is nothing at first, and a list once it is imported', () => {
    expectDead(open(), 'no list');
    expect(bring(plates(7)).ok).toBe(true);
    expectAlive(open(), 7);
    expect(audit()).toEqual(['root installed', 'list imported']);
    expect(verifyAudit(db)).toMatchObject({ ok: true });
  });

  it('ends in the middle of the day, at the look-up, without a reload', () => {
    bring(plates(7));
    const lists = open();
    expectAlive(lists, 7, NOW + 7 * DAY_MS - 1);
    expectDead(lists, 'expired', NOW + 7 * DAY_MS);
    expect(lists.state('plate-list', NOW + 8 * DAY_MS)).toMatchObject({ ref: { version: 7 } });
  });

  it('stays ended when the clock is set back ten years, over a restart too', () => {
    bring(plates(7));
    const keeper = timeKeeper(db);
    const later = NOW + 8 * DAY_MS;
    const clock = openClock(keeper, () => later);
    expect(clock.trusted()).toBe(later);
    clock.keep();
    const setBack = openClock(timeKeeper(db), () => NOW - 3650 * DAY_MS);
    expectDead(open({ now: setBack.trusted() }), 'expired', setBack.trusted());
    // A box that asked the wall clock would find the list in force again once the clock is set into its week.
    const setIntoTheWeek = openClock(timeKeeper(db), () => NOW + DAY_MS);
    expectAlive(open(), 7, setIntoTheWeek.now());
    expectDead(open(), 'expired', setIntoTheWeek.trusted());
  });

  it('needs the root to hold', () => {
    const short = office();
    const brief = rotateRoot(short.root, short.rootKeys, { now: NOW, days: 2 });
    for (const file of [short.rootFile, brief.file]) writeSigned(trustFile, file, true);
    replaceRoot(db, short.rootFile, by);
    const lists = open();
    bring(plates(7, {}, short.listKeys));
    lists.reload(NOW);
    expectAlive(lists, 7, NOW + 2 * DAY_MS - 1);
    expectDead(lists, 'expired', NOW + 2 * DAY_MS);
  });

  it('is nothing on another site', () => {
    bring(plates(7));
    expectDead(open({ site: 'elsewhere' }), 'wrong site');
  });

  it('is nothing when root.json is missing, altered, or somebody else’s', () => {
    bring(plates(7));
    const at = Math.floor(o.rootFile.bytes.length / 2);
    const altered = o.rootFile.bytes.slice();
    altered[at]! ^= 1;
    writeFileSync(trustFile, altered);
    expectDead(open(), 'no trust');
    writeSigned(trustFile, office().rootFile, true);
    expectDead(open(), 'no trust');
    rmSync(trustFile);
    expectDead(open(), 'no trust');
    writeFileSync(trustFile, o.rootFile.bytes);
    writeSigned(trustFile, o.rootFile, true);
    expectAlive(open(), 7);
  });

  it.each<[string, ListProblem, string]>([
    [
      'the bytes',
      'altered',
      `UPDATE lists SET bytes = CAST(replace(CAST(bytes AS TEXT), '皖A12345', '皖A54321') AS BLOB)`,
    ],
    [
      'the signatures',
      'altered',
      `UPDATE lists SET signatures = substr(signatures, 1, 17) || iif(substr(signatures, 18, 1) = 'A', 'B', 'A') || substr(signatures, 19)`,
    ],
    ['the signatures, away', 'unsigned', `UPDATE lists SET signatures = ''`],
    ['the version', 'altered', 'UPDATE lists SET version = 8'],
    ['a root', 'no trust', `UPDATE roots SET bytes = CAST(replace(CAST(bytes AS TEXT), '2', '1') AS BLOB)`],
  ])('is nothing when somebody alters %s in the store', (_what, why, sql) => {
    bring(plates(7));
    expectAlive(open(), 7);
    expect(db.prepare(sql).run().changes).toBe(1);
    expectDead(open(), why);
  });

  it('is nothing when an older list, well signed, is put back into the store', () => {
    bring(plates(7));
    const old = getList(db, 'plate-list')!;
    bring(plates(8));
    db.prepare('UPDATE lists SET version = ?, sha256 = ?, bytes = ?, signatures = ?').run(
      old.version,
      old.sha256,
      Buffer.from(old.bytes),
      old.signatures,
    );
    expectDead(open(), 'rolled back');
    // With the memory of the highest version gone too, it would be in force: that memory is what the test is about.
    putList(db, old);
    expectAlive(open(), 7);
  });
});

describe('import', () => {
  const refusals = (): [string, ListProblem, SignedFile][] => [
    ['a lower version', 'rolled back', plates(6)],
    ['the same version with other content', 'rolled back', plates(7, { entries: [entry('E-2', '皖A54321')] })],
    ['another site', 'wrong site', plates(8, { site: 'elsewhere' })],
    ['one signature short', 'unsigned', plates(8, {}, o.listKeys.slice(0, 1))],
    ['keys of another root', 'unsigned', plates(8, {}, office().listKeys)],
    ['a list that ran out', 'expired', plates(8, { now: NOW - 8 * DAY_MS })],
    ['a list from the future', 'expired', plates(8, { now: NOW + DAY_MS })],
    ['a life of eight days', 'unreadable', plates(8, { days: 8 })],
    ['too many bytes', 'too big', { bytes: new Uint8Array(DEFAULT_LIST_LIMITS.maxBytes + 1), signatures: '' }],
  ];

  it('refuses what it must, keeps what is in force, and leaves word of it', () => {
    bring(plates(7));
    const lists = open();
    for (const [what, why, file] of refusals()) {
      expect([what, bring(file)]).toMatchObject([what, { ok: false, why }]);
      expect(lists.changed()).toBe(false); // Our own connection: `lastRefused` is read afresh anyway.
      expect(lists.lastRefused()).toMatchObject({ why, by: 'officer' });
      lists.reload(NOW);
      expectAlive(lists, 7);
    }
    expect(audit().filter((what) => what === 'list refused')).toHaveLength(refusals().length);
  });

  it('takes the same list twice, and a higher version with its diff', () => {
    bring(plates(7));
    expect(bring(plates(7)).ok).toBe(true);
    const next = bring(
      plates(8, { entries: [entry('E-1', '皖A12345', { category: 'sought' }), entry('E-2', '皖A54321')] }),
    );
    expect(next).toMatchObject({
      ok: true,
      value: {
        base: { version: 7 },
        diff: { unchanged: 0, withdrawn: [], added: [{ id: 'E-2' }], changed: [{ fields: ['category'] }] },
      },
    });
    bring(plates(9, { entries: [] }));
    expect(open().state('plate-list', NOW)).toMatchObject({ state: 'in force', entries: 0 });
  });

  it('keeps the types apart', () => {
    bring(plates(7));
    const documents = signBundle({ type: 'doc-list', site: SITE, version: 1, entries: [], now: NOW }, o.listKeys);
    expect(bring(documents).ok).toBe(true);
    expect(open().state('doc-list', NOW)).toMatchObject({ state: 'in force', ref: { version: 1 } });
    expectAlive(open(), 7);
  });

  it('stages without changing anything, and does not swap if another list came in since', () => {
    const request = { file: plates(8), site: SITE, limits: DEFAULT_LIST_LIMITS, ...by };
    const staged = stageBundle(db, request);
    if (!staged.ok) throw new Error(staged.detail);
    expect(getList(db, 'plate-list')).toBeUndefined();
    bring(plates(7));
    expect(() => commitBundle(db, request, staged.value)).toThrow('meanwhile');
    expect(getList(db, 'plate-list')?.version).toBe(7);
  });

  it('is one step with its audit row: if that fails, the old list stays', () => {
    bring(plates(7));
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    expect(() => bring(plates(8))).toThrow('disk full');
    expectAlive(open(), 7);
  });

  it('by another process is noticed, while matching goes on with the list of before', () => {
    bring(plates(7));
    const lists = open();
    const other = testDb(folder);
    try {
      expect(lists.changed()).toBe(false);
      other.prepare(`INSERT INTO meta VALUES ('unrelated', '1')`).run();
      expect(lists.changed()).toBe(false);
      importBundle(other, { file: plates(8), site: SITE, limits: DEFAULT_LIST_LIMITS, ...by });
      expectAlive(lists, 7);
      expect(lists.changed()).toBe(true);
      lists.reload(NOW);
      expect(lists.changed()).toBe(false);
      expectAlive(lists, 8);
      // One that is refused changes nothing in force: nothing is loaded again, and the alarm knows it all the same.
      importBundle(other, { file: plates(6), site: SITE, limits: DEFAULT_LIST_LIMITS, ...by });
      expect(lists.changed()).toBe(false);
      expect(lists.lastRefused()).toMatchObject({ why: 'rolled back' });
    } finally {
      other.close();
    }
  });
});
