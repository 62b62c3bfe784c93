/** The ids of all keys that rows of a store were sealed with: kept in the store, so that a lost key is noticed. */
import type { Db } from '../connection/connection.ts';
import { getMeta, setMeta } from '../meta.ts';
import { isWord } from '../shapes.ts';

const USED = 'sealKeys';

/** Notes the key that seals from now on. */
export function noteKey(db: Db): void {
  const { current } = db.sealing.keys.keyring;
  if (current === undefined) return;
  try {
    const used = usedKeys(db);
    if (!used.includes(current)) setMeta(db, USED, JSON.stringify([...used, current]));
  } catch {
    // A store that takes no write, or is damaged: the next opening notes it, and whoever reads a sealed row sees its key there.
  }
}

export function usedKeys(db: Db): readonly string[] {
  return db.damage.readList('meta', USED, getMeta(db, USED) ?? '[]', isWord) ?? [];
}

/** No row needs any other. Joins the open transaction. */
export function keepUsedKeys(db: Db, ids: readonly string[]): void {
  setMeta(db, USED, JSON.stringify(ids));
}
