/**
 * Checks the whole store for damage: the structure of every table and index and, beyond SQLite's own checks, that pictures, lists and rows fit
 * their digests and shapes. Reads all of it, so it runs in a process of its own (`check-process.ts`) or on the command line.
 */
import { hash } from 'node:crypto';
import { causeOf } from '../../contracts/errors.ts';
import { verifyAudit, type AuditVerdict } from '../audit.ts';
import type { Db } from '../connection/connection.ts';
import { emptyStore } from '../connection/in-memory.ts';
import { migrations } from '../migrations.ts';
import type { SealedName } from '../sealing/columns.ts';
import { portionsOf } from '../sealing/walk.ts';
import { english } from '../../contracts/words/words.ts';

export interface DamageFinding {
  /** A table, or `the list of tables`, or `free pages`. */
  readonly part: string;
  /** The damaged index of that table, if the damage is in one. */
  readonly index?: string;
  /** In SQLite's words, or ours. Never holds the content of a row. */
  readonly what: string;
}

export interface CheckReport {
  readonly damages: readonly DamageFinding[];
  /** Undefined if the log could not be read to its end. */
  readonly audit: AuditVerdict | undefined;
  readonly tookMs: number;
}

export const SCHEMA_PART = english('damage-schema');
export const FREE_PAGES = english('damage-free-pages');
const HEADER = english('damage-header');
/** The parts of the file that are no tables, with the sentence about each. */
const PARTS = new Map([
  [SCHEMA_PART, 'damage-of-schema'],
  [FREE_PAGES, 'damage-of-free-pages'],
  [HEADER, 'damage-of-header'],
] as const);
const NOT_THERE = /^no such (table|column): /;
/** Per part: the first findings say enough. */
const MAX_WORDS = 3;

/** `db` is open for reading. Damage never makes it throw; a disk or lock that prevents the check does, with SQLite's error. */
export function checkStore(db: Db): CheckReport {
  const start = performance.now();
  const damages = [...structure(db), ...missingParts(db)];
  const content = damages.some((d) => d.part === SCHEMA_PART) ? [] : contents(db, new Set(damages.map((d) => d.part)));
  let audit: AuditVerdict | undefined;
  try {
    audit = verifyAudit(db);
  } catch {
    // Found above, or by the next check.
  }
  return { damages: [...damages, ...content], audit, tookMs: Math.round(performance.now() - start) };
}

interface SchemaEntry {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly rootpage: number;
}

function structure(db: Db): DamageFinding[] {
  let parts: SchemaEntry[];
  try {
    // One pass over everything; only if it fails is each table checked on its own, to name the damaged ones.
    if (quickCheck(db, 'PRAGMA quick_check(1)').length === 0) return [];
    parts = db
      .prepare('SELECT type, name, tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0')
      .all() as SchemaEntry[];
  } catch (error) {
    return [{ part: SCHEMA_PART, what: wordsOf(error) }];
  }
  const damages = parts.filter((p) => p.type === 'table').flatMap((table) => tableDamage(db, table.name, parts));
  return damages.length > 0 ? damages : [{ part: FREE_PAGES, what: quickCheck(db, 'PRAGMA quick_check(1)')[0] ?? '' }];
}

/** Parts of the layout that the store lacks. An earlier layout is only checked for parts of later ones, and a later one not at all. */
function missingParts(db: Db): DamageFinding[] {
  const wanted = emptyStore();
  try {
    const layout = db.pragma('user_version', { simple: true }) as number;
    if (layout <= 0) return [{ part: HEADER, what: english('damage-layout-impossible', { layout }) }];
    if (layout < migrations.length) return newerThan(layout, db, wanted);
    if (layout > migrations.length) return [];
    const all = 'SELECT type, name, tbl_name FROM sqlite_schema';
    const there = new Set((db.prepare(all).all() as SchemaEntry[]).map((p) => p.name));
    const missing = (wanted.prepare(all).all() as SchemaEntry[]).filter((p) => !there.has(p.name));
    // Without its table, no index or trigger is named on its own.
    return missing
      .filter((p) => p.type === 'table' || there.has(p.tbl_name))
      .map(({ type, name, tbl_name: part }): DamageFinding => {
        const what = english('field-missing');
        if (type === 'trigger') return { part, what: `${name} ${what}` };
        return { part, ...(type === 'index' ? { index: name } : {}), what };
      });
  } catch (error) {
    wordsOf(error);
    // The damage is found by the structure check.
    return [];
  } finally {
    wanted.close();
  }
}

/** An earlier version has none of the parts that later ones added: if the store has one, the layout number in its header is wrong. */
function newerThan(layout: number, db: Reader, wanted: Reader): DamageFinding[] {
  const earlier = emptyStore(layout);
  try {
    const names = new Set(namesIn(earlier));
    const later = new Set(namesIn(wanted).filter((part) => !names.has(part)));
    const name = namesIn(db).find((part) => later.has(part));
    if (name === undefined) return [];
    return [{ part: HEADER, what: english('damage-layout-older', { layout, name }) }];
  } finally {
    earlier.close();
  }
}

interface Reader {
  prepare(sql: string): { all(): unknown[] };
}

/** Names of tables, indexes and triggers, and of columns as `table.column`. */
function namesIn(db: Reader): string[] {
  const names = `SELECT name FROM sqlite_schema UNION ALL
    SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`;
  return (db.prepare(names).all() as { name: string }[]).map(({ name }) => name);
}

function tableDamage(db: Db, table: string, parts: readonly SchemaEntry[]): DamageFinding[] {
  let lines: string[];
  try {
    lines = quickCheck(db, `PRAGMA quick_check("${table}")`);
  } catch (error) {
    lines = [wordsOf(error)];
  }
  const found = new Map<string | undefined, string>();
  for (const line of lines.slice(0, 100)) {
    const root = Number(/^Tree (\d+)\b/.exec(line)?.[1] ?? NaN);
    const part = parts.find((p) => p.rootpage === root);
    const index = part?.type === 'index' ? part.name : undefined;
    if (!found.has(index)) found.set(index, line);
  }
  return [...found].map(([index, what]) => ({ part: table, ...(index === undefined ? {} : { index }), what }));
}

/** Empty if all is in order. */
function quickCheck(db: Db, pragma: string): string[] {
  const lines = db.prepare(pragma).pluck().all() as string[];
  // SQLite puts a line of asterisks above its findings.
  return lines.filter((line) => line !== 'ok').flatMap((line) => line.split('\n').filter((l) => !l.startsWith('***')));
}

/** Rows with invalid content on sound pages. Tables already known as damaged are skipped. */
function contents(db: Db, damaged: ReadonlySet<string>): DamageFinding[] {
  const checks: readonly [string, () => number][] = [
    ['evidence', () => oddValues(db, 'evidence.bytes', (bytes, row) => hash('sha256', bytes) === row)],
    ['lists', () => alteredLists(db)],
    ['hits', () => oddValues(db, 'hits.body', isJson)],
    ['reviews', () => oddValues(db, 'reviews.characters', () => true)],
    ['tlsAuthority', () => oddValues(db, 'tlsAuthority.key', () => true)],
    ['handovers', () => oddValues(db, 'handovers.body', isJson)],
    ['judgings', () => oddValues(db, 'judgings.characters', () => true)],
    [
      'outbox',
      () => oddValues(db, 'outbox.data', isJson, 'dead = 0') + oddValues(db, 'outbox.evidence', isJson, 'dead = 0'),
    ],
    ['orders', () => oddValues(db, 'orders.text', () => true) + oddValues(db, 'orders.place', isJson)],
    ['sos', () => oddValues(db, 'sos.place', isJson) + oddValues(db, 'sos.doubtful', isJson)],
  ];
  return checks.flatMap(([part, count]): DamageFinding[] => {
    if (damaged.has(part)) return [];
    try {
      const n = count();
      return n === 0 ? [] : [{ part, what: english('store-rows-odd', { rows: n }) }];
    } catch (error) {
      const what = wordsOf(error);
      // An earlier layout lacks it; what the newest lacks is found above.
      return NOT_THERE.test(what) ? [] : [{ part, what }];
    }
  });
}

/**
 * Values that were altered, or do not fit once they are opened. Those whose key is lost are sound as far as can be seen: the box reports them on its
 * own (`sealing/lost-keys.ts`).
 */
function oddValues(db: Db, name: SealedName, fits: (bytes: Buffer, row: string) => boolean, which?: string): number {
  let odd = 0;
  for (const portion of portionsOf(db, name, which)) {
    for (const { row, value } of portion) {
      const found = db.sealing.look(name, row, value);
      if (found.state === 'altered' || ('bytes' in found && !fits(found.bytes, row))) odd++;
    }
  }
  return odd;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function alteredLists(db: Db): number {
  const rows = db.prepare('SELECT sha256, bytes FROM lists').all() as { sha256: string; bytes: Buffer }[];
  return rows.filter((row) => hash('sha256', row.bytes) !== row.sha256).length;
}

/**
 * SQLite's codes for a full or read-only disk or a lock, which keep its helper files from being made or grown. They say nothing about the stored
 * data.
 */
const NOT_DAMAGE = /^SQLITE_(FULL|BUSY|READONLY|CANTOPEN|IOERR_(SHM|WRITE|TRUNCATE|LOCK))/;

/** Rethrows errors that are not damage: the store could not be checked. */
function wordsOf(error: unknown): string {
  if (NOT_DAMAGE.test(String((error as { code?: unknown }).code))) throw error;
  return causeOf(error);
}

/** Whether a damaged part is a table: the others are parts of the file. */
export function isTable(part: string): boolean {
  return !PARTS.has(part);
}

/** Damage in words for a person: `table hits (index hitsByEntry): Tree 9 page 12: …`. At most three parts. */
export function damageText(damages: readonly DamageFinding[]): string {
  const words = damages.slice(0, MAX_WORDS).map(({ part, index, what }) => {
    if (index !== undefined) return english('damage-of-index', { table: part, index, what });
    const code = PARTS.get(part);
    return code ? english(code, { what }) : english('damage-of-table', { table: part, what });
  });
  const more = damages.length - words.length;
  return [...words, ...(more > 0 ? [english('and-more-problems', { more })] : [])].join('; ');
}

const TABLE_NAMES = `SELECT name FROM sqlite_schema WHERE type = 'table'`;

/** How many tables there are in a file that has none of ours; undefined for a store. */
export function foreignTables(db: Db): number | undefined {
  const empty = emptyStore();
  const ours = new Set(empty.prepare(TABLE_NAMES).pluck().all());
  empty.close();
  const there = db.prepare(TABLE_NAMES).pluck().all();
  return there.some((name) => name !== 'sqlite_sequence' && ours.has(name)) ? undefined : there.length;
}
