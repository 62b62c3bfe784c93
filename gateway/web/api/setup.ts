/** The first accounts through the API: the code of the console opens an hour, in which three people are entered. */
import { z } from 'zod';
import type { Api, ApiRooms } from './rooms.ts';
import { giveCookie, SETUP_COOKIE } from './cookies.ts';
import { allowed, REFUSALS } from './errors.ts';
import { CREDENTIALS } from './limits.ts';
import { missingSchema, newPerson, password } from './schemas.ts';

export function setUpRoutes(api: Api, { setUp }: ApiRooms): void {
  api.post(
    '/setup',
    {
      config: { access: 'set-up', rateLimit: CREDENTIALS },
      schema: {
        summary: 'Take the one-time code for an hour of set-up',
        body: z.object({ code: z.string().min(1).max(100) }),
        response: { 201: z.object({ csrfToken: z.string() }), ...REFUSALS },
      },
    },
    async ({ body, ip }, reply) => {
      giveCookie(reply, SETUP_COOKIE, allowed(setUp.open(body.code, ip)).token);
      return await reply.code(201).send({ csrfToken: reply.generateCsrf() });
    },
  );
  api.post(
    '/setup/people',
    {
      config: { access: 'set-up', csrf: true, rateLimit: CREDENTIALS },
      schema: {
        summary: 'Enter one person; with the last one the accounts are made',
        body: newPerson.extend({ password }),
        response: { 200: missingSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { password: typed, ...given } = request.body;
      return allowed(await setUp.enter(request.cookies[SETUP_COOKIE] ?? '', given, typed));
    },
  );
}
