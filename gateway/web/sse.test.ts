/** The displays' routes over real HTTP: pages, events, bounds, and who may decline. */
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LaneFeed, LaneView } from '../contracts/display.ts';
import { BEAT_MS, sendEvents } from './sse.ts';
import { openStand, serve, type Stand } from './server.fixtures.ts';
import type { WebServer } from './server.ts';

const WAIT = { timeout: 10_000 };

let gate: Stand;
let plain: Stand;
let server: WebServer;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  gate = openStand('gate-1');
  plain = openStand('gate-2', false);
  server = await serve([gate, plain]);
});
afterEach(async () => {
  await server.close();
  vi.useRealTimers();
});

interface Event {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** Connects and reads events one by one. */
async function follow(path: string) {
  const stop = new AbortController();
  const response = await fetch(server.url + path, { signal: stop.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Event | undefined> => {
    while (!text.includes('\n\n')) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
    const lines = text.slice(0, text.indexOf('\n\n')).split('\n');
    text = text.slice(text.indexOf('\n\n') + 2);
    return Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  };
  return { response, next, leave: () => stop.abort() };
}

describe('pages', () => {
  it('lists the lanes', async () => {
    const response = await fetch(`${server.url}/lanes`);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('href="/lanes/gate-1"');
    expect(text).toContain('href="/lanes/gate-2"');
  });

  it.each(['/lanes/gate-1', '/page/lane.js', '/page/words.js', '/page/lane.css'])(
    'serves %s, strictly',
    async (path) => {
      const response = await fetch(server.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('serves no file but those of the page', async () => {
    for (const name of ['tsconfig.json', '..%2fserver.ts', 'lane.html', 'constructor']) {
      expect((await fetch(`${server.url}/page/${name}`)).status).toBe(404);
    }
  });

  it('answers an unknown lane with the lanes there are', async () => {
    const page = await fetch(`${server.url}/lanes/%3Cscript%3E`);
    expect(page.status).toBe(404);
    const text = await page.text();
    expect(text).toContain('href="/lanes/gate-1"');
    expect(text).not.toContain('<script>');
    const events = await fetch(`${server.url}/lanes/gate-9/events`);
    expect(events.status).toBe(404);
    expect(await events.text()).toContain('gate-1, gate-2');
  });
});

describe('events', () => {
  it('sends facts and the whole view at once, then each change', async () => {
    const display = await follow('/lanes/gate-1/events');
    expect(display.response.headers.get('content-type')).toContain('text/event-stream');
    expect(display.response.headers.get('cache-control')).toBe('no-store');
    const facts = await display.next();
    expect(facts).toMatchObject({ retry: '2000', event: 'lane' });
    expect(JSON.parse(facts!.data!)).toMatchObject({ compares: true, sign: gate.feed.sign });
    const first = await display.next();
    expect(first?.id).toBe('1');
    expect(first?.event).toBeUndefined();
    expect(JSON.parse(first!.data!)).toEqual(gate.feed.view());
    gate.outcome({ outcome: 'listed', instruction: 'one\nline only\r\n\r\nid: 7' });
    const second = await display.next();
    expect(second?.id).toBe('2');
    expect(JSON.parse(second!.data!)).toEqual(gate.feed.view());
    display.leave();
    await expect.poll(() => gate.listeners(), WAIT).toBe(0);
  });

  it('gives a sign of life that the page can hear', async () => {
    const display = await follow('/lanes/gate-2/events');
    await display.next();
    await display.next();
    vi.advanceTimersByTime(BEAT_MS);
    const beat = await display.next();
    expect(beat).toMatchObject({ event: 'lane' });
    expect(Object.keys(JSON.parse(beat!.data!) as object)).toEqual(['compares', 'page', 'now']);
    display.leave();
  });

  it('opens no stream for HEAD', async () => {
    const response = await fetch(`${server.url}/lanes/gate-1/events`, { method: 'HEAD' });
    expect(response.status).toBe(404);
    expect(gate.listeners()).toBe(0);
  });

  it('ends with the server', async () => {
    const display = await follow('/lanes/gate-1/events');
    await display.next();
    await display.next();
    await server.close();
    await expect(display.next()).rejects.toThrow('terminated');
    expect(gate.listeners()).toBe(0);
    server = await serve([gate, plain]);
  });
});

describe('a display that does not keep up', () => {
  const VIEWS = 1_000;
  const instruction = 'x'.repeat(20_000);

  /** Floods a client that reads nothing. `held`: bytes that wait for it in this process, after `VIEWS` views of 20 kB. */
  async function flood(send: (feed: LaneFeed, response: ServerResponse) => void) {
    const web = createServer((_request, response) => {
      held = () => response.writableLength;
      send(gate.feed, response);
    }).listen(0, '127.0.0.1');
    let held = (): number => 0;
    await once(web, 'listening');
    const client: Socket = connect((web.address() as AddressInfo).port, '127.0.0.1').pause();
    client.write('GET / HTTP/1.0\r\n\r\n');
    await expect.poll(() => gate.listeners(), WAIT).toBe(1);
    for (let i = 0; i < VIEWS; i++) gate.outcome({ outcome: 'listed', instruction });
    return { web, client, held: held() };
  }
  const ours = (feed: LaneFeed, response: ServerResponse): void =>
    sendEvents(feed, { page: 'v', sos: undefined, keeps: () => true, mayGoOn: () => true }, response, () => undefined);

  it('costs one view, and gets the newest as soon as it reads', async () => {
    const { web, client, held } = await flood(ours);
    expect(held).toBeLessThan(200_000);
    let text = '';
    client
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .resume();
    await expect
      .poll(() => text.endsWith('\n\n') && text.includes(`id: ${gate.feed.view().version}\n`), WAIT)
      .toBe(true);
    expect(text.split('\nid: ').length).toBeLessThan(VIEWS / 10);
    client.destroy();
    web.close();
  });

  it('would cost all of them if views were written as they come', async () => {
    const { web, client, held } = await flood((feed, response) => {
      feed.subscribe((view: LaneView) => response.write(`data: ${JSON.stringify(view)}\n\n`));
    });
    expect(held).toBeGreaterThan(10_000_000);
    client.destroy();
    web.close();
  });

  it('is cut off when it takes nothing for two beats', async () => {
    const { web, client } = await flood(ours);
    // More than the operating system's buffers take.
    await expect
      .poll(() => {
        gate.outcome({ outcome: 'listed', instruction: instruction.repeat(50) });
        vi.advanceTimersByTime(BEAT_MS);
        return gate.listeners();
      }, WAIT)
      .toBe(0);
    client.destroy();
    web.close();
  });
});

describe('no face comparison', () => {
  const decline = async (lane: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.url}/lanes/${lane}/decline`, { method: 'POST', headers })).status;

  it('is asked for by the page itself', async () => {
    expect(await decline('gate-1', { 'sec-fetch-site': 'same-origin' })).toBe(204);
    expect(await decline('gate-1', { origin: server.url })).toBe(204);
    expect(gate.declines()).toBe(2);
    expect(gate.feed.view().declined).toBe(true);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of the machine', { 'sec-fetch-site': 'same-site' }],
    ['another site that names us as its origin', { 'sec-fetch-site': 'cross-site', origin: 'ours' }],
    ['another origin', { origin: 'http://127.0.0.1:1' }],
    ['an origin that is hidden', { origin: 'null' }],
    ['a program', {}],
  ])('is refused to %s', async (_who, headers: Record<string, string>) => {
    const real = headers.origin === 'ours' ? { ...headers, origin: server.url } : headers;
    expect(await decline('gate-1', real)).toBe(403);
    expect(gate.declines()).toBe(0);
  });

  it('means nothing on a lane that does not compare', async () => {
    expect(await decline('gate-2', { 'sec-fetch-site': 'same-origin' })).toBe(409);
    expect(await decline('gate-9', { 'sec-fetch-site': 'same-origin' })).toBe(404);
    expect(plain.declines()).toBe(0);
  });
});
