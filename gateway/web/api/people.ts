/** Accounts: who has one, and how they are made and changed. Those who stand behind a change type their passwords with it. */
import { z } from 'zod';
import type { Api, ApiRooms } from './rooms.ts';
import { allowed, REFUSALS } from './errors.ts';
import { CREDENTIALS, READS } from './limits.ts';
import { newPerson, password, personOf, personSchema, proof, serviceNumber } from './schemas.ts';

const proofs = z.array(proof).min(1).max(3);
const params = z.object({ serviceNumber });

export function peopleRoutes(api: Api, { accounts }: ApiRooms): void {
  api.get(
    '/people',
    {
      config: { access: ['officer', 'auditor'], rateLimit: READS },
      schema: { summary: 'All accounts', response: { 200: z.array(personSchema), ...REFUSALS } },
    },
    async () => accounts.list().map(personOf),
  );
  api.post(
    '/people',
    {
      config: { access: ['officer', 'auditor'], rateLimit: CREDENTIALS },
      schema: {
        summary: 'A new account; the password typed by its owner',
        body: newPerson.extend({ password, proofs, vouched: z.boolean().default(false) }),
        response: { 201: personSchema, ...REFUSALS },
      },
    },
    async ({ body, ip }, reply) => {
      const { password: typed, proofs: backers, vouched, ...given } = body;
      const added = await accounts.add(given, typed, { proofs: backers, vouched, address: ip });
      return await reply.code(201).send(personOf(allowed(added)));
    },
  );
  changeRoutes(api, accounts);
}

function changeRoutes(api: Api, accounts: ApiRooms['accounts']): void {
  api.post(
    '/people/:serviceNumber/disable',
    {
      config: { access: ['officer', 'auditor'], rateLimit: CREDENTIALS },
      schema: {
        summary: 'End an account and its sessions',
        params,
        body: z.object({ proofs }),
        response: { 200: personSchema, ...REFUSALS },
      },
    },
    async ({ params: { serviceNumber: number }, body, ip }) =>
      personOf(allowed(await accounts.disable(number, { proofs: body.proofs, address: ip }))),
  );
  api.post(
    '/people/:serviceNumber/reset',
    {
      config: { access: ['officer', 'auditor', 'technician'], rateLimit: CREDENTIALS },
      schema: {
        summary: 'A new password: by its owner with the old one, or by others',
        params,
        body: z.object({ password, proofs, vouched: z.boolean().default(false) }),
        response: { 200: personSchema, ...REFUSALS },
      },
    },
    async ({ params: { serviceNumber: number }, body, ip }) => {
      const backing = { proofs: body.proofs, vouched: body.vouched, address: ip };
      return personOf(allowed(await accounts.reset(number, body.password, backing)));
    },
  );
  api.post(
    '/people/:serviceNumber/vouch',
    {
      config: { access: ['officer', 'auditor'], rateLimit: CREDENTIALS },
      schema: {
        summary: 'End the wait of a new account',
        params,
        body: z.object({ proofs }),
        response: { 200: personSchema, ...REFUSALS },
      },
    },
    async ({ params: { serviceNumber: number }, body, ip }) =>
      personOf(allowed(await accounts.vouch(number, { proofs: body.proofs, address: ip }))),
  );
}
