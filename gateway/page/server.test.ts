/** What the web server asks of each request before it looks at it: by which name it was asked, and how many connections there are. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStand, type Stand } from './fixtures.ts';
import { openServer, type Server } from './server.ts';

let server: Server;
let gate: Stand;
beforeEach(async () => {
  gate = openStand('gate-1');
  server = await openServer(
    { host: '127.0.0.1', port: 0, hosts: ['gate-box.lan'] },
    {
      health: () => ({ status: 'ok' }),
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
      lanes: new Map([['gate-1', gate.feed]]),
    },
  );
});
afterEach(() => server.close());

async function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const asked = request(server.url + path, { headers, method, agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.destroy();
  return response.statusCode!;
}

it.each(['/health', '/metrics', '/lanes', '/lanes/gate-1', '/lanes/gate-1/events', '/page/lane.js', '/nothing'])(
  'S2: %s is not answered to a page of another site whose name leads here',
  async (path) => {
    expect(await ask(path, { host: 'evil.example' })).toBe(421);
    expect(await ask(path, { host: `evil.example:${new URL(server.url).port}` })).toBe(421);
  },
);

it('S2: such a page cannot press a button', async () => {
  const headers = { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' };
  expect(await ask('/lanes/gate-1/decline', headers, 'POST')).toBe(421);
  expect(gate.declines()).toBe(0);
});

it.each(['localhost', '127.0.0.1:9', '[::1]', 'gate-box.lan', 'Gate-Box.lan:8420'])(
  'S2: %s is a name of the box',
  async (host) => expect(await ask('/health', { host })).toBe(200),
);

it('S1: one address does not hold all connections', async () => {
  const port = Number(new URL(server.url).port);
  const sockets = await Promise.all(
    Array.from({ length: 120 }, async () => {
      const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.9' });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    }),
  );
  await expect.poll(() => sockets.filter((s) => s.closed).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(24);
  expect(await ask('/health', {})).toBe(200);
  for (const socket of sockets) socket.destroy();
});
