import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hikvisionHeartbeat, hikvisionPush } from '../../../simulators/devices/plate-camera/push.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { digestAuthorization } from '../../shared/digest.codec.ts';
import { openAllowList } from '../../shared/allow.ts';
import type { PushLimits } from './answer.ts';
import { clientOf, closeAll, SEEN, startPush, type PushedObservation } from '../../../simulators/conformance/push.ts';
import { openDigestGuard } from './digest.ts';

afterEach(closeAll);

const LOGIN = { user: 'camera', password: 'right' };

/** A connection without any HTTP of its own, and what has come back so far. */
async function raw(port: number): Promise<{ socket: Socket; said: () => string; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([closed, new Promise((resolve) => socket.once('connect', resolve))]);
  return { socket, said: () => text, closed };
}

const heads = (text: string): string[] => text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
const post = (headers: string): string => `POST / HTTP/1.1\r\nhost: box\r\n${headers}\r\n\r\n`;

describe('a body that is too large', () => {
  /** A part that nobody asks for, so that only the size of the whole can be minded. */
  const film = Buffer.from('--B\r\ncontent-disposition: form-data; name="film"\r\n\r\n');
  const chunk = Buffer.alloc(1_000_000, 0x20);
  const framed = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

  /** Sends 50 MB and looks how much of it was taken before the connection was closed. */
  const isRefusedEarly = async (limits: Partial<PushLimits>, size: string): Promise<boolean> => {
    const { port } = await startPush({ limits });
    const { socket, said, closed } = await raw(port);
    const frame = size.startsWith('transfer') ? framed : (bytes: Buffer): Buffer => bytes;
    socket.write(post(`content-type: multipart/form-data; boundary=B\r\n${size}`));
    socket.write(frame(film));
    let sent = 0;
    for (; sent < 50 && !socket.destroyed; sent++) {
      const drained = new Promise((resolve) => socket.once('drain', resolve));
      if (!socket.write(frame(chunk))) await Promise.race([drained, closed]);
    }
    socket.end();
    await closed;
    return heads(said())[0] === 'HTTP/1.1 413' && sent < 40;
  };

  const announced = `content-length: ${film.length + 50 * chunk.length}`;
  it('is refused before it is read', async () => {
    expect(await isRefusedEarly({}, announced)).toBe(true);
  });

  it('is refused while it comes, where nothing announces its size', async () => {
    expect(await isRefusedEarly({}, 'transfer-encoding: chunked')).toBe(true);
  });

  it('would be taken without the limit, and these tests would see it', async () => {
    expect(await isRefusedEarly({ bodyBytes: 1e9 }, announced)).toBe(false);
    expect(await isRefusedEarly({ bodyBytes: 1e9 }, 'transfer-encoding: chunked')).toBe(false);
  });
});

describe('who may push', () => {
  it('an address that is not allowed is told so, whatever it sends', async () => {
    const box = await startPush({ allows: openAllowList(['192.0.2.0/24']) });
    const client = clientOf({ port: box.port });
    const answer = await client.send(hikvisionPush(SEEN));
    expect([answer.status, answer.headers['connection']]).toEqual([403, 'close']);
    expect(box.seen).toEqual([]);
    expect(box.said()).toContain('"address":"127.0.0.1"');
  });

  it('addresses that are not allowed cannot take the places of those that are', async () => {
    let isFriend = false;
    const { port, said } = await startPush({ allows: () => isFriend });
    const strangers = await Promise.all(Array.from({ length: 60 }, () => raw(port)));
    await vi.waitFor(() => expect(strangers.filter(({ socket }) => !socket.destroyed)).toHaveLength(8), PATIENCE);
    expect(said()).toContain('expected at most 8 connections');
    isFriend = true;
    expect((await clientOf({ port }).send(hikvisionHeartbeat())).status).toBe(200);
    for (const { socket } of strangers) socket.destroy();
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s is not expected', async (method) => {
    const { port } = await startPush();
    const response = await fetch(`http://127.0.0.1:${port}/`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('an answer to Digest counts once', async () => {
    const { port, seen } = await startPush({ digest: openDigestGuard(LOGIN) });
    const { socket, said } = await raw(port);
    const body = hikvisionHeartbeat().body;
    const request = (authorization: string): string =>
      post(`content-type: application/xml\r\ncontent-length: ${body.length}${authorization}`) + body.toString();
    socket.write(request(''));
    await vi.waitFor(() => expect(heads(said())).toEqual(['HTTP/1.1 401']), PATIENCE);
    const nonce = /nonce="(\w+)"/.exec(said())![1]!;
    const offer = { scheme: 'digest', params: { realm: 'sitebox', qop: 'auth', algorithm: 'MD5', nonce } };
    const use = { method: 'POST', uri: '/', cnonce: 'c', count: 1 };
    const right = request(`\r\nauthorization: ${digestAuthorization(offer, LOGIN, use)}`);
    socket.write(right);
    await vi.waitFor(() => expect(heads(said())).toHaveLength(2), PATIENCE);
    // Whoever listened on the line sends the same bytes again.
    socket.write(right);
    await vi.waitFor(() => expect(heads(said())).toHaveLength(3), PATIENCE);
    expect(heads(said())).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200', 'HTTP/1.1 401']);
    expect(said()).toContain('stale=true');
    expect(seen).toHaveLength(1);
  });

  it('a camera that waits for leave to send its body gets it, or the refusal at once', async () => {
    const { port, seen } = await startPush({ digest: openDigestGuard(LOGIN) });
    const client = clientOf({ port, login: LOGIN, expectContinue: true });
    expect((await client.send(hikvisionPush(SEEN))).status).toBe(200);
    expect(seen).toHaveLength(1);
  });
});

describe('under load', () => {
  it('reads four messages at a time, says busy to the others, and serves them afterwards', async () => {
    const waiting: PushedObservation[] = [];
    const { port } = await startPush({ settled: (pushed) => void waiting.push(pushed) });
    const send = (i: number): Promise<{ status: number }> =>
      clientOf({ port }).send(hikvisionPush({ ...SEEN, at: new Date(SEEN.at.getTime() + i * 1000) }));
    const four = [0, 1, 2, 3].map(send);
    await vi.waitFor(() => expect(waiting).toHaveLength(4), PATIENCE);
    const fifth = await clientOf({ port }).send(hikvisionPush(SEEN));
    expect([fifth.status, fifth.headers['retry-after']]).toEqual([503, '1']);
    for (const { settle } of waiting) settle();
    expect((await Promise.all(four)).map((a) => a.status)).toEqual([200, 200, 200, 200]);
    expect((await clientOf({ port }).send(hikvisionHeartbeat())).status).toBe(200);
  });

  it('serves 32 connections, tells some more that it is busy, and cuts the rest', async () => {
    const { port, said } = await startPush();
    const many = await Promise.all(Array.from({ length: 45 }, () => raw(port)));
    await vi.waitFor(() => expect(said()).toContain('expected at most 40 connections'), PATIENCE);
    const body = hikvisionHeartbeat().body.toString();
    for (const { socket } of many) {
      socket.write(post(`content-type: application/xml\r\ncontent-length: ${body.length}`) + body);
    }
    const answers = (): string[] => many.flatMap((one) => heads(one.said()));
    await vi.waitFor(() => expect(answers()).toHaveLength(40), PATIENCE);
    expect(answers().filter((head) => head.endsWith('503')).length).toBeGreaterThanOrEqual(8);
    expect(answers().filter((head) => head.endsWith('200')).length).toBeGreaterThan(0);
    for (const { socket } of many) socket.destroy();
  });

  it('a flood is answered, remembered within bounds, and logged once', async () => {
    const { port, said, reads } = await startPush();
    const camera = clientOf({ port });
    const flood = Array.from({ length: 4 }, async (_, i) => {
      const client = clientOf({ port });
      const statuses: number[] = [];
      for (let k = 0; k < 50; k++) {
        const plate = k % 2 === 0 ? `皖A${i}00${String(k).padStart(2, '0')}` : 'x'.repeat(40);
        statuses.push((await client.send(hikvisionPush({ ...SEEN, plate }))).status);
      }
      return statuses;
    });
    const meanwhile = await camera.send(hikvisionHeartbeat());
    const statuses = (await Promise.all(flood)).flat();
    expect([200, 503]).toContain(meanwhile.status);
    expect(new Set(statuses).difference(new Set([200, 400, 503]))).toEqual(new Set());
    expect(reads().length).toBe(statuses.filter((s) => s === 200).length);
    expect((await camera.send(hikvisionHeartbeat())).status).toBe(200);
    // Every one at level debug, the kind once at level warn, which alone says how often.
    expect(said().match(/"kind":"400".*"times":/g)).toHaveLength(1);
  });
});

describe('connections that go wrong', () => {
  it('a head or a body that never ends is given up', async () => {
    const { port, seen } = await startPush({ limits: { requestMs: 600 } });
    const slow = [await raw(port), await raw(port)];
    slow[0]!.socket.write('POST / HTTP/1.1\r\nhost: box\r\nx-slow: ');
    slow[1]!.socket.write(post('content-type: application/xml\r\ncontent-length: 100') + '<');
    await Promise.all(slow.map(({ closed }) => closed));
    expect(slow.map(({ said }) => heads(said()))).toEqual([['HTTP/1.1 408'], ['HTTP/1.1 408']]);
    expect((await clientOf({ port }).send(hikvisionHeartbeat())).status).toBe(200);
    expect(seen).toEqual([{ kind: 'heartbeat' }]);
  });

  it.each<[string, string, string]>([
    ['no HTTP', 'hello\r\n\r\n', '400'],
    ['a head of 20 kB', `POST / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ['a compressed body', post('content-type: application/xml\r\ncontent-encoding: gzip\r\ncontent-length: 0'), '415'],
    ['no type', post('content-length: 0'), '415'],
    ['nothing in it', post('content-type: application/xml\r\ncontent-length: 0'), '400'],
    ['another path', post('content-length: 0').replace('POST /', 'POST /other'), '404'],
  ])('%s', async (_, bytes, status) => {
    const { port, said: logged } = await startPush();
    const { socket, said } = await raw(port);
    socket.write(bytes);
    await vi.waitFor(() => expect(heads(said())).toEqual([`HTTP/1.1 ${status}`]), PATIENCE);
    expect(logged()).toContain(`"kind":"${status}"`);
    socket.destroy();
  });

  it('a message that breaks off is no message', async () => {
    const { port, said, seen } = await startPush();
    const { socket } = await raw(port);
    const push = hikvisionPush(SEEN);
    socket.write(post(`content-type: ${push.contentType}\r\ncontent-length: ${push.body.length}`));
    socket.end(push.body.subarray(0, 100));
    await vi.waitFor(() => expect(said()).toMatch(/broken off|"kind":"400"/), PATIENCE);
    expect(seen).toEqual([]);
    expect((await clientOf({ port }).send(push)).status).toBe(200);
  });

  it('what is not settled in time is answered 503 and, when it is settled later, not emitted again', async () => {
    const waiting: PushedObservation[] = [];
    const { port } = await startPush({ limits: { settleMs: 100 }, settled: (pushed) => void waiting.push(pushed) });
    const client = clientOf({ port });
    expect((await client.send(hikvisionPush(SEEN))).status).toBe(503);
    expect((await client.send(hikvisionPush(SEEN))).status).toBe(503);
    waiting[0]!.settle();
    expect((await client.send(hikvisionPush(SEEN))).status).toBe(200);
    expect(waiting).toHaveLength(1);
  });

  it('a mistake of the box itself is answered 500 and ends nothing', async () => {
    let isBroken = true;
    const { port, said } = await startPush({
      settled({ settle }) {
        if (isBroken) throw new Error('皖A00001 is more than I can take');
        settle();
      },
    });
    const client = clientOf({ port });
    expect((await client.send(hikvisionPush(SEEN))).status).toBe(500);
    isBroken = false;
    expect((await client.send(hikvisionPush(SEEN))).status).toBe(200);
    expect(said()).not.toContain('A00001');
  });
});
