/** Document lists from the office into the store and to the look-up: no number anywhere, one state per answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { testDb } from '../store/db.fixtures.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { type Db } from '../store/db.ts';
import { DEFAULT_LIST_LIMITS, openBundle } from './bundle.ts';
import { diffBundles } from './diff.ts';
import {
  ascii,
  byKey,
  DAY_MS,
  documents,
  draft,
  entry,
  forged,
  list,
  nobody,
  NOW,
  office,
  LoadedLists,
  PNG_HEAD,
  SALT,
  SITE,
} from './lists.fixtures.ts';
import { writeSigned } from './files.ts';
import { installRoot } from './in-force/box-root.ts';
import { importBundle } from './in-force/import.fixtures.ts';
import { matchDocument } from './in-force/match-document.ts';
import { digestNumber } from './number.ts';
import { MAX_PHOTO_BYTES } from './photo.ts';
import type { SignedFile } from './signature.ts';

const o = office();
let folder: string;
let db: Db;

beforeEach(() => {
  folder = tempFolder();
  writeSigned(join(folder, 'root.json'), o.rootFile);
  db = testDb(folder);
  installRoot(db, o.rootFile, { now: NOW, who: 'officer' });
});

const opened = (file: SignedFile) => openBundle(file, { root: o.root, site: SITE, limits: DEFAULT_LIST_LIMITS });
const bring = (file: SignedFile, more: { unusablePhotos?: number } = {}) =>
  importBundle(db, { file, site: SITE, limits: DEFAULT_LIST_LIMITS, now: NOW, who: 'officer' }, more);
const open = (): LoadedLists => {
  const trustFile = join(folder, 'root.json');
  return new LoadedLists({ db, site: SITE, trustFile, timeZone: 'UTC', limits: DEFAULT_LIST_LIMITS }, NOW);
};
const lastDetail = () =>
  JSON.parse(
    (db.prepare('SELECT detail FROM audit ORDER BY seq DESC LIMIT 1').get() as { detail: string }).detail,
  ) as unknown;

describe('the signed file', () => {
  it('opens with digests for keys, and with photos', async () => {
    const file = await documents(o.listKeys, [draft('D-1', nobody(1)), draft('D-2', nobody(2), { photo: 'x.png' })]);
    const bundle = opened(file);
    if (!bundle.ok) throw new Error(bundle.detail);
    expect(bundle.value.salt).toEqual(SALT);
    expect(bundle.value.entries).toMatchObject([{ key: await digestNumber(ascii(nobody(1)), SALT) }, { id: 'D-2' }]);
    expect(bundle.value.entries[0]).not.toHaveProperty('photo');
    expect(bundle.value.entries[1]?.photo).toEqual(PNG_HEAD);
  });

  const first = (content: Record<string, unknown>) => (content['entries'] as Record<string, unknown>[])[0]!;
  it.each<[string, string, (content: Record<string, unknown>) => void]>([
    ['a number in clear', 'number', (c) => (first(c)['number'] = nobody(1))],
    ['no digest', 'digest is missing', (c) => delete first(c)['digest']],
    ['a digest that is too short', 'digest', (c) => (first(c)['digest'] = 'abc')],
    ['no salt', 'has no salt', (c) => delete c['salt']],
    ['a salt that is too short', 'salt', (c) => (c['salt'] = 'AAAA')],
    ['a photo that is no picture', 'photo is neither', (c) => (first(c)['photo'] = 'QUJD')],
    ['a photo that is no base64', 'photo is not base64', (c) => (first(c)['photo'] = '<svg>')],
    [
      'a photo that is too big',
      'photo has more than 100 kB',
      (c) => (first(c)['photo'] = Buffer.concat([PNG_HEAD, new Uint8Array(MAX_PHOTO_BYTES)]).toString('base64')),
    ],
  ])('with %s is refused', async (_what, words, change) => {
    const refused = opened(forged(o.listKeys, change, await documents(o.listKeys, [draft('D-1', nobody(1))])));
    expect(refused).toMatchObject({ ok: false, why: 'unreadable', detail: expect.stringContaining(words) as string });
    expect(JSON.stringify(refused)).not.toContain(nobody(1));
  });

  it('of plates has no salt, no digests and no photos', () => {
    for (const change of [
      (c: Record<string, unknown>) => (c['salt'] = Buffer.from(SALT).toString('base64')),
      (c: Record<string, unknown>) => (first(c)['digest'] = 'a'.repeat(64)),
      (c: Record<string, unknown>) => (first(c)['photo'] = Buffer.from(PNG_HEAD).toString('base64')),
    ]) {
      expect(opened(forged(o.listKeys, change, list(o.listKeys)))).toMatchObject({ ok: false, why: 'unreadable' });
    }
  });
});

/** The files of `folder` in which one of `numbers` stands, as text or as UTF-16. */
function filesWith(numbers: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return numbers.some((n) => bytes.includes(n) || bytes.includes(Buffer.from(n, 'utf16le')));
    });
}

describe('numbers', () => {
  const numbers = Array.from({ length: 20 }, (_, i) => nobody(i));

  it('are nowhere: not in the signed file, not in the store, not after a look-up', async () => {
    const drafts = numbers.slice(0, 10).map((number, i) => draft(`D-${i}`, number));
    const file = await documents(o.listKeys, drafts);
    writeSigned(join(folder, 'list.json'), file);
    expect(bring(file).ok).toBe(true);
    const lists = open();
    const found = await Promise.all(numbers.map((number) => lists.lookUpDocument(ascii(number), 'gate', NOW)));
    expect(found.map(({ match }) => match?.entry.id)).toEqual([
      ...drafts.map(({ id }) => id),
      ...numbers.slice(10).map(() => undefined),
    ]);
    expect(JSON.stringify([found, file])).not.toContain('999999190001');
    expect(filesWith(numbers)).toEqual([]);
  });

  it('(that test would find one that an entry mentions)', async () => {
    const slip = { instruction: `Ask for ${nobody(3)}.` };
    bring(await documents(o.listKeys, [draft('D-1', nobody(3), slip)]));
    expect(filesWith(numbers).length).toBeGreaterThan(0);
  });
});

describe('a look-up', () => {
  const three = (version: number, salt = SALT) =>
    documents(o.listKeys, [draft('D-1', nobody(1)), draft('D-2', nobody(2), { lanes: ['south'] })], { version, salt });

  it('says why nothing is in force, and stops with the list', async () => {
    const none = await open().lookUpDocument(ascii(nobody(1)), 'gate', NOW);
    expect(none).toMatchObject({ list: { state: 'not in force', why: 'no list' }, match: undefined });
    bring(await three(7));
    const lists = open();
    const last = NOW + 7 * DAY_MS - 1;
    expect((await lists.lookUpDocument(ascii(nobody(1)), 'gate', last)).match?.certainty).toBe('exact');
    expect(await lists.lookUpDocument(ascii(nobody(1)), 'gate', last + 1)).toMatchObject({
      list: { state: 'not in force', why: 'expired' },
      match: undefined,
    });
    expect((await lists.lookUpDocument(ascii(nobody(2)), 'gate', NOW)).match).toBeUndefined();
    expect((await lists.lookUpDocument(ascii(nobody(2)), 'south', NOW)).match?.entry.id).toBe('D-2');
  });

  it('takes the empty list without a salt that is published, and finds nothing on it', async () => {
    bring(forged(o.listKeys, (c) => delete c['salt'], await documents(o.listKeys, [])));
    const found = await open().lookUpDocument(ascii(nobody(1)), 'gate', NOW);
    expect(found).toMatchObject({ list: { state: 'in force', ref: { version: 7 }, entries: 0 }, match: undefined });
  });

  it('takes the number as the table does, leaves it as it is, and keeps none of it', async () => {
    bring(await three(7));
    const lists = open();
    const written = ascii(`${nobody(1).slice(0, 6)} ${nobody(1).slice(6)}`);
    const before = written.slice();
    expect((await lists.lookUpDocument(written, 'gate', NOW)).match?.entry.id).toBe('D-1');
    expect(written).toEqual(before);
    const pending = lists.lookUpDocument(written, 'gate', NOW);
    written.fill(0);
    expect((await pending).match?.entry.id).toBe('D-1');
  });

  it('gives no answer for what cannot be a number', async () => {
    bring(await three(7));
    for (const number of [new Uint8Array(0), new Uint8Array(18), ascii('12<45678')]) {
      await expect(open().lookUpDocument(number, 'gate', NOW)).rejects.toThrow('the number of a document');
    }
  });

  it('answers from one list, whatever is loaded while the digest is made', async () => {
    const mixed = async (look: (lists: LoadedLists) => ReturnType<LoadedLists['lookUpDocument']>) => {
      bring(await three(7));
      const lists = open();
      const pending = look(lists);
      bring(await three(8, SALT.with(0, 1)));
      lists.reload(NOW);
      const { list: state, match } = await pending;
      expect(lists.state('doc-list', NOW)).toMatchObject({ ref: { version: 8 } });
      db.exec(`DELETE FROM lists; DELETE FROM meta WHERE key LIKE 'highestList%'`);
      return state.state !== 'in force' || state.ref.version !== 7 || match?.entry.id !== 'D-1';
    };
    expect(await mixed((lists) => lists.lookUpDocument(ascii(nobody(1)), 'gate', NOW))).toBe(false);
    // One that looks into the list that is loaded when the digest is ready would say that the document is not listed.
    const careless = async (lists: LoadedLists) => {
      const digest = await digestNumber(ascii(nobody(1)), SALT);
      const now = opened(await three(8, SALT.with(0, 1)));
      const index = byKey(now.ok ? now.value.entries : []);
      const where = { lane: 'gate', now: NOW, localTime: () => '12:00' };
      return { list: lists.state('doc-list', NOW), match: matchDocument(index, digest, where) };
    };
    expect(await mixed(careless)).toBe(true);
  });
});

describe('what an import tells', () => {
  const bundleOf = async (salt: Uint8Array<ArrayBuffer>, category = 'sought') => {
    const bundle = opened(
      await documents(o.listKeys, [draft('D-1', nobody(1), { category }), draft('D-2', nobody(2))], { salt }),
    );
    if (!bundle.ok) throw new Error(bundle.detail);
    return bundle.value;
  };

  it('is what really changed when the salt was kept, and everything when it was not', async () => {
    const before = await bundleOf(SALT);
    expect(diffBundles(before, await bundleOf(SALT, 'missing'))).toMatchObject({
      newSalt: false,
      unchanged: 1,
      changed: [{ after: { id: 'D-1' }, fields: ['category'] }],
    });
    const resalted = diffBundles(before, await bundleOf(SALT.with(0, 8)));
    expect(resalted).toMatchObject({ newSalt: true, unchanged: 0 });
    expect(resalted.changed.map(({ fields }) => fields)).toEqual([['key'], ['key']]);
    expect(diffBundles(undefined, before)).toMatchObject({ newSalt: false, unchanged: 0, changed: [] });
  });

  it('goes into the audit log, with the number of photos that cannot be used', async () => {
    const photos = (version: number) =>
      documents(o.listKeys, [draft('D-1', nobody(1), { photo: 'a.png' }), draft('D-2', nobody(2))], { version });
    bring(await photos(7), { unusablePhotos: 1 });
    expect(lastDetail()).toMatchObject({ type: 'doc-list', entries: 2, photos: 1, unusablePhotos: 1 });
    bring(await photos(8));
    expect(lastDetail()).toMatchObject({ photos: 1, unusablePhotos: null });
    bring(list(o.listKeys, { entries: [entry('E-1', '皖A12345')] }));
    expect(lastDetail()).not.toHaveProperty('photos');
  });
});
