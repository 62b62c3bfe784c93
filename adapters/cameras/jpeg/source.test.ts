import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { conforms, PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import { serveTcp } from '../../../simulators/product/loopback.ts';
import { basicAuthorization, digestResponse, parseChallenges } from '../../shared/digest.codec.ts';
import { openJpeg } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const PASSWORD = 'p4ss:w0rd/geheim';
const picture = await sharp({ create: { width: 320, height: 180, channels: 3, background: '#2a6' } })
  .jpeg()
  .toBuffer();

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const OK = 'HTTP/1.1 200 OK\r\n';
const part = (bytes: Buffer, fields = `Content-Type: image/jpeg\r\nContent-Length: ${bytes.length}\r\n`): Buffer =>
  Buffer.concat([Buffer.from(`--edge\r\n${fields}\r\n`), bytes, Buffer.from('\r\n')]);
const once =
  (head: string, ...bytes: Buffer[]) =>
  (socket: Socket): void =>
    void socket.end(Buffer.concat([Buffer.from(`${head}\r\n`), ...bytes]));
const endless =
  (head: string, one: Buffer) =>
  (socket: Socket): void => {
    socket.write(`${head}\r\n`);
    const timer = setInterval(() => socket.write(one), 20);
    socket.once('close', () => clearInterval(timer));
  };
const MIXED = `${OK}Content-Type: multipart/x-mixed-replace; boundary=`;

/** Answers that are not as the standards want them. */
const ODD: Readonly<Record<string, (socket: Socket) => void>> = {
  'a snapshot as multipart with one part': once(`${MIXED}edge\r\n`, part(picture), Buffer.from('--edge--\r\n')),
  'a multipart without its last boundary': once(`${MIXED}"--edge"\r\n`, part(picture, '')),
  'a stream of pictures (MJPEG)': endless(`${MIXED}--edge\r\n`, part(picture)),
  'a stream of pictures without lengths': endless(`${MIXED}edge\r\n`, part(picture, 'Content-Type: image/jpeg\r\n')),
  'a stream of pictures with lengths that are too large': endless(
    `${MIXED}edge\r\n`,
    part(picture, 'Content-Length: 99999\r\n'),
  ),
  'a picture without its end mark': once(OK, picture.subarray(0, picture.length - 2)),
  'a field line without a colon': once(`${OK}Server\r\nX Y: z\r\nContent-Length: ${picture.length}\r\n`, picture),
  'a length that is too large, and a connection that is closed': once(`${OK}Content-Length: 99999\r\n`, picture),
  'a length that is too large, and a connection that stays': (socket) =>
    void socket.write(Buffer.concat([Buffer.from(`${OK}Content-Length: 99999\r\n\r\n`), picture])),
  'line feeds alone': once('HTTP/1.0 200 OK\nContent-Type: image/jpeg\n', picture),
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const send =
  (bytes: Uint8Array | string): Answer =>
  (_, response) =>
    void response.end(bytes);

/** A camera's web server on loopback. */
async function serve(answer: Answer): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  closers.push(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/snap.jpg?channel=1`, close };
}

const fast = { fps: 30, width: 64, height: 64 };

/** Runs until the loss and gives its words and everything that was logged. */
async function loss(answer: Answer, login: object = {}): Promise<string> {
  const { url } = await serve(answer);
  const context = testContext('gate', { 'env:P': PASSWORD });
  const run = watch(openJpeg({ url, ...fast, ...login }, context));
  const error = await run.ended;
  expect(run.seen).toEqual([]);
  return `${String(error)}\n${context.said()}`;
}

describe('jpeg camera', () => {
  conforms(async () => {
    const { url, close } = await serve(send(picture));
    return { source: openJpeg({ url, ...fast }, testContext('gate')), lose: close, close: () => undefined };
  });

  it('logs in with Basic', async () => {
    const good = basicAuthorization({ user: 'admin', password: PASSWORD });
    const { url } = await serve((request, response) => {
      if (request.headers.authorization === good) return void response.end(picture);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end();
    });
    const context = testContext('gate', { 'env:P': PASSWORD });
    const run = watch(openJpeg({ url, ...fast, user: 'admin', password: 'env:P' }, context));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    run.abort();
    expect(await run.ended).toBeUndefined();
  });

  const challenge = 'Digest realm="cam", nonce="abc", qop="auth", algorithm=SHA-256';
  const digest: Answer = (request, response) => {
    const [offer] = parseChallenges(challenge);
    const given = parseChallenges(request.headers.authorization ?? '')[0]?.params ?? {};
    const bound = { method: 'GET', uri: request.url ?? '', cnonce: given['cnonce'] ?? '', count: 1 };
    const want = digestResponse(offer!, { user: 'admin', password: PASSWORD }, bound);
    if (given['response'] === want && given['uri'] === request.url) return void response.end(picture);
    response.writeHead(401, { 'www-authenticate': `Basic realm="cam", ${challenge}` }).end();
  };

  it('logs in with Digest where both are offered, bound to path and query', async () => {
    const { url } = await serve(digest);
    const context = testContext('gate', { 'env:P': PASSWORD });
    const run = watch(openJpeg({ url, ...fast, user: 'admin', password: 'env:P' }, context));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    run.abort();
    await run.ended;
  });

  it('names a wrong password without showing any', async () => {
    const login = { user: 'root', password: 'env:P' };
    const words = await loss(digest, login);
    expect(words).toContain('refuses user or password (401)');
    expect(words).not.toContain('in a row');
    expect(words).not.toContain(PASSWORD);
    expect(words).not.toContain(Buffer.from(`root:${PASSWORD}`).toString('base64'));
  });

  it('names what it got instead of a picture', async () => {
    expect(await loss(send('<html><body>Login</body></html>'))).toContain('a web page (HTML)');
    expect(await loss(send(''))).toContain('is empty (0 bytes)');
    expect(await loss(send(picture.subarray(0, picture.length - 200)))).toContain('damaged or broken off');
    expect(await loss(send(picture.subarray(0, 20)))).toContain('its size cannot be read');
    expect(await loss((_, response) => void response.writeHead(404).end())).toContain('no picture at this path (404)');
    expect(await loss((_, r) => void r.writeHead(302, { location: '/x' }).end())).toContain('sends us elsewhere');
    expect(await loss((request) => void request.socket.destroy())).toContain('connection to the camera broke');
  });

  it.each(Object.keys(ODD))('reads %s', async (name) => {
    const port = await serveRaw(ODD[name]!);
    const run = watch(openJpeg({ url: `http://127.0.0.1:${port}/snap`, ...fast }, testContext('gate')));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(2), PATIENCE);
    run.abort();
    expect(await run.ended).toBeUndefined();
  });

  it('says what it measured where a stream of pictures goes quiet, or what answers is no web server', async () => {
    const said = async (answer: (socket: Socket) => void): Promise<string> => {
      const port = await serveRaw(answer);
      return String(await watch(openJpeg({ url: `http://127.0.0.1:${port}/`, ...fast }, testContext('gate'))).ended);
    };
    expect(await said((socket) => void socket.end('SSH-2.0-dropbear\r\n'))).toContain('no web server of a camera');
    const broken = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), picture.subarray(0, picture.length - 60)]);
    expect(await said((socket) => void socket.end(broken))).toContain('damaged or broken off');
  });

  it('refuses a picture of 16,000 × 16,000 by its header', async () => {
    expect(await loss(send(giantPng(16_000)))).toContain('16000 × 16000 pixels; at most 16 million');
  });

  it('reads no more than 8 MiB, whatever is sent', async () => {
    const endless: Answer = (_, response) => {
      const more = (): void => {
        while (response.writable && response.write(Buffer.alloc(65_536, 0xff)));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    };
    expect(await loss(endless)).toContain('larger than 8 MiB');
  });

  it('takes a single failure for no loss', async () => {
    let asked = 0;
    const { url } = await serve((_, response) => void response.end(asked++ % 3 === 2 ? picture : ''));
    const run = watch(openJpeg({ url, ...fast }, testContext('gate')));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(1), PATIENCE);
    run.abort();
    expect(await run.ended).toBeUndefined();
  });

  it('refuses credentials in the address without repeating them', () => {
    const open = (): unknown => openJpeg({ url: `http://admin:${PASSWORD}@h/x` }, testContext('gate'));
    expect(open).toThrow(/put them in `user` and `password`/);
    expect(open).not.toThrow(/w0rd/);
    expect(() => openJpeg({ url: 'ftp://h/x' }, testContext('gate'))).toThrow(/not ftp:/);
    expect(() => openJpeg({ url: 'http://h/x', password: 'env:P' }, testContext('gate'))).toThrow(/expected a user/);
  });
});

/** A web server of a small camera, byte by byte. */
async function serveRaw(answer: (socket: Socket) => void): Promise<number> {
  const { port, close } = await serveTcp((socket) => void socket.once('data', () => answer(socket)));
  closers.push(close);
  return port;
}

/** A PNG whose header announces `side` × `side`; its one line of data would never be enough. */
function giantPng(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([head, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = deflateSync(Buffer.alloc(side * 3 + 1));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}
