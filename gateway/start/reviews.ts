/** What people say of hits: their opinions, the site's policy, what follows, and the instructions of the command room. */
import type { Clock } from '../clock/clock.ts';
import type { OpenedParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import { kindOf } from '../contracts/errors.ts';
import type { InstructionHandlers } from '../contracts/instruction.ts';
import type { Status } from '../contracts/status.ts';
import type { CrewService } from '../crew/crew-service.ts';
import { DismissalMemory } from '../hits/dismissal-memory.ts';
import { ReviewEffects } from '../hits/review-effects.ts';
import { Reviews } from '../hits/reviews.ts';
import { reviewHandlers } from '../hits/room-reviews.ts';
import { PolicyFile } from '../lists/in-force/policy-file.ts';
import type { Accounts } from '../people/accounts.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { ListedAlerts } from './listed-alerts.ts';

export interface ReviewRoomsOptions {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: Accounts;
  readonly crew: CrewService | undefined;
  readonly alerts: ListedAlerts | undefined;
}

export interface ReviewRooms {
  readonly reviews: Reviews;
  readonly dismissals: DismissalMemory;
  readonly handlers: InstructionHandlers;
  readonly status: readonly Status[];
  /** Called once a second. */
  turn(): void;
}

export function openReviews(
  { config, relays }: Pick<OpenedParts, 'config' | 'relays'>,
  { db, outbox, clock, log, accounts, crew, alerts }: ReviewRoomsOptions,
): ReviewRooms {
  const policy = new PolicyFile({ db, site: config.site, path: config.lists.policy, now: () => clock.trusted() });
  const dismissals = new DismissalMemory();
  const reviews = new Reviews({ db, outbox, clock, policy: () => policy.inForce(), accounts, recorded: followNow });
  const effects = new ReviewEffects({
    db,
    clock,
    log,
    memory: dismissals,
    relays: relays.flatMap(({ id, relay }) => (relay.receive ? [id] : [])),
    confirmed: (hit, state) => alerts?.alert(hit, state),
    ended: (hit, why) => crew?.standDown(hit, why),
  });
  function followNow(): void {
    try {
      effects.follow();
    } catch (error) {
      log.warn({ cause: kindOf(error) }, 'what follows a review waits for the next turn');
    }
  }
  const handlers = reviewHandlers({ db, clock, reviews });
  return {
    reviews,
    dismissals,
    handlers,
    status: [policy.status, effects.status],
    turn() {
      policy.turn();
      effects.turn();
    },
  };
}
