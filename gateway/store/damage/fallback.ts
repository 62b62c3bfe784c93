/**
 * Replaces a damaged store, so that the box goes on: whatever is readable of the lists, the roots, the crew's devices, calls for help and small
 * facts is loaded into memory, and lanes look up and calls are sent. Nothing is kept, and the damaged file is left unchanged for a repair.
 */
import { join } from 'node:path';
import { causeOf } from '../../contracts/errors.ts';
import type { Log } from '../../contracts/base.ts';
import { connect, DB_FILE, LOOP_WAIT_MS, openForReading, type Db } from '../db.ts';
import { emptyStore } from '../connection/in-memory.ts';
import { salvage, type SalvagedTable } from './salvage.ts';
import { english, joined, words, type Value } from '../../contracts/words/words.ts';

const TABLES: ReadonlySet<string> = new Set(['meta', 'roots', 'lists', 'devices', 'people', 'sos', 'tlsAuthority']);
/** Tables whose readable number of rows is reported to people. */
const NAMED = new Map([
  ['lists', 'store-read-lists'],
  ['devices', 'store-read-devices'],
  ['sos', 'store-read-calls'],
] as const);

/** Opens a store that refuses writes because of `why`. Unreadable parts never make it throw. */
export function openDamaged(folder: string, why: string, log: Log): Db {
  let read = english('store-nothing-read');
  const db = connect(emptyStore(), { waitMs: LOOP_WAIT_MS, folder });
  try {
    using damaged = openForReading(join(folder, DB_FILE));
    const salvaged = salvage(damaged, db, TABLES);
    read = english('store-some-read', { parts: joined(salvaged.flatMap(numbersOf)) });
    const tables = salvaged.map(({ table, kept, missing }) => [table, [kept, missing.length]]);
    log.error({ keptAndMissing: Object.fromEntries(tables) as object }, 'the readable part of the store is loaded');
  } catch (error) {
    log.error({ cause: causeOf(error) }, 'no part of the store is readable');
  }
  db.health.shut('damaged', `${read}; ${why}`);
  return db;
}

function numbersOf({ table, kept, missing }: SalvagedTable): Value[] {
  const code = NAMED.get(table as 'lists');
  if (code === undefined) return [];
  const part = words(code, { rows: kept });
  return [missing.length === 0 ? part : words('store-read-lost', { part, lost: missing.length })];
}
