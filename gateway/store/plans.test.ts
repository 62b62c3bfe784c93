/** Has SQLite explain every statement of the product: none may read a growing table from end to end. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { testDb } from './db.fixtures.ts';
import { type Db } from './db.ts';

const GATEWAY = new URL('..', import.meta.url).pathname;

/** Tables that stay small whatever happens; SQLite's own tables and values. All others grow. */
const SMALL =
  /^(meta|roots|lists|devices|auditHeads|people|sessions|oneTimeCodes|tlsAuthority|cameraCards|counts|presentations|json_each|CONSTANT ROW|waited)\b|^\(subquery|^sqlite_/;

/** Statements that read a table from end to end on purpose: off the event loop, or when something is broken. Each is named by a part of its text. */
const ON_PURPOSE: readonly string[] = [
  // `audit` on the command line, and the process that checks the store.
  'SELECT seq, atMs, who, what, detail, hash FROM audit ORDER BY seq',
  // Only if a value kept beside the rows is unreadable, or a page of the outbox is damaged.
  'SELECT count(*) AS rows, coalesce(sum(octet_length(data)',
  'SELECT max(sequence) FROM outbox',
  'FROM outbox NOT INDEXED',
  'SELECT seq, atMs, who, what, detail, hash FROM audit WHERE what IN (?, ?)',
  // `audit verify` and `audit against`.
  'FROM audit WHERE what IN (?, ?) AND json_valid(detail) ORDER BY seq',
  "FROM outbox WHERE type = 'io.sitebox.audit.v1'",
  // Once, when rows were lost.
  'SELECT seq FROM audit ORDER BY seq',
];

/** Partial indexes that hold only open work: calls for help that are not acknowledged, dismissed hits that are not erased, alarms that last, orders that were not read. */
const UNDER_WAY = /INDEX (sosUnseen|sosUnseenByDevice|dismissalsToErase|outagesOpen|orderTargetsUnread)\b/;

/** Files that read whole tables, only in a thread or on the command line. */
const BESIDE_THE_LOOP =
  /^store\/(damage\/(check|salvage)|dismissed|changed-hits|backup\/copy|sealing\/(walk|lost-keys|rekey)|connection\/in-memory)\.ts$/;
/** The connection, which passes on the statements of others. */
const DOOR = /^store\/connection\/connection\.ts$/;

interface Statement {
  /** `store/hits.ts:71`. */
  readonly at: string;
  /** Undefined if the text is built at run time from more than numbers. */
  readonly sql: string | undefined;
}

/** What is handed to `.prepare(` in the text of a file. Numbers that are filled in become 1. */
function statementsOf(path: string, text: string): Statement[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Statement[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    if (node.expression.name.text !== 'prepare') return;
    // The connection passes on the statements of others.
    if (node.expression.expression.getText() === 'this.#file') return;
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ at: `${path}:${line}`, sql: textOf(node.arguments[0]) });
  };
  visit(source);
  return found;
}

function textOf(argument: ts.Node | undefined): string | undefined {
  if (!argument) return undefined;
  if (ts.isStringLiteralLike(argument)) return argument.text;
  if (!ts.isTemplateExpression(argument)) return undefined;
  const isLimit = argument.templateSpans.every((s) => /^[A-Z_]+$/.test(s.expression.getText()));
  return isLimit ? argument.head.text + argument.templateSpans.map((s) => `1${s.literal.text}`).join('') : undefined;
}

function allStatements(): Statement[] {
  const files = readdirSync(GATEWAY, { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.ts') && !/(\.test|fixtures|\.cases)\.ts$/.test(f) && !BESIDE_THE_LOOP.test(f) && !DOOR.test(f),
  );
  return files.flatMap((f) =>
    statementsOf(relative(GATEWAY, join(GATEWAY, f)), readFileSync(join(GATEWAY, f), 'utf8')),
  );
}

/** The faults of the plan that SQLite would use; empty if there are none. */
function faultsOf(db: Db, { at, sql }: Statement): string[] {
  if (sql === undefined) return [`${at}: the statement is put together at run time; write it out`];
  if (ON_PURPOSE.some((known) => sql.includes(known))) return [];
  const plan = planOf(db, sql);
  const scans = plan.filter((step) => {
    // Reading all rows of one relay is as bad as a scan.
    if (/^SEARCH outbox\b.*\(relay=\?\)$/.test(step)) return !/INDEX outbox(Waiting|Dead|Odd)\b/.test(step);
    const [, what] = /^SCAN (.*)/.exec(step) ?? [];
    return what !== undefined && !SMALL.test(what) && !UNDER_WAY.test(what);
  });
  return scans.map((step) => `${at}: ${step}`);
}

/** The detail column of EXPLAIN QUERY PLAN; parameters are bound to null. */
function planOf(db: Db, sql: string): string[] {
  const names = new Set([...sql.matchAll(/@(\w+)/g)].map((m) => m[1]!));
  const marks = sql.replace(/'[^']*'/g, '').split('?').length - 1;
  const statement = db.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const bound = names.size > 0 ? [Object.fromEntries([...names].map((n) => [n, null]))] : Array<null>(marks).fill(null);
  return (statement.all(...bound) as { detail: string }[]).map((row) => row.detail);
}

function openStore(): Db {
  const folder = tempFolder();
  const db = testDb(folder);
  return db;
}

test('W13: no statement reads a growing table from end to end', () => {
  const db = openStore();
  const statements = allStatements();
  // A smaller number means that the search found nothing and proves nothing.
  expect(statements.length).toBeGreaterThan(60);
  expect(statements.filter((s) => s.sql === undefined).map((s) => s.at)).toEqual([]);
  expect(statements.flatMap((s) => faultsOf(db, s))).toEqual([]);
});

test('W13: no statement sorts all rows of hits, outbox or audit before it returns the first', () => {
  const db = openStore();
  const sorted = allStatements().filter(({ sql }) => {
    if (sql === undefined || !/\b(FROM|JOIN)\s+(hits|outbox|audit)\b/i.test(sql)) return false;
    return planOf(db, sql).includes('USE TEMP B-TREE FOR ORDER BY');
  });
  expect(sorted.map((s) => s.at)).toEqual([]);
});

test('the check sees a scan, and what the indexes of W13 are for', () => {
  const db = openStore();
  const faults = (sql: string) => faultsOf(db, { at: 'x', sql });
  expect(faults('SELECT * FROM outbox WHERE bytes = 1')).toEqual(['x: SCAN outbox']);
  expect(faults('SELECT count(*) FROM evidence')).toHaveLength(1);
  db.exec('DROP INDEX outboxWaiting');
  expect(faults('SELECT seq FROM outbox WHERE relay = ? AND dueMs > 0 ORDER BY seq')).toHaveLength(1);
  const page = 'SELECT id FROM hits WHERE lastMs < ? ORDER BY lastMs DESC, id DESC LIMIT ?';
  expect(faults(page)).toEqual([]);
  db.exec('DROP INDEX hitsByTime');
  expect(faults(page)).toHaveLength(1);
  db.exec('DROP INDEX roomMessagesByTime');
  const broken = allStatements().flatMap((s) => faultsOf(db, s));
  expect(broken.filter((f) => f.includes('SCAN roomMessages'))).not.toEqual([]);
});
