/** `npx sitebox verify-store [--repair]`: is the store whole? And where it is not: copies all that can be read into a new one. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../contracts/errors.ts';
import { loadConfig } from '../config/config.ts';
import { applyAnchors, readAnchors, saveAnchors } from '../store/anchors/anchors.ts';
import { asideName, MISSING, putInPlace } from '../store/files/set-aside.ts';
import { appendAudit, readHead, restartAudit } from '../store/audit.ts';
import { checkStore, foreignTables } from '../store/damage/check.ts';
import {
  DB_FILE,
  explainStore,
  hasStore,
  isDamage,
  openCopy,
  openDb,
  openForReading,
  unlessDamaged,
  type Db,
} from '../store/db.ts';
import { firstDismissal } from '../store/dismissed.ts';
import { createPrivate } from '../store/files/private-files.ts';
import { lastHead } from '../store/anchors/head-file.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { migrations } from '../store/migrations.ts';
import { requireSpace, storeBytes } from '../store/files/disk-space.ts';
import { salvage, type SalvagedTable } from '../store/damage/salvage.ts';
import { EXIT_IO, EXIT_USAGE, inRoom, Stop } from './exit.ts';
import { say } from './language.ts';
import { readStore, refuseWhileOpen } from './on-box.ts';
import { person } from './options.ts';
import { BoxVerb, type Verb } from './verb.ts';
import { words, english } from '../contracts/words/words.ts';

export function verifyStoreCommand(): Verb {
  return new BoxVerb('verify-store', 'help-verify-store')
    .option('--repair', say('help-verify-store-repair'), false)
    .option('--by <name>', say('help-by'), person)
    .action(({ config, repair: wanted, by }: { config: string; repair: boolean; by?: string }) => {
      const { folder } = loadConfig(config).storage;
      if (!hasStore(folder)) throw new Stop(say('no-store-nothing-made', { folder }), EXIT_IO);
      mustBeStore(folder);
      if (!wanted) return verify(folder, config);
      if (by === undefined) throw new Stop(say('verify-store-repair-by'), EXIT_USAGE);
      return inRoom(() => repair(folder, by), words('nothing-changed'));
    });
}

/** Throws where the file is none of ours: there is nothing in it to look at, nor to repair. */
function mustBeStore(folder: string): void {
  const tables = unlessDamaged(() => readStore(folder, foreignTables), undefined);
  if (tables === undefined) return;
  const path = join(folder, DB_FILE);
  throw new Stop(say(tables === 0 ? 'verify-store-empty-file' : 'verify-store-foreign-file', { path }), EXIT_IO);
}

function verify(folder: string, config: string): void {
  const { damages, audit, tookMs } = whole(folder);
  for (const { part, index, what } of damages)
    console.log(
      index === undefined
        ? say('verify-store-damage', { part, what })
        : say('verify-store-damaged-index', { part, index, what }),
    );
  if (audit && !audit.ok) console.log(say('verify-store-audit', { row: audit.seq, why: audit.why }));
  const anchors = readAnchors(folder);
  if (anchors.state !== 'ok') console.log(say(`verify-store-anchors-${anchors.state}`));
  if (damages.length > 0) throw new Stop(say('verify-store-is-damaged', { config }));
  if (audit && !audit.ok) throw new Stop(say('verify-store-see-audit'));
  console.log(say('verify-store-whole', { ms: tookMs }));
}

function whole(folder: string): ReturnType<typeof checkStore> {
  try {
    return readStore(folder, (db) => {
      mustBeKnown(db);
      return checkStore(db);
    });
  } catch (error) {
    if (!isDamage(error)) throw error;
    const damages = [{ part: say('verify-store-the-file'), what: causeOf(error) }];
    return { damages, audit: undefined, tookMs: 0 };
  }
}

/** Throws where a later version wrote the store: what it holds there cannot be judged. */
function mustBeKnown(db: Db): void {
  const layout = db.pragma('user_version', { simple: true }) as number;
  if (layout > migrations.length)
    throw new Stop(say('verify-store-newer', { layout, known: migrations.length }), EXIT_IO);
}

function repair(folder: string, by: string): void {
  const lock = lockFolder(folder);
  try {
    refuseWhileOpen(folder);
    requireSpace([{ folder, bytes: storeBytes(folder) }]);
    const now = Date.now();
    const part = join(folder, `repair-${process.pid}.part`);
    try {
      const { tables, aside } = intoNew(folder, part, by, now);
      writeFileSync(join(folder, `${aside}${MISSING}`), `${JSON.stringify(tables, null, 1)}\n`, { mode: 0o600 });
      refuseWhileOpen(folder);
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

function intoNew(folder: string, part: string, by: string, now: number) {
  let damaged: Db;
  try {
    damaged = openForReading(join(folder, DB_FILE));
    damaged.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    if (!isDamage(error)) throw explainStore(folder, error);
    throw new Stop(say('verify-store-unreadable', { cause: causeOf(error) }), EXIT_IO);
  }
  createPrivate(part);
  const fresh = openCopy(part);
  try {
    mustBeKnown(damaged);
    const aside = asideName(folder, 'damaged', now, firstDismissal(damaged));
    const tables = salvage(damaged, fresh);
    const read = readAnchors(folder);
    const anchors = read.state === 'ok' ? read.anchors : undefined;
    const head = lastHead(folder, anchors);
    const lost = Object.fromEntries(tables.filter((t) => t.missing.length > 0).map((t) => [t.table, t.missing.length]));
    fresh.write(() => {
      const why = english('store-salvaged');
      restartAudit(fresh, { at: now, who: by, why, lastKnown: Math.max(head?.seq ?? 0, readHead(fresh)?.seq ?? 0) });
      const applied = anchors ?? { anchors: 1, root: null, lists: {}, clockMs: 0, revoked: [], audit: null };
      applyAnchors(fresh, applied, { now, older: true, head });
      appendAudit(fresh, { at: now, who: by, what: 'store repaired', detail: { lost, aside } });
    });
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
    console.log(
      missing.length > 0
        ? say('verify-store-table-missing', { table, kept, missing: missing.length })
        : say('verify-store-table', { table, kept }),
    );
    for (const key of missing.slice(0, SHOWN)) console.log(say('verify-store-missing-key', { key }));
    if (missing.length > SHOWN) console.log(say('verify-store-missing-more', { more: missing.length - SHOWN }));
  }
  console.log(say('verify-store-all-missing', { file: `${aside}${MISSING}` }));
  console.log(say('verify-store-kept-as', { aside }));
}
