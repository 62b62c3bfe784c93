/** Log-in, PIN, password once more, log-out, and the list of sessions. */
import { z } from 'zod';
import type { Proof } from '../../people/person-login.ts';
import { refuse } from '../../people/refusal.ts';
import type { OpenedSession } from '../../people/sessions.ts';
import type { Api, ApiReply, ApiRooms } from './rooms.ts';
import { giveCookie, SESSION_COOKIE, takeCookie } from './cookies.ts';
import { allowed, RefusedError, REFUSALS } from './errors.ts';
import { CREDENTIALS, READS, WRITES } from './limits.ts';
import { id, password, proof, serviceNumber, sessionOf, sessionSchema } from './schemas.ts';

const ownSession = z.object({
  session: sessionSchema,
  /** For the header `csrf-token` of requests that change something. */
  csrfToken: z.string(),
});
const nothing = z.null();
/** Whose session it is, or may be. */
const PEOPLE = ['officer', 'technician', 'auditor'] as const;

const tokenOf = ({ cookies }: { cookies: Record<string, string | undefined> }): string => cookies[SESSION_COOKIE] ?? '';

export function sessionRoutes(api: Api, rooms: ApiRooms): void {
  const { sessions } = rooms;
  /** A new token each time, so that one that was planted before is worth nothing. */
  const give = (reply: ApiReply, { token, session }: OpenedSession): z.infer<typeof ownSession> => {
    giveCookie(reply, SESSION_COOKIE, token);
    return { session: sessionOf(session), csrfToken: reply.generateCsrf() };
  };
  api.post(
    '/sessions',
    {
      config: { access: 'login', rateLimit: CREDENTIALS },
      schema: {
        summary: 'Log in',
        body: proof.extend({ kind: z.enum(['personal', 'duty']).default('personal') }),
        response: { 201: ownSession, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { body, ip } = request;
      const opened = await (body.kind === 'duty' ? sessions.openDuty(body, ip) : sessions.openPersonal(body, ip));
      const answer = give(reply, allowed(opened));
      // The cookie of the one before is overwritten: its holder could not end it any more.
      sessions.end(tokenOf(request));
      return await reply.code(201).send(answer);
    },
  );
  api.get(
    '/session',
    {
      config: { access: [...PEOPLE, 'duty'], whenIdle: true, rateLimit: READS },
      schema: { summary: 'This session', response: { 200: ownSession, ...REFUSALS } },
    },
    async (request, reply) => ({ session: sessionOf(request.holder!), csrfToken: reply.generateCsrf() }),
  );
  api.delete(
    '/session',
    {
      config: { access: [...PEOPLE, 'duty'], whenIdle: true, rateLimit: WRITES },
      schema: { summary: 'Log out', response: { 204: nothing, ...REFUSALS } },
    },
    async (request, reply) => {
      sessions.end(tokenOf(request));
      takeCookie(reply, SESSION_COOKIE);
      return await reply.code(204).send(null);
    },
  );
  pinRoutes(api, rooms, give);
  listRoutes(api, rooms);
}

type Give = (reply: ApiReply, opened: OpenedSession) => z.infer<typeof ownSession>;

function pinRoutes(api: Api, { sessions }: ApiRooms, give: Give): void {
  api.post(
    '/session/pin',
    {
      config: { access: PEOPLE, rateLimit: CREDENTIALS },
      schema: {
        summary: 'Set the PIN, right after a log-in',
        body: z.object({ pin: z.string().min(1).max(20) }),
        response: { 204: nothing, ...REFUSALS },
      },
    },
    async (request, reply) => {
      allowed(await sessions.setPin(tokenOf(request), request.body.pin));
      return await reply.code(204).send(null);
    },
  );
  api.post(
    '/session/reopen',
    {
      config: { access: PEOPLE, whenIdle: true, rateLimit: CREDENTIALS },
      schema: {
        summary: 'Open an idle session for one act, by number and PIN',
        body: z.object({ serviceNumber, pin: z.string().min(1).max(20) }),
        response: { 204: nothing, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { serviceNumber: number, pin } = request.body;
      allowed(await sessions.reopen(tokenOf(request), number, pin));
      return await reply.code(204).send(null);
    },
  );
  api.post(
    '/session/password',
    {
      config: { access: PEOPLE, whenIdle: true, rateLimit: CREDENTIALS },
      schema: {
        summary: 'The password once more: for five minutes what needs it may be done',
        body: z.object({ password }),
        response: { 200: ownSession, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { person } = request.holder!;
      if (!person) throw new RefusedError(refuse('session-ended'));
      // Another token, as at a log-in: one that somebody copied before is worth less than the new one.
      const again: Proof = { serviceNumber: person.serviceNumber, password: request.body.password };
      const opened = allowed(await sessions.openPersonal(again, request.ip));
      sessions.end(tokenOf(request));
      return give(reply, opened);
    },
  );
}

function listRoutes(api: Api, { sessions }: ApiRooms): void {
  api.get(
    '/sessions',
    {
      config: { access: ['officer', 'technician'], rateLimit: READS },
      schema: { summary: 'All sessions', response: { 200: z.array(sessionSchema), ...REFUSALS } },
    },
    async () => sessions.list().map(sessionOf),
  );
  api.post(
    '/sessions/:id/revoke',
    {
      config: { access: ['officer', 'technician'], rateLimit: CREDENTIALS },
      schema: {
        summary: 'End a session, by the password of who ends it',
        params: z.object({ id }),
        body: z.object({ password }),
        response: { 204: nothing, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const who = { serviceNumber: request.holder!.person!.serviceNumber, password: request.body.password };
      allowed(await sessions.revokeBy(request.params.id, who, request.ip));
      return await reply.code(204).send(null);
    },
  );
}
