/** What the routes of the API work with. */
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instant, Log } from '../../contracts/base.ts';
import type { CrewForPeople } from '../../contracts/crew-view.ts';
import type { ListState, ListType } from '../../contracts/list.ts';
import type { Problem } from '../../contracts/status.ts';
import type { Reviews } from '../../hits/reviews.ts';
import type { Accounts } from '../../people/accounts.ts';
import type { Handovers } from '../../people/handovers.ts';
import type { Sessions } from '../../people/sessions.ts';
import type { SetUp } from '../../people/setup-code.ts';
import type { Db } from '../../store/db.ts';

/** What the API hands out and changes. */
export interface ApiRooms {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly setUp: SetUp;
  readonly handovers: Handovers;
  readonly hits: { readonly reviews: Reviews; readonly db: Db; readonly now: () => Instant };
  /** Where the box has a crew. */
  readonly crew: CrewForPeople | undefined;
  readonly health: () => object;
  /** What a person has to look at now. */
  readonly problems: () => readonly Problem[];
  readonly lists: () => readonly (readonly [ListType, ListState])[];
  /** Lane displays need no token: only this machine reaches the box, or it had displays before it had accounts. */
  readonly displaysAreOpen: () => boolean;
  readonly log: Log;
}

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
/** Of any route. */
export type ApiReply = Pick<FastifyReply, 'generateCsrf'> & FastifyReply;
