/** The clock of the box and its lists: lists end by the clock, and when they were signed says something of the time. */
import type { TimeSource } from '../clock/believed-time.ts';
import { openClock, type PersistentClock } from '../clock/clock.ts';
import { listSource, ntpSource, roomSource } from '../clock/sources.ts';
import { clockStatus } from '../clock/status.ts';
import type { OpenedParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Status } from '../contracts/status.ts';
import { FollowedLists } from '../lists/in-force/followed-lists.ts';
import type { Db } from '../store/db.ts';
import { timeKeeper } from '../store/time.ts';

export function openTimeAndLists(
  parts: OpenedParts,
  db: Db,
  log: Log,
  undo: (() => Promise<void> | void)[],
): { readonly clock: PersistentClock; readonly lists: FollowedLists; readonly clockState: Status } {
  const { site, timeZone, limits, storage, lists: files } = parts.config;
  const sources: TimeSource[] = [ntpSource()];
  const clock = openClock(timeKeeper(db), Date.now, { sources });
  const lists = new FollowedLists({
    db,
    folder: storage.folder,
    site,
    trustFile: files.trust,
    timeZone,
    log,
    limits: { maxBytes: limits.listBytes, maxEntries: limits.listEntries },
    now: () => clock.trusted(),
  });
  undo.push(() => lists.close());
  sources.push(listSource(() => lists.issued()));
  const mono = (): number => clock.mono();
  for (const { id, relay } of parts.relays) sources.push(roomSource(id, () => relay.heard?.(), mono));
  return { clock, lists, clockState: clockStatus(clock, sources) };
}
