/** What follows what people say: the crew's alert and its end, erasure here and in the command room, and the memory of dismissals. */
import { describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { testDb } from '../store/db.fixtures.ts';
import type { Db } from '../store/db.ts';
import { openDb } from '../store/db.ts';
import { ERASED_WITHIN_MS, erasedAt } from '../store/erasure.ts';
import { noteReading } from '../store/judgings.ts';
import { StoreRefused } from '../store/connection/health.ts';
import {
  eventTexts,
  LI,
  NO,
  picture,
  plateHit,
  possibleHit,
  reviewRig,
  sha,
  T0,
  WANG,
  YES,
  type ReviewRigOptions,
} from './reviews.fixtures.ts';
import { secondView } from './second-view.ts';

const HOUR = 3_600_000;

function judged(db: Db, options: ReviewRigOptions = {}) {
  const calls: string[] = [];
  const rig = reviewRig(db, {
    confirmed: (hit, state) => void calls.push(`${state} ${hit.id}`),
    ended: (id, why) => void calls.push(`ended ${id} ${why}`),
    ...options,
  });
  return { ...rig, calls };
}
const count = (db: Db, table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
/** The command room has stored what waits of this type. */
const deliver = (db: Db, type: string) => db.prepare('DELETE FROM outbox WHERE type = ?').run(type);

describe('the crew', () => {
  it('is alerted once two people have confirmed, and hears the end of a dismissal and of an outcome', () => {
    const { reviews, raise, effects, calls } = judged(testDb());
    const [yes, no] = [raise(plateHit()), raise(plateHit({ entry: 'E-2' }))];
    for (const judge of [LI, WANG]) {
      expect(calls).toEqual([]);
      reviews.opinion(yes, judge, YES, 'box');
      reviews.opinion(no, judge, NO, 'box');
      effects.follow();
    }
    expect(calls).toEqual([`confirmed ${yes}`, `ended ${no} dismissed`]);
    reviews.outcome(yes, LI, 'not met', 'box');
    effects.follow();
    expect(calls.at(-1)).toBe(`ended ${yes} outcome`);
  });

  it('is told that one person alone has judged; where that one dismissed, it hears the end and nothing is erased', () => {
    const db = testDb();
    const { reviews, raise, effects, calls, minute } = judged(db, { policy: { opinions: 1, rooms: [] } });
    const [yes, no] = [raise(plateHit()), raise(plateHit({ entry: 'E-2' }), [picture('p')])];
    reviews.opinion(yes, LI, YES, 'box');
    reviews.opinion(no, LI, NO, 'box');
    effects.follow();
    expect(calls).toEqual([`one-opinion ${yes}`, `ended ${no} dismissed`]);
    minute();
    expect(count(db, 'evidence')).toBe(1);
  });

  it('is not sent again where the outcome is known, nor for a vehicle that left long ago', () => {
    let now = T0;
    const db = testDb();
    const { reviews, raise, effects, calls } = judged(db, { policy: { opinions: 1, rooms: [] }, now: () => now });
    const id = raise(plateHit());
    reviews.opinion(id, LI, YES, 'box');
    reviews.outcome(id, LI, 'right', 'box');
    reviews.opinion(id, WANG, YES, 'box');
    const old = raise(plateHit({ entry: 'E-2' }));
    for (const judge of [LI, WANG]) reviews.opinion(old, judge, YES, 'box');
    now += HOUR;
    effects.follow();
    expect(calls).toEqual([`ended ${id} outcome`]);
  });

  it('hears of what the command line wrote beside the box, once, and after a restart of what was not acted on', () => {
    const folder = tempFolder();
    const [box, terminal] = [testDb(folder), openDb(folder)];
    const { raise, effects, calls } = judged(box);
    const id = raise(plateHit());
    const { reviews } = reviewRig(terminal);
    for (const judge of [LI, WANG]) reviews.opinion(id, judge, NO, 'box');
    terminal.close();
    effects.follow();
    effects.follow();
    expect(calls).toEqual([`ended ${id} dismissed`]);
    const next = judged(box);
    next.effects.follow();
    expect(next.calls).toEqual([]);
  });

  it('hears the end later where the store refuses it now; a failure of another kind holds up nobody', () => {
    const ended = vi.fn();
    const { reviews, raise, effects, calls } = judged(testDb(), { ended });
    const ids = ['E-1', 'E-2'].map((entry) => raise(plateHit({ entry })));
    for (const id of ids) for (const judge of [LI, WANG]) reviews.opinion(id, judge, NO, 'box');
    ended.mockImplementationOnce(() => {
      throw new StoreRefused('full', 'the disk is full');
    });
    expect(() => effects.follow()).toThrow('the disk is full');
    ended.mockImplementationOnce(() => {
      throw new TypeError('x is not a function');
    });
    effects.follow();
    expect(ended.mock.calls.map(([id]) => id as string)).toEqual([ids[0], ids[0], ids[1]]);
    expect(calls).toEqual([]);
  });
});

/** What is left of the hit that `dismissed` raises, by table. */
function tracesOf(db: Db, hit: string): unknown[] {
  return [
    ...db.prepare("SELECT 'hits' FROM hits WHERE id = ?").pluck().all(hit),
    ...db.prepare("SELECT 'evidence' FROM evidence WHERE sha256 = ?").pluck().all(sha('vehicle')),
    ...eventTexts(db, hit, 'io.sitebox.plate.hit.v2'),
    ...db.prepare("SELECT 'judgings' FROM judgings").pluck().all(),
    ...db.prepare("SELECT 'reviews' FROM reviews WHERE characters IS NOT NULL").pluck().all(),
  ];
}

describe('a dismissed hit', () => {
  function dismissed(db: Db, now: () => number = () => T0, relays = ['room']) {
    const rig = judged(db, { now, relays });
    const kept = rig.raise(plateHit({ entry: 'kept' }), [picture('shared')]);
    const gone = rig.raise(possibleHit(), [picture('shared'), picture('vehicle', 'vehicle')]);
    for (const judge of [LI, WANG]) {
      noteReading(db, gone, judge.serviceNumber, '8');
      rig.reviews.opinion(gone, judge, { ...NO, characters: '8' }, 'box');
    }
    rig.effects.follow();
    return { ...rig, kept, gone };
  }

  it('is erased once the command room has it: body, pictures, and what people read of the plate', () => {
    const db = testDb();
    const { gone, kept, minute } = dismissed(db);
    minute();
    expect(erasedAt(db, gone)).toBeUndefined();
    deliver(db, 'io.sitebox.plate.hit.v2');
    minute();
    expect(erasedAt(db, gone)).toBe(T0);
    expect(db.prepare('SELECT id FROM hits').pluck().all()).toEqual([kept]);
    // A picture that another hit names stays.
    expect(count(db, 'evidence')).toBe(1);
    expect(db.prepare('SELECT characters FROM reviews').pluck().all()).toEqual([null, null]);
    expect(db.prepare("SELECT count(*) FROM audit WHERE what = 'dismissed hit erased'").pluck().get()).toBe(1);
    expect(tracesOf(db, gone)).toEqual([]);
  });

  it('is erased within a day whether or not the line is up, and its events with it, but not the one that tells the room to erase', () => {
    let now = T0;
    const db = testDb();
    const { gone, minute } = dismissed(db, () => now, ['room', 'second']);
    now += ERASED_WITHIN_MS - HOUR - 1;
    minute();
    expect(erasedAt(db, gone)).toBeUndefined();
    now += 1;
    minute();
    expect(erasedAt(db, gone)).toBe(now);
    const types = db.prepare('SELECT type FROM outbox WHERE stream = ?').pluck().all(`hit:${gone}`);
    expect(new Set(types)).toEqual(new Set(['io.sitebox.review.v1']));
    expect(JSON.parse(eventTexts(db, gone).at(-1)!)).toMatchObject({
      state: 'dismissed',
      erase: { until: '2026-01-02T08:00:00.000Z' },
    });
  });

  it.each(['hits', 'evidence', 'outbox', 'reviews'])('(that test would catch an erasure that leaves %s)', (table) => {
    let now = T0;
    const db = testDb();
    const { gone, minute } = dismissed(db, () => now);
    const deed = table === 'reviews' ? 'UPDATE' : 'DELETE';
    db.exec(`CREATE TRIGGER planted BEFORE ${deed} ON ${table} BEGIN SELECT RAISE(IGNORE); END`);
    now += ERASED_WITHIN_MS;
    minute();
    expect(tracesOf(db, gone)).not.toEqual([]);
  });

  it('is erased at once where the clock was set back', () => {
    let now = T0;
    const db = testDb();
    const { gone, minute } = dismissed(db, () => now);
    now -= HOUR;
    minute();
    expect(erasedAt(db, gone)).toBe(now);
  });

  it('is awaited in a receipt of each room that can send one', () => {
    let now = T0;
    const db = testDb();
    const { gone, minute, effects, handlers } = dismissed(db, () => now);
    const erased = { id: 'r', at: T0, by: 'Li', expires: now, kind: 'erased' } as const;
    expect(handlers.erased!({ ...erased, hit: 'unknown' }, 'room')).toMatchObject({
      refused: expect.stringContaining('no such hit') as string,
    });
    minute();
    expect(effects.status.problems!()).toEqual([]);
    now += ERASED_WITHIN_MS + HOUR;
    minute();
    expect(effects.status.problems!()).toMatchObject([{ key: 'erasure:room', code: 'erasure-unanswered' }]);
    expect(handlers.erased!({ ...erased, hit: gone }, 'room')).toEqual({});
    minute();
    expect(effects.status.problems!()).toEqual([]);
  });

  it('takes no further sighting: an exact read asks again, a possible one of the same passage changes nothing', () => {
    const db = testDb();
    const { gone, raise } = dismissed(db);
    raise(possibleHit({ id: gone, sightings: 0 }), [picture('again')]);
    expect(count(db, 'evidence')).toBe(2);
    const exact = plateHit({ id: gone, sightings: 0, listed: '皖AB234N' });
    const lifted = raise(exact);
    expect(lifted).not.toBe(gone);
    expect(db.prepare('SELECT state, seen FROM hits WHERE id = ?').get(lifted)).toEqual({
      state: 'unreviewed',
      seen: 1,
    });
    expect(raise(possibleHit({ entry: 'kept-2', last: T0 + 500 }))).not.toBe(gone);
    expect(raise(plateHit({ last: T0 + 1000, listed: '皖AB234N' }))).toBe(lifted);
  });

  it('is remembered: the same possible read against the same list asks nobody again, and is counted', () => {
    const { memory, effects } = dismissed(testDb());
    const silenced = () =>
      effects.status.readings!()
        .find((r) => r.name === 'sitebox_hits_silenced_total')!
        .read()[0]![1];
    expect(memory.silences(possibleHit())).toBe(true);
    expect(silenced()).toBe(1);
    const { list, read } = possibleHit();
    for (const other of [
      plateHit({ listed: '皖AB234N' }),
      possibleHit({ list: { ...list, version: 8 } }),
      possibleHit({ entry: 'E-2' }),
      possibleHit({ read: { ...read, text: '皖A3234N' } }),
    ])
      expect(memory.silences(other)).toBe(false);
    expect(silenced()).toBe(1);
    // Under a key made at the start: nothing of it is left after that.
    expect(judged(testDb()).memory.silences(possibleHit())).toBe(false);
  });

  it('(those tests would catch a memory that needs one person, or silences exact reads)', () => {
    const { memory, reviews, raise, effects } = judged(testDb());
    const id = raise(possibleHit());
    reviews.opinion(id, LI, { ...NO, characters: '8' }, 'box');
    effects.follow();
    expect(memory.silences(possibleHit())).toBe(false);
    memory.remember(plateHit());
    expect(memory.silences(plateHit())).toBe(false);
  });
});

describe('the view of a reviewer', () => {
  it('has no member for an opinion, and withholds the listed plate and the read until the doubtful character is read', () => {
    const { reviews, raise } = reviewRig(testDb());
    const id = raise(possibleHit(), [picture('p')]);
    reviews.opinion(id, LI, { ...YES, characters: 'B' }, 'box');
    const stored = reviews.stored(id)!;
    const view = secondView(stored);
    expect(view.plate).toMatchObject({ read: '皖A□234N', doubtful: 1 });
    const text = JSON.stringify(view);
    for (const secret of ['P001', 'confirm', 'same-vehicle', '皖AB234N', '皖A8234N'])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/"(state|opinions|verdict|reason|reports)"/);
    expect(secondView(stored, '8').plate).toMatchObject({ read: '皖A8234N', listed: '皖AB234N' });
    // The guard sees a view that simply hands on what is stored.
    expect(JSON.stringify({ ...view, ...stored.review })).toMatch(/"opinions"/);
  });

  it('asks for the whole plate where the reader was not sure of any character', () => {
    const { read } = plateHit();
    const hit = plateHit({ certainty: 'possible', read: { ...read, text: '皖A12345' } });
    expect(secondView({ hit, evidence: [] }).plate).toMatchObject({ read: '□□□□□□□', doubtful: 7 });
    expect(secondView({ hit: plateHit(), evidence: [] }).plate).toMatchObject({ doubtful: 0, listed: '皖A12345' });
  });
});
