/** What counts as a route that is open, or that has no schema: with routes planted that are. */
import { expect, test } from 'vitest';
import type { DeclaredRoute } from '../../../gateway/web/api/access.ts';
import { answeredTo, withoutSchema } from './routes.ts';

const hits: DeclaredRoute = { method: 'GET', url: '/api/v1/hits/:id', access: ['officer'] };
const opinion: DeclaredRoute = { method: 'POST', url: '/api/v1/hits/:id/opinion', access: ['officer'] };
const planted: DeclaredRoute = { method: 'GET', url: '/api/v1/planted', access: ['officer'] };

test('a route that answers although it names an officer is found; refused ones are not', async () => {
  const call = async (_method: string, path: string) => ({ status: path === '/api/v1/planted' ? 200 : 401 });
  expect(await answeredTo([hits, opinion, planted], call)).toEqual([planted]);
});

test('a route that the document does not describe is found, and one that does not say what it takes', () => {
  const paths = {
    '/api/v1/hits/{id}': { get: { responses: {} } },
    '/api/v1/hits/{id}/opinion': { post: { responses: {} } },
  };
  expect(withoutSchema([hits, opinion, planted], paths)).toEqual([opinion, planted]);
});
