/** SQL of the trusted roots and of the signed list in force for each type. Returns unverified bytes, which lists/ verifies at every load. */
import type { Instant } from '../contracts/base.ts';
import type { ListRef, ListType } from '../contracts/list.ts';
import { highestKey, highestVersion, saveAnchors } from './anchors/anchors.ts';
import type { Db } from './db.ts';
import { getMeta, setMeta } from './db.ts';
import { readableMeta } from './damage/readable-meta.ts';
import { isInstant, isWord, membersOf } from './shapes.ts';

export interface StoredRoot {
  readonly version: number;
  readonly bytes: Uint8Array;
  readonly signatures: string;
  readonly acceptedMs: Instant;
}

export interface StoredList {
  readonly type: ListType;
  readonly version: number;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly signatures: string;
  readonly importedMs: Instant;
  readonly importedBy: string;
}

/**
 * Runs `work` in one transaction that takes the write lock at its start, so that what it reads still holds when it writes. Writes the anchors
 * before it returns. Throws AnchorsError if that fails; `work` stays committed.
 */
export function atomically<T>(db: Db, work: () => T): T {
  return db.write(() => {
    const result = work();
    saveAnchors(db);
    return result;
  });
}

/** Every root ever accepted, oldest first. */
export function listRoots(db: Db): StoredRoot[] {
  return db.prepare('SELECT version, bytes, signatures, acceptedMs FROM roots ORDER BY version').all() as StoredRoot[];
}

export function addRoot(db: Db, root: StoredRoot): void {
  db.prepare(
    'INSERT INTO roots (version, bytes, signatures, acceptedMs) VALUES (@version, @bytes, @signatures, @acceptedMs)',
  ).run({ ...root, bytes: Buffer.from(root.bytes) });
}

export function getList(db: Db, type: ListType): StoredList | undefined {
  return db
    .prepare('SELECT type, version, sha256, bytes, signatures, importedMs, importedBy FROM lists WHERE type = ?')
    .get(type) as StoredList | undefined;
}

/** Total size of the stored lists; reads none of them. */
export function storedListBytes(db: Db): number {
  const row = db.prepare('SELECT total(length(bytes)) AS bytes FROM lists').get() as { bytes: number };
  return row.bytes;
}

/** Replaces the list of this type. The highest version is kept apart too, which exposes an older list put back into the table. */
export function putList(db: Db, list: StoredList): void {
  db.prepare(
    `INSERT OR REPLACE INTO lists (type, version, sha256, bytes, signatures, importedMs, importedBy)
     VALUES (@type, @version, @sha256, @bytes, @signatures, @importedMs, @importedBy)`,
  ).run({ ...list, bytes: Buffer.from(list.bytes) });
  setMeta(db, highestKey(list.type), `${list.version} ${list.sha256}`);
}

/** Changes whenever another connection commits anything to the file; reads no table. */
export function dataVersion(db: Db): number {
  return db.pragma('data_version', { simple: true }) as number;
}

/** Changes whenever a root or list is accepted or dropped. Not for a refused file, which does not justify loading 100,000 entries again. */
export function listsFingerprint(db: Db): string {
  const lists = db.prepare('SELECT type, version, sha256, importedMs FROM lists ORDER BY type').all();
  const roots = db.prepare('SELECT max(version) AS version, max(acceptedMs) AS at FROM roots').get();
  return JSON.stringify([roots, lists]);
}

/** What decides whether a root or list may follow: the newest root, and each list with the highest version ever accepted. */
export function holdings(db: Db): string {
  const lists = db.prepare('SELECT type, version, sha256 FROM lists ORDER BY type').all();
  const root = db.prepare('SELECT version, bytes FROM roots ORDER BY version DESC LIMIT 1').get() as
    Pick<StoredRoot, 'version' | 'bytes'> | undefined;
  const highest = [getMeta(db, highestKey('plate-list')), getMeta(db, highestKey('doc-list'))];
  return JSON.stringify([root?.version, root && Buffer.from(root.bytes).toString('base64'), lists, highest]);
}

/** Version of the root in force; 0 before the first. */
export function newestRoot(db: Db): number {
  return (db.prepare('SELECT max(version) FROM roots').pluck().get() as number | null) ?? 0;
}

/** The newest policy that was ever in force at this box. */
export function highestPolicy(db: Db): Pick<ListRef, 'version' | 'sha256'> | undefined {
  return highestVersion(db, 'policy');
}

export function setHighestPolicy(db: Db, { version, sha256 }: Pick<ListRef, 'version' | 'sha256'>): void {
  setMeta(db, highestKey('policy'), `${version} ${sha256}`);
}

/** The last file that was refused, for the alarm and for /health. */
export interface RefusedListFile {
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
  readonly detail: string;
}

const REFUSED = 'listRefused';

export function setRefused(db: Db, refused: RefusedListFile): void {
  setMeta(db, REFUSED, JSON.stringify(refused));
}

export function getRefused(db: Db): RefusedListFile | undefined {
  const text = readableMeta(db, REFUSED);
  return text === undefined ? undefined : db.damage.read('meta', REFUSED, text, isRefusedFile);
}

function isRefusedFile(value: unknown): value is RefusedListFile {
  const { at, by, why, detail } = membersOf(value);
  return isInstant(at) && [by, why, detail].every(isWord);
}
