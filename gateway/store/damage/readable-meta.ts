/** Values of `meta` that the box can do without: an unreadable one counts as never set. */
import { isDamage, getMeta, type Db } from '../db.ts';

/** Like `getMeta`; undefined, and noted, if its page is damaged. */
export function readableMeta(db: Db, key: string): string | undefined {
  try {
    return getMeta(db, key);
  } catch (error) {
    if (!isDamage(error)) throw error;
    db.damage.note('meta', key);
    return undefined;
  }
}

/** The list under `key` if each part `fits`; empty, and noted, if it is unreadable or has another shape. */
export function readMetaList<T>(db: Db, key: string, fits: (part: unknown) => part is T): readonly T[] {
  return db.damage.readList('meta', key, readableMeta(db, key) || '[]', fits) ?? [];
}
