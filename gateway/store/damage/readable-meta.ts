/** Values of `meta` that the box goes on without where they cannot be read: as if they had never been told. */
import { isDamage, getMeta, type Db } from '../db.ts';

/** As `getMeta`; undefined, and noted, where the page it lies on cannot be read. */
export function readableMeta(db: Db, key: string): string | undefined {
  try {
    return getMeta(db, key);
  } catch (error) {
    if (!isDamage(error)) throw error;
    db.damage.note('meta', key);
    return undefined;
  }
}

/** The list under `key`, each part of which `fits`; empty, and noted, where it cannot be read or says anything else. */
export function readMetaList<T>(db: Db, key: string, fits: (part: unknown) => part is T): readonly T[] {
  return db.damage.readList('meta', key, readableMeta(db, key) || '[]', fits) ?? [];
}
