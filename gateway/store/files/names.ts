/** Names of the files in the storage folder, in one place: what stands here is looked at for who else can reach it (`private-files.ts`). */

export const DB_FILE = 'sitebox.db';
/** What must survive the store (`anchors/anchors.ts`). */
export const ANCHORS_FILE = 'anchors.json';
/** How far its audit log had come (`anchors/head-file.ts`). */
export const HEAD_FILE = 'audit.head';
/** How often the box has ended by itself (`start/ends.ts`). */
export const ENDS_FILE = 'ends.json';
/** Room that is given up on a full disk (`ballast.ts`). */
export const BALLAST_FILE = 'ballast';
/** One gateway a folder (`connection/lock.ts`). */
export const LOCK_FILE = 'gateway.lock';

/** Files whose names never change. */
export const STORE_FILES = [
  DB_FILE,
  `${DB_FILE}-wal`,
  `${DB_FILE}-shm`,
  BALLAST_FILE,
  LOCK_FILE,
  ANCHORS_FILE,
  HEAD_FILE,
  ENDS_FILE,
] as const;

/** Half-made copies of the whole store; with what SQLite lays beside them. */
export const PART = /^(backup|restore|repair)-\d+\.part/;

/** Whether a file of that name belongs to the store: one of the above, or what was set aside or is half-written, which bears its name in front. */
export function isOfStore(name: string): boolean {
  return PART.test(name) || STORE_FILES.some((file) => name.startsWith(file));
}
