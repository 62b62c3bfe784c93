import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hikvisionHeartbeat, hikvisionPush } from '../../../simulators/devices/plate-camera/push.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { openAllowList } from '../../shared/allow.ts';
import { clientOf, closeAll, SEEN, startPush } from '../../../simulators/conformance/push.ts';
import { openDigestGuard } from './digest.ts';

afterEach(closeAll);

const LOGIN = { user: 'camera', password: 'right' };

describe('P2: refusals are told to the box', () => {
  it('with their reason, and whether it was the camera at all', async () => {
    const box = await startPush({ digest: openDigestGuard(LOGIN) });
    const push = hikvisionPush(SEEN);
    const camera = clientOf({ port: box.port, login: LOGIN });
    const stranger = clientOf({ port: box.port, login: { user: 'camera', password: 'wrong' } });
    const other = clientOf({ port: box.port, login: LOGIN });
    expect((await stranger.send(push)).status).toBe(401);
    expect((await other.send({ ...push, path: '/other' })).status).toBe(404);
    for (const bad of [
      { ...push, contentType: 'text/html' },
      { ...push, body: Buffer.from('x') },
    ])
      await camera.send(bad);
    expect((await camera.send(push)).status).toBe(200);
    // One request without a login begins each connection; none of these is told.
    expect(box.refusals.map((r) => r.reason)).toEqual(['login', 'path', 'type', 'form']);
    const outside = await startPush({ allows: openAllowList(['192.0.2.0/24']) });
    await clientOf({ port: outside.port }).send(push);
    expect(outside.refusals.map((r) => r.reason)).toEqual(['address']);
  });

  it('also of a camera that never answers the challenge', async () => {
    const box = await startPush({ digest: openDigestGuard(LOGIN) });
    const mute = clientOf({ port: box.port });
    for (let i = 0; i < 4; i++) expect((await mute.send(hikvisionPush(SEEN))).status).toBe(401);
    expect(box.refusals.map((r) => r.reason)).toEqual(['login', 'login', 'login']);
  });
});

describe('P2: what is no push is no refused push', () => {
  const sockets: Socket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

  /** Opens a connection, sends `text`, hands it to `end`, and resolves when it is closed. */
  const line = async (port: number, text: string, end?: (socket: Socket) => void): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined).on('data', () => undefined);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    await new Promise<void>((resolve) => (text === '' ? resolve() : socket.write(text, () => resolve())));
    end?.(socket);
    await closed;
  };
  const ended = (said: string): string[] =>
    [...said.matchAll(/a connection ended without a push.*"code":"(\w+)"/g)].map((match) => match[1]!);

  it('connections that are reset or closed with half a head, and such as stay silent until their time is up', async () => {
    const box = await startPush({ limits: { requestMs: 300 } });
    const half = 'POST / HTTP/1.1\r\nhost: box\r\n';
    for (let i = 0; i < 6; i++) await line(box.port, half, (socket) => socket.resetAndDestroy());
    await line(box.port, half, (socket) => socket.end());
    await Promise.all([line(box.port, ''), line(box.port, half)]);
    await vi.waitFor(() => expect(ended(box.said())).toHaveLength(9), PATIENCE);
    const codes = ended(box.said());
    expect(codes.filter((code) => code === 'ERR_HTTP_REQUEST_TIMEOUT')).toHaveLength(2);
    expect(codes).toContain('ECONNRESET');
    expect(box.refusals).toEqual([]);
    expect((await clientOf({ port: box.port }).send(hikvisionHeartbeat())).status).toBe(200);
  });

  it('nor is a kept connection that is reset between two pushes', async () => {
    const box = await startPush();
    const { contentType, body } = hikvisionHeartbeat();
    const whole = `POST / HTTP/1.1\r\nhost: box\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`;
    await line(box.port, whole + body.toString(), (socket) => socket.once('data', () => socket.resetAndDestroy()));
    await vi.waitFor(() => expect(ended(box.said())).toEqual(['ECONNRESET']), PATIENCE);
    expect([box.refusals, box.seen]).toEqual([[], [{ kind: 'heartbeat' }]]);
  });

  it('a message that breaks off is one, once, and so are bytes that are no HTTP', async () => {
    const box = await startPush({ limits: { requestMs: 300 } });
    const begun =
      'POST / HTTP/1.1\r\nhost: box\r\ncontent-type: application/xml\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n<';
    // The box says that it waits for the rest.
    const onceHeard = (end: (s: Socket) => void) => (s: Socket) => void s.once('data', () => end(s));
    const ways = [undefined, onceHeard((s) => void s.resetAndDestroy()), onceHeard((s) => void s.end())];
    for (const [i, way] of ways.entries()) {
      await line(box.port, begun, way);
      await vi.waitFor(() => expect(box.refusals).toHaveLength(i + 1), PATIENCE);
    }
    await line(box.port, 'hello\r\n\r\n');
    await vi.waitFor(() => expect(box.refusals).toHaveLength(4), PATIENCE);
    expect(box.refusals.map((r) => r.reason)).toEqual(['incomplete', 'incomplete', 'incomplete', 'form']);
  });
});
