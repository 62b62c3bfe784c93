/** TLS and plain HTTP on one port, and the certificate behind it, with real sockets and a browser's checks. */
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../../../simulators/command-room/certificate.ts';
import { filesUnder } from '../../../simulators/faults/traces.ts';
import { testDb } from '../../store/db.fixtures.ts';
import type { Db } from '../../store/db.ts';
import { AUTHORITY_FILE, CERTIFICATE_FILE } from '../../store/files/names.ts';
import { rekeyStore } from '../../store/sealing/rekey.ts';
import { storedAuthority } from '../../store/tls-authority.ts';
import { openServer, type WebServer } from '../server.ts';
import { openStand } from '../server.fixtures.ts';
import { BoxCertificate, replaceAuthority, type CertificateOptions } from './certificate.ts';

const DAY_MS = 24 * 3_600_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };

let folder: string;
let now: number;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-tls-'));
  now = Date.now();
  db = testDb(folder);
});
const open = (more: Partial<CertificateOptions> = {}) =>
  BoxCertificate.open({ site: 's', box: 'b', db, folder, hosts: ['gate-box.lan'], now: () => now, log, ...more });
const codes = ({ status }: BoxCertificate) => status.problems!().map(({ code }) => code);

let server: WebServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** On all addresses, so that a request to this machine's own name on the network comes from "elsewhere". */
async function serve(certificate: BoxCertificate) {
  const views = {
    health: () => ({ status: 'ok' as const }),
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    lanes: new Map([['gate-1', openStand('gate-1').feed]]),
  };
  server = await openServer({ host: '0.0.0.0', port: 0, hosts: ['gate-box.lan'] }, views, { tls: certificate });
  return Number(new URL(server.url).port);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function answerTo(asked: ReturnType<typeof plainRequest>): Promise<Answer> {
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode!, headers: response.headers, body };
}
const overTls = (port: number, path: string, ca: string, more = {}) =>
  answerTo(tlsRequest({ host: '127.0.0.1', port, path, ca, agent: false, ...more }));
const plain = (port: number, host: string, path: string, more = {}) =>
  answerTo(plainRequest({ host, port, path, agent: false, ...more }));

/** An address of this machine that is not loopback, so that the box cannot tell the request from one of another machine. */
async function ownAddress(): Promise<string> {
  const { networkInterfaces } = await import('node:os');
  const found = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  if (!found) throw new Error('this machine has no address but loopback: the test needs one');
  return found.address;
}

it('a browser that trusts the authority of the box takes its certificate, by address and by name', async () => {
  const certificate = await open();
  const port = await serve(certificate);
  const ca = certificate.authority!.certificate;
  expect(server!.url).toMatch(/^https:/);
  expect(await overTls(port, '/health', ca)).toMatchObject({ status: 200 });
  expect(await overTls(port, '/health', ca, { servername: 'gate-box.lan' })).toMatchObject({ status: 200 });
  await expect(overTls(port, '/health', ca, { servername: 'other.lan' })).rejects.toThrow('does not match');
  await expect(overTls(port, '/health', makeCertificate().cert)).rejects.toThrow(/certificate/);
});

it('plain HTTP from another machine is answered 308 and a page that says how to trust it; nothing else', async () => {
  const certificate = await open();
  const port = await serve(certificate);
  const own = await ownAddress();
  for (const path of ['/health', '/metrics', '/lanes', '/lanes/gate-1?x=1', '/nothing']) {
    const answer = await plain(port, own, path);
    expect(answer).toMatchObject({ status: 308, headers: { location: `https://${own}:${port}${path}` } });
    expect(answer.body).toContain(certificate.authority!.fingerprint);
    expect(answer.body).toMatch(/逐字核对[\s\S]*compare this fingerprint/);
  }
  expect(await plain(port, own, '/lanes/gate-1/decline', { method: 'POST' })).toMatchObject({ status: 308 });
  // The new address cannot be led elsewhere.
  expect(await plain(port, own, '/', { headers: { host: 'evil.example' } })).toMatchObject({ status: 421 });
  expect(await plain(port, own, '/trust')).toMatchObject({ status: 200 });
  const file = await plain(port, own, '/trust/authority.crt');
  expect(file.body).toBe(certificate.authority!.certificate);
  expect(file.body).not.toContain('PRIVATE');
});

it('plain HTTP is answered to this machine', async () => {
  const port = await serve(await open());
  expect(await plain(port, '127.0.0.1', '/health')).toMatchObject({ status: 200 });
});

it.each([
  ['TLSv1.3', 'TLSv1.3', true],
  ['TLSv1.2', 'TLSv1.2', true],
  ['TLSv1.1', 'TLSv1.1', false],
] as const)('%s to %s: %s', async (minVersion, maxVersion, isTaken) => {
  const certificate = await open();
  const port = await serve(certificate);
  const options = { minVersion, maxVersion, ca: certificate.authority!.certificate, ciphers: 'ALL:@SECLEVEL=0' };
  const answer = overTls(port, '/health', options.ca, options);
  if (isTaken) expect(await answer).toMatchObject({ status: 200 });
  else await expect(answer).rejects.toThrow();
});

it('a box that stops ends connections that never said what they are', async () => {
  const port = await serve(await open());
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  const half = connect(port, '127.0.0.1');
  await once(half, 'connect');
  half.write(Buffer.from([0x16, 3, 1]));
  for (const socket of [silent, half]) socket.on('error', () => undefined);
  await server!.close();
  server = undefined;
  await expect.poll(() => [silent.closed, half.closed], { timeout: 5_000 }).toEqual([true, true]);
});

it('bytes that are neither TLS nor HTTP harm nobody', async () => {
  const certificate = await open();
  const port = await serve(certificate);
  for (const bytes of ['\x16\x03\x01\x00\x05hello', '\x00\x00\x00', 'GET']) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(Buffer.from(bytes, 'latin1'));
    await once(socket.resume(), 'close');
  }
  expect(await overTls(port, '/health', certificate.authority!.certificate)).toMatchObject({ status: 200 });
});

it('authority and certificate outlast a restart, for their owner alone', async () => {
  const first = await open();
  const again = await open();
  expect(again.authority).toEqual(first.authority);
  expect(again.pair).toEqual(first.pair);
  expect(statSync(join(folder, CERTIFICATE_FILE)).mode & 0o777).toBe(0o600);
});

const SCALAR_AT = 36;
/** The private scalar, which no file may hold as it is (RFC 5915 inside PKCS #8). */
function secretOf(pem: string): Buffer {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return der.subarray(SCALAR_AT, SCALAR_AT + 32);
}

it('the key of the authority lies in no file as it is, and outlasts a new key of the store', async () => {
  const first = await open();
  const { key } = storedAuthority(db)!;
  const isBare = () =>
    filesUnder(folder).some(
      ({ bytes }) => bytes.includes(secretOf(key!)) || bytes.toString('latin1').includes(key!.split('\n')[1]!),
    );
  expect(isBare()).toBe(false);
  rekeyStore(db, folder, { by: 'A. Person', at: now });
  expect([storedAuthority(db)!.key, (await open()).authority]).toEqual([key, first.authority]);
  // What must notice it.
  writeFileSync(join(folder, 'bare.pem'), key!);
  expect(isBare()).toBe(true);
});

it('an authority that an earlier version kept in a file goes on, and the file is gone', async () => {
  const { certificate } = (await open()).authority!;
  const { key } = storedAuthority(db)!;
  db.prepare('DELETE FROM tlsAuthority').run();
  writeFileSync(join(folder, AUTHORITY_FILE), key! + certificate, { mode: 0o600 });
  const again = await open();
  expect([again.authority?.certificate, codes(again)]).toEqual([certificate, []]);
  expect([existsSync(join(folder, AUTHORITY_FILE)), storedAuthority(db)?.key]).toEqual([false, key]);
});

it('where its key is lost, what it has signed serves to its end, with an alarm; then there is another one', async () => {
  const first = await open();
  // Its value names a key that is not here.
  db.prepare(`UPDATE tlsAuthority SET key = char(1) || 'AAAAAAAA' || substr(key, 10)`).run();
  const without = await open();
  expect([without.pair, without.authority, codes(without)]).toEqual([
    first.pair,
    first.authority,
    ['tls-authority-lost'],
  ]);
  now += 366 * DAY_MS;
  const anew = await open();
  expect(anew.authority).not.toEqual(first.authority);
  expect([codes(anew), (await open()).authority]).toEqual([[], anew.authority]);
});

it('a person makes another one, which signs from the next start on', async () => {
  const first = await open();
  const fingerprint = await replaceAuthority({ db, site: 's', box: 'b', now: () => now }, 'A. Person');
  const next = await open();
  expect(next.authority?.fingerprint).toBe(fingerprint);
  expect(next.pair).not.toEqual(first.pair);
  const rows = db.prepare(`SELECT who, detail FROM audit WHERE what = 'TLS authority made' ORDER BY seq`).all();
  expect(rows).toMatchObject([
    { who: 'box' },
    { who: 'A. Person', detail: expect.stringContaining(fingerprint) as string },
  ]);
});

it('a new certificate comes 60 days before the end, for the browsers that connect from then on, under the same authority', async () => {
  const certificate = await open();
  const port = await serve(certificate);
  const before = certificate.pair;
  expect(await certificate.renew()).toBe(false);
  now += 306 * DAY_MS;
  expect(await certificate.renew()).toBe(true);
  expect(certificate.pair.certificate).not.toBe(before.certificate);
  expect([codes(certificate), (await open()).pair]).toEqual([[], certificate.pair]);
  const socket = connectTls({ host: '127.0.0.1', port, ca: certificate.authority!.certificate });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
});

it('a name that is new gets a certificate; a damaged file another one, and the authority stays', async () => {
  const certificate = await open();
  const renamed = await open({ hosts: ['east-gate.lan'] });
  expect(renamed.authority).toEqual(certificate.authority);
  expect(renamed.pair).not.toEqual(certificate.pair);
  writeFileSync(join(folder, CERTIFICATE_FILE), 'torn');
  expect((await open()).authority).toEqual(certificate.authority);
  // Of another box.
  const other = mkdtempSync(join(tmpdir(), 'sitebox-tls-'));
  const foreign = await open({ folder: other, db: testDb(other) });
  writeFileSync(join(folder, CERTIFICATE_FILE), readFileSync(join(other, CERTIFICATE_FILE)));
  expect((await open()).pair).not.toEqual(foreign.pair);
});

it('an end that comes near is an alarm: of the certificate, and of the authority in time to visit every panel', async () => {
  const certificate = await open();
  expect(codes(certificate)).toEqual([]);
  now += 336 * DAY_MS;
  expect(codes(certificate)).toEqual(['tls-ends']);
  await certificate.renew();
  expect(codes(certificate)).toEqual([]);
  now += 19.6 * 365 * DAY_MS - 336 * DAY_MS;
  await certificate.renew();
  expect(codes(certificate)).toContain('tls-authority-ends');
});

it('a folder that takes no file: TLS all the same, and an alarm', async () => {
  const certificate = await open({ folder: '/proc/nothing' });
  expect(codes(certificate)).toEqual(['tls-fault']);
  const port = await serve(certificate);
  expect(await overTls(port, '/health', certificate.authority!.certificate)).toMatchObject({ status: 200 });
});

it("the site's own certificate is read again when its files change; a broken one is an alarm and the last one serves", async () => {
  const [first, second] = [makeCertificate(), makeCertificate()];
  const own = { certificate: join(folder, 'own.crt'), key: join(folder, 'own.key') };
  const put = ({ cert, key }: typeof first) => {
    writeFileSync(own.certificate, cert);
    writeFileSync(own.key, key);
  };
  put(first);
  const certificate = await open({ own });
  expect([certificate.authority, codes(certificate)]).toEqual([undefined, ['tls-ends']]);
  put({ ...second, key: first.key });
  expect(await certificate.renew()).toBe(false);
  expect(codes(certificate)).toContain('tls-fault');
  put(second);
  expect(await certificate.renew()).toBe(true);
  expect(certificate.pair.certificate).toBe(second.cert);
  writeFileSync(own.key, 'no key');
  await expect(open({ own })).rejects.toThrow();
});
