/** Live updates: one stream of server-sent events, cut to the roles of its session. */
import { z } from 'zod';
import { refuse } from '../../people/refusal.ts';
import { EventStreams } from '../event-streams.ts';
import { RefusedError, REFUSALS } from './errors.ts';
import { WRITES } from './limits.ts';
import type { Api, ApiRooms } from './rooms.ts';

const RETRY_AFTER_S = 10;

export function eventRoute(api: Api, { hits: { db, now }, problems }: ApiRooms): void {
  const streams = new EventStreams({ db, now, problems });
  api.get(
    '/events',
    {
      // A HEAD request must not open a stream.
      exposeHeadRoute: false,
      // A stream keeps no session from becoming idle, and goes on when it is, to say so.
      config: {
        access: ['officer', 'technician', 'auditor', 'duty'],
        refreshes: true,
        whenIdle: true,
        rateLimit: WRITES,
      },
      schema: {
        summary: 'Live updates (text/event-stream); `Last-Event-ID` names the last one that was read',
        response: { 200: z.string(), ...REFUSALS },
      },
    },
    (request, reply) => {
      const { holder } = request;
      if (!holder) throw new RefusedError(refuse('session-ended'));
      if (!streams.hasRoom(holder.id)) {
        reply.header('retry-after', RETRY_AFTER_S);
        throw new RefusedError(refuse('api-streams'));
      }
      reply.hijack();
      const session = () => (request.mayGoOn?.() ? request.holder : undefined);
      const place = request.headers['last-event-id']?.toString();
      streams.open({ place, session, response: reply.raw }, holder);
    },
  );
}
