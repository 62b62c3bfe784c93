/** Keeps every other process out of a store until it is closed: for work that another one must not find half done. */
import type { Db } from './connection.ts';

/** Waits for others as long as a write does. False: another process has the store open. */
export function holdAlone(db: Db): boolean {
  db.pragma('locking_mode = EXCLUSIVE');
  try {
    // Whoever leaves the write-ahead log needs the lock that each open connection shares; in this mode it is kept afterwards.
    if (db.pragma('journal_mode = DELETE', { simple: true }) === 'delete') {
      db.pragma('journal_mode = WAL');
      return true;
    }
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
  }
  db.pragma('locking_mode = NORMAL');
  return false;
}
