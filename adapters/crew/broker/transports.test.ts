/** TLS, certificates of devices, WebSocket. Keys are made by the openssl command for the test. */
import mqtt, { type IClientOptions } from 'mqtt';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { createWebSocketStream, WebSocket } from 'ws';
import {
  CONNACK,
  connectPacket,
  OFFICER,
  OTHER,
  over,
  PING,
  PINGRESP,
  PUBACK,
  rawClient,
  startBroker,
  telemetry,
  type ConnectOptions,
  type RunningBroker,
} from '../../../simulators/conformance/broker.ts';
import { openBroker } from './equipment.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

let folder = '';
const pem = (name: string): string => readFileSync(join(folder, `${name}.pem`), 'utf8');
const path = (name: string): string => join(folder, `${name}.pem`);

/** A key and a certificate for `subject`, signed by `signer` or by itself. */
function certify(name: string, subject: string, signer?: string): void {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const by = signer ? ['-CA', `${signer}.pem`, '-CAkey', `${signer}-key.pem`] : [];
  const extension = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', `${name}-key.pem`, '-out', `${name}.pem`, '-subj', subject];
  execFileSync('openssl', [...args, ...by, ...extension, ...files], { cwd: folder, stdio: 'ignore' });
}

beforeAll(() => {
  folder = tempFolder();
  certify('box', '/CN=box');
  certify('crew', '/CN=crew authority');
  certify('officer', `/CN=${OFFICER.id}`, 'crew');
  certify('officer-twice', `/CN=${OFFICER.id}/CN=${OTHER.id}`, 'crew');
  certify('stranger', '/CN=nobody', 'crew');
  certify('forged', `/CN=${OFFICER.id}`);
});

const running = (config: Readonly<Record<string, unknown>>): RunningBroker => {
  const broker = startBroker(config);
  onTestFinished(async () => void (await broker.stop()));
  return broker;
};

const anyPort = { host: '127.0.0.1', port: 0 };
const tls = () => ({ ...anyPort, key: path('box-key'), cert: path('box') });

const password = { clientId: OFFICER.id, username: OFFICER.id, password: `secret of ${OFFICER.id}` };

/** Reports once and goes. */
async function speak(url: string, options: IClientOptions): Promise<void> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, connectTimeout: 5_000, ...options });
  const message = JSON.stringify({ v: 1, tst: Math.floor(Date.now() / 1000), lat: 30.25, lon: 120.125 });
  await client.publishAsync(`bodycam/v1/${OFFICER.id}/telemetry`, message, { qos: 1 });
  await client.endAsync();
}

describe('TLS', () => {
  it('carries what TCP does, and needs a password without an authority', async () => {
    const { host, port } = running({ listen: undefined, tls: tls() });
    await speak(`mqtts://127.0.0.1:${await port('tls')}`, { ...password, ca: pem('box') });
    expect(host.reports).toMatchObject([{ device: OFFICER.id }]);
    const wrong = { ...password, password: 'wrong', ca: pem('box') };
    await expect(speak(`mqtts://127.0.0.1:${await port('tls')}`, wrong)).rejects.toThrow(/Bad username or password/);
    const certificate = { clientId: OFFICER.id, ca: pem('box'), key: pem('officer-key'), cert: pem('officer') };
    await expect(speak(`mqtts://127.0.0.1:${await port('tls')}`, certificate)).rejects.toThrow(/Not authorized/);
  });

  it('is 1.3, and 1.2 only where the configuration says so', async () => {
    const strict = running({ tls: tls() });
    const lenient = running({ tls: { ...tls(), minVersion: 'TLSv1.2' } });
    const old = { ...password, ca: pem('box'), maxVersion: 'TLSv1.2' } as const;
    await speak(`mqtts://127.0.0.1:${await lenient.port('tls')}`, old);
    await expect(speak(`mqtts://127.0.0.1:${await strict.port('tls')}`, old)).rejects.toThrow(/protocol version/i);
    expect(strict.host.refusals).toEqual([['login', undefined]]);
  });

  it('counts and ends connections as TCP does, handshakes included', async () => {
    const { host, port } = running({ tls: tls(), limits: { perAddress: 2, connectS: 1 } });
    const idle = await rawClient(await port('tls'));
    const socket = connectTls({ host: '127.0.0.1', port: await port('tls'), ca: pem('box') });
    await once(socket, 'secureConnect');
    const client = over(socket);
    client.send(connectPacket());
    await client.next(CONNACK);
    const third = await rawClient(await port('tls'));
    await third.closed;
    expect(host.refusals).toEqual([['too many connections', undefined]]);
    await idle.closed;
    client.send(telemetry(OFFICER.id, { qos: 1 }));
    await client.next(PUBACK);
    client.close();
  });
});

describe('certificates of devices', () => {
  /** The code in CONNACK, or `closed` where there was none. */
  const login = async ({ port }: RunningBroker, name: string | undefined, options: ConnectOptions) => {
    const certificate = name === undefined ? {} : { key: pem(`${name}-key`), cert: pem(name) };
    const socket = connectTls({ host: '127.0.0.1', port: await port('tls'), ca: pem('box'), ...certificate });
    const client = over(socket);
    client.send(connectPacket(options));
    const answer = await client.next(CONNACK).catch(() => undefined);
    client.close();
    return answer?.body[1] ?? 'closed';
  };
  const start = () => running({ tls: { ...tls(), clientAuthority: path('crew') } });
  const none = { user: undefined };

  it.each([
    ['its own certificate', 'officer', none, 0],
    ['its own certificate, and a password that is not looked at', 'officer', { password: 'any' }, 0],
    ['a password and no certificate', undefined, {}, 0],
    ['neither', undefined, none, 5],
    ['a certificate of no device', 'stranger', none, 5],
    ['the name of another', 'officer', { clientId: OFFICER.id, user: OTHER.id }, 5],
    ['the client id of another', 'officer', { clientId: OTHER.id, user: undefined }, 2],
    ['a certificate with two names', 'officer-twice', none, 'closed'],
    ['a certificate that the authority has not signed', 'forged', none, 'closed'],
    ['the same with the right password', 'forged', {}, 'closed'],
  ] as const)('%s', async (_what, name, options, outcome) => {
    const broker = start();
    expect(await login(broker, name, options)).toBe(outcome);
    expect(broker.host.refusals).toEqual(outcome === 0 ? [] : [['login', undefined]]);
  });

  it('end with the registration', async () => {
    const broker = start();
    broker.host.devices.delete(OFFICER.id);
    expect(await login(broker, 'officer', none)).toBe(5);
  });
});

describe('WebSocket', () => {
  it('carries MQTT, plain and over TLS', async () => {
    const plain = running({ listen: undefined, websocket: anyPort });
    await speak(`ws://127.0.0.1:${await plain.port('websocket')}/mqtt`, password);
    const secure = running({
      tls: { ...tls(), clientAuthority: path('crew') },
      websocket: { ...anyPort, path: '/crew', tls: true },
    });
    const url = `wss://127.0.0.1:${await secure.port('websocket')}/crew`;
    await speak(url, { ...password, wsOptions: { ca: pem('box') } });
    const certificate = { ca: pem('box'), key: pem('officer-key'), cert: pem('officer') };
    await speak(url, { clientId: OFFICER.id, wsOptions: certificate });
    const forged = new WebSocket(url, 'mqtt', { ca: pem('box'), key: pem('forged-key'), cert: pem('forged') });
    await once(
      forged.on('error', () => undefined),
      'close',
    );
    expect([plain.host.reports.length, secure.host.reports.length]).toEqual([1, 2]);
    expect(secure.host.refusals).toEqual([['login', undefined]]);
  });

  it('S2: is refused under a name that is not ours, as a web page would have it', async () => {
    const { port, host } = running({ websocket: { ...anyPort, hosts: ['box.lan'] } });
    const url = `ws://127.0.0.1:${await port('websocket')}/mqtt`;
    const foreign = new WebSocket(url, 'mqtt', { headers: { host: 'evil.example' } });
    const [error] = (await once(foreign, 'error').catch((e) => [e])) as [Error];
    expect(error.message).toMatch(/421/);
    expect(host.refusals).toEqual([['login', undefined]]);
    const known = new WebSocket(url, 'mqtt', { headers: { host: 'box.lan:8083' } });
    await once(known, 'open');
    known.terminate();
  });

  it('S2: is refused with two names, or with a foreign one in its address', async () => {
    const { port, host } = running({ websocket: { ...anyPort, hosts: ['box.lan'] } });
    const at = await port('websocket');
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    for (const [status, head] of [
      [400, 'GET /mqtt HTTP/1.1\r\nHost: box.lan\r\nHost: evil.example'],
      [421, 'GET http://evil.example/mqtt HTTP/1.1\r\nHost: box.lan'],
    ] as const) {
      const socket = connectTcp(at, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString())).write(`${head}\r\n${upgrade}`);
      await once(socket, 'close');
      expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    }
    expect(host.refusals).toHaveLength(2);
  });

  it('answers everything else on its port with an error', async () => {
    const { port } = running({ websocket: anyPort });
    const origin = `127.0.0.1:${await port('websocket')}`;
    expect((await fetch(`http://${origin}/mqtt`)).status).toBe(426);
    const [error] = (await once(new WebSocket(`ws://${origin}/else`, 'mqtt'), 'error').catch((e) => [e])) as [Error];
    expect(error.message).toMatch(/400/);
    const socket = connectTcp({ host: '127.0.0.1', port: await port('websocket') });
    socket.write('no HTTP at all\r\n\r\n');
    await once(socket.resume(), 'close');
  });

  it('has the limits of TCP: a message that is too large before login, or after', async () => {
    const { host, port } = running({ websocket: anyPort, limits: { packetBytes: 16_384 } });
    const open = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${await port('websocket')}/mqtt`, 'mqtt');
      await once(socket, 'open');
      return over(createWebSocketStream(socket));
    };
    const stranger = await open();
    stranger.send(Buffer.alloc(10_000));
    await stranger.closed;
    expect(host.refusals).toContainEqual(['too large', undefined]);
    const client = await open();
    // One byte in each message: MQTT does not care how it is cut (MQTT-6.0.0-4).
    for (const byte of connectPacket()) client.send(Buffer.from([byte]));
    await client.next(CONNACK);
    client.send(Buffer.concat([telemetry(OFFICER.id, { qos: 1 }), PING]));
    await Promise.all([client.next(PUBACK), client.next(PINGRESP)]);
    client.send(Buffer.alloc(20_000));
    await client.closed;
    expect(host.reports).toHaveLength(1);
  });

  it('ends connections that do not come to the point', async () => {
    const { port } = running({ websocket: anyPort, limits: { connectS: 1 } });
    const silent = connectTcp({ host: '127.0.0.1', port: await port('websocket') });
    const slow = connectTcp({ host: '127.0.0.1', port: await port('websocket') });
    slow.write('GET /mqtt HTTP/1.1\r\nhost: box\r\n');
    await Promise.all([once(silent.resume(), 'close'), once(slow.resume(), 'close')]);
  });
});

describe('the configuration', () => {
  const open = (config: unknown) => () => openBroker(config, testContext('broker'));
  it.each([
    ['nowhere to listen', {}, /expected `listen`, `tls` or `websocket`/],
    ['an unknown key', { listen: anyPort, lisen: 1 }, /lisen/],
    ['wss without a certificate', { websocket: { ...anyPort, tls: true } }, /expected a `tls` block too/],
    ['a key that is not there', { tls: { ...anyPort, key: '/no/key.pem', cert: '/no/cert.pem' } }, /key: .*ENOENT/],
    ['an address that is a name', { listen: { host: 'localhost', port: 1 } }, /expected an address of this box/],
  ])('%s', (_what, config, message) => expect(open(config)).toThrow(message));

  it('a key of another certificate', () => {
    const mixed = { ...anyPort, key: path('crew-key'), cert: path('box') };
    expect(open({ tls: mixed })).toThrow(/no pair of private key and certificate/);
  });
});
