/** Keys that rows need and that are lost: what cannot be opened, and who knows of it. Such rows stay as they are, and are read again once their key is back. */
import type { Instant } from '../../contracts/base.ts';
import { appendAudit } from '../audit.ts';
import { readMetaList } from '../damage/readable-meta.ts';
import { setMeta, unlessDamaged, type Db } from '../db.ts';
import { isWord } from '../shapes.ts';
import { sealedStart } from './cipher.ts';
import { SEALED_COLUMNS, SEALED_NAMES } from './columns.ts';
import { usedKeys } from './used-keys.ts';

/** Those that a person knows of. */
const ACCEPTED = 'sealKeysLost';

/** Ids of keys that rows were sealed with and that are not here. */
export function lostKeys(db: Db): readonly string[] {
  const { keyring } = db.sealing.keys;
  const used = unlessDamaged(() => usedKeys(db), []);
  return [...new Set([...used, ...db.sealing.missing()])].filter((id) => !keyring.has(id));
}

/** Those that no person has acknowledged. */
export function unacceptedKeys(db: Db): readonly string[] {
  const lost = lostKeys(db);
  if (lost.length === 0) return lost;
  const accepted = new Set(readMetaList(db, ACCEPTED, isWord));
  return lost.filter((id) => !accepted.has(id));
}

/** A person knows that these keys are lost, and the alarm ends. Returns their ids; none if there is nothing to acknowledge. */
export function acceptLostKeys(db: Db, by: string, at: Instant): readonly string[] {
  return db.write(() => {
    const ids = unacceptedKeys(db);
    if (ids.length === 0) return ids;
    setMeta(db, ACCEPTED, JSON.stringify([...readMetaList(db, ACCEPTED, isWord), ...ids]));
    const detail = { keys: ids, rows: lostRows(db, ids) };
    appendAudit(db, { at, who: by, what: 'lost seal key acknowledged', detail });
    return ids;
  });
}

/** How many values of each column were sealed with these keys. Reads whole tables: only once a key is lost. */
export function lostRows(db: Db, ids: readonly string[]): Readonly<Record<string, number>> {
  const counts = SEALED_NAMES.map((name) => {
    const { table, column } = SEALED_COLUMNS[name];
    const count = db.prepare(
      `SELECT count(*) FROM ${table} WHERE ${column} IS NOT NULL
         AND substr(${column}, 1, iif(typeof(${column}) = 'blob', @bytes, @characters)) IN (@blob, @text)`,
    );
    const rows = ids.map((id) => {
      const start = sealedStart(id);
      const lengths = { bytes: start.blob.length, characters: start.text.length };
      return unlessDamaged(() => count.pluck().get({ ...start, ...lengths }) as number, 0);
    });
    return [name, rows.reduce((sum, n) => sum + n, 0)] as const;
  });
  return Object.fromEntries(counts.filter(([, rows]) => rows > 0));
}
