/** `npx sitebox backup`: a sealed copy of the store, of one moment, while the box runs. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { iso } from '../contracts/time.ts';
import { causeOf, codeOf } from '../contracts/errors.ts';
import { loadConfig, type Config } from '../config/config.ts';
import { readRegular } from '../contracts/regular-file.ts';
import { wipe } from '../store/files/set-aside.ts';
import { appendAudit } from '../store/audit.ts';
import { CopyError, copyStore } from '../store/backup/copy.ts';
import { keyId, sealFile } from '../store/backup/seal.ts';
import { hasStore } from '../store/db.ts';
import { requireSpace, storeBytes } from '../store/files/disk-space.ts';
import { EXIT_IO, inRoom, Stop } from './exit.ts';
import { say, when } from './language.ts';
import { openBesideGateway } from './on-box.ts';
import { BoxVerb, type Verb } from './verb.ts';
import { words, english } from '../contracts/words/words.ts';

/** A backup that is older is refused and has to be deleted: it holds people's data that the box itself may not keep for long. */
const KEEP_BACKUP_MS = 7 * 86_400_000;

export function backupCommand(): Verb {
  return new BoxVerb('backup', 'help-backup')
    .requiredOption('--to <file>', say('help-backup-to'))
    .requiredOption('--key <file>', say('help-backup-key'))
    .by()
    .action((options: BackupOptions) => inRoom(() => backup(options), words('backup-none-made')));
}

type BackupOptions = Readonly<Record<'config' | 'to' | 'key' | 'by', string>>;

function backup({ config: file, to, key: keyFile, by }: BackupOptions): void {
  const config = loadConfig(file);
  const { site, box, storage } = config;
  const key = backupKey(keyFile, 'public');
  if (existsSync(to)) throw new Stop(say('backup-exists', { to }));
  if (!existsSync(dirname(to))) throw new Stop(say('backup-no-folder', { to }));
  if (!hasStore(storage.folder)) throw new Stop(say('no-store', { folder: storage.folder }), EXIT_IO);
  const bytes = storeBytes(storage.folder);
  // Before it is opened: on a full disk that alone gives up the ballast. The sealed file is a little larger than what is in it.
  requireSpace([
    { folder: storage.folder, bytes },
    { folder: dirname(to), bytes },
  ]);
  const now = Date.now();
  const made = iso(now);
  const lastDay = iso(now + KEEP_BACKUP_MS);
  const copy = join(storage.folder, `backup-${process.pid}.part`);
  const half = `${to}.part`;
  const db = openBesideGateway(storage.folder);
  try {
    if (db.sealing.keys.kept === 'nowhere') throw new Stop(say('backup-no-seal-keys'));
    copyStore(db, copy);
    rmSync(half, { force: true });
    const masters = db.sealing.keys.keyring.copyMasters();
    try {
      sealFile(copy, half, key, { site, box, made, lastDay, key: keyId(key), masters });
    } finally {
      for (const master of masters) master.fill(0);
    }
    appendAudit(db, { at: now, who: by, what: 'backup made', detail: { key: keyId(key), lastDay } });
    renameSync(half, to);
  } catch (error) {
    if (error instanceof CopyError) throw new Stop(say('backup-refused', { why: error.message }));
    throw error;
  } finally {
    db.close();
    wipe(copy);
    rmSync(`${copy}-journal`, { force: true });
    rmSync(half, { force: true });
  }
  console.log(say('backup-done', { to, key: keyId(key), until: when(now + KEEP_BACKUP_MS) }));
  console.log(say('backup-not-in', { files: filesBeside(config).join(', ') }));
}

/** What a box needs beside its store. */
function filesBeside({ file, listen: { tls }, lists: { trust, policy } }: Config): readonly string[] {
  return [file, trust, policy, tls?.certificate, tls?.key].filter((path) => path !== undefined);
}

/** The X25519 key in `file`: backups are made with the public half and opened with the private one. */
export function backupKey(file: string, half: 'public' | 'private'): KeyObject {
  const text = readRegular(file, { linked: true });
  try {
    if (half === 'public' && text.includes('PRIVATE KEY')) throw new Error(english('backup-private-half'));
    const key = half === 'public' ? createPublicKey(text) : createPrivateKey(text);
    if (key.asymmetricKeyType !== 'x25519')
      throw new Error(english('backup-key-kind', { algorithm: String(key.asymmetricKeyType) }));
    return key;
  } catch (error) {
    throw new Stop(
      say(`backup-no-${half}-key`, { file, why: isNoKey(error) ? words('backup-no-pem') : causeOf(error) }),
    );
  }
}

/** What OpenSSL says of a text without a key names its own source code. */
function isNoKey(error: unknown): boolean {
  return /^ERR_OSSL_/.test(codeOf(error) ?? '');
}
