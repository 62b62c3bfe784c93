/** Hits for officers: the list, one to judge with its pictures, the reading of a doubtful character, opinions, and outcomes on the spot. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deed, Deeds } from '../../contracts/deeds.ts';
import type { Person } from '../../contracts/people.ts';
import { OPINION_REASONS, REVIEW_STATES, SPOT_OUTCOMES, type OpinionReason } from '../../contracts/review.ts';
import { iso } from '../../contracts/time.ts';
import { charactersRead, secondView } from '../../hits/second-view.ts';
import { refuse } from '../../people/refusal.ts';
import { appendAudit } from '../../store/audit.ts';
import { readPicture } from '../../store/evidence.ts';
import { getHit } from '../../store/hits.ts';
import { judgingOf, noteOpened, noteReading } from '../../store/judgings.ts';
import { hitLines } from '../../store/reviews.ts';
import { RefusedError, REFUSALS } from './errors.ts';
import { hitLineSchema, reviewSchema, reviewData, viewData, viewSchema } from './hit-schemas.ts';
import { READS, WRITES } from './limits.ts';
import type { Api, ApiRooms } from './rooms.ts';
import { id, laneId } from './schemas.ts';

const PAGE = 50;
const REASONS = Object.values(OPINION_REASONS).flatMap(({ confirm, dismiss }) => [...confirm, ...dismiss]);
const reason = z.enum([...new Set<OpinionReason>(REASONS)] as [OpinionReason, ...OpinionReason[]]);
const state = z.enum(REVIEW_STATES as ['unreviewed', ...typeof REVIEW_STATES]);
const params = z.object({ id });
const stateAnswer = z.object({ state });

export function hitRoutes(api: Api, { hits }: ApiRooms): void {
  listRoute(api, hits);
  viewRoutes(api, hits);
  judgeRoutes(api, hits);
}

type Hits = ApiRooms['hits'];

function judgeOf({ holder }: Pick<FastifyRequest, 'holder'>): Person {
  if (!holder?.person) throw new RefusedError(refuse('session-ended'));
  return holder.person;
}

/** Nothing is shown that the log does not hold. `also`: in the same transaction. */
function log<What extends Deed>(
  { db, now }: Hits,
  { who, what, detail }: { readonly who: string; readonly what: What; readonly detail: Deeds[What] },
  also: () => void = () => undefined,
): void {
  db.write(() => {
    appendAudit(db, { at: now(), who, what, detail });
    also();
  });
}

function storedOf({ reviews }: Hits, hit: string) {
  const stored = reviews.stored(hit);
  if (!stored) throw new RefusedError(refuse(reviews.whyMissing(hit)));
  return stored;
}

function listRoute(api: Api, hits: Hits): void {
  const { db } = hits;
  api.get(
    '/hits',
    {
      config: { access: ['officer'], rateLimit: READS },
      schema: {
        summary: 'The newest 50 hits, or those before one; without plates and numbers',
        querystring: z.object({ lane: laneId.optional(), state: state.optional(), before: id.optional() }),
        response: { 200: z.array(hitLineSchema), ...REFUSALS },
      },
    },
    async (request) => {
      const { lane, state: wanted, before } = request.query;
      const last = before === undefined ? undefined : getHit(db, before);
      if (before !== undefined && !last) throw new RefusedError(refuse('review-unknown-hit'));
      const lines = hitLines(db, {
        limit: PAGE,
        ...(lane === undefined ? {} : { lane }),
        ...(wanted === undefined ? {} : { state: wanted }),
        ...(last ? { before: { id: last.id, lastMs: last.last } } : {}),
      });
      const detail = { lane: lane ?? null, state: wanted ?? null, hits: lines.length };
      log(hits, { who: judgeOf(request).serviceNumber, what: 'hits listed', detail });
      return lines.map((line) => {
        const hit = getHit(db, line.id);
        return {
          id: line.id,
          lane: line.lane,
          state: line.state,
          first: iso(line.firstMs),
          last: iso(line.lastMs),
          ...(hit ? { category: hit.category, certainty: hit.certainty, list: hit.list.type } : {}),
        };
      });
    },
  );
}

function viewRoutes(api: Api, hits: Hits): void {
  api.get(
    '/hits/:id',
    {
      config: { access: ['officer'], rateLimit: READS },
      schema: {
        summary: 'One hit to judge: no opinion, and no listed plate while a character of it is to be read',
        params,
        response: { 200: viewSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const who = judgeOf(request).serviceNumber;
      const stored = storedOf(hits, request.params.id);
      log(hits, { who, what: 'hit viewed', detail: { hit: stored.hit.id, opened: [] } });
      return viewData(secondView(stored, judgingOf(hits.db, stored.hit.id, who).characters));
    },
  );
  api.get(
    '/hits/:id/pictures/:sha256',
    {
      config: { access: ['officer'], rateLimit: READS },
      schema: {
        summary: 'A picture of a hit; that it was opened goes with the opinion',
        params: params.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
        response: { 200: z.unknown(), ...REFUSALS },
      },
    },
    async (request, reply) => {
      const who = judgeOf(request).serviceNumber;
      const { evidence, hit } = storedOf(hits, request.params.id);
      const { sha256 } = request.params;
      const picture = evidence.some((one) => one.sha256 === sha256) ? readPicture(hits.db, sha256) : undefined;
      if (!picture) throw new RefusedError(refuse('review-unknown-hit'));
      const detail = { hit: hit.id, opened: [sha256] };
      log(hits, { who, what: 'hit viewed', detail }, () => noteOpened(hits.db, hit.id, who, [sha256]));
      return await reply.type(picture.mediaType).send(picture.bytes);
    },
  );
  api.get(
    '/hits/:id/review',
    {
      config: { access: ['officer', 'auditor'], rateLimit: READS },
      schema: {
        summary: 'What people said of a hit; opinions only once no further one is taken',
        params,
        response: { 200: reviewSchema, ...REFUSALS },
      },
    },
    async (request) => reviewData(storedOf(hits, request.params.id).review),
  );
}

function judgeRoutes(api: Api, hits: Hits): void {
  const { reviews } = hits;
  api.post(
    '/hits/:id/reading',
    {
      config: { access: ['officer'], rateLimit: WRITES },
      schema: {
        summary: 'What is read at the doubtful positions; then the listed plate is shown. The first reading counts',
        params,
        body: z.object({ characters: z.string().min(1).max(20) }),
        response: { 200: viewSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const who = judgeOf(request).serviceNumber;
      const stored = storedOf(hits, request.params.id);
      const doubtful = secondView(stored).plate?.doubtful ?? 0;
      const characters = charactersRead(request.body.characters, doubtful);
      if (characters === undefined || doubtful === 0) throw new RefusedError(refuse('review-characters-missing'));
      const hit = stored.hit.id;
      log(hits, { who, what: 'doubtful characters read', detail: { hit } }, () =>
        noteReading(hits.db, hit, who, characters),
      );
      return viewData(secondView(stored, judgingOf(hits.db, hit, who).characters));
    },
  );
  api.post(
    '/hits/:id/opinion',
    {
      config: { access: ['officer'], rateLimit: WRITES },
      schema: {
        summary: 'Confirm or dismiss, with a reason; of a person after the password once more',
        params,
        body: z.object({ verdict: z.enum(['confirm', 'dismiss']), reason }),
        response: { 200: stateAnswer, ...REFUSALS },
      },
    },
    async (request) => {
      const { serviceNumber, kind } = judgeOf(request);
      const { hit } = storedOf(hits, request.params.id);
      const isOfPerson = 'document' in hit;
      if (isOfPerson && !request.holder!.isProved) throw new RefusedError(refuse('session-not-proved'));
      const content = { ...request.body, ...judgingOf(hits.db, hit.id, serviceNumber) };
      const answer = reviews.opinion(hit.id, { serviceNumber, kind }, content, 'box');
      if ('refused' in answer) throw new RefusedError(refuse(answer.refused));
      return { state: answer.state };
    },
  );
  outcomeRoute(api, hits);
}

function outcomeRoute(api: Api, { reviews }: Hits): void {
  api.post(
    '/hits/:id/outcome',
    {
      config: { access: ['officer'], rateLimit: WRITES },
      schema: {
        summary: 'What was found on the spot',
        params,
        body: z.object({ outcome: z.enum(SPOT_OUTCOMES as ['right', ...typeof SPOT_OUTCOMES]) }),
        response: { 200: stateAnswer, ...REFUSALS },
      },
    },
    async (request) => {
      const { serviceNumber, kind } = judgeOf(request);
      const answer = reviews.outcome(request.params.id, { serviceNumber, kind }, request.body.outcome, 'box');
      if ('refused' in answer) throw new RefusedError(refuse(answer.refused));
      return { state: answer.state };
    },
  );
}
