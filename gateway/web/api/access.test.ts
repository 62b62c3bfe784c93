/** Who may call what: every route of the server, as nobody and as each role, against the table that it was declared with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { qrSvg } from '../qr.ts';
import { BEAT_MS } from '../sse.ts';
import { declareRoutes } from './access.ts';
import { openApiRig, type Client } from './api.fixtures.ts';

let box: Awaited<ReturnType<typeof openApiRig>>;
beforeEach(async () => {
  box = await openApiRig();
});
afterEach(() => box.server.close());

/** What a route is called with: well-formed, and refused or not by access alone. */
const filled = (url: string): string =>
  url.replace(':lane', 'gate-1').replace(':file', 'plain.css').replace(/:\w+/g, '100009');

async function holders(): Promise<Readonly<Record<string, Client>>> {
  for (const [number, role] of Object.entries({ 100001: 'officer', 100002: 'technician', 100003: 'auditor' } as const))
    await box.rig.person(number, { roles: [role] });
  const officer = await box.as('100001');
  const made = await officer.call('POST', '/api/v1/lanes/gate-1/display-codes', {});
  const lane = box.client();
  await lane.call('POST', '/api/v1/displays', { code: made.json['code'] });
  const [technician, auditor, duty] = await Promise.all([box.as('100002'), box.as('100003'), box.as('100001', 'duty')]);
  return { officer, technician, auditor, duty, lane, nobody: box.client() };
}

it('every route answers those that it names, and no one else', async () => {
  const all = await holders();
  expect(box.server.routes.length).toBeGreaterThan(25);
  const wrong: string[] = [];
  for (const { method, url, access } of box.server.routes) {
    for (const [who, client] of Object.entries(all)) {
      // Ends the session with which the others are tried.
      if (method === 'DELETE' && url === '/api/v1/session') continue;
      const { status, json, text } = await client.call(method, filled(url), method === 'POST' ? {} : undefined);
      const isRefused =
        method === 'HEAD'
          ? status === 401 || status === 403
          : ['session-ended', 'api-role'].includes(String(json['code'])) ||
            text.includes('page-display') ||
            (url === '/lanes/:lane' && status === 401);
      const isNamed = typeof access === 'string' || (access as readonly string[]).includes(who);
      if (isNamed === isRefused) wrong.push(`${method} ${url} as ${who}: ${status} ${String(json['code'])}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('the table of docs/api.md is what the server has', () => {
  const routes = box.server.routes.filter(({ method }) => method !== 'HEAD');
  const rows = routes.map(({ method, url, access }) => {
    const who = [access].flat().map((one) => `\`${one}\``);
    return `| \`${method} ${url}\` | ${who.join(', ')} |`;
  });
  const doc = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');
  expect(doc.split('\n').filter((line) => /^\| `[A-Z]+ \//.test(line))).toEqual(rows);
});

it('what is answered to nobody holds nothing of people, hits or crew, or takes a secret', () => {
  const toAnyone = box.server.routes.filter(({ method, access }) => method !== 'HEAD' && typeof access === 'string');
  expect(toAnyone.map(({ method, url, access }) => `${method} ${url} ${String(access)}`).sort()).toEqual([
    'GET / set-up',
    'GET /display login',
    'GET /health anyone',
    'GET /metrics anyone',
    'GET /page/:file anyone',
    'GET /setup set-up',
    'GET /setup/people set-up',
    'POST /api/v1/displays login',
    'POST /api/v1/sessions login',
    'POST /api/v1/setup set-up',
    'POST /api/v1/setup/people set-up',
    'POST /display login',
    'POST /setup set-up',
    'POST /setup/people set-up',
  ]);
});

it('before there are accounts only set-up, /health and /metrics answer', async () => {
  const nobody = box.client();
  for (const { method, url, access } of box.server.routes) {
    const { status, json } = await nobody.call(method, filled(url), method === 'POST' ? {} : undefined);
    const isAnswered = access === 'anyone' || access === 'set-up';
    if (method === 'HEAD') expect([url, status === 503], url).toEqual([url, !isAnswered || url === '/health']);
    else expect([method, url, json['code'] === 'api-not-set-up']).toEqual([method, url, !isAnswered]);
  }
});

it('displays of a site that had them go on until there are accounts', async () => {
  await box.server.close();
  let areOpen = true;
  box = await openApiRig({ displaysAreOpen: () => areOpen });
  expect((await box.client().call('GET', '/lanes/gate-1')).status).toBe(200);
  expect((await box.client().call('POST', '/lanes/gate-1/decline', undefined, { origin: box.server.url })).status).toBe(
    204,
  );
  areOpen = false;
  expect((await box.client().call('GET', '/lanes/gate-1')).status).toBe(503);
});

it.each([
  ['access', { schema: { response: {} } }, 'does not say who may call it'],
  ['a schema of its answers', { config: { access: 'anyone' } }, 'no schema of what it answers'],
])('a route without %s fails at its registration', (_what, options, words) => {
  const app = fastify();
  declareRoutes(app);
  expect(() => app.get('/api/v1/planted', options as object, () => 'x')).toThrow(words);
});

it('a route that takes a body without a schema of it fails at its registration', () => {
  const app = fastify();
  declareRoutes(app);
  const options = { config: { access: 'anyone' as const }, schema: { response: {} } };
  expect(() => app.post('/api/v1/planted', options, () => 'x')).toThrow('no schema of what it takes');
});

it('the display of one lane sees no other, and two screens on one token are an alarm', async () => {
  const { lane } = await holders();
  expect((await lane!.call('GET', '/lanes/gate-1')).status).toBe(200);
  expect((await lane!.call('GET', '/lanes/gate-2')).json['code']).toBe('api-other-lane');
  const problems = () => box.rig.sessions.status.problems!().map(({ code }) => code);
  expect(problems()).toEqual([]);
  await lane!.call('GET', '/lanes/gate-1', undefined, { 'user-agent': 'another screen' });
  expect(problems()).toEqual(['display-shared']);
});

it('a lane that has no display gets no code', async () => {
  await box.rig.person('100001');
  const officer = await box.as('100001');
  const { status, json, text } = await officer.call('POST', '/api/v1/lanes/gate-9/display-codes', {});
  expect([status, json['code'], text.includes('gate-9')]).toEqual([404, 'web-no-lane', false]);
});

it('a display code works once, by a form without scripts too; loading its page uses nothing up', async () => {
  const { officer } = await holders();
  const { json } = await officer!.call('POST', '/api/v1/lanes/gate-2/display-codes', {});
  const screen = box.client();
  expect((await screen.call('GET', '/lanes/gate-2')).status).toBe(401);
  const page = await screen.call('GET', String(json['path']));
  expect(page.text).toContain(String(json['code']));
  expect(json['svg']).toBe(qrSvg(`${box.server.url}${String(json['path'])}`));
  const form = new URLSearchParams({ code: String(json['code']) });
  const taken = await screen.call('POST', '/display', form);
  expect([taken.status, taken.headers.get('location')]).toEqual([303, '/lanes/gate-2']);
  expect((await screen.call('GET', '/lanes/gate-2')).status).toBe(200);
  expect((await box.client().call('POST', '/display', form)).status).toBe(401);
  expect((await box.client().call('POST', '/api/v1/displays', { code: json['code'] })).status).toBe(401);
});

it('a display whose token is revoked hears nothing more of its lane, and others go on', async () => {
  const { lane, officer } = await holders();
  const follow = async ({ cookies }: Client) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { body } = await fetch(`${box.server.url}/lanes/gate-1/events`, { headers: { cookie } });
    let [beats, isOver] = [0, false];
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of body as AsyncIterable<Uint8Array>)
        beats += decoder.decode(chunk, { stream: true }).split(': alive').length - 1;
      isOver = true;
    };
    read().catch(() => (isOver = true));
    return () => ({ beats, isOver });
  };
  const [display, other] = [await follow(lane!), await follow(officer!)];
  await expect.poll(() => [display().beats, other().beats]).toEqual([1, 1]);
  const [session] = box.rig.sessions.list().filter(({ kind }) => kind === 'lane');
  expect(box.rig.sessions.revoke(session!.id, '100001')).toBe(true);
  await expect.poll(() => display(), { timeout: 3 * BEAT_MS }).toEqual({ beats: 1, isOver: true });
  await expect.poll(() => other().beats, { timeout: 3 * BEAT_MS }).toBeGreaterThan(1);
  expect(other().isOver).toBe(false);
});
