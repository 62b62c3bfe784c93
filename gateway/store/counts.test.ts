import { beforeEach, describe, expect, it } from 'vitest';
import { iso } from '../contracts/time.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import type { Direction, PlateKind } from '../contracts/plate.ts';
import { COUNT_WINDOW_MS, openCounter } from './counts.ts';
import { testDb } from './db.fixtures.ts';
import type { Db } from './db.ts';
import { OutboxWriter } from './outbox/outbox.ts';
import { openQueue } from './outbox/queue.ts';

const T0 = 1000 * COUNT_WINDOW_MS;
let folder: string;
let db: Db;
let now: number;
let outbox: OutboxWriter;

beforeEach(() => {
  folder = tempFolder();
  now = T0 + 10;
  open();
});

function open(): void {
  db = testDb(folder);
  outbox = new OutboxWriter(db, {
    source: '/sites/demo/boxes/box-001',
    relays: ['room'],
    limits: { rows: 100, bytes: 1e6 },
    now: () => now,
    wake: () => undefined,
  });
}

const passage = (last = now, kind: PlateKind = 'standard', direction: Direction = 'approaching') => ({
  lane: 'road-1',
  last,
  direction,
  best: { kind },
});

function events() {
  const wanted = { now, liveFrom: 0, busyStreams: [], limit: 100, onlyLive: false };
  const queue = openQueue(db, 'room', outbox.source);
  const all = [];
  for (let rows = queue.due(wanted); rows.length > 0; rows = queue.due(wanted)) {
    all.push(...rows.map((r) => r.envelope));
    queue.settle(rows.map((r) => ({ seq: r.seq, kind: 'stored' as const })));
  }
  return all;
}

describe('counts', () => {
  it('turns a finished window into one event, and deletes it', () => {
    const counter = openCounter(db, outbox);
    counter.add(passage());
    counter.add(passage());
    counter.flush();
    counter.add(passage(now, 'police', 'leaving'));
    counter.flush();
    expect(events()).toEqual([]);
    now = T0 + COUNT_WINDOW_MS;
    counter.flush();
    expect(events()).toMatchObject([
      {
        type: 'io.sitebox.counts.v1',
        time: T0,
        data: {
          from: iso(T0),
          windowMs: COUNT_WINDOW_MS,
          passages: [
            { lane: 'road-1', kind: 'standard', direction: 'approaching', passages: 2 },
            { lane: 'road-1', kind: 'police', direction: 'leaving', passages: 1 },
          ],
        },
      },
    ]);
    counter.flush();
    expect(events()).toEqual([]);
    expect(db.prepare('SELECT count(*) FROM counts').pluck().get()).toBe(0);
  });

  it('continues after a restart', () => {
    const counter = openCounter(db, outbox);
    counter.add(passage());
    counter.flush();
    db.close();
    open();
    const after = openCounter(db, outbox);
    after.add(passage());
    now = T0 + COUNT_WINDOW_MS;
    after.flush();
    expect(events()).toMatchObject([{ data: { passages: [{ passages: 2 }] } }]);
  });

  it('loses nothing, and counts nothing twice, when the store refuses', () => {
    const counter = openCounter(db, outbox);
    counter.add(passage());
    now = T0 + COUNT_WINDOW_MS;
    db.exec(`CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    expect(() => counter.flush()).toThrow('planted failure');
    db.exec('DROP TRIGGER broken');
    counter.flush();
    expect(events()).toMatchObject([{ data: { passages: [{ passages: 1 }] } }]);
  });

  it('closes windows left in the future by a clock that was set back', () => {
    const counter = openCounter(db, outbox);
    counter.add(passage());
    counter.flush();
    now = T0 - 10 * COUNT_WINDOW_MS;
    counter.flush();
    expect(events()).toHaveLength(1);
  });
});
