/** `npx sitebox backup`: a sealed copy of the store, of one moment, while the box runs. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { readRegular } from '../contracts/regular-file.ts';
import { wipe } from '../store/files/set-aside.ts';
import { appendAudit } from '../store/audit.ts';
import { CopyError, copyStore } from '../store/backup/copy.ts';
import { keyId, sealFile } from '../store/backup/seal.ts';
import { DB_FILE, openDb } from '../store/db.ts';
import { requireSpace, storeBytes } from '../store/files/disk-space.ts';
import { person, when } from './crew/common.ts';
import { EXIT_IO, guarded, inRoom, Stop } from './exit.ts';

/** A backup is refused after so long, and has to be deleted: it holds people's data that the box itself may not keep for long. */
export const KEEP_BACKUP_MS = 7 * 86_400_000;

export function backupCommand(): Command {
  return new Command('backup')
    .description('copy the store, sealed to a public key; the box may run')
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--to <file>', 'the backup; must not be there yet')
    .requiredOption('--key <file>', 'the public key (PEM, X25519) whose private half lies elsewhere')
    .requiredOption('--by <name>', 'who makes it, for the audit log', person)
    .action(guarded((options: Options) => inRoom(() => backup(options), 'No backup was made: keep the last one.')));
}

interface Options {
  readonly config: string;
  readonly to: string;
  readonly key: string;
  readonly by: string;
}

function backup({ config: file, to, key: keyFile, by }: Options): void {
  const { site, box, storage } = loadConfig(file);
  const key = publicKey(keyFile);
  if (existsSync(to)) throw new Stop(`${to} is there already; nothing was written`);
  if (!existsSync(dirname(to))) throw new Stop(`the folder of ${to} is not there; nothing was written`);
  if (!existsSync(join(storage.folder, DB_FILE))) throw new Stop(`there is no store in ${storage.folder}`, EXIT_IO);
  const bytes = storeBytes(storage.folder);
  // Before it is opened: on a full disk that alone gives up the ballast. The sealed file is a little larger than what is in it.
  requireSpace([
    { folder: storage.folder, bytes },
    { folder: dirname(to), bytes },
  ]);
  const now = Date.now();
  const made = new Date(now).toISOString();
  const lastDay = new Date(now + KEEP_BACKUP_MS).toISOString();
  const copy = join(storage.folder, `backup-${process.pid}.part`);
  const half = `${to}.part`;
  const db = openDb(storage.folder);
  try {
    copyStore(db, copy);
    rmSync(half, { force: true });
    sealFile(copy, half, key, { site, box, made, lastDay, key: keyId(key) });
    appendAudit(db, { at: now, who: by, what: 'backup made', detail: { key: keyId(key), lastDay } });
    renameSync(half, to);
  } catch (error) {
    if (error instanceof CopyError) throw new Stop(`REFUSED: ${error.message}. No backup was made: keep the last one.`);
    throw error;
  } finally {
    db.close();
    wipe(copy);
    rmSync(`${copy}-journal`, { force: true });
    rmSync(half, { force: true });
  }
  console.log(
    `${to}: sealed to key ${keyId(key)}; it can be restored until ${when(now + KEEP_BACKUP_MS)}, and has to be deleted then`,
  );
}

function publicKey(file: string): KeyObject {
  try {
    const text = readRegular(file, { linked: true });
    if (text.includes('PRIVATE KEY')) throw new Error('it is the private half, which must not lie on the box');
    const key = createPublicKey(text);
    if (key.asymmetricKeyType !== 'x25519') throw new Error(`it is a key for ${key.asymmetricKeyType}`);
    return key;
  } catch (error) {
    throw new Stop(
      `${file} is no public key for backups: ${(error as Error).message}. Make a pair elsewhere: ` +
        '"openssl genpkey -algorithm X25519 -out backup.key", "openssl pkey -in backup.key -pubout -out backup.pub"; the box gets backup.pub',
    );
  }
}
