/** For tests: hits of nobody, people who judge them, and what follows, on a real store. */
import { createHash } from 'node:crypto';
import { newId } from '../clock/clock.ts';
import { SILENT_LOG, type Id } from '../contracts/base.ts';
import type { DocumentHit, Hit, PlateHit } from '../contracts/hit.ts';
import type { Judge } from '../contracts/people.ts';
import type { Evidence } from '../contracts/picture.ts';
import { DEFAULT_POLICY, type OpinionContent, type ReviewPolicy } from '../contracts/review.ts';
import type { Db } from '../store/db.ts';
import { recordHit } from '../store/hits.ts';
import { OutboxWriter, rowKey } from '../store/outbox/outbox.ts';
import { DismissalMemory } from './dismissal-memory.ts';
import { ReviewEffects, type ReviewEffectsOptions } from './review-effects.ts';
import { Reviews, type ReviewsOptions } from './reviews.ts';
import { reviewHandlers } from './room-reviews.ts';

export const T0 = Date.UTC(2026, 0, 1, 8);
export const LI: Judge = { serviceNumber: 'P001', kind: 'police' };
export const WANG: Judge = { serviceNumber: 'P002', kind: 'police' };
export const AUX: Judge = { serviceNumber: 'A101', kind: 'auxiliary' };
export const OTHER_AUX: Judge = { serviceNumber: 'A102', kind: 'auxiliary' };
export const YES: OpinionContent = { verdict: 'confirm', reason: 'same-vehicle', opened: [] };
export const NO: OpinionContent = { verdict: 'dismiss', reason: 'other-vehicle', opened: [] };

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

export function plateHit(more: Partial<PlateHit> = {}): PlateHit {
  return {
    id: newId(T0),
    lane: 'road-1',
    camera: 'north',
    first: T0 - 1000,
    last: T0,
    sightings: 1,
    list: { type: 'plate-list', version: 7, sha256: sha('list') },
    entry: 'E-0001',
    category: 'stolen',
    instruction: 'stop and ask',
    certainty: 'exact',
    read: { text: '皖A12345', kind: 'standard', colour: 'blue', lines: 1, probability: 0.99, votes: 4, by: 'box' },
    listed: '皖A12345',
    direction: 'approaching',
    state: 'unreviewed',
    clock: { highest: T0, behindMs: 0 },
    config: sha('config'),
    models: [sha('model')],
    ...more,
  };
}

/** The box read 8 where the list has B. */
export function possibleHit(more: Partial<PlateHit> = {}): PlateHit {
  const { read } = plateHit();
  return plateHit({ certainty: 'possible', read: { ...read, text: '皖A8234N' }, listed: '皖AB234N', ...more });
}

export function documentHit(): DocumentHit {
  const { camera: _camera, read: _read, direction: _direction, ...rest } = plateHit();
  const list = { type: 'doc-list', version: 3, sha256: sha('documents') } as const;
  return { ...rest, list, reader: 'desk-1', document: 'resident-card', expired: false, listed: sha('number') };
}

export function picture(text: string, what: Evidence['what'] = 'plate'): Evidence {
  return { what, sha256: sha(text), mediaType: 'image/jpeg', bytes: Buffer.from(text) };
}

/** What waits for the command room in the stream of a hit, as text, oldest first. */
export function eventTexts(db: Db, hit: Id, type = 'io.sitebox.review.v1'): string[] {
  const rows = db.prepare('SELECT relay, id, data FROM outbox WHERE stream = ? AND type = ? ORDER BY seq');
  const events = rows.all(`hit:${hit}`, type) as { relay: string; id: string; data: string }[];
  return events.map(({ relay, id, data }) => db.sealing.open('outbox.data', rowKey(relay, id), data)!);
}

export interface ReviewRigOptions {
  readonly policy?: ReviewPolicy;
  /** Default: everybody may, and none of them has an account. */
  readonly accounts?: ReviewsOptions['accounts'];
  readonly confirmed?: ReviewEffectsOptions['confirmed'];
  readonly ended?: ReviewEffectsOptions['ended'];
  readonly relays?: readonly string[];
  /** Default: T0. */
  readonly now?: () => number;
}

/** Another one on the same store is another process beside the box. */
export function reviewRig(db: Db, options: ReviewRigOptions = {}) {
  const { now = () => T0, relays = ['room'], policy = DEFAULT_POLICY } = options;
  const { accounts = { find: () => undefined, mayJudge: () => undefined } } = options;
  const { confirmed = () => undefined, ended = () => undefined } = options;
  const limits = { rows: 10_000, bytes: 1e8 };
  const source = '/sites/demo/boxes/box-001';
  const outbox = new OutboxWriter(db, { source, relays, limits, now, wake: () => undefined });
  let mono = 0;
  const clock = { now, mono: () => mono };
  const memory = new DismissalMemory();
  const reviews = new Reviews({ db, outbox, clock, policy: () => policy, accounts });
  const effects = new ReviewEffects({ db, clock, log: SILENT_LOG, memory, relays, confirmed, ended });
  const handlers = reviewHandlers({ db, clock, reviews });
  return {
    reviews,
    effects,
    memory,
    handlers,
    outbox,
    /** A turn in which dismissed hits are erased too. */
    minute: (): void => {
      mono += 60_000;
      effects.turn();
    },
    raise: (hit: Hit, evidence: readonly Evidence[] = []): Id =>
      recordHit(db, { hit, evidence, windowMs: 60_000 }, outbox).hit.id,
  };
}
