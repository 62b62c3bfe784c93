/** Looks into sealed rows for tests, and a store that seals nothing, for what must notice it. */
import type { Envelope } from '../../contracts/relay.ts';
import type { Db } from '../db.ts';
import { rowKey } from '../outbox/outbox.ts';
import type { TrackPoint } from '../tracks.ts';

/** The events that wait in the outbox or were refused, in the order written. */
export function storedEvents(db: Db): Pick<Envelope, 'id' | 'type' | 'subject' | 'time' | 'data'>[] {
  const rows = db.prepare('SELECT relay, id, type, subject, timeMs AS time, data FROM outbox ORDER BY seq').all();
  return (rows as (Envelope & { relay: string; data: string })[]).map(({ relay, data, ...row }) => {
    const text = db.sealing.open('outbox.data', rowKey(relay, row.id), data);
    return { ...row, data: JSON.parse(text!) as Envelope['data'] };
  });
}

/** The deliberately broken variant: from now on this connection writes all values plain. */
export function sealNothing(db: Db): void {
  Object.assign(db.sealing, {
    seal: (_name: string, _row: string, text: string) => text,
    sealBytes: (_name: string, _row: string, bytes: Uint8Array) => Buffer.from(bytes),
  });
}

/** All points of the tracks, oldest first. */
export function storedTracks(db: Db): TrackPoint[] {
  const rows = db.prepare('SELECT device, atMs, trusted, place FROM tracks ORDER BY atMs').all();
  return (rows as { device: string; atMs: number; trusted: number; place: Buffer }[]).map((row) => {
    const { device, atMs: at, trusted, place } = row;
    const bytes = db.sealing.openBytes('tracks.place', `${device} ${at}`, place)!;
    return { device, at, lat: bytes.readDoubleLE(0), lon: bytes.readDoubleLE(8), trusted: trusted === 1 };
  });
}
