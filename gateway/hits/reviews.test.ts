/** People judge a hit: who may, what counts, what the command room hears, and what follows. */
import { describe, expect, it, vi } from 'vitest';
import type { Json } from '../contracts/base.ts';
import type { Person } from '../contracts/people.ts';
import type { OpinionContent, ReviewPolicy } from '../contracts/review.ts';
import { refuse } from '../people/refusal.ts';
import { verifyAudit } from '../store/audit.ts';
import { testDb } from '../store/db.fixtures.ts';
import type { Db } from '../store/db.ts';
import { storedEvents } from '../store/sealing/sealing.fixtures.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import { openDb } from '../store/db.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import {
  AUX,
  documentHit,
  LI,
  NO,
  OTHER_AUX,
  picture,
  plateHit,
  possibleHit,
  reviewRig,
  sha,
  T0,
  WANG,
  YES,
} from './reviews.fixtures.ts';

const ONE: ReviewPolicy = { opinions: 1, rooms: [] };
const TRUSTED: ReviewPolicy = { opinions: 2, rooms: ['room'] };
type Data = Readonly<Record<string, Json>>;

const eventsOf = (db: Db, type = 'io.sitebox.review.v1') =>
  storedEvents(db).flatMap((event) => (event.type === type ? [event.data as Data] : []));
const auditOf = (db: Db) => {
  expect(verifyAudit(db).ok).toBe(true);
  return db.prepare("SELECT who || ': ' || what FROM audit WHERE what <> 'hit raised' ORDER BY seq").pluck().all();
};
const stateOf = (db: Db, id: string) => db.prepare('SELECT state FROM hits WHERE id = ?').pluck().get(id);

describe('two different people', () => {
  it('confirm or dismiss a hit where they agree, and dispute it where they do not', () => {
    const db = testDb();
    const { reviews, raise } = reviewRig(db);
    for (const [first, second, state] of [
      [YES, YES, 'confirmed'],
      [NO, NO, 'dismissed'],
      [YES, NO, 'disputed'],
      [NO, YES, 'disputed'],
    ] as const) {
      const id = raise(plateHit({ entry: `${first.verdict}-${second.verdict}` }));
      expect(stateOf(db, id)).toBe('unreviewed');
      expect(reviews.opinion(id, LI, first, 'box')).toEqual({ state: 'first' });
      expect(reviews.opinion(id, WANG, second, 'room')).toEqual({ state });
      expect(stateOf(db, id)).toBe(state);
      // What is final stays.
      expect(reviews.opinion(id, AUX, YES, 'box')).toEqual({ refused: 'review-final' });
    }
  });

  it('are two service numbers, wherever each person is', () => {
    const { reviews, raise } = reviewRig(testDb());
    const id = raise(plateHit());
    reviews.opinion(id, LI, YES, 'box');
    for (const origin of ['box', 'room'] as const)
      expect(reviews.opinion(id, LI, NO, origin)).toEqual({ refused: 'review-same-person' });
    expect(reviews.stored(id)?.review.state).toBe('first');
  });

  it('are not two auxiliaries: the second one is refused, and a police officer decides', () => {
    const { reviews, raise } = reviewRig(testDb());
    const id = raise(plateHit());
    expect(reviews.opinion(id, AUX, YES, 'box')).toEqual({ state: 'first' });
    expect(reviews.opinion(id, OTHER_AUX, YES, 'box')).toEqual({ refused: 'review-two-auxiliaries' });
    expect(reviews.stored(id)?.review).toMatchObject({ state: 'first', opinions: [{ judge: AUX }] });
    expect(reviews.opinion(id, LI, YES, 'box')).toEqual({ state: 'confirmed' });
  });

  it('are needed unless the signed policy says one; then it is a state of its own, and a second opinion still leads on', () => {
    const { reviews, raise } = reviewRig(testDb(), { policy: ONE });
    const id = raise(plateHit());
    expect(reviews.opinion(id, LI, YES, 'box')).toEqual({ state: 'one-opinion' });
    expect(reviews.opinion(id, WANG, YES, 'box')).toEqual({ state: 'confirmed' });
    // An auxiliary alone never decides.
    const other = raise(plateHit({ entry: 'E-2' }));
    expect(reviews.opinion(other, AUX, YES, 'box')).toEqual({ state: 'first' });
  });

  it('who may not judge now are refused in the transaction, whatever they could when they began', () => {
    let enabled = true;
    const db = testDb();
    const mayJudge = () => (enabled ? undefined : refuse('login-disabled'));
    const { reviews, raise } = reviewRig(db, { accounts: { mayJudge, find: () => undefined } });
    const id = raise(plateHit());
    reviews.opinion(id, LI, YES, 'box');
    enabled = false;
    expect(reviews.opinion(id, WANG, YES, 'box')).toEqual({ refused: 'review-not-allowed' });
    expect(reviews.outcome(id, WANG, 'wrong', 'box')).toEqual({ refused: 'review-not-allowed' });
    expect(stateOf(db, id)).toBe('first');
  });
});

describe('a person of the command room', () => {
  const account = (more: object) => ({ ...LI, name: 'Li', roles: [], created: 0, judgesFrom: 0, ...more }) as Person;
  it.each<[string, object, object]>([
    ['needs no account at the box', {}, { state: 'first' }],
    ['is of the kind that the account says', { kind: 'auxiliary' }, { refused: 'review-other-kind' }],
    ['judges nowhere once the account is disabled', { disabled: 1 }, { refused: 'review-not-allowed' }],
  ])('%s', (name, more, answer) => {
    const find = () => (name.startsWith('needs') ? undefined : account(more));
    const { reviews, raise } = reviewRig(testDb(), { accounts: { find, mayJudge: () => undefined } });
    expect(reviews.opinion(raise(plateHit()), LI, YES, 'room')).toEqual(answer);
  });
});

describe('an opinion', () => {
  it('has a reason that belongs to its verdict and kind of hit', () => {
    const { reviews, raise } = reviewRig(testDb());
    const plate = raise(plateHit());
    const document = raise(documentHit());
    const say = (reason: string, verdict = 'confirm') => ({ verdict, reason, opened: [] }) as unknown as OpinionContent;
    const wrong = { refused: 'review-wrong-reason' };
    expect(reviews.opinion(plate, LI, say('other-vehicle'), 'box')).toEqual(wrong);
    expect(reviews.opinion(plate, LI, say('same-person'), 'box')).toEqual(wrong);
    expect(reviews.opinion(plate, LI, say('because', 'dismiss'), 'box')).toEqual(wrong);
    expect(reviews.opinion(document, LI, say('same-vehicle'), 'box')).toEqual(wrong);
    expect(reviews.opinion(document, LI, say('same-person'), 'box')).toEqual({ state: 'first' });
  });

  it('on a possible plate comes with what the person read at the doubtful position', () => {
    const db = testDb();
    const { reviews, raise } = reviewRig(db);
    const id = raise(possibleHit());
    const missing = { refused: 'review-characters-missing' };
    expect(reviews.opinion(id, LI, YES, 'box')).toEqual(missing);
    expect(reviews.opinion(id, LI, { ...YES, characters: '8B' }, 'box')).toEqual(missing);
    expect(reviews.opinion(id, LI, { ...YES, characters: '-' }, 'box')).toEqual(missing);
    expect(reviews.opinion(id, LI, { ...YES, characters: 'B' }, 'box')).toEqual({ state: 'first' });
    expect(reviews.stored(id)?.review.opinions).toMatchObject([{ characters: 'B' }]);
    // They are part of a plate, and sealed as the hit is.
    expect(String(db.prepare('SELECT characters FROM reviews').pluck().get()).length).toBeGreaterThan(20);
  });

  it('says which pictures were opened, and no other digest', () => {
    const { reviews, raise } = reviewRig(testDb());
    const pictures = [picture('plate'), picture('vehicle', 'vehicle')];
    const id = raise(plateHit(), pictures);
    const opened = [...pictures.map((p) => p.sha256), sha('another')];
    reviews.opinion(id, LI, { ...YES, opened }, 'box');
    expect(reviews.stored(id)?.review.opinions[0]?.opened).toEqual(pictures.map((p) => p.sha256));
  });

  it('is on disk with its audit row and its event, or not at all', () => {
    const db = testDb();
    const rig = reviewRig(db);
    const id = rig.raise(plateHit());
    rig.reviews.opinion(id, LI, YES, 'box');
    expect(auditOf(db)).toEqual(['P001: hit reviewed']);
    db.exec(`CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    expect(() => rig.reviews.opinion(id, WANG, YES, 'box')).toThrow('planted failure');
    expect(stateOf(db, id)).toBe('first');
    expect(eventsOf(db)).toHaveLength(1);
    db.exec('DROP TRIGGER planted');
    db.exec(`UPDATE meta SET value = json_set(value, '$.rows', 999999999) WHERE key = 'outbox:room'`);
    vi.spyOn(rig.outbox, 'enqueue').mockImplementation(() => {
      throw new OutboxFull('room', { rows: 1, bytes: 1, dead: 0, evicted: 0 });
    });
    expect(() => rig.reviews.opinion(id, WANG, YES, 'box')).toThrow(OutboxFull);
    expect([stateOf(db, id), db.prepare('SELECT count(*) FROM reviews').pluck().get()]).toEqual(['first', 1]);
  });

  it('of two reviewers at once, in two processes, is judged one after the other', () => {
    const folder = tempFolder();
    const [box, terminal] = [testDb(folder), openDb(folder)];
    const here = reviewRig(box);
    const there = reviewRig(terminal);
    const id = here.raise(plateHit());
    expect(there.reviews.opinion(id, LI, YES, 'box')).toEqual({ state: 'first' });
    expect(here.reviews.opinion(id, WANG, YES, 'box')).toEqual({ state: 'confirmed' });
    expect(there.reviews.opinion(id, AUX, NO, 'box')).toEqual({ refused: 'review-final' });
    terminal.close();
  });
});

describe('the command room', () => {
  const SECRETS = ['P001', 'P002', 'confirm', 'dismiss', 'same-vehicle', 'other-vehicle'];

  it('hears neither the first answer nor its author before both are in', () => {
    const db = testDb();
    for (const policy of [TRUSTED, ONE]) {
      const { reviews, raise } = reviewRig(db, { policy });
      const id = raise(plateHit({ entry: `E-${policy.opinions}` }));
      reviews.opinion(id, LI, YES, 'box');
      const before = eventsOf(db).at(-1)!;
      expect(before).toEqual({ hit: id, state: policy.opinions === 1 ? 'one-opinion' : 'first' });
      for (const secret of SECRETS) expect(JSON.stringify(before)).not.toContain(`"${secret}"`);
      reviews.opinion(id, WANG, NO, 'box');
      expect(eventsOf(db).at(-1)).toMatchObject({
        state: 'disputed',
        opinions: [
          { serviceNumber: 'P001', kind: 'police', verdict: 'confirm', reason: 'same-vehicle' },
          { serviceNumber: 'P002', verdict: 'dismiss' },
        ],
      });
    }
  });

  it('judges with two names only where the policy names its relay', () => {
    const db = testDb();
    const pair = { verdict: 'confirm', names: ['Li', 'Wang'], relay: 'room' } as const;
    const plain = reviewRig(db);
    const id = plain.raise(plateHit());
    expect(plain.reviews.pair(id, pair)).toEqual({ refused: 'review-room-not-named' });
    const { reviews } = reviewRig(db, { policy: TRUSTED });
    expect(reviews.pair(id, { ...pair, relay: 'second' })).toEqual({ refused: 'review-room-not-named' });
    expect(reviews.pair(id, pair)).toEqual({ state: 'confirmed' });
    expect(reviews.pair(id, { ...pair, verdict: 'dismiss' })).toEqual({ refused: 'review-final' });
    expect(eventsOf(db)).toMatchObject([{ state: 'confirmed', opinions: [{ name: 'Li' }, { name: 'Wang' }] }]);
  });

  it('that answers late has to agree with the person who judged here', () => {
    const { reviews, raise } = reviewRig(testDb(), { policy: TRUSTED });
    const pair = { verdict: 'dismiss', names: ['Li', 'Wang'], relay: 'room' } as const;
    const [same, other] = [raise(plateHit()), raise(plateHit({ entry: 'E-2' }))];
    reviews.opinion(same, LI, NO, 'box');
    reviews.opinion(other, LI, YES, 'box');
    expect(reviews.pair(same, pair)).toEqual({ state: 'dismissed' });
    expect(reviews.pair(other, pair)).toEqual({ state: 'disputed' });
  });

  it('is not overtaken by an update of the hit, which replaces only updates that wait', () => {
    const db = testDb();
    const { reviews, raise } = reviewRig(db);
    const hit = plateHit();
    const id = raise(hit);
    raise(plateHit({ last: T0 + 1000 }));
    reviews.opinion(id, LI, YES, 'box');
    raise(plateHit({ last: T0 + 2000 }));
    expect(eventsOf(db)).toEqual([{ hit: id, state: 'first' }]);
    expect(eventsOf(db, 'io.sitebox.plate.hit.v2')).toMatchObject([
      { state: 'unreviewed' },
      { state: 'unreviewed', sightings: 3 },
    ]);
  });
});

describe('the outcome on the spot', () => {
  it('is recorded once, after the hit was judged', () => {
    const db = testDb();
    const { reviews, raise } = reviewRig(db);
    const id = raise(plateHit());
    expect(reviews.outcome(id, LI, 'right', 'box')).toEqual({ refused: 'review-outcome-early' });
    reviews.opinion(id, LI, YES, 'box');
    reviews.opinion(id, WANG, YES, 'box');
    expect(reviews.outcome(id, AUX, 'right', 'box')).toEqual({ state: 'confirmed' });
    expect(reviews.outcome(id, LI, 'not met', 'box')).toEqual({ refused: 'review-outcome-given' });
    expect(eventsOf(db).at(-1)).toMatchObject({ outcomes: [{ serviceNumber: 'A101', outcome: 'right' }] });
  });

  it('`wrong` ends it at any time by one police officer; from then on the hit can only become narrower', () => {
    const { reviews, raise } = reviewRig(testDb());
    const id = raise(plateHit());
    expect(reviews.outcome(id, AUX, 'wrong', 'box')).toEqual({ refused: 'review-wrong-by-police' });
    expect(reviews.outcome(id, LI, 'wrong', 'box')).toEqual({ state: 'unreviewed' });
    expect(reviews.outcome(id, WANG, 'right', 'box')).toEqual({ refused: 'review-outcome-given' });
    expect(reviews.opinion(id, LI, YES, 'box')).toEqual({ refused: 'review-was-wrong' });
    expect(reviews.opinion(id, LI, NO, 'box')).toEqual({ state: 'first' });
    expect(reviews.opinion(id, WANG, NO, 'box')).toEqual({ state: 'dismissed' });
    const judged = raise(plateHit({ entry: 'E-2' }));
    for (const judge of [LI, WANG]) reviews.opinion(judged, judge, YES, 'box');
    reviews.outcome(judged, LI, 'right', 'box');
    expect(reviews.outcome(judged, LI, 'wrong', 'box')).toEqual({ state: 'confirmed' });
  });
});

it('a refused opinion is in the audit log with its reason, and leaves no row and no event', () => {
  const db = testDb();
  const { reviews, raise } = reviewRig(db);
  const id = raise(plateHit());
  reviews.opinion(id, LI, YES, 'box');
  reviews.opinion(id, LI, YES, 'box');
  reviews.opinion('01KDQ5V7M0ZQ4X8T2B6N9C3R1A', LI, YES, 'box');
  expect(auditOf(db)).toEqual(['P001: hit reviewed', 'P001: review refused', 'P001: review refused']);
  expect(eventsOf(db)).toHaveLength(1);
  expect(JSON.stringify(db.prepare('SELECT detail FROM audit').all())).not.toMatch(/皖|A12345/);
});
