import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createConnection, createServer } from 'node:net';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { Relay } from '../../../gateway/contracts/relay.ts';
import type { RoomBroker } from '../../../simulators/command-room/broker.ts';
import { startRoomBroker } from '../../../simulators/command-room/broker.ts';
import { startRoom } from '../../../simulators/command-room/room.ts';
import { eventOf } from '../../../simulators/conformance/relay.ts';
import {
  instructionConformance,
  listenOn,
  PATIENCE,
  SECRETS,
  warnings,
  wireOrder,
} from '../../../simulators/conformance/instructions.ts';
import { signBody } from '../webhook.codec.ts';
import { openMqtt } from './relay.ts';
import { BOX, SITE, testContext } from '../../../simulators/conformance/context.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

instructionConformance('mqtt', async () => {
  const broker = await startRoomBroker();
  const room = await startRoom({ secret: SECRETS['env:S'], mqtt: { url: broker.url } });
  return {
    open: (context) => openMqtt({ url: broker.url, acceptUnsubscribed: true, secret: 'env:S' }, context),
    tell: (id, event) => room.tellRaw(id, event),
    // Its own PUBACK comes behind the broker's reading of ours.
    acknowledged: (relay) => relay.send(eventOf(0), new AbortController().signal),
    stop: () => broker.close(),
    close: async () => {
      await room.close();
      await broker.close();
    },
  };
});

async function brokerOf(config?: readonly string[]): Promise<RoomBroker> {
  const broker = await startRoomBroker(config ? { config } : {});
  ends.push(() => broker.close());
  return broker;
}

function open(url: string, context: Context, more: object = { secret: 'env:S' }): Relay {
  const relay = openMqtt({ url, connectTimeoutMs: 2_000, acceptUnsubscribed: true, ...more }, context);
  ends.push(async () => relay.close?.());
  return relay;
}

type Properties = Readonly<Record<string, string>>;
type Tell = (body: string, more?: { readonly retain?: boolean; readonly signed?: Properties }) => Promise<number>;

/** As the command room signs: under the id that the body has. */
function signed(body: string, key = SECRETS['env:S']): Properties {
  const id = /"id":"([^"]+)"/.exec(body)?.[1] ?? 'none';
  return { ...signBody(key, id, Date.now(), Buffer.from(body)) };
}

/** An independent command room that publishes whatever it likes, signed unless told otherwise. */
async function teller(url: string): Promise<Tell> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
  ends.push(() => client.endAsync(true));
  return (body, { retain = false, signed: userProperties = signed(body) } = {}) =>
    new Promise((resolve) => {
      const onPacket = (packet: { cmd: string; messageId?: number; reasonCode?: number }): void => {
        if (packet.cmd !== 'puback' || packet.messageId !== id) return;
        client.off('packetreceive', onPacket);
        resolve(packet.reasonCode ?? 0);
      };
      client.on('packetreceive', onPacket);
      const properties = Object.keys(userProperties).length === 0 ? {} : { userProperties: { ...userProperties } };
      const options = { qos: 1 as const, retain, properties };
      client.publish(`down/v1/${SITE}/${BOX}/order`, body, options, () => undefined);
      const id = client.getLastMessageId();
    });
}

/** The broker says that somebody has subscribed. */
async function subscribed(tell: Tell): Promise<void> {
  await vi.waitFor(async () => expect(await tell(JSON.stringify(wireOrder('probe')))).toBe(0), PATIENCE);
}

describe('S7: mqtt down', () => {
  it('acts on nothing that the command room has not signed as it is, and says so', async () => {
    const { url } = await brokerOf();
    const context = testContext('room', SECRETS);
    const listening = listenOn(open(url, context));
    const tell = await teller(url);
    await subscribed(tell);
    const [order, other] = [JSON.stringify(wireOrder('o-1')), JSON.stringify(wireOrder('o-2'))];
    const altered = order.replace('go to the bridge', 'leave the bridge');
    const twice = { ...signBody(SECRETS['env:S'], 'o-9', Date.now(), Buffer.from(order)) };
    await tell(order, { signed: {} });
    await tell(order, { signed: signed(order, `whsec_${'A'.repeat(32)}`) });
    await tell(altered, { signed: signed(order) });
    await tell(order, { signed: twice });
    await tell(other, { signed: { ...signed(other), 'webhook-id': 'o-1' } });
    await tell(JSON.stringify({ ...wireOrder('o-3'), expirytime: undefined }));
    // Signed long ago, as one is that waited at the broker: what it says of itself counts.
    const late = JSON.stringify(wireOrder('late'));
    await tell(late, { signed: { ...signBody(SECRETS['env:S'], 'late', Date.now() - 3_600_000, Buffer.from(late)) } });
    await vi.waitFor(() => expect(listening.ids().at(-1)).toBe('late'), PATIENCE);
    expect(new Set(listening.ids())).toEqual(new Set(['probe', 'late']));
    expect(listening.refused.map(({ id, why, authentic }) => [id, why.replace(/:.*/, ''), authentic])).toEqual([
      ...[1, 2, 3, 4].map(() => ['o-1', 'it is not properly signed', false]),
      ['o-2', 'it is not properly signed', false],
      ['o-3', "the instruction's expirytime is missing", true],
    ]);
    await listening.stop();
  });

  it('believes the public key of the command room as well', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = (key: KeyObject, type: 'spki' | 'pkcs8') =>
      key.export({ type: type as 'spki', format: 'der' }).subarray(-32);
    const room = `whsk_${raw(privateKey, 'pkcs8').toString('base64')}`;
    const secrets = { 'env:P': `whpk_${raw(publicKey, 'spki').toString('base64')}` };
    const { url } = await brokerOf();
    const listening = listenOn(open(url, testContext('room', secrets), { secret: 'env:P' }));
    const tell = await teller(url);
    const order = JSON.stringify(wireOrder('o-1'));
    const sign = () => ({ signed: signed(order, room) });
    await vi.waitFor(async () => expect(await tell(order, sign())).toBe(0), PATIENCE);
    await vi.waitFor(() => expect(listening.ids()).toContain('o-1'), PATIENCE);
    await listening.stop();
  });

  it('without a secret acts on nothing, and says why', async () => {
    const { url } = await brokerOf();
    const listening = listenOn(open(url, testContext('room'), {}));
    const tell = await teller(url);
    await subscribed(tell);
    await vi.waitFor(() => expect(listening.refused).not.toEqual([]), PATIENCE);
    expect(listening.refused[0]).toMatchObject({ id: 'probe', authentic: false });
    expect(listening.refused[0]!.why).toMatch(/no `secret`/);
    expect(listening.got).toEqual([]);
    await listening.stop();
  });

  it('refuses a secret that is no key', () => {
    const secrets = { 'env:BAD': 'hunter2' };
    expect(() => open('mqtt://127.0.0.1:1', testContext('room', secrets), { secret: 'env:BAD' })).toThrow(
      /not a key to verify/,
    );
  });
});

describe('mqtt down', () => {
  it('acknowledges and refuses what is no JSON or too large', async () => {
    const { url } = await brokerOf();
    const context = testContext('room', SECRETS);
    const listening = listenOn(open(url, context));
    const tell = await teller(url);
    await subscribed(tell);
    await tell('{');
    await tell(JSON.stringify(wireOrder('big', { more: 'x'.repeat(70_000) })));
    await tell(JSON.stringify(wireOrder('good')));
    await vi.waitFor(() => expect(listening.ids().at(-1)).toBe('good'), PATIENCE);
    expect(new Set(listening.ids())).toEqual(new Set(['probe', 'good']));
    expect(warnings(context)).toMatchObject([
      { why: 'the instruction is not JSON', refused: 1 },
      { why: 'the instruction is larger than 65536 bytes', refused: 2 },
    ]);
    await listening.stop();
  });

  it('leaves what is larger than any instruction at the broker, and goes on', async () => {
    const { url } = await brokerOf();
    const context = testContext('room', SECRETS);
    const listening = listenOn(open(url, context));
    const tell = await teller(url);
    await subscribed(tell);
    await tell('x'.repeat(300_000));
    await tell(JSON.stringify(wireOrder('good')));
    await vi.waitFor(() => expect(listening.ids().at(-1)).toBe('good'), PATIENCE);
    expect(warnings(context)).toEqual([]);
    await listening.stop();
  });

  it('passes over a retained instruction, which would come at each connection, and says so', async () => {
    const { url } = await brokerOf();
    const tell = await teller(url);
    await tell(JSON.stringify(wireOrder('retained')), { retain: true });
    const context = testContext('room', SECRETS);
    const listening = listenOn(open(url, context));
    await subscribed(tell);
    await vi.waitFor(() => expect(listening.ids()).toContain('probe'), PATIENCE);
    expect(listening.ids()).not.toContain('retained');
    expect(warnings(context)).toMatchObject([
      { instruction: 'retained', why: expect.stringMatching(/retained/) as string },
    ]);
    await listening.stop();
  });

  it('comes again with the same id when the line was cut before the broker heard of it', async () => {
    const { url, port } = await brokerOf();
    const cut = await cuttableLine(port);
    const relay = open(cut.url, testContext('room', SECRETS));
    const tell = await teller(url);
    const listening = listenOn(relay, ({ id }) => {
      if (id === 'o-1') cut.now();
    });
    await subscribed(tell);
    await tell(JSON.stringify(wireOrder('o-1')));
    expect(String(await listening.ended)).toMatch(/the connection to the broker was lost/);
    expect(listening.ids().at(-1)).toBe('o-1');
    const again = listenOn(relay);
    await vi.waitFor(() => expect(again.ids().at(-1)).toBe('o-1'), PATIENCE);
    await again.stop();
    await relay.close?.();
  });

  it('receives once at a time', async () => {
    const { url } = await brokerOf();
    const relay = open(url, testContext('room', SECRETS));
    const listening = listenOn(relay);
    expect(String(await listenOn(relay).ended)).toMatch(/a listener already/);
    expect(await listening.stop()).toBe('ended');
  });

  it.each([
    [0x87, /does not allow this box to subscribe to down\/v1\/demo\/box-001\/#: check its access rules/],
    [0x8f, /refuses the subscription \(.*Topic Filter invalid\)/],
  ])('rejects when the broker answers the subscription with %i', async (code, why) => {
    const relay = open(await refusingBroker(code), testContext('room', SECRETS));
    expect(String(await listenOn(relay).ended)).toMatch(why);
  });
});

/** A way to the broker that can be cut. */
async function cuttableLine(port: number): Promise<{ readonly url: string; now(): void }> {
  const cuts = new Set<() => void>();
  const server = createServer((near) => {
    const far = createConnection(port, '127.0.0.1');
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', cut).on('close', cut);
    near.pipe(far).pipe(near);
    cuts.add(cut);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    for (const cut of cuts) cut();
    server.close();
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: () => cuts.forEach((cut) => cut()),
  };
}

/** CONNACK 0 to a CONNECT, `code` to a SUBSCRIBE, a PUBACK to nothing. */
async function refusingBroker(code: number): Promise<string> {
  const server = createServer((socket) => {
    let pending: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let end = packetEnd(pending); end > 0 && end <= pending.length; end = packetEnd(pending)) {
        const kind = pending[0]! >> 4;
        if (kind === 1) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
        // A short packet: its length has one byte, and its packet id follows.
        if (kind === 8) socket.write(Buffer.from([0x90, 4, pending[2]!, pending[3]!, 0, code]));
        pending = pending.subarray(end);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => server.close());
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where the first packet ends, by its Remaining Length (MQTT 5, 1.5.5); 0 while that is not whole. */
function packetEnd(bytes: Buffer): number {
  for (let i = 1, length = 0; i < Math.min(5, bytes.length); i++) {
    length += (bytes[i]! & 0x7f) << (7 * (i - 1));
    if (bytes[i]! < 0x80) return i + 1 + length;
  }
  return 0;
}
