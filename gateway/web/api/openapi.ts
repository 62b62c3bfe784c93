/** The document of the API (OpenAPI 3.1), made from the schemas by which requests and answers are checked. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REFUSALS } from './errors.ts';
import { READS } from './limits.ts';
import type { Api } from './rooms.ts';

/** To be called before the routes that it is to describe. */
export async function describeApi(scope: FastifyInstance): Promise<void> {
  await scope.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'sitebox', version: '1' } },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route);
      const access = [route.route.config?.access ?? []].flat().join(', ');
      return { url, schema: { ...schema, description: `For: ${access}.` } };
    },
  });
}

export function openApiRoute(api: Api): void {
  api.get(
    '/openapi.json',
    {
      config: { access: ['officer', 'technician', 'auditor'], refreshes: true, rateLimit: READS },
      schema: { summary: 'This document', response: { 200: z.record(z.string(), z.unknown()), ...REFUSALS } },
    },
    async () => api.swagger() as unknown as Record<string, unknown>,
  );
}
