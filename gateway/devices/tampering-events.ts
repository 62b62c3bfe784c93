/** Cameras that were turned or covered, for the command room: an event when it begins and one when it is over, over restarts too. */
import { iso } from '../contracts/time.ts';
import { readMetaList } from '../store/damage/readable-meta.ts';
import type { Db } from '../store/db.ts';
import { OpenReports, type RoomReport } from '../store/outbox/open-reports.ts';
import type { NewEvent, OutboxWriter } from '../store/outbox/outbox.ts';
import { isWord } from '../store/shapes.ts';
import type { TamperingState } from './tampering.ts';

export interface CameraTampering {
  readonly id: string;
  readonly lane: string;
  readonly tampering: TamperingState;
}

export interface TamperingChange {
  readonly camera: string;
  readonly state: 'raised' | 'cleared';
}

const META_KEY = 'movedCameras';

/** As last reported. */
export function movedCameras(db: Db): readonly string[] {
  return readMetaList(db, META_KEY, isWord);
}

/**
 * Called each second with all cameras that send pictures; gives what has changed, for the log. Of a camera that is still learning what it
 * looks at nothing is known; one that is configured no more is over. Throws what the store throws; the next call tries again.
 */
export function reportTampering(
  db: Db,
  cameras: readonly CameraTampering[],
  outbox: OutboxWriter,
): readonly TamperingChange[] {
  const reports = new OpenReports(db, outbox, META_KEY, isWord);
  const time = outbox.now();
  const eventOf = (camera: string, state: TamperingChange['state'], since: number, more: object = {}): NewEvent => {
    const data = { camera, what: 'tampering', state, since: iso(since), ...more };
    return { type: 'io.sitebox.device.v2', subject: camera, time, data, stream: `camera:${camera}` };
  };
  const raised = cameras.flatMap(({ id, lane, tampering }): RoomReport<string>[] => {
    if (tampering.state !== 'moved' || reports.has(id)) return [];
    const confidence = Math.round(tampering.sure * 100) / 100;
    return [{ key: id, state: 'raised', event: eventOf(id, 'raised', tampering.since, { lane, confidence }) }];
  });
  const stillOpen = new Set(cameras.flatMap((c) => (c.tampering.state === 'in place' ? [] : [c.id])));
  const cleared = reports
    .keys()
    .filter((id) => !stillOpen.has(id))
    .map((id): RoomReport<string> => ({ key: id, state: 'cleared', event: eventOf(id, 'cleared', time) }));
  const changes = [...raised, ...cleared];
  reports.write(changes);
  return changes.map(({ key, state }) => ({ camera: key, state }));
}
