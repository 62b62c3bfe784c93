/** The API of the box, `/api/v1`: plugins, access, routes. Each route says who may call it, what it takes and what it answers; nothing else goes out. */
import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import rateLimit from '@fastify/rate-limit';
import type { FastifyError, FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { guardRoutes } from './access.ts';
import { boxRoutes } from './box.ts';
import { COOKIE_OPTIONS, CSRF_COOKIE } from './cookies.ts';
import { crewRoutes } from './crew.ts';
import { displayRoutes } from './displays.ts';
import { askCode } from '../routes/display-token.ts';
import { answerErrors, refusalOf, statusOf } from './errors.ts';
import { handoverRoutes } from './handover.ts';
import { eventRoute } from './events.ts';
import { hitRoutes } from './hits.ts';
import { describeApi, openApiRoute } from './openapi.ts';
import { peopleRoutes } from './people.ts';
import type { Api, ApiRooms } from './rooms.ts';
import { sessionRoutes } from './sessions.ts';
import { setUpRoutes } from './setup.ts';

/** To be called before other routes are registered: access to them is checked here too. `lanes`: gate lanes, which have displays. */
export async function openApi(app: FastifyInstance, rooms: ApiRooms, lanes: readonly string[]): Promise<void> {
  await app.register(cookie);
  await app.register(csrf, {
    cookieKey: CSRF_COOKIE,
    cookieOpts: COOKIE_OPTIONS,
    getToken: ({ headers, body }) => {
      const inForm = (body as { csrfToken?: string } | undefined)?.csrfToken;
      return (headers['csrf-token'] as string | undefined) ?? inForm;
    },
  });
  await app.register(rateLimit, { global: false });
  const answer = answerErrors(rooms.log);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // A display that has no token yet, or none any more, says how to get one.
    const isLanePage = request.routeOptions.url === '/lanes/:lane';
    const asksToken = isLanePage && statusOf(refusalOf(error)) === 401;
    return asksToken ? askCode(reply.code(401), '') : answer(error, request, reply);
  });
  guardRoutes(app, rooms);
  await app.register(
    async (scope) => {
      scope.setValidatorCompiler(validatorCompiler);
      scope.setSerializerCompiler(serializerCompiler);
      scope.addHook('onSend', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      await describeApi(scope);
      const api = scope.withTypeProvider<ZodTypeProvider>() as unknown as Api;
      setUpRoutes(api, rooms);
      sessionRoutes(api, rooms);
      peopleRoutes(api, rooms);
      displayRoutes(api, rooms, lanes);
      boxRoutes(api, rooms);
      hitRoutes(api, rooms);
      handoverRoutes(api, rooms);
      crewRoutes(api, rooms);
      eventRoute(api, rooms);
      openApiRoute(api);
    },
    { prefix: '/api/v1' },
  );
}
