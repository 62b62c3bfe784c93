/** The hand-over of a shift: its sheet, and the signature of both people, by which the session changes hands. */
import { z } from 'zod';
import { english } from '../../contracts/words/words.ts';
import { MAX_NOTE_CHARS } from '../../people/handovers.ts';
import { refuse } from '../../people/refusal.ts';
import type { Api, ApiRooms } from './rooms.ts';
import { giveCookie, SESSION_COOKIE } from './cookies.ts';
import { allowed, RefusedError, REFUSALS } from './errors.ts';
import { CREDENTIALS, READS } from './limits.ts';
import { id, linesOf, password, proof, sessionOf, sessionSchema } from './schemas.ts';

const time = z.iso.datetime({ offset: true, error: english('field-time') });
const more = z.int();
const listType = z.enum(['plate-list', 'doc-list']);
const openState = z.enum(['unreviewed', 'first', 'one-opinion']);
const newest = <T extends z.ZodType>(item: T) => z.object({ newest: z.array(item).readonly(), more });

const sheetSchema = z.object({
  until: z.string(),
  hits: newest(z.object({ id, lane: z.string(), state: openState, last: z.string() })).extend({
    counts: z.object({ unreviewed: z.int(), first: z.int(), 'one-opinion': z.int() }),
  }),
  sos: newest(z.object({ id, device: z.string(), raised: z.string(), seen: z.boolean() })),
  orders: newest(z.object({ id, created: z.string(), devices: z.array(z.string()).readonly() })),
  lists: z
    .array(
      z.object({
        type: listType,
        version: z.int().optional(),
        expires: z.string().optional(),
        why: z.string().optional(),
        endsBefore: z.boolean(),
      }),
    )
    .readonly(),
  mode: z.object({ mode: z.enum(['normal', 'heightened', 'emergency']), until: z.string().optional() }),
  /** `what` is English. */
  alarms: z.array(z.object({ key: z.string(), what: z.string(), since: z.string().optional() })).readonly(),
  devices: z.array(z.object({ device: z.string(), what: z.string() })).readonly(),
  blind: newest(z.object({ key: z.string(), what: z.string(), from: z.string(), to: z.string().optional() })),
  outbox: z.array(z.object({ relay: z.string(), waiting: z.int(), dead: z.int() })).readonly(),
});

const draftSchema = z.object({ digest: z.string(), sheet: sheetSchema });
const signedSchema = z.object({ handover: z.string(), session: sessionSchema, csrfToken: z.string() });

export function handoverRoutes(api: Api, { handovers, sessions }: ApiRooms): void {
  api.get(
    '/handover',
    {
      config: { access: ['officer', 'duty'], rateLimit: READS },
      schema: {
        summary: 'The sheet of the shift as it is now, with the digest that both people sign',
        querystring: z.object({ until: time.optional() }),
        response: { 200: draftSchema, ...REFUSALS },
      },
    },
    async ({ query: { until } }) => allowed(handovers.draft(until === undefined ? undefined : Date.parse(until))),
  );
  api.post(
    '/handover',
    {
      // The outgoing officer types the password, so the session need not be opened first.
      config: { access: ['officer', 'duty'], whenIdle: true, rateLimit: CREDENTIALS },
      schema: {
        summary:
          'Both sign: the holder of this session by the password, and who takes over; the session is theirs then',
        body: z.object({
          digest: z.string().max(100),
          until: time,
          note: linesOf(MAX_NOTE_CHARS).default(''),
          /** Of the holder of this session. */
          password,
          incoming: proof,
        }),
        response: { 201: signedSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { digest, until, note, password: typed, incoming } = request.body;
      const held = request.holder!;
      if (!held.person) throw new RefusedError(refuse('session-ended'));
      const outgoing = { serviceNumber: held.person.serviceNumber, password: typed };
      const signing = { digest, until: Date.parse(until), note, outgoing, incoming };
      const { handover, opened } = allowed(await handovers.sign(signing, request.ip, held));
      const token = opened?.token ?? request.cookies[SESSION_COOKIE] ?? '';
      if (opened) giveCookie(reply, SESSION_COOKIE, token);
      const session = sessionOf(allowed(sessions.find(token)));
      return await reply.code(201).send({ handover: handover.id, session, csrfToken: reply.generateCsrf() });
    },
  );
}
