/** What a person says at the box reaches the crew at once, and not at the next turn, which may be a second away. */
import { expect, it } from 'vitest';
import type { OpenedParts } from '../config/parts.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import type { CrewService } from '../crew/crew-service.ts';
import { LI, plateHit, reviewRig, T0, WANG, YES } from '../hits/reviews.fixtures.ts';
import type { Accounts } from '../people/accounts.ts';
import { testDb } from '../store/db.fixtures.ts';
import type { ListedAlerts } from './listed-alerts.ts';
import { openReviews } from './reviews.ts';

function openRig() {
  const db = testDb(tempFolder());
  const { outbox, raise } = reviewRig(db);
  const heard: string[] = [];
  const answering = { refuses: false };
  const hear = (what: string): void => {
    if (answering.refuses) throw new Error('planted');
    heard.push(what);
  };
  const rooms = openReviews({ config: { site: 'demo', lists: {} }, relays: [] } as unknown as OpenedParts, {
    db,
    outbox,
    log: SILENT_LOG,
    clock: { now: () => T0, mono: () => 0, trusted: () => T0, state: () => ({ highest: T0, behindMs: 0 }) },
    accounts: { find: () => undefined, mayJudge: () => undefined } as unknown as Accounts,
    crew: { standDown: (_hit: string, why: string) => hear(`ended: ${why}`) } as unknown as CrewService,
    alerts: { alert: (_hit: object, state: string) => hear(state) } as unknown as ListedAlerts,
  });
  return { db, hit: raise(plateHit()), heard, answering, ...rooms };
}

it('an alert begins and ends before the answer; a refusal alerts no one', () => {
  const { reviews, hit, heard, ...rooms } = openRig();
  reviews.opinion(hit, LI, YES, 'box');
  reviews.opinion(hit, LI, YES, 'box');
  expect(heard).toEqual([]);
  reviews.opinion(hit, WANG, YES, 'box');
  expect(heard).toEqual(['confirmed']);
  reviews.outcome(hit, LI, 'wrong', 'box');
  expect(heard).toEqual(['confirmed', 'ended: outcome']);
  rooms.turn();
  expect(heard).toHaveLength(2);
});

it('an instruction of the room acts once its transaction is on disk, and not where it is rolled back', () => {
  const { db, hit, heard, handlers } = openRig();
  const say = (judge: typeof LI) =>
    handlers.opinion!(
      { id: judge.serviceNumber, at: T0, by: 'Room', expires: T0, kind: 'opinion', hit, judge, content: YES },
      'room',
    );
  say(LI);
  expect(() =>
    db.write(() => {
      say(WANG);
      throw new Error('rolled back');
    }),
  ).toThrow('rolled back');
  expect(heard).toEqual([]);
  db.write(() => {
    say(WANG);
    expect(heard).toEqual([]);
  });
  expect(heard).toEqual(['confirmed']);
});

it('a person is answered though the crew cannot be told', () => {
  const { reviews, hit, answering } = openRig();
  answering.refuses = true;
  reviews.opinion(hit, LI, YES, 'box');
  expect(reviews.opinion(hit, WANG, YES, 'box')).toEqual({ state: 'confirmed' });
});
