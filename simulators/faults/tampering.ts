/**
 * What an intruder who is root on the box can do to its audit log: six ways, planted on a real store with its files, each as thoroughly as the box
 * alone allows. Says which command has to find it, and in which row.
 */
import Database from 'better-sqlite3';
import { hash } from 'node:crypto';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditLog } from '../../gateway/audit/audit-log.ts';
import { readBoxKey } from '../../gateway/audit/box-key.ts';
import { headText } from '../../gateway/audit/signed-head.ts';
import { SILENT_LOG } from '../../gateway/contracts/base.ts';
import { openHeadFile } from '../../gateway/store/anchors/head-file.ts';
import { saveAnchors } from '../../gateway/store/anchors/anchors.ts';
import { appendAudit } from '../../gateway/store/audit.ts';
import { openDb, type Db } from '../../gateway/store/db.ts';
import { DB_FILE } from '../../gateway/store/files/names.ts';
import { OutboxWriter } from '../../gateway/store/outbox/outbox.ts';
import { storedEvents } from '../../gateway/store/sealing/sealing.fixtures.ts';
import { sitebox } from '../product/gateway.ts';

/** A store with a log of some rows, and what is kept of it elsewhere. */
export interface LoggedBox {
  readonly configFile: string;
  readonly storage: string;
  /** The events with signed heads that the command room holds, one a line. */
  readonly held: string;
  /** The storage folder as it was earlier. */
  readonly earlier: string;
}

export interface Tampering {
  readonly name: string;
  readonly foundBy: 'verify' | 'against';
  /** The row that the command has to name. */
  readonly row: number;
  readonly plant: (box: LoggedBox) => void;
}

const SOURCE = '/sites/demo/boxes/box-001';
const T0 = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
/** Rows of the log; the first names the key. */
const ROWS_BEFORE = 20;
const ROWS = 40;

/** Lays out a box in `folder` that has logged for two hours, signed a head after each, and sent both. */
export function layLoggedBox(folder: string): LoggedBox {
  const [storage, earlier] = [join(folder, 'data'), join(folder, 'earlier')];
  const [configFile, held] = [join(folder, 'sitebox.yaml'), join(folder, 'room.jsonl')];
  const config = {
    site: 'demo',
    box: 'box-001',
    storage: { folder: 'data' },
    lists: { trust: 'root.json' },
    crew: { equipment: [{ id: 'crew', kind: 'broker' }] },
  };
  writeFileSync(configFile, JSON.stringify(config));
  let now = T0;
  const db = openDb(storage);
  const outbox = new OutboxWriter(db, {
    source: SOURCE,
    relays: ['room'],
    limits: { rows: 100, bytes: 1e6 },
    now: () => now,
    wake: () => undefined,
  });
  const head = openHeadFile(db);
  const log = new AuditLog({ db, outbox, folder: storage, log: SILENT_LOG });
  log.turn();
  for (const rows of [ROWS_BEFORE, ROWS]) {
    fill(db, rows, now);
    now += HOUR_MS;
    log.turn();
    saveAnchors(db);
    head.touch();
    if (rows === ROWS_BEFORE) cpSync(storage, earlier, { recursive: true });
  }
  const lines = storedEvents(db).map(({ type, data }) => JSON.stringify({ source: SOURCE, type, data }));
  writeFileSync(held, lines.join('\n'));
  // The room has acknowledged them.
  db.prepare('DELETE FROM outbox').run();
  head.close();
  db.close();
  return { configFile, storage, held, earlier };
}

function fill(db: Db, upTo: number, at: number): void {
  const rows = db.prepare('SELECT count(*) FROM audit').pluck().get() as number;
  for (let i = rows; i < upTo; i++)
    appendAudit(db, { at: at + i, who: 'Chief 1', what: 'calls for help read', detail: { days: 7, calls: i } });
}

/** Tampers with a new box in `folder`: whether the command that has to find it names the row, and `verify` alone claims nothing that it cannot know. */
export async function isLocated({ foundBy, row, plant }: Tampering, folder: string): Promise<boolean> {
  const box = layLoggedBox(folder);
  const config = ['--config', box.configFile];
  plant(box);
  const alone = await sitebox('audit', 'verify', ...config);
  const compared = await sitebox('audit', 'against', box.held, ...config);
  const { stderr } = foundBy === 'verify' ? alone : compared;
  const codes = [alone.code, compared.code];
  return codes.join() === (foundBy === 'verify' ? '1,1' : '0,1') && new RegExp(`\\brow ${row}\\b`).test(stderr);
}

export const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a row is edited',
    foundBy: 'verify',
    row: 12,
    plant: ({ storage }) => write(storage, (db) => db.exec(`UPDATE audit SET who = 'A. Nother' WHERE seq = 12`)),
  },
  {
    name: 'a row is deleted',
    foundBy: 'verify',
    row: 12,
    plant: ({ storage }) => write(storage, (db) => db.exec('DELETE FROM audit WHERE seq = 12')),
  },
  {
    name: 'rows change places',
    foundBy: 'verify',
    row: 12,
    plant: ({ storage }) =>
      write(storage, (db) => {
        for (const [from, to] of [
          [12, -1],
          [13, 12],
          [-1, 13],
        ])
          db.exec(`UPDATE audit SET seq = ${to} WHERE seq = ${from}`);
      }),
  },
  {
    name: 'the end is cut off, and all that the box has written beside it',
    foundBy: 'against',
    row: ROWS,
    plant: ({ storage }) => {
      write(storage, (db) => {
        db.exec(`DELETE FROM audit WHERE seq > 30; DELETE FROM auditHeads WHERE seq > 30`);
        setHead(db);
      });
      forgetBeside(storage);
    },
  },
  {
    name: 'a copy of the storage folder is put back',
    foundBy: 'against',
    row: ROWS,
    plant: ({ storage, earlier }) => {
      rmSync(storage, { recursive: true });
      cpSync(earlier, storage, { recursive: true });
    },
  },
  {
    name: 'rows are written anew to the end, and the head is signed with the stolen key',
    foundBy: 'against',
    row: ROWS,
    plant: ({ storage }) => {
      write(storage, (db) => {
        db.exec(`UPDATE audit SET who = 'A. Nother' WHERE seq = 25`);
        chainAnew(db);
        setHead(db);
        signAnew(db, storage);
      });
      forgetBeside(storage);
    },
  },
];

function write(storage: string, work: (db: Database.Database) => void): void {
  const db = new Database(join(storage, DB_FILE));
  try {
    work(db);
  } finally {
    db.close();
  }
}

/** `anchors.json` and `audit.head` know how far the log had come. */
function forgetBeside(storage: string): void {
  for (const name of ['anchors.json', 'audit.head']) rmSync(join(storage, name), { force: true });
}

interface Row {
  readonly seq: number;
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly detail: string;
  readonly hash: string;
}

const lastRow = (db: Database.Database): Row => db.prepare('SELECT * FROM audit ORDER BY seq DESC').get() as Row;

function setHead(db: Database.Database): void {
  const { seq, hash } = lastRow(db);
  db.prepare(`UPDATE meta SET value = ? WHERE key = 'auditHead'`).run(`${seq} ${hash}`);
}

function chainAnew(db: Database.Database): void {
  let before = '0'.repeat(64);
  for (const { seq, atMs, who, what, detail } of db.prepare('SELECT * FROM audit ORDER BY seq').all() as Row[]) {
    before = hash('sha256', JSON.stringify([before, seq, atMs, who, what, detail]));
    db.prepare('UPDATE audit SET hash = ? WHERE seq = ?').run(before, seq);
  }
}

function signAnew(db: Database.Database, storage: string): void {
  const key = readBoxKey(storage)!;
  for (const { seq, at } of db.prepare('SELECT seq, at FROM auditHeads').all() as { seq: number; at: string }[]) {
    const row = db.prepare('SELECT hash FROM audit WHERE seq = ?').get(seq) as Row;
    const signature = key.sign(headText({ source: SOURCE, seq, hash: row.hash, at }));
    db.prepare('UPDATE auditHeads SET hash = ?, signature = ? WHERE seq = ?').run(row.hash, signature, seq);
  }
}
