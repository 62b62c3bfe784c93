/** The crew for people: calls for help, orders, alerts, devices and the map, and what an officer does with them. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Id, Instant } from '../../contracts/base.ts';
import type { CrewForPeople } from '../../contracts/crew-view.ts';
import { english } from '../../contracts/words/words.ts';
import { refuse } from '../../people/refusal.ts';
import { alertsOf, newestAlerted } from '../../store/alerts.ts';
import { appendAudit } from '../../store/audit.ts';
import { unreadOrders } from '../../store/open-work.ts';
import { getOrder, listOrders } from '../../store/orders.ts';
import { sosSince } from '../../store/sos-table.ts';
import {
  alertData,
  alertSchema,
  deviceData,
  deviceSchema,
  dutySosSchema,
  officerSos,
  orderData,
  orderSchema,
  pointData,
  pointSchema,
  sosSchema,
} from './crew-schemas.ts';
import { sosData } from './event-messages.ts';
import { RefusedError, REFUSALS } from './errors.ts';
import { READS, WRITES } from './limits.ts';
import type { Api, ApiRooms } from './rooms.ts';
import { id, lineOf, linesOf } from './schemas.ts';

/** The newest; a shift has fewer. */
const MAX_SHOWN = 100;
const DAY_MS = 86_400_000;
/** A map that is not asked for in this time was closed; the next time it is opened again. */
const MAP_CLOSED_MS = 60_000;

const deviceId = z.string().min(1).max(64);

export function crewRoutes(api: Api, rooms: ApiRooms): void {
  sosRoutes(api, rooms);
  orderRoutes(api, rooms);
  alertRoutes(api, rooms);
  deviceRoutes(api, rooms);
}

function crewOf({ crew }: ApiRooms): CrewForPeople {
  if (!crew) throw new RefusedError(refuse('api-no-crew'));
  return crew;
}

function numberOf({ holder }: Pick<FastifyRequest, 'holder'>): string {
  if (!holder?.person) throw new RefusedError(refuse('session-ended'));
  return holder.person.serviceNumber;
}

function sosRoutes(api: Api, rooms: ApiRooms): void {
  const { db, now } = rooms.hits;
  api.get(
    '/sos',
    {
      config: { access: ['officer', 'duty'], rateLimit: READS },
      schema: {
        summary: 'Calls for help that are open, and those of the last days; for the duty room without places',
        querystring: z.object({ days: z.coerce.number().int().min(0).max(30).default(1) }),
        response: { 200: z.array(z.union([sosSchema, dutySosSchema])), ...REFUSALS },
      },
    },
    async (request) => {
      const { days } = request.query;
      const calls = sosSince(db, now() - days * DAY_MS).slice(0, MAX_SHOWN);
      if (request.holder?.kind === 'duty') return calls.map((call) => dutySosSchema.parse(sosData(call)));
      const detail = { days, calls: calls.length };
      appendAudit(db, { at: now(), who: numberOf(request), what: 'calls for help read', detail });
      return calls.map((call) => officerSos(call, now()));
    },
  );
  api.post(
    '/sos/:id/acknowledge',
    {
      config: { access: ['officer'], rateLimit: WRITES },
      schema: {
        summary: 'The box has seen the call and acts on it; the first acknowledgement counts',
        params: z.object({ id }),
        body: z.object({}),
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { id: sos } = request.params;
      if (!crewOf(rooms).acknowledgeSos(sos, numberOf(request))) throw new RefusedError(refuse('api-unknown-sos'));
      return await reply.code(204).send(null);
    },
  );
}

const orderBody = z.object({
  text: linesOf(500).min(1),
  place: z
    .object({
      lat: z.number().min(-90).max(90),
      lon: z.number().min(-180).max(180),
      name: lineOf(100).min(1).exactOptional(),
    })
    .exactOptional(),
  to: z.union(
    [
      z.array(deviceId).min(1).max(100),
      z.object({ nearest: z.int().min(1).max(100), role: z.enum(['officer', 'guard', 'volunteer']).exactOptional() }),
    ],
    english('expected-order-to'),
  ),
});

function orderRoutes(api: Api, rooms: ApiRooms): void {
  const { db } = rooms.hits;
  api.get(
    '/orders',
    {
      config: { access: ['officer'], refreshes: true, rateLimit: READS },
      schema: {
        summary: 'The newest orders; with `unread` those that some device has not read',
        querystring: z.object({ unread: z.stringbool().default(false) }),
        response: { 200: z.array(orderSchema), ...REFUSALS },
      },
    },
    async ({ query: { unread } }) => {
      if (!unread) return listOrders(db, MAX_SHOWN).map(orderData);
      return unreadOrders(db, MAX_SHOWN).flatMap((one) => {
        const order = getOrder(db, one.id);
        return order ? [orderData(order)] : [];
      });
    },
  );
  api.post(
    '/orders',
    {
      config: { access: ['officer'], rateLimit: WRITES },
      schema: {
        summary: 'Give an order, to devices by id or to the nearest of a place',
        body: orderBody,
        response: {
          201: z.object({
            id: z.string(),
            targets: z.array(z.string()).readonly(),
            /** Left out, because their last position is too old. */
            stale: z.array(z.string()).readonly(),
          }),
          ...REFUSALS,
        },
      },
    },
    async (request, reply) => {
      const given = crewOf(rooms).giveOrder(request.body, numberOf(request));
      if ('problem' in given) throw new RefusedError({ refused: given.problem });
      return await reply.code(201).send(given);
    },
  );
}

function alertRoutes(api: Api, rooms: ApiRooms): void {
  const { db } = rooms.hits;
  api.get(
    '/alerts',
    {
      config: { access: ['officer'], refreshes: true, rateLimit: READS },
      schema: {
        summary: 'The newest alerts of the crew, and which device has which',
        response: { 200: z.array(alertSchema), ...REFUSALS },
      },
    },
    async () => newestAlerted(db, MAX_SHOWN).map((hit) => alertData(hit, alertsOf(db, hit))),
  );
  api.post(
    '/alerts/:hit/devices/:device/told',
    {
      config: { access: ['officer'], rateLimit: WRITES },
      schema: {
        summary: 'A person said the end of the alert by radio',
        params: z.object({ hit: id, device: deviceId }),
        body: z.object({}),
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { hit, device } = request.params;
      if (!crewOf(rooms).toldByRadio(hit, device, numberOf(request))) throw new RefusedError(refuse('api-not-untold'));
      return await reply.code(204).send(null);
    },
  );
}

function deviceRoutes(api: Api, rooms: ApiRooms): void {
  const { db, now } = rooms.hits;
  /** When each session asked for the map last. */
  const openedAt = new Map<Id, Instant>();
  api.get(
    '/devices',
    {
      config: { access: ['officer', 'technician'], refreshes: true, rateLimit: READS },
      schema: {
        summary: 'The devices of the crew and their state; no positions',
        response: { 200: z.array(deviceSchema), ...REFUSALS },
      },
    },
    async () => crewOf(rooms).devices().map(deviceData),
  );
  api.get(
    '/crew/map',
    {
      config: { access: ['officer'], refreshes: true, rateLimit: READS },
      schema: {
        summary: 'Where the devices of the crew are; that it was opened is in the audit log, once until it is closed',
        response: { 200: z.array(pointSchema), ...REFUSALS },
      },
    },
    async (request) => {
      const points = crewOf(rooms).map();
      const who = numberOf(request);
      const { id: session } = request.holder!;
      const isClosed = (at: Instant): boolean => Math.abs(now() - at) >= MAP_CLOSED_MS;
      for (const [one, at] of openedAt) if (isClosed(at)) openedAt.delete(one);
      if (!openedAt.has(session))
        appendAudit(db, { at: now(), who, what: 'crew map opened', detail: { devices: points.length } });
      openedAt.set(session, now());
      return points.map(pointData);
    },
  );
}
