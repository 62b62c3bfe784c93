/** The highest time that this box has seen, kept in the store. */
import { type Db, getMeta, setMeta } from './db.ts';
import type { TimeStore } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import { readableMeta } from './damage/readable-meta.ts';
import { HIGHEST_TIME } from './anchors/anchors.ts';
import { isInstant } from './shapes.ts';

const TIME_SETTING = 'trustedTimeSetting';

/** The trusted time, for `openClock`: gateway and command line share it. */
export function timeKeeper(db: Db): TimeStore {
  /** A value that is not a number gives no time: with NaN nothing would ever expire, and beyond the range of a Date everything would have. */
  const load = (): Instant | undefined => {
    const time = Number(readableMeta(db, HIGHEST_TIME) ?? NaN);
    return isInstant(time) ? time : undefined;
  };
  return {
    load,
    setting: () => getTimeSetting(db),
    save(believed, setting) {
      // Without the anchors, which wait for the disk: they follow with the next write that needs them, or within the minute
      // (`anchors/rollback-check.ts`).
      db.write(() => {
        if (getTimeSetting(db)?.id !== setting) return;
        // The command line may have seen a later time than we last saved.
        setMeta(db, HIGHEST_TIME, String(Math.max(believed, load() ?? 0)));
      });
    },
  };
}

/** The time that a named person has set; every process that keeps the time follows it. */
export interface TimeSetting {
  readonly id: string;
  readonly time: Instant;
  readonly by: string;
}

export function setTrustedTime(db: Db, setting: TimeSetting): void {
  setMeta(db, TIME_SETTING, JSON.stringify(setting));
  setMeta(db, HIGHEST_TIME, String(setting.time));
}

export function getTimeSetting(db: Db): TimeSetting | undefined {
  try {
    const setting = JSON.parse(getMeta(db, TIME_SETTING) ?? '') as TimeSetting | null;
    return setting && isInstant(setting.time) ? setting : undefined;
  } catch {
    return undefined;
  }
}
