/** A box for one verb of the command line. A gateway may be running beside it: it takes over within a second what is written here. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { openClock, type PersistentClock } from '../clock/clock.ts';
import { loadConfig, type Config } from '../config/config.ts';
import { joined } from '../contracts/words/words.ts';
import { openBoxOutbox } from '../start/box-outbox.ts';
import { isRefusal, StoreRefused } from '../store/connection/health.ts';
import { FolderInUse, gatewayOn, lockFolder, othersOn } from '../store/connection/lock.ts';
import { DB_FILE, explainStore, hasStore, isDamage, openDb, openForReading, type Db } from '../store/db.ts';
import { migrations } from '../store/migrations.ts';
import { OutboxFull, type OutboxWriter } from '../store/outbox/outbox.ts';
import { timeKeeper } from '../store/time.ts';
import { EXIT_IO, EXIT_UNAVAILABLE, Stop } from './exit.ts';
import { say } from './language.ts';

export interface Box {
  readonly config: Config;
  readonly db: Db;
  readonly clock: PersistentClock;
  /** What is written here leaves with the gateway. */
  readonly outbox: OutboxWriter;
}

/** Opens the store that the configuration `file` names, and closes it after `work`. */
export async function onBox(
  file: string,
  work: (box: Box) => void | Promise<void>,
  store: { readonly creates?: boolean } = {},
): Promise<void> {
  const config = loadConfig(file);
  const db = openStore(config, store);
  try {
    const clock = openClock(timeKeeper(db));
    const outbox = openBoxOutbox(config, clock, db, () => undefined);
    await work({ config, db, clock, outbox });
  } catch (error) {
    if (error instanceof OutboxFull) throw new Stop(say('nothing-changed-because', { why: error.message }));
    // Another process holds it, or the disk refuses.
    throw isRefusal(error) && !(error instanceof StoreRefused) ? explainStore(config.storage.folder, error) : error;
  } finally {
    db.close();
  }
}

/** What `work` reads in the store of `folder` as it lies there, damaged or not; nothing is written. Throws StoreError, or what isDamage knows. */
export function readStore<T>(folder: string, work: (db: Db) => T): T {
  let db: Db | undefined;
  try {
    db = openForReading(join(folder, DB_FILE));
    return work(db);
  } catch (error) {
    throw isDamage(error) ? error : explainStore(folder, error);
  } finally {
    db?.close();
  }
}

/** Before the store of `folder` is replaced: what another verb wrote afterwards would be lost, although it says that it is done. */
export function refuseWhileOpen(folder: string): void {
  const pids = othersOn(folder);
  if (pids.length > 0) throw new Stop(say('store-open-elsewhere', { folder, pids: joined(pids) }), EXIT_UNAVAILABLE);
}

/** Opens the store in `folder`. While a gateway runs, an earlier layout is not brought up to date: that gateway may know no other. */
export function openBesideGateway(folder: string): Db {
  if (!isOfEarlierLayout(folder)) return openDb(folder);
  // Held until it is up to date, so that no gateway starts meanwhile.
  const lock = lockForUpgrade(folder);
  try {
    return openDb(folder);
  } finally {
    lock.release();
  }
}

function isOfEarlierLayout(folder: string): boolean {
  try {
    return readStore(folder, (db) => Number(db.pragma('user_version', { simple: true })) < migrations.length);
  } catch {
    // `openDb` says why it cannot be read.
    return false;
  }
}

function lockForUpgrade(folder: string): ReturnType<typeof lockFolder> {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new Stop(say('gateway-of-earlier-version', { folder, pid: error.pid ?? '?' }), EXIT_UNAVAILABLE);
  }
}

/**
 * Only a verb that `creates` makes a store where there is none, and none does while a gateway runs whose store has gone: the gateway would
 * never see what is written to a second one.
 */
function openStore({ storage: { folder }, file }: Config, { creates }: { readonly creates?: boolean }): Db {
  if (hasStore(folder)) return openBesideGateway(folder);
  const pid = gatewayOn(folder) ?? gatewayWith(file);
  if (pid !== undefined) throw new Stop(say('gateway-without-store', { pid, folder }), EXIT_IO);
  if (!creates) throw new Stop(say('no-store-yet', { folder }));
  return openDb(folder);
}

/** The process that runs `sitebox start` with this configuration; its folder may have been renamed or removed (proc_pid_cmdline(5)). */
function gatewayWith(file: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).find((pid) => {
    try {
      const [, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const program = args.findIndex((arg) => /^sitebox(\.mjs)?$/.test(basename(arg)));
      if (program < 0 || args[program + 1] !== 'start') return false;
      const started = args[program + 2];
      return (
        started !== undefined && realpathSync(resolve(readlinkSync(`/proc/${pid}/cwd`), started)) === realpathSync(file)
      );
    } catch {
      // It has ended, or is another user's.
      return false;
    }
  });
}
