/** How the box is, for screens of people: health, and the lists in force. */
import { z } from 'zod';
import { iso } from '../../contracts/time.ts';
import type { Api, ApiRooms } from './rooms.ts';
import { REFUSALS } from './errors.ts';
import { READS } from './limits.ts';

const health = z.object({
  status: z.enum(['ok', 'alarm']),
  problems: z.array(
    z.object({
      key: z.string(),
      code: z.string(),
      what: z.string(),
      todo: z.string(),
      zh: z.object({ what: z.string(), todo: z.string() }),
    }),
  ),
});

const list = z.object({
  type: z.enum(['plate-list', 'doc-list']),
  state: z.enum(['in force', 'not in force']),
  why: z.string().optional(),
  /** Only of a list in force. */
  version: z.int().optional(),
  expires: z.string().optional(),
});

export function boxRoutes(api: Api, { health: healthOf, lists }: ApiRooms): void {
  api.get(
    '/health',
    {
      config: { access: ['officer', 'technician', 'auditor', 'duty'], refreshes: true, rateLimit: READS },
      schema: { summary: 'What a person has to look at', response: { 200: health, ...REFUSALS } },
    },
    // Blocks of /health that the schema does not name stay there.
    async () => healthOf() as z.infer<typeof health>,
  );
  api.get(
    '/lists',
    {
      config: { access: ['officer', 'technician', 'auditor'], refreshes: true, rateLimit: READS },
      schema: { summary: 'The lists in force', response: { 200: z.array(list), ...REFUSALS } },
    },
    async () =>
      lists().map(([type, state]) => ({
        type,
        state: state.state,
        ...(state.state === 'in force'
          ? { version: state.ref.version, expires: iso(state.expires) }
          : { why: state.why }),
      })),
  );
}
