/** Names of the files in the storage folder, in one place: every file named here is checked for access by others (`private-files.ts`). */

export const DB_FILE = 'sitebox.db';
/** Facts that must survive the store (`anchors/anchors.ts`). */
export const ANCHORS_FILE = 'anchors.json';
/** How far the audit log had come (`anchors/head-file.ts`). */
export const HEAD_FILE = 'audit.head';
/** The keys that rows are sealed with (`sealing/keys.ts`). */
export const KEYS_FILE = 'seal.keys';
/** The key that signs the audit log (`audit/box-key.ts`). */
export const AUDIT_KEY_FILE = 'audit.key';
/** How often the box has ended unasked (`start/ends.ts`). */
export const ENDS_FILE = 'ends.json';
/** Space given up on a full disk (`ballast.ts`). */
export const BALLAST_FILE = 'ballast';
/** One gateway per folder (`connection/lock.ts`). */
export const LOCK_FILE = 'gateway.lock';

/** The private authority of the web server with its key, and what it has signed (`web/tls/certificate.ts`). */
export const AUTHORITY_FILE = 'tls-authority.pem';
export const CERTIFICATE_FILE = 'tls-certificate.pem';

/** Files whose names never change. */
export const STORE_FILES = [
  DB_FILE,
  `${DB_FILE}-wal`,
  `${DB_FILE}-shm`,
  BALLAST_FILE,
  LOCK_FILE,
  ANCHORS_FILE,
  HEAD_FILE,
  AUDIT_KEY_FILE,
  ENDS_FILE,
  KEYS_FILE,
  AUTHORITY_FILE,
  CERTIFICATE_FILE,
] as const;

/** Half-made copies of the whole store, and SQLite's helper files of them. */
export const PART = /^(backup|restore|repair)-\d+\.part/;

/** Whether a file of that name belongs to the store: one of the above, or a file set aside or half-written, whose name begins with one of them. */
export function isOfStore(name: string): boolean {
  return PART.test(name) || STORE_FILES.some((file) => name.startsWith(file));
}
