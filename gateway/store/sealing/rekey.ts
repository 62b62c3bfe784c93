/**
 * A new master key for a store that no gateway uses: first it is on the disk beside the old ones, then every value is sealed again in bounded
 * portions, then the old ones are destroyed. A process that is killed at any point leaves values that open; called again, it goes on.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Instant } from '../../contracts/base.ts';
import { appendAudit } from '../audit.ts';
import type { Db } from '../db.ts';
import { KEYS_FILE } from '../files/names.ts';
import { wipe } from '../files/set-aside.ts';
import { NO_EVIDENCE } from '../outbox/outbox.ts';
import { recountTotals } from '../outbox/totals.ts';
import { bytesOfPlace } from '../tracks.ts';
import { keyIdOf, fromText, isSealedText } from './cipher.ts';
import { SEALED_COLUMNS, SEALED_NAMES, type SealedName } from './columns.ts';
import { readKeyFile } from './key-file.ts';
import { idOf, MASTER_BYTES } from './keyring.ts';
import { lostKeys, lostRows } from './lost-keys.ts';
import { otherFiles, readKeys, replaceKeys } from './keys.ts';
import { keepUsedKeys, noteKey } from './used-keys.ts';
import { portionsOf, type StoredValue } from './walk.ts';
import { english } from '../../contracts/words/words.ts';

export interface RekeyReport {
  /** Id of the new key. */
  readonly key: string;
  /** Values that were sealed again, or for the first time. */
  readonly values: number;
  /** Values that could not be opened: their key is lost, or they were altered. */
  readonly unopened: number;
}

const TRACKS_AT_ONCE = 200;

/** `db` is the store of `folder`, which is locked (`connection/lock.ts`). Undefined: the folder has no key. Throws where its keys cannot be read. */
export function rekeyStore(
  db: Db,
  folder: string,
  { by, at }: { readonly by: string; readonly at: Instant },
): RekeyReport | undefined {
  const path = join(folder, KEYS_FILE);
  const file = readKeyFile(path);
  if (!file) return undefined;
  const others = readableOthers(folder);
  const masters = [...(file.rekeying ? [] : [randomBytes(MASTER_BYTES)]), ...file.masters, ...others.masters];
  replaceKeys(path, [...new Map(masters.map((master) => [idOf(master), master])).values()], {
    credential: file.credential,
    rekeying: true,
  });
  db.sealing.use(readKeys(folder));
  noteKey(db);
  const key = db.sealing.keys.keyring.current!;
  const { values, unopened } = sumOf([...SEALED_NAMES.map((name) => sealAgain(db, name, key)), sealTracks(db)]);
  const old = db.sealing.keys.keyring.ids().filter((id) => id !== key);
  finish(db, { key, old, values, unopened, by, at });
  destroyOld(folder, others.files, file.credential);
  db.sealing.use(readKeys(folder));
  return { key, values, unopened };
}

function readableOthers(folder: string): { readonly files: readonly string[]; readonly masters: readonly Buffer[] } {
  const found = otherFiles(folder).flatMap((file) => {
    try {
      const masters = readKeyFile(join(folder, file))?.masters;
      return masters ? [{ file, masters }] : [];
    } catch {
      // It stays: it may hold what a person still looks for.
      return [];
    }
  });
  return { files: found.map(({ file }) => file), masters: found.flatMap(({ masters }) => masters) };
}

type Count = Pick<RekeyReport, 'values' | 'unopened'>;

function sealAgain(db: Db, name: SealedName, key: string): Count {
  const { table, column } = SEALED_COLUMNS[name];
  const change = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`);
  const sealPortion = (stored: readonly StoredValue[]): Count => {
    let [values, unopened] = [0, 0];
    for (const { rowNumber, row, value } of stored) {
      if (isUnder(key, value) || (name === 'outbox.evidence' && value === NO_EVIDENCE)) continue;
      const sealed = sealedAgain(db, name, row, value);
      if (sealed === undefined) {
        unopened++;
        continue;
      }
      change.run(sealed, rowNumber);
      values++;
    }
    return { values, unopened };
  };
  const counts: Count[] = [];
  for (const stored of portionsOf(db, name)) counts.push(db.write(() => sealPortion(stored)));
  return sumOf(counts);
}

function sealedAgain(db: Db, name: SealedName, row: string, value: Buffer | string): Buffer | string | undefined {
  const found = db.sealing.look(name, row, value);
  if (!('bytes' in found)) return undefined;
  return typeof value === 'string'
    ? db.sealing.seal(name, row, found.bytes.toString('utf8'))
    : db.sealing.sealBytes(name, row, found.bytes);
}

function sumOf(counts: readonly Count[]): Count {
  return {
    values: counts.reduce((sum, n) => sum + n.values, 0),
    unopened: counts.reduce((sum, n) => sum + n.unopened, 0),
  };
}

function isUnder(key: string, value: Buffer | string): boolean {
  if (typeof value === 'string') return isSealedText(value) && keyIdOf(fromText(value)) === key;
  return keyIdOf(value) === key;
}

/** Points of earlier versions, whose place stands in two numbers. */
function sealTracks(db: Db): Count {
  const plain = db.prepare(
    `SELECT rowid, device, atMs, lat, lon FROM tracks WHERE place IS NULL ORDER BY rowid LIMIT ${TRACKS_AT_ONCE}`,
  );
  const seal = db.prepare('UPDATE tracks SET lat = 0, lon = 0, place = ? WHERE rowid = ?');
  const portion = (): number => {
    const rows = plain.all() as { rowid: number; device: string; atMs: number; lat: number; lon: number }[];
    for (const { rowid, device, atMs, lat, lon } of rows)
      seal.run(db.sealing.sealBytes('tracks.place', `${device} ${atMs}`, bytesOfPlace(lat, lon)), rowid);
    return rows.length;
  };
  let values = 0;
  for (let n = db.write(portion); n > 0; n = db.write(portion)) values += n;
  return { values, unopened: 0 };
}

function finish(
  db: Db,
  given: RekeyReport & { readonly old: readonly string[]; readonly by: string; readonly at: Instant },
): void {
  const { key, old, values, unopened, by, at } = given;
  db.write(() => {
    db.prepare(
      'UPDATE outbox SET bytes = octet_length(data) + octet_length(evidence) + octet_length(subject) + 200',
    ).run();
    const relays = db.prepare('SELECT DISTINCT relay FROM outbox').pluck().all() as string[];
    for (const relay of relays) recountTotals(db, relay);
    keepUsedKeys(db, [key, ...lostKeys(db)]);
    appendAudit(db, { at, who: by, what: 'store sealed again', detail: { key, old, values, unopened } });
  });
  const left = Object.values(lostRows(db, old)).reduce((sum, n) => sum + n, 0);
  if (left > unopened) throw new Error(english('rekey-still-sealed'));
  // The log still holds the pages as they were.
  db.pragma('wal_checkpoint(TRUNCATE)');
}

function destroyOld(folder: string, others: readonly string[], credential: string | null): void {
  const path = join(folder, KEYS_FILE);
  const [current, ...old] = readKeyFile(path)!.masters;
  for (const master of old) master.fill(0);
  replaceKeys(path, [current!], { credential, rekeying: false });
  for (const file of others) wipe(join(folder, file));
}
