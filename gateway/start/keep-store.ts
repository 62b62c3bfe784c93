/** What the box does for its store beside writing it: saves anchors, checks it, sweeps old files, and keeps wrong logins over a restart. */
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Log } from '../contracts/base.ts';
import { openIntegrity } from '../monitor/integrity.ts';
import type { LoginThrottles } from '../people/login-throttle.ts';
import { sweepAside } from '../store/files/set-aside.ts';
import { DB_FILE, setMeta, type Db } from '../store/db.ts';
import { openHeadFile } from '../store/anchors/head-file.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import { lostKeys } from '../store/sealing/lost-keys.ts';
import { sealingStatus } from '../store/sealing/status.ts';
import { settleAnchors } from '../store/anchors/rollback-check.ts';

/** Anchors are a second line: a power cut may cost this much of them. */
const SAVE_ANCHORS_MS = 60_000;
const SWEEP_ASIDE_MS = 3_600_000;
const LOGINS = 'wrongLogins';

export function keepStore({ storage }: Config, db: Db, log: Log, undo: (() => Promise<void> | void)[]) {
  const anchors = settleAnchors(db, { now: Date.now, log });
  const head = openHeadFile(db, anchors.settled, log);
  const sweep = (): void => sweepAside(storage.folder, Date.now(), log);
  sweep();
  const timers = [
    setInterval(() => anchors.save(), SAVE_ANCHORS_MS).unref(),
    setInterval(sweep, SWEEP_ASIDE_MS).unref(),
  ];
  const lost = lostKeys(db);
  if (lost.length > 0)
    log.error({ keys: lost }, 'a key that the store was sealed with is lost; new rows get a new one');
  const integrity = openIntegrity({ db, path: join(storage.folder, DB_FILE), log, now: Date.now });
  undo.push(async () => {
    await integrity.stop();
    timers.forEach((timer) => clearInterval(timer));
    anchors.save();
    head.close();
  });
  /** `wake`: called after each event that was written. */
  return { wake: () => head.touch(), status: [anchors.status, head.status, integrity.status, sealingStatus(db)] };
}

/** Wrong logins count over a restart. */
export function keepLogins(logins: LoginThrottles, db: Db, undo: (() => void)[]): void {
  logins.keepIn({ load: () => readableMeta(db, LOGINS), save: (text) => setMeta(db, LOGINS, text) });
  undo.push(db.onWritable(() => logins.save()));
}
