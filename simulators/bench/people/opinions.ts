/** Two officers judge the same hits, each in an order of their own, while the command room joins in by instruction: what comes of it on both sides. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Judge } from '../../../gateway/contracts/people.ts';
import { DEFAULT_POLICY, type OpinionContent, type OpinionVerdict } from '../../../gateway/contracts/review.ts';
import { allowedState, type OpinionRow } from '../../../gateway/hits/review-model.fixtures.ts';
import { openDb } from '../../../gateway/store/db.ts';
import { startRoom, type Room } from '../../command-room/room.ts';
import { RELAY } from '../../faults/store-fill.ts';
import { newSecret } from '../../product/site.ts';
import { seeded, type Random } from '../../scene/random.ts';
import { measure, type Measure } from '../report.ts';
import type { ApiClient } from './api-client.ts';
import { raiseHits, type HitToTry } from './fill-hits.ts';
import { layPeopleBox, OFFICERS, openBox, openOfficer } from './people-box.ts';

const HITS = 1_000;
const DISAGREEING = 0.2;
/** Of the hits, those on which somebody in the room gives an opinion, and those that it sends back with two names, which no policy allows. */
const BY_ROOM = 0.3;
const BY_PAIR = 0.05;
const IN_ROOM: Judge = { serviceNumber: '200001', kind: 'police' };
const ROOM_BATCH = 10;
const ROOM_EVERY_MS = 300;
const MAX_DELIVERY_MS = 60_000;
/** What the box answers to whoever comes third, or after a dismissed hit was erased. */
const THIRD = new Set(['review-final', 'review-unknown-hit']);

interface Given {
  readonly hit: string;
  readonly serviceNumber: string;
}

export async function measureOpinions(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  const secret = newSecret();
  const room = await startRoom({ secret });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => room.close());
  const box = await layPeopleBox({
    folder,
    upstream: { [RELAY]: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } },
    env: { ROOM_SECRET: secret },
  });
  undo.defer(() => box.close());
  const random = seeded(13);
  const store = openDb(box.site.storage);
  const hits = raiseHits(store, HITS, RELAY);
  store.close();
  const gateway = box.start();
  undo.defer(() => gateway.kill());
  const open = await openBox(gateway);
  progress(`two officers and the room judge ${HITS} hits`);
  const truth = new Map(hits.map(({ id }) => [id, verdictBy(random() < 0.5)]));
  const taken: Given[] = [];
  const judge = async (which: 0 | 1): Promise<void> => {
    const officer = await openOfficer(open, which);
    for (const hit of shuffled(hits, random)) {
      const differs = which === 1 && random() < DISAGREEING;
      const verdict = verdictBy((truth.get(hit.id) === 'confirm') !== differs);
      if (await giveOpinion(officer, hit, verdict)) taken.push({ hit: hit.id, ...numberOf(which) });
    }
    officer.close();
  };
  await Promise.all([judge(0), judge(1), joinIn(room, hits, random, truth)]);
  const figures = await compare(room, { storage: box.site.storage, hits, taken, stop: () => gateway.stop() });
  return figures;
}

const verdictBy = (isRight: boolean): OpinionVerdict => (isRight ? 'confirm' : 'dismiss');
const numberOf = (which: 0 | 1) => ({ serviceNumber: OFFICERS[which].serviceNumber });

function contentOf({ isPossible }: HitToTry, verdict: OpinionVerdict): OpinionContent {
  const reason = verdict === 'confirm' ? 'same-vehicle' : 'other-vehicle';
  return { verdict, reason, opened: [], ...(isPossible ? { characters: 'B' } : {}) };
}

/** False where the box said that others had decided. */
async function giveOpinion(officer: ApiClient, hit: HitToTry, verdict: OpinionVerdict): Promise<boolean> {
  const { reason, characters } = contentOf(hit, verdict);
  const path = `/api/v1/hits/${hit.id}`;
  if (characters !== undefined) {
    const read = await officer.call('POST', `${path}/reading`, { characters });
    if (read.status !== 200 && read.json['code'] !== 'review-unknown-hit')
      throw new Error(`${read.status} ${read.body.toString()}`);
  }
  const { status, json, body } = await officer.call('POST', `${path}/opinion`, { verdict, reason });
  if (status !== 200 && !THIRD.has(String(json['code']))) throw new Error(`${status} ${body.toString()}`);
  return status === 200;
}

async function joinIn(
  room: Room,
  hits: readonly HitToTry[],
  random: Random,
  truth: ReadonlyMap<string, OpinionVerdict>,
): Promise<void> {
  const chosen = shuffled(hits, random);
  const opinions = chosen.slice(0, BY_ROOM * HITS);
  const pairs = chosen.slice(-BY_PAIR * HITS);
  for (const [i, hit] of opinions.entries()) {
    if (i % ROOM_BATCH === 0) await sleep(ROOM_EVERY_MS);
    const head = { at: Date.now(), hit: hit.id };
    const differs = random() < DISAGREEING;
    const content = contentOf(hit, verdictBy((truth.get(hit.id) === 'confirm') !== differs));
    room.tell({ ...head, id: `opinion-${hit.id}`, by: 'Room 1', kind: 'opinion', judge: IN_ROOM, content });
    const pair = pairs[i];
    if (!pair) continue;
    const names = { by: 'Room 1', second: 'Room 2' };
    room.tell({ ...head, ...names, id: `pair-${pair.id}`, hit: pair.id, kind: 'review', outcome: 'confirmed' });
  }
}

interface Played {
  readonly storage: string;
  readonly hits: readonly HitToTry[];
  readonly taken: readonly Given[];
  readonly stop: () => Promise<unknown>;
}

async function compare(room: Room, { storage, hits, taken, stop }: Played): Promise<Measure[]> {
  await allDelivered(room, storage, hits.length);
  await stop();
  using db = openDb(storage);
  const rows = db
    .prepare('SELECT hit, serviceNumber, kind, verdict, state FROM reviews ORDER BY seq')
    .all() as (OpinionRow & { readonly hit: string })[];
  const stored = new Map(
    (db.prepare('SELECT id, state FROM hits').all() as { id: string; state: string }[]).map(({ id, state }) => [
      id,
      state,
    ]),
  );
  const states = hits.map(({ id }) => {
    const ofHit = rows.filter((row) => row.hit === id);
    const state = stored.get(id) ?? ofHit.at(-1)?.state ?? 'lost';
    return { state, isAllowed: allowedState(ofHit, DEFAULT_POLICY) === state };
  });
  const ids = new Set(rows.map(({ hit, serviceNumber }) => `${hit} ${serviceNumber}`));
  const events = room.events();
  const raised = new Set(
    events.flatMap(({ type, data }) => (/\.hit\./.test(type) ? [(data as { id: string }).id] : [])),
  );
  const reviews = events.filter(isReview).length;
  const refused = new Set(events.flatMap(({ id, data }) => ((data as { refused?: unknown }).refused ? [id] : [])));
  const told = room.instructions().filter(({ id }) => !id.startsWith('erased-'));
  const unanswered = told.filter(({ id, took }) => {
    const [, kind, hit] = /^(opinion|pair)-(.*)$/.exec(id)!;
    const isTaken = kind === 'opinion' && ids.has(`${hit} ${IN_ROOM.serviceNumber}`);
    return !took || isTaken === refused.has(id);
  });
  const lost = {
    answers: taken.filter(({ hit, serviceNumber }) => !ids.has(`${hit} ${serviceNumber}`)).length,
    hits: hits.filter(({ id }) => !raised.has(id)).length,
    reviews: Math.abs(rows.length - reviews),
    instructions: unanswered.length,
  };
  const count = (name: string, value: number, n: number, bar?: Measure['bar']): Measure =>
    measure(name, value, 'events', n, bar);
  const inState = (wanted: string): number => states.filter(({ state }) => state === wanted).length;
  return [
    count('opinions that were taken', rows.length, HITS, { least: 2 * HITS }),
    count(
      'of these by instruction of the room',
      rows.filter((r) => r.serviceNumber === IN_ROOM.serviceNumber).length,
      told.length,
    ),
    ...['confirmed', 'dismissed', 'disputed'].map((state) => count(`hits ${state}`, inState(state), HITS)),
    count('hits in a state that the model does not allow', states.filter((s) => !s.isAllowed).length, HITS, {
      most: 0,
    }),
    count('answered to an officer and not stored', lost.answers, taken.length, { most: 0 }),
    count('hits that the room does not have', lost.hits, HITS, { most: 0 }),
    count('opinions that are no event at the room, or more than one', lost.reviews, rows.length, { most: 0 }),
    count('instructions without an answer', lost.instructions, told.length, { most: 0 }),
  ];
}

const isReview = ({ type, data }: { readonly type: string; readonly data?: unknown }): boolean =>
  type === 'io.sitebox.review.v1' && !(data as { refused?: unknown }).refused;

/** Until the outbox is empty and the room has taken no more for a moment. */
async function allDelivered(room: Room, storage: string, hits: number): Promise<void> {
  const until = performance.now() + MAX_DELIVERY_MS;
  using db = openDb(storage);
  const waits = (): number => db.prepare('SELECT count(*) FROM outbox WHERE dead = 0').pluck().get() as number;
  const pending = (): boolean => room.instructions().some(({ took }) => !took);
  while ((waits() > 0 || pending() || room.events().length < hits) && performance.now() < until) await sleep(500);
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const keyed = values.map((value) => ({ value, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
