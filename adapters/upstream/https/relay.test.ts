import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import type { Relay } from '../../../gateway/contracts/relay.ts';
import { Rejected } from '../../../gateway/contracts/errors.ts';
import { makeCertificate } from '../../../simulators/command-room/certificate.ts';
import type { Room, RoomOptions } from '../../../simulators/command-room/room.ts';
import { startRoom } from '../../../simulators/command-room/room.ts';
import { encodeAck } from '../codec.ts';
import { eventOf, pictureOf, relayConformance } from '../../../simulators/conformance/relay.ts';
import { retryAfterMs } from './http-request.ts';
import { openHttps } from './relay.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const never = new AbortController().signal;
let folder: string;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  folder = tempFolder();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function open(url: string, more: object = {}): Relay {
  const relay = openHttps({ url, secret: 'env:S', ...more }, testContext('room', { 'env:S': SECRET }));
  ends.push(async () => relay.close?.());
  return relay;
}

async function roomOf(options: Partial<RoomOptions> = {}): Promise<Room> {
  const room = await startRoom({ secret: SECRET, ...options });
  ends.push(() => room.close());
  return room;
}

/** A server that has read the request when `answer` is called. */
async function serving(answer: (req: http.IncomingMessage, res: http.ServerResponse) => void): Promise<string> {
  const server = http.createServer((req, res) => {
    req.resume().on('end', () => answer(req, res));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers every request alike. */
function answering(status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Promise<string> {
  return serving((_req, res) => void res.writeHead(status, headers).end(body));
}

relayConformance('https', async () => {
  const file = join(folder, `${Math.random()}.db`);
  let room = await startRoom({ secret: SECRET, file });
  const port = Number(new URL(room.url).port);
  const relay = openHttps({ url: room.url, secret: 'env:S' }, testContext('room', { 'env:S': SECRET }));
  return {
    relay,
    arrived: () => room.events().map((e) => e.id),
    stop: () => room.close(),
    start: async () => void (room = await startRoom({ secret: SECRET, file, port })),
    close: () => room.close(),
  };
});

describe('https', () => {
  it('carries pictures, each once, and the event that names them', async () => {
    const room = await roomOf();
    const relay = open(`${room.url}/sitebox/`);
    const evidence = [pictureOf('plate'), pictureOf('vehicle', 'vehicle')];
    await relay.send(eventOf(1, { evidence }), never);
    await relay.send(eventOf(2, { evidence }), never);
    expect(room.events()[0]!.evidence.map((e) => e.sha256)).toEqual(evidence.map((e) => e.sha256));
    expect(
      room
        .evidence()
        .map((e) => Buffer.from(e.bytes).toString())
        .sort(),
    ).toEqual(['plate', 'vehicle']);
    expect(room.requests()).toBe(4);
  });

  it('W9: sends the pictures of an event side by side, and the event once all are there', async () => {
    const asked: string[] = [];
    const waiting: (() => void)[] = [];
    const url = await serving((req, res) => {
      asked.push(req.method!);
      const answer = (): void => void res.end(encodeAck(req.headers['webhook-id'] as string));
      if (req.method === 'POST') return answer();
      // Neither is answered before both have come.
      if (waiting.push(answer) === 2) for (const next of waiting) next();
    });
    await open(url).send(eventOf(1, { evidence: [pictureOf('plate'), pictureOf('vehicle', 'vehicle')] }), never);
    expect(asked).toEqual(['PUT', 'PUT', 'POST']);
  });

  it('W9: gives the other pictures up where one is not taken', async () => {
    let first: http.IncomingMessage | undefined;
    let given: Promise<unknown> | undefined;
    const url = await serving((req, res) => {
      if (first) return void res.writeHead(500).end();
      first = req;
      given = once(res, 'close');
    });
    const evidence = [pictureOf('plate'), pictureOf('vehicle', 'vehicle')];
    await expect(open(url).send(eventOf(1, { evidence }), never)).rejects.toThrow(/answered 500/);
    await given;
    expect(first?.method).toBe('PUT');
  });

  it('sends the pictures again to a room that has lost them', async () => {
    const first = await startRoom({ secret: SECRET });
    const relay = open(first.url);
    const evidence = [pictureOf('plate')];
    await relay.send(eventOf(1, { evidence }), never);
    await first.close();
    const second = await roomOf({ port: Number(new URL(first.url).port) });
    await expect(relay.send(eventOf(2, { evidence }), never)).rejects.toThrow(/pictures are missing/);
    await relay.send(eventOf(2, { evidence }), never);
    expect(second.evidence()).toHaveLength(1);
  });

  it.each([429, 502, 503, 504])('takes %i for a wish for patience', async (status) => {
    const relay = open(await answering(status, '', { 'retry-after': '7' }));
    await expect(relay.send(eventOf(1), never)).rejects.toMatchObject({ name: 'Busy', afterMs: 7000 });
  });

  it('reads Retry-After in seconds and as a date, up to an hour', () => {
    const now = Date.UTC(2026, 0, 1);
    const ms = (retryAfter: string | undefined): number => retryAfterMs({ retryAfter }, now);
    expect(ms('120')).toBe(120_000);
    expect(ms('Thu, 01 Jan 2026 00:01:00 GMT')).toBe(60_000);
    expect(ms('Thu, 01 Jan 2025 00:00:00 GMT')).toBe(0);
    expect(ms('999999999')).toBe(3_600_000);
    expect(ms('soon')).toBe(0);
    expect(ms(undefined)).toBe(0);
  });

  it.each([
    ['an acknowledgement of another event', 200, encodeAck('event-0')],
    ['JSON that is none', 200, '{"ok":true,"stored":true}'],
  ])('does not take %s for stored', async (_name, status, body) => {
    const relay = open(await answering(status, body));
    await expect(relay.send(eventOf(1), never)).rejects.toThrow(/not with an acknowledgement/);
    await expect(relay.send(eventOf(1, { evidence: [pictureOf('p')] }), never)).rejects.toThrow(/not with/);
  });

  it('stops reading an answer that has no end', async () => {
    const relay = open(await answering(200, 'x'.repeat(100_000)));
    await expect(relay.send(eventOf(1), never)).rejects.toThrow(/more than 65536 bytes/);
  });

  it('gives up on silence', async () => {
    const room = await roomOf();
    room.fault('black-hole');
    const relay = open(room.url, { timeoutMs: 500 });
    await expect(relay.send(eventOf(1), never)).rejects.toThrow(/no answer within 500 ms/);
  });

  it('asks again on a fresh connection when the kept one was closed meanwhile', async () => {
    let sockets = 0;
    const server = http.createServer((req, res) => {
      req.resume().on('end', () => {
        const { socket } = req;
        res.end(encodeAck(req.headers['webhook-id'] as string));
        // What a router does that forgets a connection: the next request on it meets a reset.
        if (sockets === 1) socket.once('data', () => socket.resetAndDestroy());
      });
    });
    server.on('connection', () => sockets++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => new Promise((resolve) => server.close(resolve)));
    const relay = open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await relay.send(eventOf(1), never);
    await relay.send(eventOf(2), never);
    expect(sockets).toBe(2);
  });
});

describe('https faults of the room', () => {
  it.each(['reset', 'lost-ack', 'error', 'html', 'redirect', 'busy'] as const)(
    'keeps the event at %s',
    async (fault) => {
      const room = await roomOf();
      const relay = open(room.url);
      room.fault(fault);
      const failure = await relay.send(eventOf(1), never).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(Error);
      expect(failure).not.toBeInstanceOf(Rejected);
      room.fault(undefined);
      await relay.send(eventOf(1), never);
      expect(room.events().map((e) => e.id)).toEqual(['event-1']);
    },
  );

  it('is not confused by a second acknowledgement on the same connection', async () => {
    const room = await roomOf();
    const relay = open(room.url);
    room.fault('double-ack');
    for (let n = 1; n <= 5; n++) {
      await relay.send(eventOf(n), never).catch(() => relay.send(eventOf(n), never));
    }
    expect(room.events().map((e) => e.id)).toEqual([1, 2, 3, 4, 5].map((n) => `event-${n}`));
  });

  it('says that the secrets differ', async () => {
    const room = await roomOf({ secret: `whsec_${'A'.repeat(32)}` });
    await expect(open(room.url).send(eventOf(1), never)).rejects.toThrow(/compare `secret` on both sides/);
    expect(room.refusals()[0]).toMatch(/no signature fits/);
  });

  it('says that the clocks differ', async () => {
    const room = await roomOf({ now: () => Date.now() + 6 * 60_000 });
    await expect(open(room.url).send(eventOf(1), never)).rejects.toThrow(/clocks/);
    expect(room.refusals()[0]).toMatch(/clocks differ by -36\d s/);
  });
});

describe('https certificates', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('accepts one from the given authority', async () => {
    const tls = makeCertificate();
    const room = await roomOf({ tls });
    await open(room.url, { ca: write('good.pem', tls.cert) }).send(eventOf(1), never);
    expect(room.events()).toHaveLength(1);
  });

  it.each([
    ['expired', { expired: true }, true, /certificate has expired/],
    ['for another name', { name: 'elsewhere.invalid' }, true, /certificate is for another name/],
    ['of nobody we know', {}, false, /give .* in `ca`/],
  ])('keeps the event when it is %s, and says so', async (name, options, known, why) => {
    const tls = makeCertificate(options);
    const room = await roomOf({ tls });
    const relay = open(room.url, known ? { ca: write(`${name}.pem`, tls.cert) } : {});
    const failure = await relay.send(eventOf(1), never).catch((e: unknown) => e);
    expect((failure as Error).message).toMatch(why);
    expect(failure).not.toBeInstanceOf(Rejected);
    expect(room.events()).toEqual([]);
  });
});

describe('https configuration', () => {
  it.each([
    ['plain http elsewhere', { url: 'http://room.invalid/' }, /loopback only/],
    ['another scheme', { url: 'ftp://room.invalid/' }, /https:\/\//],
    ['a password in the address', { url: 'https://u:p@room.invalid/' }, /no user or password/],
    ['a query', { url: 'https://room.invalid/?a' }, /without \? and #/],
    ['an unknown key', { ulr: 'x' }, /ulr/],
    ['a missing authority', { ca: '/nowhere/ca.pem' }, /nowhere\/ca.pem cannot be read \(ENOENT\)/],
    ['no such secret', { secret: 'env:NONE' }, /secret is not there/],
    ['a secret that is no key', { secret: 'env:BAD' }, /not a signing key/],
  ])('refuses %s', (_name, more, why) => {
    const config = { url: 'https://room.invalid/', secret: 'env:S', ...more };
    const secrets = { 'env:S': SECRET, 'env:BAD': 'hunter2' };
    expect(() => openHttps(config, testContext('room', secrets))).toThrow(why);
    expect(() => openHttps(config, testContext('room', secrets))).not.toThrow(/hunter2|u:p/);
  });
});
