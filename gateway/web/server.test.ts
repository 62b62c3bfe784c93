/** What the web server asks of each request before it looks at it: by which name it was asked, and how many connections there are. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStand, type Stand } from './server.fixtures.ts';
import { openServer, type WebServer } from './server.ts';

let server: WebServer;
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

/** Sends bytes that no client of HTTP would send, and collects the whole answer. */
async function raw(head: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1'))).end(`${head}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

it.each([
  [400, 'GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example'],
  [400, 'GET /health HTTP/1.1\r\nHost: evil.example\r\nHost: localhost'],
  [421, 'GET http://evil.example/health HTTP/1.1\r\nHost: localhost'],
  [421, 'POST http://evil.example/lanes/gate-1/decline HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin'],
  [200, 'GET http://localhost/health HTTP/1.1\r\nHost: localhost'],
  [200, 'GET /health HTTP/1.1\r\nHost: [::ffff:127.0.0.1]:80'],
])('S2: %i is the answer to %j', async (status, head) => {
  const answer = await raw(head);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).not.toContain('evil.example');
  expect(gate.declines()).toBe(0);
});

it.each<[number, string]>([
  [404, 'GET /%E7%9A%96A12345'],
  [404, 'GET /nothing?plate=A12345'],
  [404, 'GET /page/A12345'],
  [404, 'GET /lanes/A12345'],
  [404, 'GET /lanes/A12345/events'],
  [404, 'POST /lanes/A12345/decline'],
  [404, 'POST /A12345'],
  [404, 'PROPFIND /A12345'],
  [404, 'OPTIONS /A12345'],
  [400, 'GET /%zz-A12345'],
  [414, `GET /lanes/${'A12345'.repeat(40)}`],
  [400, 'BREW /A12345'],
])('S2: the answer %i to %j repeats nothing of it', async (status, line) => {
  const answer = await raw(`${line} HTTP/1.1\r\nHost: localhost`);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).not.toContain('A12345');
});

it('says each refusal in both languages and under a code, as the API does', async () => {
  const lines = [
    'GET /nothing',
    'GET /page/nothing',
    'GET /lanes/nothing/events',
    'GET /%zz',
    'POST /lanes/gate-1/decline',
  ];
  const answers = await Promise.all(lines.map((line) => raw(`${line} HTTP/1.1\r\nHost: localhost`)));
  const foreign = await raw('GET /health HTTP/1.1\r\nHost: evil.example');
  for (const answer of [...answers, foreign])
    expect(JSON.parse(Buffer.from(answer.slice(answer.indexOf('{')), 'latin1').toString())).toEqual({
      statusCode: Number(answer.slice(9, 12)),
      code: expect.stringMatching(/^web-/) as string,
      message: expect.stringMatching(/[a-z]/) as string,
      zh: expect.stringMatching(/\p{sc=Han}/u) as string,
    });
});

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
