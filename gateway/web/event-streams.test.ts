/** How the streams of live updates end and what bounds them: sessions, idle ones, many windows, slow readers. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { Problem } from '../contracts/status.ts';
import { IDLE_MS, MAX_PERSONAL_MS } from '../people/sessions.ts';
import { openDb } from '../store/db.ts';
import { MAX_STREAMS_PER_SESSION } from './event-streams.ts';
import { openApiRig } from './api/api.fixtures.ts';
import { follow, FULL, happen, hasAlarms, until, type ApiBox } from './api/events.fixtures.ts';

let problems: readonly Problem[];
let box: ApiBox;
beforeEach(async () => {
  problems = [];
  box = await openApiRig({ problems: () => problems });
  await box.rig.person('100001');
  await box.rig.person('100004');
});
afterEach(() => box.server.close());

it('what another program writes into the store shows within a second or so', async () => {
  const followed = await follow(box, await box.as('100001'));
  await hasAlarms(followed);
  const beside = openDb(box.rig.folder);
  onTestFinished(() => beside.close());
  const at = performance.now();
  beside.write(() =>
    beside
      .prepare(
        `INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body) VALUES ('H-9', 'doc-list', 'E', 'gate-1', 1, 1, 1, '{}')`,
      )
      .run(),
  );
  await until(() => expect(followed.of('hit')).toMatchObject([{ id: 'H-9', list: 'doc-list' }]));
  expect(performance.now() - at).toBeLessThan(5_000);
});

it.each<[string, () => void]>([
  ['revoked', () => void box.rig.sessions.list().forEach(({ id }) => box.rig.sessions.revoke(id, '100002'))],
  ['after 24 hours', () => box.rig.go(MAX_PERSONAL_MS)],
])('a session that ended (%s) ends its stream within seconds', async (_how, end) => {
  const followed = await follow(box, await box.as('100001'));
  await hasAlarms(followed);
  end();
  await until(() => expect(followed.hasEnded()).toBe(true));
});

it('a person who is disabled gets nothing more', async () => {
  const followed = await follow(box, await box.as('100001'));
  await hasAlarms(followed);
  const backing = { proofs: [{ serviceNumber: '100004', password: 'yellow boat of 100004' }], address: '192.0.2.7' };
  expect(await box.rig.accounts.disable('100001', backing)).not.toHaveProperty('refused');
  await until(() => expect(followed.hasEnded()).toBe(true));
});

it('a stream is no act: the session becomes idle under it, the stream says so and shows nothing until the password', async () => {
  const officer = await box.as('100001');
  const followed = await follow(box, officer);
  await hasAlarms(followed);
  box.rig.go(IDLE_MS);
  await until(() => expect(followed.of('session-idle')).toHaveLength(1));
  happen(box);
  problems = [FULL];
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(followed.of('hit')).toEqual([]);
  expect(followed.of('alarm')).toEqual([]);
  expect(followed.hasEnded()).toBe(false);
  const covered = await follow(box, officer);
  await until(() => expect(covered.of('session-idle')).toHaveLength(1));
  expect(covered.of('alarms')).toEqual([]);
});

it('one session has a few streams, and a window that closes gives its own back', async () => {
  const officer = await box.as('100001');
  const open = [];
  for (let i = 0; i < MAX_STREAMS_PER_SESSION; i++) open.push(await follow(box, officer));
  const refused = await officer.call('GET', '/api/v1/events');
  expect([refused.status, refused.json['code'], refused.headers.get('retry-after')]).toEqual([
    503,
    'api-streams',
    '10',
  ]);
  expect((await (await box.as('100001')).call('GET', '/api/v1/events')).status).toBe(200);
  open[0]!.leave();
  await until(async () => expect((await officer.call('GET', '/api/v1/events')).status).toBe(200));
});

it('gives a sign of life each 15 seconds, and cuts off a reader that takes nothing', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const officer = await box.as('100001');
  const followed = await follow(box, officer);
  await hasAlarms(followed);
  vi.advanceTimersByTime(15_000);
  await until(() => expect(followed.text()).toContain(': alive\n'));
  const { port } = new URL(box.server.url);
  const slow = createConnection(Number(port), '127.0.0.1');
  slow.write(
    `GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: __Host-session=${officer.cookies.get('__Host-session')}\r\n\r\n`,
  );
  await once(slow, 'readable');
  slow.pause();
  // More than the system takes for a reader: 16 MB.
  problems = Array.from({ length: 4_000 }, (_, i) => ({ ...FULL, key: `k${i}`, todo: 'x'.repeat(4_000) }));
  vi.advanceTimersByTime(1_000);
  let isClosed = false;
  slow.once('close', () => (isClosed = true));
  slow.on('error', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 200));
  vi.advanceTimersByTime(20_000);
  slow.resume();
  await until(() => expect(isClosed).toBe(true));
});
