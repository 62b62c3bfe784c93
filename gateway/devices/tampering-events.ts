/** Cameras that were turned or covered, for the command room: an event when it begins and one when it is over, over restarts too. */
import type { MovedView } from './tampering.ts';
import { setMeta, type Db } from '../store/db.ts';
import { type OutboxWriter } from '../store/outbox/outbox.ts';
import { readMetaList } from '../store/damage/readable-meta.ts';
import { isWord } from '../store/shapes.ts';

export interface CameraPlace {
  readonly id: string;
  readonly lane: string;
  readonly moved: MovedView;
}

export interface MovedChange {
  readonly camera: string;
  readonly state: 'raised' | 'cleared';
}

const KNOWN = 'movedCameras';

/**
 * Called each second with all cameras that send pictures; gives what has changed, for the log. Of a camera that is still learning what it
 * looks at nothing is known; one that is configured no more is over. Throws what the store throws; the next call tries again.
 */
export function reportMoved(db: Db, cameras: readonly CameraPlace[], outbox: OutboxWriter): readonly MovedChange[] {
  const known = new Set(readMetaList(db, KNOWN, isWord));
  const raised = cameras.filter((c) => c.moved.state === 'moved' && !known.has(c.id));
  const stillOpen = new Set(cameras.flatMap((c) => (c.moved.state === 'in place' ? [] : [c.id])));
  const cleared = [...known].filter((id) => !stillOpen.has(id));
  if (raised.length + cleared.length === 0) return [];
  const time = outbox.now();
  const what = 'tampering';
  const report = (camera: string, data: object): void => {
    const stream = `camera:${camera}`;
    outbox.enqueue({ type: 'io.sitebox.device.v2', subject: camera, time, data: { camera, what, ...data }, stream });
  };
  db.transaction(() => {
    for (const { id, lane, moved } of raised) {
      if (moved.state !== 'moved') continue;
      const confidence = Math.round(moved.sure * 100) / 100;
      report(id, { lane, state: 'raised', since: new Date(moved.since).toISOString(), confidence });
      known.add(id);
    }
    for (const id of cleared) {
      report(id, { state: 'cleared', since: new Date(time).toISOString() });
      known.delete(id);
    }
    setMeta(db, KNOWN, JSON.stringify([...known]));
  }).immediate();
  return [
    ...raised.map(({ id }): MovedChange => ({ camera: id, state: 'raised' })),
    ...cleared.map((camera): MovedChange => ({ camera, state: 'cleared' })),
  ];
}
