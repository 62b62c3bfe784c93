/** What one connection can do to the box and to the others: sizes, slowness, numbers, rates. */
import { Aedes } from 'aedes';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import {
  connectPacket,
  device,
  OFFICER,
  OTHER,
  packet,
  PING,
  PINGRESP,
  PUBACK,
  publishPacket,
  rawClient,
  startBroker,
  telemetry,
  type RawClient,
  type RunningBroker,
} from '../../../simulators/conformance/broker.ts';

const running = (...given: Parameters<typeof startBroker>): RunningBroker => {
  const broker = startBroker(...given);
  onTestFinished(async () => void (await broker.stop()));
  return broker;
};

/** aedes as it comes, without a guard. */
async function unguarded(): Promise<number> {
  const aedes = await Aedes.createBroker();
  const server = createServer({ noDelay: true }, aedes.handle).listen(0, '127.0.0.1');
  onTestFinished(() => new Promise<void>((done) => aedes.close(() => server.close(() => done()))));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const answers = async (client: RawClient): Promise<boolean> => {
  client.send(PING);
  return client.next(PINGRESP).then(
    () => true,
    () => false,
  );
};

const STATUS = `bodycam/v1/${OFFICER.id}/status`;
/** A PUBLISH that is `bytes` long after its fixed header. */
const sized = (bytes: number): Buffer => {
  const empty = publishPacket(STATUS, '').length - 2;
  return publishPacket(STATUS, 'x'.repeat(bytes - empty));
};

it('ends a CONNECT that is too large by its length alone', async () => {
  const { host, port } = running();
  const client = await rawClient(await port());
  client.send(packet(0x10, Buffer.alloc(0), 4_097));
  await client.closed;
  expect(host.refusals).toEqual([['too large', undefined]]);
});

it('ends a length of more than four bytes', async () => {
  const { host, port } = running();
  const client = await rawClient(await port());
  client.send(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x01]));
  await client.closed;
  expect(host.refusals).toEqual([['malformed', undefined]]);
});

it('takes packets of the largest size after login, and ends the connection at one byte more', async () => {
  const { host, port } = running({ limits: { packetBytes: 8_192 } });
  const client = await device(await port());
  client.send(sized(8_192));
  await client.next(PUBACK);
  // Only the header: nothing has to be gathered to know.
  client.send(sized(8_193).subarray(0, 3));
  await client.closed;
  expect(host.refusals.at(-1)).toEqual(['too large', OFFICER.id]);
});

it('would gather all of it without a guard', async () => {
  const port = await unguarded();
  const client = await device(port);
  client.send(sized(1_000_000));
  await client.next(PUBACK);
  const stranger = await rawClient(port);
  stranger.send(packet(0x10, Buffer.alloc(100_000), 268_435_455));
  const other = await device(port, { clientId: OTHER.id });
  expect(await answers(other)).toBe(true);
  expect(stranger.socket.destroyed).toBe(false);
  stranger.close();
});

it('ends connections that do not log in within their time', async () => {
  const { host, port } = running({ limits: { connectS: 1 } });
  const silent = await rawClient(await port());
  const slow = await rawClient(await port());
  slow.send(connectPacket().subarray(0, 20));
  await Promise.all([silent.closed, slow.closed]);
  expect(host.refusals).toEqual([
    ['login', undefined],
    ['login', undefined],
  ]);
});

it('holds back what comes before login has been answered, and takes it then', async () => {
  const { host, port } = running();
  const login = host.login.bind(host);
  const held = Promise.withResolvers<void>();
  host.login = async (user, secret) => {
    await held.promise;
    return login(user, secret);
  };
  const client = await rawClient(await port());
  // More packets than aedes would queue, larger than a stranger may send.
  const early = Array.from({ length: 100 }, (_, i) => telemetry(OFFICER.id, { messageId: i + 1 }));
  client.send(Buffer.concat([connectPacket(), ...early, sized(100_000)]));
  const other = await rawClient(await port());
  other.send(PING);
  await other.closed;
  expect(host.reports).toEqual([]);
  held.resolve();
  await vi.waitFor(() => expect(client.received.filter((p) => p.type === PUBACK)).toHaveLength(101), PATIENCE);
  expect(host.reports).toHaveLength(100);
});

it('notices who goes while its login is being checked', async () => {
  const { host, port } = running();
  const held = Promise.withResolvers<undefined>();
  const asked = Promise.withResolvers<void>();
  host.login = () => {
    asked.resolve();
    return held.promise;
  };
  const client = await rawClient(await port());
  client.send(connectPacket());
  await asked.promise;
  client.socket.end();
  await client.closed;
  held.resolve(undefined);
  expect(await answers(await rawClient(await port()))).toBe(false);
  // Nobody was there to be refused: the ping of the other is all there is.
  expect(host.refusals).toEqual([['login', undefined]]);
});

it.each([
  ['of one address', { perAddress: 8 }],
  ['in all', { connections: 8, perAddress: 100 }],
])('takes 8 connections %s and no ninth, until one goes', async (_what, limits) => {
  const { host, port } = running({ limits });
  const clients = await Promise.all(Array.from({ length: 8 }, async () => rawClient(await port())));
  const ninth = await rawClient(await port());
  await ninth.closed;
  expect(host.refusals).toEqual([['too many connections', undefined]]);
  clients[0]!.close();
  await vi.waitFor(async () => {
    const again = await device(await port());
    expect(await answers(again)).toBe(true);
  }, PATIENCE);
});

it('makes a device that floods wait, and answers the others meanwhile', async () => {
  const packetsPerS = 100;
  const { host, port } = running({ limits: { packetsPerS } });
  const [flooding, other] = [await device(await port()), await device(await port(), { clientId: OTHER.id })];
  const from = (id: string): number => host.reports.filter((r) => r.device === id).length;
  const began = performance.now();
  const flood = Array.from({ length: 20_000 }, (_, i) => telemetry(OFFICER.id, { messageId: (i % 65_535) + 1 }));
  flooding.send(Buffer.concat(flood));
  await vi.waitFor(() => expect(host.refusals).toContainEqual(['too fast', OFFICER.id]), PATIENCE);
  for (let messageId = 1; messageId <= 20; messageId++) {
    other.send(telemetry(OTHER.id, { messageId }));
    await other.next(PUBACK);
  }
  // It goes on, at its pace: what a second holds at once, and what has come in since.
  await vi.waitFor(() => expect(from(OFFICER.id)).toBeGreaterThan(packetsPerS + 10), PATIENCE);
  const seconds = (performance.now() - began) / 1000;
  expect(from(OFFICER.id)).toBeLessThanOrEqual(packetsPerS * (1 + seconds));
  expect(from(OTHER.id)).toBe(20);
  flooding.close();
  // Connecting again gains nothing: the bucket is the device's.
  const again = await device(await port());
  const before = from(OFFICER.id);
  again.send(Buffer.concat(flood.slice(0, packetsPerS)));
  await again.next(PUBACK);
  expect(from(OFFICER.id) - before).toBeLessThan(packetsPerS);
});

it('would take the whole flood at once without a guard', async () => {
  const client = await device(await unguarded());
  const flood = Array.from({ length: 2_000 }, (_, i) => telemetry(OFFICER.id, { messageId: i + 1 }));
  const began = performance.now();
  client.send(Buffer.concat(flood));
  await vi.waitFor(() => expect(client.received.filter((p) => p.type === PUBACK)).toHaveLength(2_000), PATIENCE);
  expect(2_000).toBeGreaterThan(100 * (1 + (performance.now() - began) / 1000));
});

it('makes bytes wait as it does packets', async () => {
  const { host, port } = running({ limits: { bytesPerS: 65_536 } });
  const client = await device(await port());
  client.send(Buffer.concat([sized(60_000), sized(60_000), PING]));
  await client.next(PINGRESP);
  expect(host.refusals).toContainEqual(['too fast', OFFICER.id]);
});
