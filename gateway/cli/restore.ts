/** `npx sitebox restore`: puts a backup in the place of the store, box stopped. What was withdrawn since it was made stays withdrawn. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig, type Config } from '../config/config.ts';
import { readRegularBytes } from '../contracts/regular-file.ts';
import { readAnchors, saveAnchors, type Anchors } from '../store/anchors/anchors.ts';
import { asideName, putInPlace, wipe } from '../store/files/set-aside.ts';
import { CopyError, readyCopy } from '../store/backup/copy.ts';
import { BackupError, openSealed, readHeader } from '../store/backup/seal.ts';
import { DB_FILE, openDb, openForReading } from '../store/db.ts';
import { dismissals, firstDismissal, type Dismissal } from '../store/dismissed.ts';
import { makeFolder } from '../store/files/private-files.ts';
import { lastHead, openHeadFile } from '../store/anchors/head-file.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { ANCHORS_FILE } from '../store/files/names.ts';
import { requireSpace } from '../store/files/disk-space.ts';
import type { Instant } from '../contracts/base.ts';
import { person, when } from './crew/common.ts';
import { guarded, inRoom, Stop } from './exit.ts';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('put a backup in the place of the store (box stopped)')
    .argument('<file>', 'the backup')
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--key <file>', 'the private key (PEM, X25519); take it away afterwards')
    .requiredOption('--by <name>', 'who answers for it, for the audit log', person)
    .option('--without-anchors', 'go on though anchors.json is gone or damaged: see docs/store.md', false)
    .action(guarded((file: string, options: Options) => inRoom(() => restore(file, options), 'Nothing was changed.')));
}

interface Options {
  readonly config: string;
  readonly key: string;
  readonly by: string;
  readonly withoutAnchors: boolean;
}

function restore(file: string, { config: configFile, key, by, withoutAnchors }: Options): void {
  const config = loadConfig(configFile);
  const { folder } = config.storage;
  makeFolder(folder);
  const lock = lockFolder(folder);
  const part = join(folder, `restore-${process.pid}.part`);
  try {
    const anchors = anchorsFor(folder, withoutAnchors);
    const now = Date.now();
    mayBeRestored(file, config, Math.max(now, anchors?.clockMs ?? 0));
    requireSpace([{ folder, bytes: statSync(file).size }]);
    const { made } = openSealed(file, part, privateKey(key));
    const { dismissed, first } = dismissedIn(folder);
    const ended = readyCopy(part, { who: by, now, made, anchors, head: lastHead(folder, anchors), dismissed });
    const aside = asideName(folder, 'replaced', now, first);
    putInPlace(folder, part, aside);
    const db = openDb(folder);
    saveAnchors(db, { settled: true });
    openHeadFile(db).close();
    db.close();
    console.log(
      `the store is that of ${made}; what was there is kept as ${join(folder, aside)} until the time in its name (UTC)`,
    );
    if (ended > 0)
      console.log(`${ended} orders that waited then are ended as refused: give them again where they still hold`);
    console.log(
      'hits, calls and answers since then are with the command room; lists that came in since then have to be imported again',
    );
  } catch (error) {
    if (error instanceof BackupError || error instanceof CopyError)
      throw new Stop(`REFUSED: ${error.message}. Nothing was changed.`);
    throw error;
  } finally {
    wipe(part);
    lock.release();
  }
}

/** What the store that is replaced knows of dismissed hits, as far as it can be read. */
function dismissedIn(folder: string): { readonly dismissed: readonly Dismissal[]; readonly first?: Instant } {
  try {
    const db = openForReading(join(folder, DB_FILE));
    try {
      const first = firstDismissal(db);
      return { dismissed: dismissals(db), ...(first === undefined ? {} : { first }) };
    } finally {
      db.close();
    }
  } catch {
    // None, or one that is the reason for this.
    return { dismissed: [] };
  }
}

function anchorsFor(folder: string, withoutAnchors: boolean): Anchors | undefined {
  const read = readAnchors(folder);
  if (read.state === 'ok') return read.anchors;
  const what = read.state === 'missing' ? 'is not there' : `is damaged (${read.why})`;
  if (!withoutAnchors)
    throw new Stop(
      `REFUSED: ${join(folder, ANCHORS_FILE)} ${what}. Without it an older list, an older root or a device that was revoked since the backup ` +
        'would be valid again. Put it in place; or, where it is lost for good, revoke what has to be revoked and import the newest list at once ' +
        'after "restore --without-anchors --by NAME". Nothing was changed.',
    );
  console.error(
    `anchors.json ${what}: revoke the devices that were revoked since the backup, and import the newest lists, before the box starts`,
  );
  return undefined;
}

function mayBeRestored(file: string, { site, box }: Config, now: number): void {
  const header = readHeader(file);
  if (header.site !== site || header.box !== box)
    throw new Stop(
      `REFUSED: ${file} is of box ${header.box} of site ${header.site}; this is ${box} of ${site}. Nothing was changed.`,
    );
  if (now > Date.parse(header.lastDay))
    throw new Stop(
      `REFUSED: the last day of ${file} was ${when(Date.parse(header.lastDay))}; delete it. Nothing was changed.`,
    );
}

function privateKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readRegularBytes(file, { linked: true }));
    if (key.asymmetricKeyType !== 'x25519') throw new Error(`it is a key for ${key.asymmetricKeyType}`);
    return key;
  } catch (error) {
    throw new Stop(`${file} is no private key for backups: ${(error as Error).message}. Nothing was changed.`);
  }
}
