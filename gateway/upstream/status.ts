/** What delivery says in /health and /metrics: how much waits for each command room, what was refused for good, and what else answers. */
import { isoOrNull } from '../contracts/time.ts';
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import { labelled, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { words } from '../contracts/words/words.ts';
import type { Db } from '../store/db.ts';
import { deadLetters, outboxStats } from '../store/outbox/outbox.ts';
import type { Delivery, DeliveryState } from './deliver.ts';

export interface DeliveriesOptions {
  /** By the id of the relay. */
  readonly deliveries: ReadonlyMap<string, Pick<Delivery, 'state'>>;
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  readonly startedAt: Instant;
}

export const RELAY_STUCK_MS = 60_000;
/** Events that a command room refused for good, as /health names them: the newest ones, with the reason. */
const REFUSED_SHOWN = 5;

/** The outbox of one relay, and what its delivery does with it. */
interface RelayDelivery extends DeliveryState, ReturnType<typeof outboxStats> {
  readonly id: string;
  /** When the oldest event that waits was written; undefined where none waits. */
  readonly oldestMs: Instant | undefined;
}

export function deliveriesStatus({ deliveries, db, clock, startedAt }: DeliveriesOptions): Status {
  const relays = (): RelayDelivery[] =>
    [...deliveries].map(([id, delivery]) => {
      const stats = outboxStats(db, id, clock.now());
      const oldestMs = stats.rows > stats.dead ? clock.now() - stats.oldestAgeMs : undefined;
      return { id, ...stats, oldestMs, ...delivery.state() };
    });
  const perOutbox = labelled('relay', relays);
  const perRelay = labelled('relay', () => [...deliveries].map(([id, delivery]) => ({ id, ...delivery.state() })));
  return {
    problems: () =>
      relays().flatMap((relay) => [
        ...stuckProblem(relay, clock.now(), startedAt),
        ...deadProblem(relay),
        ...turnedAwayProblem(relay),
      ]),
    readings: () => [
      perOutbox('sitebox_outbox_rows', 'gauge', 'Events that wait', (l) => [l.id, l.rows]),
      perOutbox('sitebox_outbox_bytes', 'gauge', 'Bytes of the events that wait', (l) => [l.id, l.bytes]),
      perOutbox('sitebox_outbox_dead', 'gauge', 'Events refused for good', (l) => [l.id, l.dead]),
      perOutbox('sitebox_outbox_evicted_total', 'counter', 'Events that gave way', (l) => [l.id, l.evicted]),
      perOutbox('sitebox_outbox_oldest_age_seconds', 'gauge', 'Age of the oldest that waits', (l) => [
        l.id,
        l.oldestAgeMs / 1000,
      ]),
      perRelay('sitebox_events_delivered_total', 'counter', 'Events acknowledged', (l) => [l.id, l.stored]),
      perRelay('sitebox_delivery_failures_total', 'counter', 'Sends to be repeated', (l) => [l.id, l.failed]),
      perRelay('sitebox_delivery_window', 'gauge', 'Sends that may be under way at one time', (l) => [l.id, l.window]),
      perRelay(
        'sitebox_delivery_turned_away',
        'gauge',
        'Events that something else than the command room answers, 100 at most',
        (l) => [l.id, l.turnedAway.rows],
      ),
    ],
    health: () => ({
      upstream: relays().map(({ id, rows, bytes, dead, oldestMs, error }) => ({
        id,
        rows,
        bytes,
        dead,
        oldest: isoOrNull(oldestMs),
        error: error ?? null,
        refused: deadLetters(db, id, REFUSED_SHOWN).map((e) => ({ ...e, time: isoOrNull(e.time) })),
      })),
      line: Object.fromEntries(
        [...deliveries].map(([id, delivery]) => {
          const { window, turnedAway } = delivery.state();
          return [id, { window, turnedAway: { rows: turnedAway.rows, why: turnedAway.why ?? null } }];
        }),
      ),
    }),
  };
}

/** The age of an event counts from the start of the box at the earliest: before that, delivery was not tried. */
function stuckProblem({ id, rows, error, oldestMs }: RelayDelivery, now: Instant, startedAt: Instant): Problem[] {
  const ageMs = oldestMs === undefined ? 0 : now - Math.max(oldestMs, startedAt);
  if (ageMs <= RELAY_STUCK_MS) return [];
  const cause = error ? words('because', { cause: error }) : '';
  return [problem(`upstream:${id}`, 'upstream-stuck', { id, seconds: Math.round(ageMs / 1000), rows, cause })];
}

function deadProblem({ id, dead }: RelayDelivery): Problem[] {
  return dead === 0 ? [] : [problem(`refused:${id}`, 'upstream-refused', { id, dead })];
}

function turnedAwayProblem({ id, turnedAway: { rows, why } }: RelayDelivery): Problem[] {
  return rows === 0 ? [] : [problem(`turned-away:${id}`, 'upstream-turned-away', { id, rows, cause: why ?? '' })];
}
