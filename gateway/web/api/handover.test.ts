/** A shift is handed over by the API: the sheet, both passwords, and the session of who takes over. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { passwordOf, T0 } from '../../people/people.fixtures.ts';
import { getHandover } from '../../store/handovers.ts';
import { plantHits, plantSos } from '../../store/shift.fixtures.ts';
import { openApiRig, type Answer, type Client } from './api.fixtures.ts';

let box: Awaited<ReturnType<typeof openApiRig>>;
beforeEach(async () => {
  box = await openApiRig();
  await box.rig.person('100001');
  await box.rig.person('100002');
});
afterEach(() => box.server.close());

interface Draft {
  readonly digest: string;
  readonly sheet: { readonly until: string; readonly sos: object; readonly hits: object };
}

const read = async (client: Client) => (await client.call('GET', '/api/v1/handover')).json as unknown as Draft;

async function sign(client: Client, more: object = {}, draft?: Draft): Promise<Answer> {
  const { digest, sheet } = draft ?? (await read(client));
  const incoming = { serviceNumber: '100002', password: passwordOf('100002') };
  const body = { digest, until: sheet.until, password: passwordOf('100001'), incoming, ...more };
  return await client.call('POST', '/api/v1/handover', body);
}

it('the sheet goes out whole, without a plate or place', async () => {
  plantHits(box.rig.db, 101, T0);
  plantSos(box.rig.db, 'S-1', T0);
  const { sheet } = await read(await box.as('100001'));
  expect(sheet.hits).toMatchObject({ counts: { unreviewed: 101 }, more: 1 });
  expect(sheet.sos).toEqual({
    newest: [{ id: 'S-1', device: 'cam-1', raised: '2026-11-30T08:00:00.000Z', seen: false }],
    more: 0,
  });
});

it('a personal session ends, and the answer brings that of the incoming officer', async () => {
  const client = await box.as('100001');
  const before = new Map(client.cookies);
  const answer = await sign(client);
  expect([answer.status, answer.json['session']]).toEqual([
    201,
    expect.objectContaining({
      kind: 'personal',
      person: expect.objectContaining({ serviceNumber: '100002' }) as object,
    }),
  ]);
  expect(client.cookies.get('__Host-session')).not.toBe(before.get('__Host-session'));
  client.csrfToken = answer.json['csrfToken'] as string;
  expect((await client.call('GET', '/api/v1/session')).json).toMatchObject({
    session: { person: { serviceNumber: '100002' } },
  });
  // The new session may change something: it is one of its own, with its own token.
  expect((await client.call('POST', '/api/v1/lanes/gate-1/display-codes', {})).status).toBe(201);
  for (const [name, value] of before) client.cookies.set(name, value);
  expect((await client.call('GET', '/api/v1/session')).json['code']).toBe('session-ended');
});

it('the screen of the duty room goes on and names the incoming officer', async () => {
  const screen = await box.as('100001', 'duty');
  const cookie = screen.cookies.get('__Host-session');
  const answer = await sign(screen);
  expect([answer.status, answer.json['session']]).toEqual([
    201,
    expect.objectContaining({ kind: 'duty', person: expect.objectContaining({ serviceNumber: '100002' }) as object }),
  ]);
  expect(screen.cookies.get('__Host-session')).toBe(cookie);
});

it('an idle session is handed over too: its holder types the password', async () => {
  const client = await box.as('100001');
  const draft = await read(client);
  box.rig.go(16 * 60_000);
  expect((await client.call('GET', '/api/v1/handover')).json['code']).toBe('session-idle');
  expect((await sign(client, {}, draft)).status).toBe(201);
});

it.each<[string, object, number, string]>([
  [
    'one person for both',
    { incoming: { serviceNumber: '100001', password: passwordOf('100001') } },
    400,
    'handover-one-person',
  ],
  ['a wrong password of the holder', { password: 'x' }, 401, 'login-wrong'],
  ['a sheet of before', { digest: '0'.repeat(64) }, 409, 'handover-changed'],
  ['a time without a zone', { until: '2026-12-01T08:00:00' }, 400, 'api-form'],
  ['a note without end', { note: 'x'.repeat(2_001) }, 400, 'api-form'],
])('refuses %s, and the session goes on', async (_what, more, status, code) => {
  const client = await box.as('100001');
  const answer = await sign(client, more);
  expect([answer.status, answer.json['code']]).toEqual([status, code]);
  expect((await client.call('GET', '/api/v1/session')).status).toBe(200);
});

it('says in both languages what it expected in the place of a time', async () => {
  const answer = await (await box.as('100001')).call('GET', '/api/v1/handover?until=tomorrow');
  expect(answer.json['message']).toMatch(/\/until \(is not a time such as 2026-/);
  expect(answer.json['zh']).toMatch(/\/until（应写成 2026-/);
});

it('keeps a note without characters that hide, turn or steer', async () => {
  const { json } = await sign(await box.as('100001'), { note: '二号门\u202e\u001b[31m\n灯不亮' });
  expect(getHandover(box.rig.db, String(json['handover']))).toMatchObject({ note: '二号门 [31m\n灯不亮' });
});

it('refuses a request without the token against forgery, and a technician', async () => {
  const client = await box.as('100001');
  const { csrfToken } = client;
  client.csrfToken = undefined;
  expect((await sign(client)).json['code']).toBe('api-csrf');
  client.csrfToken = csrfToken;
  await box.rig.person('100003', { roles: ['technician'] });
  expect((await (await box.as('100003')).call('GET', '/api/v1/handover')).json['code']).toBe('api-role');
});

it('while the store takes no writes says so, and nothing changes hands', async () => {
  const client = await box.as('100001');
  const { health } = box.rig.db;
  health.shut('read-only', 'planted');
  const refused = await sign(client);
  expect([refused.status, refused.json['code']]).toEqual([503, 'api-store']);
  health.reopen();
  expect((await client.call('GET', '/api/v1/session')).json).toMatchObject({
    session: { person: { serviceNumber: '100001' } },
  });
  expect((await sign(client)).status).toBe(201);
});
