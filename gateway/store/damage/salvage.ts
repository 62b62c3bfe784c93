/**
 * Copies every readable row of a damaged store into a new one. Reads each table in order of row numbers; behind a damaged page it tries one number
 * after another until one is readable. A row that an index names and the table cannot give is missing.
 */
import { hash } from 'node:crypto';
import type { Db } from '../connection/connection.ts';
import { setMeta, unlessDamaged } from '../db.ts';
import { dropDismissed } from '../dismissed.ts';
import { lastSequence } from '../anchors/head-file.ts';
import { recountTotals } from '../outbox/totals.ts';
import { RENAMES } from '../renames.ts';
import { SEALED_COLUMNS, SEALED_NAMES, type SealedName } from '../sealing/columns.ts';

export interface SalvagedTable {
  readonly table: string;
  readonly kept: number;
  /** Keys of lost rows, as far as an index still names them; `row N` if only the number is known. */
  readonly missing: readonly string[];
}

type Row = Readonly<Record<string, unknown>> & { readonly rowNumber: number };

/** Numbers tried behind a damaged page if an index gives the upper bound: more than the pages below one page hold. */
const MAX_PROBES = 500_000;
/** Numbers tried without an upper bound: the damage is at the end, and few rows follow it. */
const MAX_BLIND_PROBES = 20_000;
/** Columns that triggers maintain. */
const NOT_COPIED: Readonly<Record<string, readonly string[]>> = { outbox: ['head'] };

/** `fresh` is empty and of the newest layout; restart its audit log afterwards. `only`: these tables; all by default. */
export function salvage(damaged: Db, fresh: Db, only?: ReadonlySet<string>): SalvagedTable[] {
  fresh.pragma('foreign_keys = OFF');
  const tables = fresh
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .pluck()
    .all() as string[];
  const wanted = tables.filter((table) => !only || only.has(table));
  const results = wanted.map((table) => fresh.write(() => copyTable(damaged, fresh, table)));
  fresh.write(() => mend(fresh));
  fresh.pragma('foreign_keys = ON');
  return results;
}

function copyTable(damaged: Db, fresh: Db, table: string): SalvagedTable {
  const columns = columnsOf(fresh, table);
  const there = new Set(columnsOf(damaged, table).map((c) => c.name));
  const common = columns.filter((c) => there.has(c.name) && !NOT_COPIED[table]?.includes(c.name)).map((c) => c.name);
  if (common.length === 0) return { table, kept: 0, missing: [] };
  const names = common.map((name) => `"${name}"`).join(', ');
  const add = fresh.prepare(
    `INSERT OR REPLACE INTO "${table}" (rowid, ${names}) VALUES (@rowNumber, ${common.map((name) => `@${name}`).join(', ')})`,
  );
  const kept = new Set<number>();
  const refused: string[] = [];
  const key = columns.filter((c) => c.pk > 0);
  const keyName = key.length === 1 && key[0]!.type === 'TEXT' ? key[0]!.name : undefined;
  const named = keyName === undefined ? new Map<number, string>() : namedRows(damaged, table, keyName);
  const numbers = new Set([...named.keys(), ...numbersInIndexes(damaged, table)]);
  for (const row of readableRows(damaged, table, names, numbers)) {
    try {
      if (!isSound(damaged, table, row)) throw new Error('its content is damaged');
      add.run(row);
      kept.add(row.rowNumber);
    } catch {
      refused.push(keyName === undefined ? `row ${row.rowNumber}` : String(row[keyName]));
    }
  }
  const lost = [...numbers].filter((n) => !kept.has(n)).map((n) => named.get(n) ?? `row ${n}`);
  return { table, kept: kept.size, missing: [...new Set([...lost, ...refused])] };
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly pk: number;
}

function columnsOf(db: Db, table: string): Column[] {
  return unlessDamaged(() => db.pragma(`table_info("${table}")`) as Column[], []);
}

/** Rows in order of their numbers, around the damage. */
function* readableRows(db: Db, table: string, names: string, known: ReadonlySet<number>): Generator<Row> {
  const from = db.prepare(
    `SELECT rowid AS rowNumber, ${names} FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT 200`,
  );
  const next = db.prepare(`SELECT rowid FROM "${table}" WHERE rowid >= ? ORDER BY rowid LIMIT 1`).pluck();
  const one = db.prepare(`SELECT rowid AS rowNumber, ${names} FROM "${table}" WHERE rowid = ?`);
  const last = unlessDamaged(
    () => db.prepare(`SELECT max(rowid) FROM "${table}"`).pluck().get() as number | null,
    null,
  );
  let highest = last ?? 0;
  for (const number of known) highest = Math.max(highest, number);
  for (let after = 0; ;) {
    const rows = unlessDamaged(() => from.all(after) as Row[], undefined);
    if (rows) {
      yield* rows;
      if (rows.length === 0) return;
      after = rows.at(-1)!.rowNumber;
      continue;
    }
    // Reads one by one up to the damage, then beyond it.
    const end = highest > after ? Math.min(highest, after + MAX_PROBES) : after + MAX_BLIND_PROBES;
    let number: number | undefined;
    for (let probe = after + 1; probe <= end; probe++) {
      const found = unlessDamaged(() => ({ number: next.get(probe) as number | undefined }), undefined);
      if (!found) continue;
      number = found.number;
      break;
    }
    if (number === undefined) return;
    const row = unlessDamaged(() => one.get(number) as Row | undefined, undefined);
    if (row) yield row;
    after = number;
  }
}

/** Whether pictures, lists, JSON and sealed values are as written: a page may be damaged where SQLite does not check. */
function isSound(damaged: Db, table: string, row: Row): boolean {
  if (table === 'lists') return hash('sha256', row['bytes'] as Buffer) === row['sha256'];
  if (table === 'audit') JSON.parse(String(row['detail']));
  return SEALED_NAMES.filter((name) => SEALED_COLUMNS[name].table === table).every((name) => fits(damaged, name, row));
}

/** A value whose key is not here is kept as it is. */
function fits(damaged: Db, name: SealedName, row: Row): boolean {
  const { column, key } = SEALED_COLUMNS[name];
  const value = row[column] as Buffer | string | null | undefined;
  if (value === null || value === undefined) return true;
  const found = damaged.sealing.look(name, key.map((part) => String(row[part])).join(' '), value);
  if (!('bytes' in found)) return found.state === 'lost';
  if (name === 'evidence.bytes') return hash('sha256', found.bytes) === row['sha256'];
  if (name !== 'orders.text' && name !== 'tracks.place') JSON.parse(found.bytes.toString('utf8'));
  return true;
}

/** Number -> key, from the index of the primary key, read from both ends up to the damage. */
function namedRows(db: Db, table: string, key: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const order of ['ASC', 'DESC']) {
    unlessDamaged(() => {
      const rows = db.prepare(`SELECT rowid AS n, "${key}" AS k FROM "${table}" ORDER BY "${key}" ${order}`).iterate();
      for (const { n, k } of rows as Iterable<{ n: number; k: string }>) found.set(n, k);
      return undefined;
    }, undefined);
  }
  return found;
}

function numbersInIndexes(db: Db, table: string): Set<number> {
  const found = new Set<number>();
  const indexes = unlessDamaged(() => db.pragma(`index_list("${table}")`) as { name: string; partial: number }[], []);
  for (const { name } of indexes.filter((i) => i.partial === 0)) {
    unlessDamaged(() => {
      const numbers = db.prepare(`SELECT rowid FROM "${table}" INDEXED BY "${name}"`).pluck().iterate();
      for (const n of numbers as Iterable<number>) found.add(n);
      return undefined;
    }, undefined);
  }
  return found;
}

/** Removes rows whose other half is lost, and dismissed hits; recomputes totals and numbers kept beside the rows. */
function mend(fresh: Db): void {
  // The copies of rows are no news.
  fresh.prepare('DELETE FROM changes').run();
  const orphans = fresh.pragma('foreign_key_check') as { table: string; rowid: number }[];
  for (const { table, rowid } of orphans) fresh.prepare(`DELETE FROM "${table}" WHERE rowid = ?`).run(rowid);
  dropDismissed(fresh);
  // The store may never have been upgraded.
  fresh.exec(RENAMES);
  const relays = fresh.prepare('SELECT DISTINCT relay FROM outbox').pluck().all() as string[];
  for (const relay of relays) recountTotals(fresh, relay);
  setMeta(fresh, 'sequence', String(lastSequence(fresh)));
}
