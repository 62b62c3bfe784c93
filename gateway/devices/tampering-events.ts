/** Cameras that were turned or covered, for the command room: an event when it begins and one when it is over, over restarts too. */
import type { TamperingView } from './tampering.ts';
import { setMeta, type Db } from '../store/db.ts';
import { type OutboxWriter } from '../store/outbox/outbox.ts';
import { readMetaList } from '../store/damage/readable-meta.ts';
import { isWord } from '../store/shapes.ts';

export interface CameraPlace {
  readonly id: string;
  readonly lane: string;
  readonly tampering: TamperingView;
}

export interface TamperingChange {
  readonly camera: string;
  readonly state: 'raised' | 'cleared';
}

const KNOWN = 'movedCameras';

/**
 * Called each second with all cameras that send pictures; gives what has changed, for the log. Of a camera that is still learning what it
 * looks at nothing is known; one that is configured no more is over. Throws what the store throws; the next call tries again.
 */
export function reportTampering(
  db: Db,
  cameras: readonly CameraPlace[],
  outbox: OutboxWriter,
): readonly TamperingChange[] {
  const known = new Set(readMetaList(db, KNOWN, isWord));
  const raised = cameras.filter((c) => c.tampering.state === 'moved' && !known.has(c.id));
  const stillOpen = new Set(cameras.flatMap((c) => (c.tampering.state === 'in place' ? [] : [c.id])));
  const cleared = [...known].filter((id) => !stillOpen.has(id));
  if (raised.length + cleared.length === 0) return [];
  const time = outbox.now();
  const what = 'tampering';
  const report = (camera: string, data: object): void => {
    const stream = `camera:${camera}`;
    outbox.enqueue({ type: 'io.sitebox.device.v2', subject: camera, time, data: { camera, what, ...data }, stream });
  };
  db.transaction(() => {
    for (const { id, lane, tampering } of raised) {
      if (tampering.state !== 'moved') continue;
      const confidence = Math.round(tampering.sure * 100) / 100;
      report(id, { lane, state: 'raised', since: new Date(tampering.since).toISOString(), confidence });
      known.add(id);
    }
    for (const id of cleared) {
      report(id, { state: 'cleared', since: new Date(time).toISOString() });
      known.delete(id);
    }
    setMeta(db, KNOWN, JSON.stringify([...known]));
  }).immediate();
  return [
    ...raised.map(({ id }): TamperingChange => ({ camera: id, state: 'raised' })),
    ...cleared.map((camera): TamperingChange => ({ camera, state: 'cleared' })),
  ];
}
