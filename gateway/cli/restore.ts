/** `npx sitebox restore`: puts a backup in the place of the store, box stopped. What was withdrawn since it was made stays withdrawn. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type Config } from '../config/config.ts';
import { readAnchors, saveAnchors, type Anchors } from '../store/anchors/anchors.ts';
import { asideName, putInPlace, wipe } from '../store/files/set-aside.ts';
import { CopyError, readyCopy } from '../store/backup/copy.ts';
import { BackupError, openSealed, readHeader } from '../store/backup/seal.ts';
import { explainStore, openDb } from '../store/db.ts';
import { dismissals, firstDismissal, type Dismissal } from '../store/dismissed.ts';
import { makeFolder } from '../store/files/private-files.ts';
import { lastHead, openHeadFile } from '../store/anchors/head-file.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { SealKeys } from '../store/sealing/keyring.ts';
import { addKeys, NO_KEYS } from '../store/sealing/keys.ts';
import { ANCHORS_FILE } from '../store/files/names.ts';
import { requireSpace } from '../store/files/disk-space.ts';
import type { Instant } from '../contracts/base.ts';
import { backupKey } from './backup.ts';
import { inRoom, Stop } from './exit.ts';
import { say, when } from './language.ts';
import { readStore, refuseWhileOpen } from './on-box.ts';
import { BoxVerb, type Verb } from './verb.ts';
import { words } from '../contracts/words/words.ts';

export function restoreCommand(): Verb {
  return new BoxVerb('restore', 'help-restore')
    .argument('<file>', say('help-restore-file'))
    .requiredOption('--key <file>', say('help-restore-key'))
    .by()
    .option('--without-anchors', say('help-restore-without-anchors'), false)
    .action((file: string, options: Options) => inRoom(() => restore(file, options), words('nothing-changed')));
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
  makeStorage(folder);
  const lock = lockFolder(folder);
  const part = join(folder, `restore-${process.pid}.part`);
  try {
    refuseWhileOpen(folder);
    const anchors = anchorsFor(folder, withoutAnchors);
    const now = Date.now();
    mayBeRestored(file, config, Math.max(now, anchors?.clockMs ?? 0));
    requireSpace([{ folder, bytes: statSync(file).size }]);
    const { made, masters } = openSealed(file, part, backupKey(key, 'private'));
    const keyring = new SealKeys(undefined, masters);
    const { dismissed, first } = dismissedIn(folder);
    const keys = { ...NO_KEYS, keyring };
    const ended = readyCopy(part, { who: by, now, made, anchors, head: lastHead(folder, anchors), dismissed, keys });
    const aside = asideName(folder, 'replaced', now, first);
    addKeys(folder, keyring.copyMasters());
    refuseWhileOpen(folder);
    putInPlace(folder, part, aside);
    const db = openDb(folder);
    saveAnchors(db, { settled: true });
    openHeadFile(db).close();
    db.close();
    console.log(say('restore-done', { made, aside: join(folder, aside) }));
    if (ended > 0) console.log(say('restore-orders-ended', { orders: ended }));
    console.log(say('restore-since'));
  } catch (error) {
    if (error instanceof BackupError || error instanceof CopyError)
      throw new Stop(say('restore-refused', { why: error.message }));
    throw error;
  } finally {
    wipe(part);
    lock.release();
  }
}

/** Throws StoreError. */
function makeStorage(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw explainStore(folder, error);
  }
}

/** What the store that is replaced knows of dismissed hits, as far as it can be read. */
function dismissedIn(folder: string): {
  readonly dismissed: readonly Dismissal[];
  readonly first?: Instant | undefined;
} {
  try {
    return readStore(folder, (db) => ({ dismissed: dismissals(db), first: firstDismissal(db) }));
  } catch {
    // None, or one that is the reason for this.
    return { dismissed: [] };
  }
}

function anchorsFor(folder: string, withoutAnchors: boolean): Anchors | undefined {
  const read = readAnchors(folder);
  if (read.state === 'ok') return read.anchors;
  const file = join(folder, ANCHORS_FILE);
  if (!withoutAnchors)
    throw new Stop(
      read.state === 'missing'
        ? say('restore-no-anchors', { file })
        : say('restore-damaged-anchors', { file, cause: read.why }),
    );
  console.error(
    read.state === 'missing'
      ? say('restore-went-without-anchors')
      : say('restore-went-with-damaged-anchors', { cause: read.why }),
  );
  return undefined;
}

function mayBeRestored(file: string, { site, box }: Config, now: number): void {
  const header = readHeader(file);
  if (header.site !== site || header.box !== box)
    throw new Stop(say('restore-other-box', { file, otherBox: header.box, otherSite: header.site, box, site }));
  if (now > Date.parse(header.lastDay))
    throw new Stop(say('restore-too-old', { file, lastDay: when(Date.parse(header.lastDay)) }));
}
