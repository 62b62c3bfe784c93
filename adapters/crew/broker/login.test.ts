/** Who gets in, and what may be said and heard then. Each table is held against an aedes without our rules, which it must catch. */
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  connackCode,
  device,
  DRONE,
  OFFICER,
  OTHER,
  packet,
  PING,
  PINGRESP,
  publishPacket,
  rawClient,
  startBroker,
  SUBACK,
  subscribePacket,
  type ConnectOptions,
  type RawClient,
  type RunningBroker,
} from '../../../simulators/conformance/broker.ts';
import { limitConcurrency } from './login.ts';

const running = (...given: Parameters<typeof startBroker>): RunningBroker => {
  const broker = startBroker(...given);
  onTestFinished(async () => void (await broker.stop()));
  return broker;
};

/** aedes as it comes: everybody may do everything. */
async function openHouse(): Promise<number> {
  const aedes = await Aedes.createBroker();
  const server = createServer({ noDelay: true }, aedes.handle).listen(0, '127.0.0.1');
  onTestFinished(() => new Promise<void>((done) => aedes.close(() => server.close(() => done()))));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const status = (id: string): string => `bodycam/v1/${id}/status`;
const gone = JSON.stringify({ v: 1, online: false });

describe('login', () => {
  const cases: readonly (readonly [what: string, code: number, options: ConnectOptions])[] = [
    ['its own user, secret and client id', 0, {}],
    ['a session that is to be kept, and no keepalive', 0, { clean: false, keepaliveS: 0 }],
    ['a will on its own status', 0, { will: { topic: status(OFFICER.id), payload: gone, qos: 1, retain: true } }],
    ['client ids that DJI makes up', 0, { clientId: 'f3a9', user: DRONE.id }],
    ['MQTT 5', 1, { version: 5 }],
    ['MQTT 5 and no login', 1, { version: 5, user: undefined }],
    ['the client id of another', 2, { clientId: OTHER.id, user: OFFICER.id }],
    ['no client id', 2, { clientId: '', user: OFFICER.id }],
    ['a wrong secret', 4, { password: 'secret of officer-2' }],
    ['an empty secret', 4, { password: '' }],
    ['a user that is not registered', 4, { clientId: 'nobody' }],
    ['no user', 5, { user: undefined }],
    ["a will on another's status", 5, { will: { topic: status(OTHER.id), payload: gone } }],
    ['a will that is a call for help', 5, { will: { topic: `bodycam/v1/${OFFICER.id}/sos`, payload: '{}' } }],
    ['a will for the broker itself', 5, { will: { topic: '$SYS/broker/uptime', payload: '0' } }],
  ];

  it.each(cases)('%s: %i', async (_what, code, options) => {
    const { host, port } = running();
    expect(await connackCode(await port(), options)).toBe(code);
    expect(host.refusals).toEqual(code === 0 ? [] : [['login', undefined]]);
  });

  it('would let all of MQTT 3.1.1 in without our rules', async () => {
    const port = await openHouse();
    for (const [, , options] of cases.filter(([, code]) => code > 1)) expect(await connackCode(port, options)).toBe(0);
  });

  it('is refused to a revoked device as to a stranger', async () => {
    const { host, port } = running();
    host.devices.delete(OFFICER.id);
    expect(await connackCode(await port())).toBe(4);
  });

  it('is told to client libraries', async () => {
    const { port } = running();
    const url = `mqtt://127.0.0.1:${await port()}`;
    const login = { clientId: OFFICER.id, username: OFFICER.id, reconnectPeriod: 0 };
    await expect(mqtt.connectAsync(url, { ...login, password: 'wrong' })).rejects.toThrow(/Bad username or password/);
    const client = await mqtt.connectAsync(url, { ...login, password: `secret of ${OFFICER.id}` });
    await client.endAsync();
  });

  it('is answered with 3 where it cannot be checked now', async () => {
    const { host, port } = running();
    host.login = () => Promise.reject(new Error('too many at once'));
    expect(await connackCode(await port())).toBe(3);
    expect(host.loginErrors).toEqual([[new Error('too many at once'), OFFICER.id]]);
    expect(host.refusals).toEqual([]);
  });

  it('is answered with 3, and said, where the box makes a mistake after it was right', async () => {
    const { host, port } = running();
    const authCode = host.authCode.bind(host);
    host.authCode = () => {
      throw new Error('planted');
    };
    expect(await connackCode(await port())).toBe(3);
    expect(host.loginErrors).toEqual([[new Error('planted'), OFFICER.id]]);
    expect([host.refusals, host.presences]).toEqual([[], []]);
    host.authCode = authCode;
    expect(await connackCode(await port())).toBe(0);
  });

  it('passes over those that have gone while others logged in', async () => {
    const inTurn = limitConcurrency(1);
    const started: string[] = [];
    const first = Promise.withResolvers<void>();
    const work = (name: string) => () => {
      started.push(name);
      return name === 'first' ? first.promise.then(() => name) : Promise.resolve(name);
    };
    const all = [
      inTurn(() => false, work('first')),
      inTurn(() => true, work('gone')),
      inTurn(() => false, work('third')),
    ];
    first.resolve();
    expect(await Promise.all(all)).toEqual(['first', undefined, 'third']);
    expect(started).toEqual(['first', 'third']);
  });
});

/** Whether the broker took a packet: it then answers a ping on the same connection. */
async function isTaken(client: RawClient, bytes: Buffer): Promise<boolean> {
  client.send(Buffer.concat([bytes, PING]));
  return client.next(PINGRESP).then(
    () => true,
    () => false,
  );
}

describe('what a device may publish', () => {
  const own = `bodycam/v1/${OFFICER.id}`;
  const cases: readonly (readonly [topic: string, options: { qos?: 0 | 1 | 2; retain?: boolean }, allowed: boolean])[] =
    [
      [`${own}/telemetry`, {}, true],
      [`${own}/telemetry`, { qos: 0 }, true],
      [`${own}/status`, { retain: true }, true],
      [`${own}/telemetry`, { retain: true }, false],
      [`${own}/sos`, { retain: true }, true],
      [`${own}/sos`, { qos: 2, retain: true }, true],
      [`${own}/telemetry`, { qos: 2 }, false],
      [`${own}/cmd`, {}, false],
      [`${own}/else`, {}, false],
      [`bodycam/v1/${OTHER.id}/telemetry`, {}, false],
      [`bodycam/v1/${OTHER.id}/sos`, {}, false],
      ['thing/product/DRONE1/osd', {}, false],
      ['thing/product/DRONE1/services', {}, false],
      ['$SYS/broker/uptime', { qos: 0 }, false],
      ['telemetry', {}, false],
    ];

  it.each(cases)('%s %o: %s', async (topic, options, allowed) => {
    const { host, port } = running();
    const client = await device(await port());
    expect(await isTaken(client, publishPacket(topic, '{"v":1,"online":true}', options))).toBe(allowed);
    expect(host.refusals.filter(([why]) => why === 'not allowed')).toEqual(
      allowed ? [] : [['not allowed', OFFICER.id]],
    );
  });

  it('would be nearly everything without our rules', async () => {
    const port = await openHouse();
    for (const [topic, options] of cases.filter(([topic, , allowed]) => !allowed && !topic.startsWith('$'))) {
      expect(await isTaken(await device(port), publishPacket(topic, '{}', options))).toBe(true);
    }
  });
});

describe('what a device may listen to', () => {
  const bodycam: ConnectOptions = {};
  const drone: ConnectOptions = { clientId: 'pilot', user: DRONE.id };
  const cases: readonly (readonly [who: string, options: ConnectOptions, filter: string, code: number])[] = [
    ['body-cam', bodycam, `bodycam/v1/${OFFICER.id}/cmd`, 1],
    ['body-cam', bodycam, `bodycam/v1/${OFFICER.id}/#`, 1],
    ['body-cam', bodycam, `bodycam/v1/${OTHER.id}/cmd`, 128],
    ['body-cam', bodycam, 'bodycam/v1/+/cmd', 128],
    ['body-cam', bodycam, '#', 128],
    ['body-cam', bodycam, '$SYS/#', 128],
    ['body-cam', bodycam, 'sys/product/RC1/status_reply', 128],
    ['drone', drone, 'sys/product/RC1/status_reply', 1],
    ['drone', drone, 'thing/product/RC1/services', 128],
    ['drone', drone, 'thing/product/RC1/drc/down', 128],
    ['drone', drone, 'thing/product/RC1/property/set', 128],
    ['drone', drone, 'sys/product/OTHER/status_reply', 128],
    ['drone', drone, 'thing/product/+/requests_reply', 128],
  ];

  const granted = async (client: RawClient, filter: string): Promise<number> => {
    client.send(subscribePacket([filter]));
    return (await client.next(SUBACK)).body[2]!;
  };

  it.each(cases)('%s %o %s: %i', async (_who, options, filter, code) => {
    const { host, port } = running();
    const client = await device(await port(), options);
    expect(await granted(client, filter)).toBe(code);
    expect(host.refusals).toHaveLength(code === 128 ? 1 : 0);
  });

  it('would be everything without our rules', async () => {
    const port = await openHouse();
    for (const [, options, filter] of cases) expect(await granted(await device(port, options), filter)).toBe(1);
  });
});

describe('what comes first', () => {
  it.each([
    ['another packet than CONNECT', PING],
    ['a packet that never was', packet(0xf0, Buffer.from([1]))],
    ['a CONNECT that ends early', packet(0x10, Buffer.from([0, 4, 77, 81]))],
  ])('%s: the connection ends, and nobody else notices', async (_what, bytes) => {
    const { host, port } = running();
    const other = await device(await port());
    const client = await rawClient(await port());
    client.send(bytes);
    await client.closed;
    expect(client.received).toEqual([]);
    expect(host.refusals).toEqual([['login', undefined]]);
    other.send(PING);
    await other.next(PINGRESP);
  });
});
