/** What people and places are lies nowhere in the files of the store, and a sealed value opens in its own row only. */
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  filesUnder,
  findIn,
  indexed,
  pieceNeedles,
  plateNeedles,
  textNeedles,
} from '../../../simulators/faults/traces.ts';
import { newHit, newPicture, PLATE, RELAY } from '../../../simulators/faults/store-fill.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { checkStore } from '../damage/check.ts';
import { DamageLog } from '../damage/damage.ts';
import { salvage } from '../damage/salvage.ts';
import { openDb, openForReading, type Db } from '../db.ts';
import { getEvidence } from '../evidence.ts';
import { layBallast } from '../files/ballast.ts';
import { getHit, recordHit } from '../hits.ts';
import { getOrder, insertOrder } from '../orders.ts';
import { OutboxWriter } from '../outbox/outbox.ts';
import { openQueue } from '../outbox/queue.ts';
import { recordSos } from '../sos.ts';
import { getSos } from '../sos-table.ts';
import { openStore } from '../store.ts';
import { appendTracks, lastTrackPoint } from '../tracks.ts';
import { testDb } from '../db.fixtures.ts';
import type { SealedName } from './columns.ts';
import { Sealing } from './sealing.ts';
import { sealNothing } from './sealing.fixtures.ts';

const T0 = Date.parse('2026-11-30T12:00:00Z');
const TEXT = 'meet the white van behind the ticket office';
const PLACE = { lat: 31.8628173, lon: 117.2849061, name: 'Ticket office, back door' };
const PICTURE = newPicture();
const DEVICE = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;

let folder: string;

beforeEach(() => {
  folder = tempFolder();
});

const outboxOf = (db: Db) =>
  new OutboxWriter(db, {
    source: '/sites/demo/boxes/box-001',
    relays: [RELAY, 'other'],
    limits: { rows: 1_000, bytes: 1e6 },
    now: () => T0,
    wake: () => undefined,
  });

/** A hit with its picture, an order to a place, a call for help and a track, as the box commits them. */
function commitAll(db: Db): { readonly hit: string; readonly sos: string } {
  const outbox = outboxOf(db);
  const { hit } = recordHit(db, { hit: newHit(T0, 1), evidence: [PICTURE], windowMs: 1_000 }, outbox);
  insertOrder(db, { id: 'O-1', origin: 'box', by: 'Chief', text: TEXT, place: PLACE, created: T0 }, ['cam-1'], outbox);
  const where = { place: { lat: PLACE.lat, lon: PLACE.lon, trusted: true, origin: 'own', at: T0 } } as const;
  const report = { device: 'cam-1', sos: 'press', state: 'raised', at: T0 } as const;
  const move = () => ({ where: { ...where, doubtful: where.place }, change: 'placed' }) as const;
  const { sos } = recordSos(db, { report, device: DEVICE, move, clock: { highest: T0, behindMs: 0 } }, outbox);
  appendTracks(db, [{ device: 'cam-1', at: T0, lat: PLACE.lat, lon: PLACE.lon, trusted: true }]);
  return { hit: hit.id, sos: sos.id };
}

const coordinate = (degrees: number): readonly Buffer[] => {
  const [little, big] = [Buffer.alloc(8), Buffer.alloc(8)];
  little.writeDoubleLE(degrees);
  big.writeDoubleBE(degrees);
  return [little, big];
};
const text = textNeedles('');
const NEEDLES = [
  plateNeedles([PLATE]),
  indexed([
    ...pieceNeedles('picture', PICTURE.bytes, 8),
    ...text('name of the picture', '"what":"vehicle"'),
    ...text('order text', TEXT),
    ...text('place', PLACE.name),
    ...text('latitude', String(PLACE.lat)),
    ...text('longitude', String(PLACE.lon)),
    ...coordinate(PLACE.lat).map((bytes) => ({ name: 'latitude', bytes })),
    ...coordinate(PLACE.lon).map((bytes) => ({ name: 'longitude', bytes })),
  ]),
];
const tracesIn = (where: string): string[] => [
  ...new Set(filesUnder(where).flatMap(({ bytes }) => NEEDLES.flatMap((needles) => [...findIn(bytes, needles)]))),
];

test('a committed hit, its picture, an order, a call and a track leave nothing readable in the files, in the log nor after it', () => {
  layBallast(folder);
  const store = openStore(folder, SILENT_LOG);
  const { hit, sos } = commitAll(store.db);
  expect(tracesIn(folder)).toEqual([]);
  // They are there, for whoever has the key.
  expect(getHit(store.db, hit)).toMatchObject({ listed: PLATE });
  expect(getEvidence(store.db, PICTURE.sha256)?.bytes).toEqual(PICTURE.bytes);
  expect(getOrder(store.db, 'O-1')).toMatchObject({ text: TEXT, place: PLACE });
  expect(getSos(store.db, sos)).toMatchObject({ place: { lat: PLACE.lat }, doubtful: { lon: PLACE.lon } });
  expect(lastTrackPoint(store.db, 'cam-1', { now: T0, withinMs: 1 })).toMatchObject({ lat: PLACE.lat, lon: PLACE.lon });
  store.db.pragma('wal_checkpoint(TRUNCATE)');
  expect(tracesIn(folder)).toEqual([]);
  store.close();
  expect(tracesIn(folder)).toEqual([]);
});

test('the search sees a store that seals nothing', () => {
  const db = testDb(folder);
  sealNothing(db);
  commitAll(db);
  const found = ['latitude', 'longitude', 'name of the picture', 'order text', 'picture', 'place', PLATE];
  expect(tracesIn(folder).sort()).toEqual(found.sort());
});

test('rows that an earlier version wrote plain are read, joined and sent as before', () => {
  const db = testDb(folder);
  const earlier = openDb(folder);
  sealNothing(earlier);
  const { hit } = commitAll(earlier);
  earlier.close();
  const again = recordHit(db, { hit: { ...newHit(T0 + 500, 1) }, evidence: [PICTURE], windowMs: 1_000 }, outboxOf(db));
  expect(again).toMatchObject({ fresh: false, hit: { id: hit, sightings: 2 } });
  const due = openQueue(db, RELAY, '/s').due({
    now: T0 + 1e6,
    liveFrom: 0,
    busyStreams: [],
    limit: 9,
    onlyLive: false,
  });
  const first = due.find((row) => row.id === hit)!.envelope;
  expect(first.evidence).toEqual([PICTURE]);
  expect(checkStore(db).damages).toEqual([]);
  expect(db.damage.counts()).toEqual({});
});

/** Puts sealed values of one row into another. */
const SWAPS: readonly (readonly [what: string, table: string, sql: string])[] = [
  [
    'a hit',
    'hits',
    'UPDATE hits SET body = (SELECT body FROM hits ORDER BY id DESC LIMIT 1) WHERE id = (SELECT min(id) FROM hits)',
  ],
  [
    'a picture',
    'evidence',
    'UPDATE evidence SET bytes = (SELECT bytes FROM evidence ORDER BY rowid DESC LIMIT 1) WHERE rowid = 1',
  ],
  [
    'an event of another relay',
    'outbox',
    `UPDATE outbox SET data = (SELECT data FROM outbox WHERE relay = 'other' AND sequence = 1) WHERE seq = 1`,
  ],
  ['an order text', 'orders', `UPDATE orders SET text = (SELECT text FROM orders WHERE id = 'O-2') WHERE id = 'O-1'`],
  ['a place in the column beside it', 'sos', 'UPDATE sos SET doubtful = place'],
];

function twoOfEach(db: Db): void {
  commitAll(db);
  const outbox = outboxOf(db);
  recordHit(db, { hit: newHit(T0 + 9_000, 2), evidence: [newPicture()], windowMs: 1_000 }, outbox);
  insertOrder(db, { id: 'O-2', origin: 'box', by: 'Chief', text: 'stand by', created: T0 }, ['cam-1'], outbox);
}

test.each(SWAPS)(
  '%s that was moved to another row is refused, and the check and a repair name its table',
  (_, table, sql) => {
    const db = testDb(folder);
    twoOfEach(db);
    db.exec(sql);
    expect(checkStore(db).damages).toMatchObject([{ part: table }]);
    const [hit] = db.prepare('SELECT id FROM hits ORDER BY id').pluck().all() as string[];
    const [sos] = db.prepare('SELECT id FROM sos').pluck().all() as string[];
    getHit(db, hit!);
    getEvidence(db, PICTURE.sha256);
    expect(getOrder(db, 'O-1')?.text).toBe(
      table === 'orders' ? 'the text of this order cannot be read: ask by radio' : TEXT,
    );
    getSos(db, sos!);
    const due = openQueue(db, RELAY, '/s').due({
      now: T0 + 1e6,
      liveFrom: 0,
      busyStreams: [],
      limit: 99,
      onlyLive: false,
    });
    const refused = due.filter((row) => {
      try {
        return row.envelope.id !== row.id;
      } catch {
        return true;
      }
    });
    expect(refused).toHaveLength(table === 'outbox' ? 1 : 0);
    expect(Object.keys(db.damage.counts())).toEqual([table]);
    const target = join(folder, 'fresh');
    const fresh = openDb(target);
    onTestFinished(() => fresh.close());
    const missing = salvage(db, fresh).flatMap((t) => (t.missing.length > 0 ? [t.table] : []));
    expect(missing).toContain(table);
  },
);

test('a store that does not bind values to their rows is noticed', () => {
  const db = testDb(folder);
  const bound = new Sealing(new DamageLog());
  bound.use(db.sealing.keys);
  Object.assign(db.sealing, {
    seal: (name: SealedName, _row: string, plain: string) => bound.seal(name, '', plain),
    look: (name: SealedName, _row: string, value: string) => bound.look(name, '', value),
  });
  twoOfEach(db);
  for (const [, table, sql] of SWAPS) if (table === 'hits' || table === 'orders') db.exec(sql);
  expect(db.prepare('SELECT count(DISTINCT body) FROM hits').pluck().get()).toBe(1);
  expect(checkStore(db).damages.filter(({ part }) => part === 'hits' || part === 'orders')).toEqual([]);
});

test('a check beside the box opens what it checks', () => {
  const db = testDb(folder);
  twoOfEach(db);
  const beside = openForReading(join(folder, 'sitebox.db'));
  onTestFinished(() => beside.close());
  expect(checkStore(beside).damages).toEqual([]);
  db.exec(
    `UPDATE evidence SET bytes = CAST(substr(bytes, 1, 900) || X'00' || substr(bytes, 902) AS BLOB) WHERE rowid = 1`,
  );
  expect(checkStore(beside).damages).toMatchObject([{ part: 'evidence' }]);
});
