/** `npx sitebox verify-store [--repair]`: is the store whole? And where it is not: copies all that can be read into a new one. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { applyAnchors, readAnchors, saveAnchors } from '../store/anchors/anchors.ts';
import { asideName, MISSING, putInPlace } from '../store/files/set-aside.ts';
import { appendAudit, readHead, restartAudit } from '../store/audit.ts';
import { checkStore } from '../store/damage/check.ts';
import { DB_FILE, isDamage, openCopy, openDb, openForReading, unlessDamaged, type Db } from '../store/db.ts';
import { firstDismissal } from '../store/dismissed.ts';
import { createPrivate } from '../store/files/private-files.ts';
import { lastHead } from '../store/anchors/head-file.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { emptyStore } from '../store/connection/in-memory.ts';
import { migrations } from '../store/migrations.ts';
import { requireSpace, storeBytes } from '../store/files/disk-space.ts';
import { salvage, type SalvagedTable } from '../store/damage/salvage.ts';
import { person } from './crew/common.ts';
import { EXIT_IO, guarded, inRoom, Stop } from './exit.ts';

export function verifyStoreCommand(): Command {
  return new Command('verify-store')
    .description(
      'look at the whole store for damage; with --repair copy all that can be read into a new one (box stopped)',
    )
    .requiredOption('--config <file>', 'the configuration of the box')
    .option('--repair', 'make a new store of what can be read; the damaged file is kept for a day', false)
    .option('--by <name>', 'who repairs, for the audit log', person)
    .action(
      guarded(({ config, repair: wanted, by }: { config: string; repair: boolean; by?: string }) => {
        const { folder } = loadConfig(config).storage;
        if (!existsSync(join(folder, DB_FILE)))
          throw new Stop(`there is no store in ${folder}; nothing was made`, EXIT_IO);
        mustBeStore(join(folder, DB_FILE));
        if (!wanted) return verify(folder, config);
        if (by === undefined) throw new Stop('--repair needs --by NAME: the person who answers for it');
        return inRoom(() => repair(folder, by), 'Nothing was changed.');
      }),
    );
}

/** Throws where the file is none of ours: there is nothing in it to look at, nor to repair. */
function mustBeStore(path: string): void {
  const tables = unlessDamaged(() => foreignTables(path), undefined);
  if (tables === undefined) return;
  const [what, todo] =
    tables === 0
      ? ['an empty SQLite file, without a single table', 'a start of the gateway makes a new, empty one of it']
      : [
          'a SQLite file of another program, without a table of ours',
          'move the file away first; a start of the gateway then makes a new, empty one',
        ];
  throw new Stop(
    `${path} is no store of sitebox: it is ${what}. Nothing was changed. Where the box had a store, restore its last backup (npx sitebox restore); on a new box ${todo}.`,
    EXIT_IO,
  );
}

/** How many tables there are in a file that has none of ours; undefined for a store. */
function foreignTables(path: string): number | undefined {
  const db = openForReading(path);
  try {
    const empty = emptyStore();
    const ours = new Set(empty.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all());
    empty.close();
    const there = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
    return there.some((name) => name !== 'sqlite_sequence' && ours.has(name)) ? undefined : there.length;
  } finally {
    db.close();
  }
}

function verify(folder: string, config: string): void {
  const { damages, audit, tookMs } = whole(join(folder, DB_FILE));
  for (const { part, index, what } of damages)
    console.log(`damaged: ${part}${index === undefined ? '' : ` (index ${index})`}: ${what}`);
  if (audit && !audit.ok) console.log(`the audit log is not whole: row ${audit.seq}: ${audit.why}`);
  const anchors = readAnchors(folder);
  if (anchors.state !== 'ok')
    console.log(
      `anchors.json is ${anchors.state}: a backup that is restored could bring back what was withdrawn since`,
    );
  if (damages.length > 0)
    throw new Stop(
      `the store is damaged; stop the box and run "npx sitebox verify-store --repair --config ${config} --by NAME", or restore a backup`,
    );
  if (audit && !audit.ok) throw new Stop('see "npx sitebox audit"');
  console.log(`the store is whole: ${tookMs} ms`);
}

function whole(path: string): ReturnType<typeof checkStore> {
  try {
    const db = openForReading(path);
    try {
      return checkStore(db);
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { damages: [{ part: 'the file', what: (error as Error).message }], audit: undefined, tookMs: 0 };
  }
}

function repair(folder: string, by: string): void {
  const lock = lockFolder(folder);
  try {
    requireSpace([{ folder, bytes: storeBytes(folder) }]);
    const now = Date.now();
    const part = join(folder, `repair-${process.pid}.part`);
    try {
      const { tables, aside } = intoNew(folder, part, { by, now });
      writeFileSync(join(folder, `${aside}${MISSING}`), `${JSON.stringify(tables, null, 1)}\n`, { mode: 0o600 });
      putInPlace(folder, part, aside);
      report(tables, join(folder, aside));
    } finally {
      for (const name of [part, `${part}-journal`]) rmSync(name, { force: true });
    }
    const db = openDb(folder);
    saveAnchors(db, { settled: true });
    db.close();
  } finally {
    lock.release();
  }
}

function intoNew(
  folder: string,
  part: string,
  { by, now }: { by: string; now: number },
): { readonly tables: SalvagedTable[]; readonly aside: string } {
  let damaged: Db;
  try {
    damaged = openForReading(join(folder, DB_FILE));
    damaged.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new Stop(
      `the list of tables itself is damaged (${(error as Error).message}): nothing can be read; restore the last backup. Nothing was changed.`,
      EXIT_IO,
    );
  }
  const layout = damaged.pragma('user_version', { simple: true }) as number;
  if (layout > migrations.length) {
    damaged.close();
    throw new Stop(
      `the store was written by a newer sitebox (layout ${layout}, this one knows ${migrations.length}): repair it with that version. Nothing was changed.`,
      EXIT_IO,
    );
  }
  createPrivate(part);
  const fresh = openCopy(part);
  try {
    const aside = asideName(folder, 'damaged', now, firstDismissal(damaged));
    const tables = salvage(damaged, fresh);
    const read = readAnchors(folder);
    const anchors = read.state === 'ok' ? read.anchors : undefined;
    const head = lastHead(folder, anchors);
    const lost = Object.fromEntries(tables.filter((t) => t.missing.length > 0).map((t) => [t.table, t.missing.length]));
    fresh
      .transaction(() => {
        const why = 'the store was damaged; all that could be read was copied into a new one';
        restartAudit(fresh, { at: now, who: by, why, lastKnown: Math.max(head?.seq ?? 0, readHead(fresh)?.seq ?? 0) });
        const known = anchors ?? { anchors: 1, root: null, lists: {}, clockMs: 0, revoked: [], audit: null };
        applyAnchors(fresh, known, { now, older: true, head });
        appendAudit(fresh, { at: now, who: by, what: 'store repaired', detail: { lost, aside } });
      })
      .immediate();
    return { tables, aside };
  } finally {
    fresh.close();
    damaged.close();
  }
}

/** Printed of each table; all stand in the file. */
const SHOWN = 20;

function report(tables: readonly SalvagedTable[], aside: string): void {
  for (const { table, kept, missing } of tables) {
    console.log(`${table}: ${kept} rows kept${missing.length > 0 ? `, ${missing.length} missing` : ''}`);
    for (const key of missing.slice(0, SHOWN)) console.log(`  missing ${key}`);
    if (missing.length > SHOWN) console.log(`  and ${missing.length - SHOWN} more`);
  }
  console.log(`all missing keys: ${aside}${MISSING}`);
  console.log(
    `the damaged file is kept as ${aside}; the box deletes it when the time in its name is over (UTC), or: shred -u ${aside}`,
  );
}
