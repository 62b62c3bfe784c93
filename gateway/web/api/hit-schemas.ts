/** What the API answers about hits. The view of a hit to judge has no member for an opinion, so that none can go out with it. */
import { z } from 'zod';
import { REVIEW_STATES, SPOT_OUTCOMES, type Review } from '../../contracts/review.ts';
import { iso } from '../../contracts/time.ts';
import { isFinal } from '../../hits/review-state.ts';
import type { SecondView } from '../../hits/second-view.ts';

const state = z.enum(REVIEW_STATES as ['unreviewed', ...typeof REVIEW_STATES]);
const list = z.enum(['plate-list', 'doc-list']);

export const hitLineSchema = z.object({
  id: z.string(),
  lane: z.string(),
  state,
  first: z.string(),
  last: z.string(),
  /** Absent where the body of the hit cannot be read any more. */
  category: z.string().optional(),
  certainty: z.string().optional(),
  list: list.optional(),
});

const comparison = z.object({ outcome: z.string() });

export const viewSchema = z.object({
  id: z.string(),
  lane: z.string(),
  first: z.string(),
  last: z.string(),
  sightings: z.int(),
  list,
  listVersion: z.int(),
  entry: z.string(),
  category: z.string(),
  instruction: z.string(),
  certainty: z.string(),
  pictures: z.array(z.object({ what: z.string(), sha256: z.string() })),
  plate: z
    .object({
      read: z.string(),
      doubtful: z.int(),
      listed: z.string().optional(),
      colour: z.string(),
      kind: z.string(),
      direction: z.string(),
      late: z.boolean(),
    })
    .optional(),
  document: z
    .object({
      type: z.string(),
      expired: z.boolean(),
      comparison: comparison.optional(),
      entryComparison: comparison.optional(),
    })
    .optional(),
});

/** A similarity without words would be taken for a probability: it stays here. */
export function viewData({ list: ref, first, last, plate, document, ...view }: SecondView): z.infer<typeof viewSchema> {
  return {
    ...view,
    first: iso(first),
    last: iso(last),
    list: ref.type,
    listVersion: ref.version,
    pictures: view.pictures.map(({ what, sha256 }) => ({ what, sha256 })),
    ...(plate ? { plate: { ...plate } } : {}),
    ...(document ? { document: { ...document } } : {}),
  };
}

const outcome = z.enum(SPOT_OUTCOMES as ['right', ...typeof SPOT_OUTCOMES]);
const origin = z.enum(['box', 'room']);

export const reviewSchema = z.object({
  state,
  opinions: z.array(
    z.object({
      /** Absent for the people of a room who are known by their names alone. */
      serviceNumber: z.string().optional(),
      name: z.string().optional(),
      verdict: z.enum(['confirm', 'dismiss']),
      reason: z.string().optional(),
      picturesOpened: z.int(),
      origin,
      at: z.string(),
    }),
  ),
  outcomes: z.array(z.object({ serviceNumber: z.string(), outcome, origin, at: z.string() })),
});

/** The second opinion is independent: until it is given, neither the first one nor its author goes out. */
export function reviewData({ state: now, opinions, reports }: Review): z.infer<typeof reviewSchema> {
  return {
    state: now,
    opinions: (isFinal(now) ? opinions : []).map(({ judge, name, verdict, reason, opened, origin: from, at }) => ({
      ...(judge ? { serviceNumber: judge.serviceNumber } : {}),
      ...(name === undefined ? {} : { name }),
      verdict,
      ...(reason === undefined ? {} : { reason }),
      picturesOpened: opened.length,
      origin: from,
      at: iso(at),
    })),
    outcomes: reports.map(({ judge, outcome: found, origin: from, at }) => ({
      serviceNumber: judge.serviceNumber,
      outcome: found,
      origin: from,
      at: iso(at),
    })),
  };
}
