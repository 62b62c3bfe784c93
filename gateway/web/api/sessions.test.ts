/** Sessions over HTTP: cookies, forged requests, what is done once, what is sent out. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { passwordOf, PIN } from '../../people/people.fixtures.ts';
import { IDLE_MS } from '../../people/sessions.ts';
import { openApiRig } from './api.fixtures.ts';

let box: Awaited<ReturnType<typeof openApiRig>>;
beforeEach(async () => {
  box = await openApiRig();
  await box.rig.person('100001');
});
afterEach(() => box.server.close());

it('the cookie is out of reach of scripts, plain HTTP, other sites and other hosts', async () => {
  const answer = await box.client().call('POST', '/api/v1/sessions', {
    serviceNumber: '100001',
    password: passwordOf('100001'),
  });
  const cookies = answer.headers.getSetCookie();
  expect(cookies).toHaveLength(2);
  for (const cookie of cookies) expect(cookie).toMatch(/^__Host-\w+=.+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

it('a token that was planted before is worth nothing: a new one at each login, and after the password once more', async () => {
  const client = box.client();
  client.cookies.set('__Host-session', 'planted');
  await client.logIn('100001');
  const first = client.cookies.get('__Host-session');
  expect(first).not.toBe('planted');
  await client.call('POST', '/api/v1/session/password', { password: passwordOf('100001') });
  const second = client.cookies.get('__Host-session');
  expect(second).not.toBe(first);
  client.cookies.set('__Host-session', first!);
  expect((await client.call('GET', '/api/v1/session')).status).toBe(401);
});

it('a login ends the session that this browser had: nothing there could end it any more', async () => {
  await box.rig.person('100002');
  const browser = await box.as('100001');
  const before = box.client();
  before.cookies.set('__Host-session', browser.cookies.get('__Host-session')!);
  await browser.logIn('100002');
  expect((await before.call('GET', '/api/v1/session')).json['code']).toBe('session-ended');
  const { json } = await browser.call('GET', '/api/v1/session');
  expect(json['session']).toMatchObject({ person: { serviceNumber: '100002' } });
});

it('a request that another site sends, or that has no token, changes nothing', async () => {
  const client = await box.as('100001');
  const put = (headers: Record<string, string>) =>
    client.call('POST', '/api/v1/lanes/gate-1/display-codes', {}, headers);
  expect((await put({ 'sec-fetch-site': 'cross-site' })).json['code']).toBe('api-foreign');
  expect((await put({ 'sec-fetch-site': 'same-site' })).json['code']).toBe('api-foreign');
  expect((await put({ origin: 'https://evil.example' })).json['code']).toBe('api-foreign');
  expect((await put({ 'csrf-token': 'forged' })).json['code']).toBe('api-csrf');
  const token = client.csrfToken;
  client.csrfToken = undefined;
  expect((await put({})).json['code']).toBe('api-csrf');
  client.csrfToken = token;
  expect((await put({ 'sec-fetch-site': 'same-origin', origin: box.server.url })).status).toBe(201);
  const login = { serviceNumber: '100001', password: passwordOf('100001') };
  const forged = await box.client().call('POST', '/api/v1/sessions', login, { origin: 'https://evil.example' });
  expect(forged.json['code']).toBe('api-foreign');
});

it('an idle session shows and does nothing until the PIN, and then one act', async () => {
  const client = await box.as('100001');
  expect((await client.call('GET', '/api/v1/people')).status).toBe(200);
  box.rig.go(IDLE_MS);
  expect((await client.call('GET', '/api/v1/people')).json['code']).toBe('session-idle');
  expect((await client.call('GET', '/api/v1/health')).json['code']).toBe('session-idle');
  expect((await client.call('GET', '/api/v1/session')).json).toMatchObject({ session: { isIdle: true } });
  const wrong = { serviceNumber: '100001', pin: '111112' };
  expect((await client.call('POST', '/api/v1/session/reopen', wrong)).json['code']).toBe('pin-wrong');
  expect((await client.call('POST', '/api/v1/session/reopen', { ...wrong, pin: PIN })).status).toBe(204);
  expect((await client.call('GET', '/api/v1/people')).status).toBe(200);
  expect((await client.call('GET', '/api/v1/people')).json['code']).toBe('session-idle');
});

it('refreshing views alone do not keep a session open', async () => {
  const client = await box.as('100001');
  for (let i = 0; i < 15; i++) {
    expect((await client.call('GET', '/api/v1/health')).status).toBe(200);
    box.rig.go(60_000);
  }
  expect((await client.call('GET', '/api/v1/health')).json['code']).toBe('session-idle');
});

it('logs out, and a revoked session ends at once', async () => {
  await box.rig.person('100002');
  const [one, two] = [await box.as('100001'), await box.as('100002')];
  const list = (await one.call('GET', '/api/v1/sessions')).json as unknown as { id: string; person: object }[];
  const ofTwo = list.find(({ person }) => JSON.stringify(person).includes('100002'))!;
  const revoke = (password: string) => one.call('POST', `/api/v1/sessions/${ofTwo.id}/revoke`, { password });
  expect((await revoke('wrong')).json['code']).toBe('login-wrong');
  expect((await revoke(passwordOf('100001'))).status).toBe(204);
  expect((await two.call('GET', '/api/v1/session')).status).toBe(401);
  expect((await one.call('DELETE', '/api/v1/session')).status).toBe(204);
  expect(one.cookies.has('__Host-session')).toBe(false);
  expect((await one.call('GET', '/api/v1/session')).status).toBe(401);
});

it('sends out what its schema names, and repeats nothing of what was sent', async () => {
  const client = await box.as('100001');
  const { text } = await client.call('GET', '/api/v1/health');
  expect(text).toContain('"todo"');
  expect(text).not.toContain('secret');
  const people = await client.call('GET', '/api/v1/people');
  expect(people.text).not.toMatch(/argon2|hash/);
  const bad = await client.call('POST', '/api/v1/sessions', { serviceNumber: ['A12345'], password: 'A12345' });
  expect([bad.status, bad.json['code'], bad.text.includes('A12345')]).toEqual([400, 'api-form', false]);
  const torn = await client.call('POST', '/api/v1/sessions', undefined, { 'content-type': 'application/json' });
  expect(torn.status).toBe(400);
});

it.each<[string, number, string, RequestInit]>([
  ['too large', 413, 'api-body-large', { body: `{"password":"${'A12345'.repeat(12_000)}"}` }],
  ['no JSON', 400, 'api-body-json', { body: '{"password":"A12345' }],
  ['of another type', 415, 'api-body-type', { body: '<a>A12345</a>', headers: { 'content-type': 'application/xml' } }],
  ['of another shape', 400, 'api-form', { body: '{"serviceNumber":"100001","password":"A12345","kind":"A12345"}' }],
])('says what is wrong with a body that is %s', async (_what, status, code, sent) => {
  const response = await fetch(`${box.server.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...sent,
  });
  const answer = await response.text();
  expect([response.status, JSON.parse(answer)]).toMatchObject([status, { code }]);
  expect(answer).not.toContain('A12345');
  if (code === 'api-form') expect(answer).toMatch(/\/kind .*personal.*\/kind（应为其中之一：.*personal/);
});

it('refuses a page whose name leads here, on routes of the API too', async () => {
  const { hostname, port } = new URL(box.server.url);
  const asked = request({ hostname, port, path: '/api/v1/hits', headers: { host: 'evil.example' } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect([response.statusCode, JSON.parse(await text(response))]).toMatchObject([421, { code: 'web-other-name' }]);
});

it('people make accounts as their roles allow', async () => {
  await box.rig.person('100002');
  const client = await box.as('100001');
  const proofs = ['100001', '100002'].map((number) => ({ serviceNumber: number, password: passwordOf(number) }));
  const given = {
    serviceNumber: '100009',
    name: '赵九',
    kind: 'auxiliary',
    roles: ['officer'],
    password: 'seven green kites',
  };
  expect((await client.call('POST', '/api/v1/people', { ...given, proofs: proofs.slice(1) })).json['code']).toBe(
    'person-backers',
  );
  expect((await client.call('POST', '/api/v1/people', { ...given, proofs })).status).toBe(201);
  expect((await client.call('POST', '/api/v1/people/100009/vouch', { proofs })).status).toBe(200);
  const disabled = await client.call('POST', '/api/v1/people/100009/disable', { proofs: proofs.slice(0, 1) });
  expect(disabled.json['disabled']).toEqual(expect.any(String));
});

it('a flood of logins from one address is not looked at', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 32; i++)
    statuses.push((await box.client().call('POST', '/api/v1/sessions', { serviceNumber: 'x', password: '' })).status);
  expect(statuses.slice(-2)).toEqual([429, 429]);
  expect((await box.client().call('GET', '/health')).status).toBe(503);
});
