import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { IPublishPacket } from 'mqtt';
import mqtt from 'mqtt';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import type { Relay } from '../../../gateway/contracts/relay.ts';
import { Busy, TurnedAway } from '../../../gateway/contracts/errors.ts';
import type { RoomBroker, RoomBrokerOptions } from '../../../simulators/command-room/broker.ts';
import { startRoomBroker } from '../../../simulators/command-room/broker.ts';
import { makeCertificate } from '../../../simulators/command-room/certificate.ts';
import { startRoom } from '../../../simulators/command-room/room.ts';
import { eventOf, pictureOf, relayConformance, SOURCE } from '../../../simulators/conformance/relay.ts';
import { openMqtt } from './relay.ts';
import { BOX, SITE, testContext } from '../../../simulators/conformance/context.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const never = new AbortController().signal;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function open(url: string, more: object = {}): Relay {
  const secrets = { 'env:PW': 'right', 'env:BAD': 'wrong' };
  const relay = openMqtt({ url, connectTimeoutMs: 2_000, ...more }, testContext('room', secrets));
  ends.push(async () => relay.close?.());
  return relay;
}

async function brokerOf(options?: RoomBrokerOptions): Promise<RoomBroker> {
  const broker = await startRoomBroker(options);
  ends.push(() => broker.close());
  return broker;
}

/** An independent subscriber that keeps whole packets. */
async function listen(url: string, topic = 'up/v1/#'): Promise<IPublishPacket[]> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
  ends.push(() => client.endAsync(true));
  const packets: IPublishPacket[] = [];
  client.on('message', (_topic, _payload, packet) => packets.push(packet));
  await client.subscribeAsync(topic, { qos: 1 });
  return packets;
}

function bodyOf(packet: IPublishPacket | undefined): Record<string, unknown> {
  return JSON.parse(String(packet?.payload)) as Record<string, unknown>;
}

relayConformance('mqtt', async () => {
  // Also closed with the test, so that none is left running if something here fails.
  let broker = await brokerOf();
  const { port, url } = broker;
  const room = await startRoom({ secret: SECRET, mqtt: { url } });
  const relay = openMqtt({ url }, testContext('room'));
  return {
    // The broker's PUBACK comes before the room's; what it acknowledged has arrived there a moment later.
    relay: {
      ...relay,
      async send(e, signal) {
        await relay.send(e, signal);
        await vi.waitFor(() => expect(room.events().map((r) => r.id)).toContain(e.id));
      },
    },
    arrived: () => room.events().flatMap((e) => (e.id.startsWith('event-') ? [e.id] : [])),
    stop: () => broker.close(),
    start: async () => void (broker = await brokerOf({ port })),
    close: async () => {
      await room.close();
      await broker.close();
    },
  };
});

describe('mqtt', () => {
  it('speaks MQTT 5 with QoS 1, the topics of the map, and names pictures without carrying them', async () => {
    const { url } = await brokerOf();
    const packets = await listen(url);
    const relay = open(url);
    const picture = pictureOf('plate');
    await relay.send(eventOf(1, { evidence: [picture] }), never);
    await relay.send(eventOf(2, { type: 'io.sitebox.counts.v1' }), never);
    await relay.send(eventOf(3, { type: 'io.sitebox.alarm.v1' }), never);
    await vi.waitFor(() => expect(packets).toHaveLength(4));
    expect(packets.map((p) => p.topic.split('/').pop())).toEqual(['health', 'plate-hit', 'counts', 'health']);
    expect(packets.every((p) => p.topic.startsWith(`up/v1/${SITE}/${BOX}/`) && p.qos === 1)).toBe(true);
    expect(packets[1]!.properties?.contentType).toBe('application/cloudevents+json');
    expect(bodyOf(packets[1])).toMatchObject({ id: 'event-1', source: SOURCE });
    expect(bodyOf(packets[1])['data']).toMatchObject({ evidence: [{ sha256: picture.sha256, bytes: 5 }] });
    expect(bodyOf(packets[0])).toMatchObject({ source: SOURCE, data: { online: true } });
  });

  it('retains health, and leaves its last will when it is cut off or closed', async () => {
    const { url } = await brokerOf();
    const relay = open(url);
    await relay.send(eventOf(1, { type: 'io.sitebox.health.v1', data: { state: 'fine' } }), never);
    const packets = await listen(url);
    await vi.waitFor(() => expect(packets).toHaveLength(1));
    expect(packets[0]!.retain).toBe(true);
    expect(bodyOf(packets[0])['data']).toEqual({ state: 'fine' });
    await relay.close?.();
    await vi.waitFor(() => expect(packets).toHaveLength(2));
    expect(bodyOf(packets[1])).toMatchObject({ type: 'io.sitebox.health.v1', data: { online: false } });
  });

  it('does not take an event for stored that nobody subscribes to, unless told that a rule consumes it', async () => {
    const { url } = await brokerOf();
    const relay = open(url);
    await expect(relay.send(eventOf(1), never)).rejects.toThrow(/nobody subscribes/);
    await open(url, { acceptUnsubscribed: true }).send(eventOf(1), never);
    const packets = await listen(url, `up/v1/${SITE}/${BOX}/plate-hit`);
    await relay.send(eventOf(1), never);
    await vi.waitFor(() => expect(packets).toHaveLength(1));
  });

  it('says when access rules forbid the topic', async () => {
    const { url } = await brokerOf({
      config: ['allow_anonymous true', 'acl_file FOLDER/acl'],
      files: { acl: 'topic read #\n' },
    });
    await expect(open(url).send(eventOf(1), never)).rejects.toThrow(/check its access rules/);
  });

  it('says when the user is not let in, without the password', async () => {
    const { url } = await brokerOf({ config: ['allow_anonymous false'] });
    const failure = await open(url, { user: 'box', password: 'env:BAD' })
      .send(eventOf(1), never)
      .catch((e: unknown) => e);
    expect((failure as Error).message).toMatch(/not allowed to connect|user or password is wrong/);
    expect((failure as Error).message).not.toMatch(/wrong$|env:BAD/);
  });

  it('says when nothing listens', async () => {
    const broker = await startRoomBroker();
    await broker.close();
    await expect(open(broker.url).send(eventOf(1), never)).rejects.toThrow(/127\.0\.0\.1:\d+: nothing listens there/);
  });
});

describe('mqtt over TLS', () => {
  let folder: string;
  beforeAll(() => {
    folder = tempFolder();
  });

  it.each([
    ['from the given authority', {}, true, undefined],
    ['expired', { expired: true }, true, /certificate has expired/],
    ['of nobody we know', {}, false, /give .* in `ca`/],
  ])('with a certificate %s', async (name, options, known, why) => {
    const { key, cert } = makeCertificate(options);
    const files = { 'key.pem': key, 'cert.pem': cert };
    const config = ['allow_anonymous true', 'certfile FOLDER/cert.pem', 'keyfile FOLDER/key.pem'];
    const broker = await brokerOf({ config, files });
    const ca = join(folder, `${name}.pem`);
    writeFileSync(ca, cert);
    const relay = open(`mqtts://127.0.0.1:${broker.port}`, { acceptUnsubscribed: true, ...(known ? { ca } : {}) });
    if (why) await expect(relay.send(eventOf(1), never)).rejects.toThrow(why);
    else await relay.send(eventOf(1), never);
  });
});

/**
 * A broker of a few bytes, for answers that mosquitto does not give: CONNACK 0 with a Receive Maximum of 3, then `code` in each PUBACK, once
 * all is read that has come; undefined: silence.
 */
async function crookedBroker(code: number | undefined, unanswered?: (publishes: number) => void): Promise<string> {
  const server = createServer((socket) => {
    const publishes: Buffer[] = [];
    const answerAll = (): void => {
      unanswered?.(publishes.length);
      for (const body of publishes.splice(0)) acknowledge(socket, body, code);
    };
    let pending: Buffer = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let packet = takePacket(pending); packet; packet = takePacket(pending)) {
        pending = packet.rest;
        if (packet.first >> 4 === 1) socket.write(Buffer.from([0x20, 6, 0, 0, 3, 0x21, 0, 3]));
        if (packet.first >> 4 === 3) publishes.push(packet.body);
      }
      setImmediate(answerAll);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => server.close());
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function takePacket(bytes: Buffer): { first: number; body: Buffer; rest: Buffer } | undefined {
  let length = 0;
  for (let i = 1; i < Math.min(5, bytes.length); i++) {
    length += (bytes[i]! & 0x7f) << (7 * (i - 1));
    if (bytes[i]! & 0x80) continue;
    const end = i + 1 + length;
    if (bytes.length < end) return undefined;
    return { first: bytes[0]!, body: bytes.subarray(i + 1, end), rest: bytes.subarray(end) };
  }
  return undefined;
}

function acknowledge(socket: Socket, body: Buffer, code: number | undefined): void {
  if (code === undefined) return;
  const at = 2 + body.readUInt16BE(0);
  socket.write(Buffer.from([0x40, 4, body[at]!, body[at + 1]!, code, 0]));
}

describe('mqtt answers', () => {
  it.each([0x80, 0x83, 0x87, 0x90, 0x99])(
    'L3: keeps the event at reason code %i: a broker is not the room',
    async (code) => {
      const relay = open(await crookedBroker(code));
      const failure = await relay.send(eventOf(1), never).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(TurnedAway);
      expect((failure as Error).message).toContain(`0x${code.toString(16)}`);
    },
  );

  it('takes an exceeded quota for a wish for patience', async () => {
    const relay = open(await crookedBroker(0x97));
    await expect(relay.send(eventOf(1), never)).rejects.toBeInstanceOf(Busy);
  });

  it('keeps the event at an answer that is not MQTT', async () => {
    const relay = open(await crookedBroker(0x42));
    await expect(relay.send(eventOf(1), never)).rejects.toThrow(/Invalid puback/);
  });

  it('L3: keeps what is larger than the broker says it takes', async () => {
    const { url } = await brokerOf({ config: ['allow_anonymous true', 'max_packet_size 2000'] });
    const relay = open(url, { acceptUnsubscribed: true });
    const failure = await relay.send(eventOf(1, { data: 'x'.repeat(2000) }), never).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(TurnedAway);
    expect((failure as Error).message).toMatch(/no packet of more than 2000 bytes, and this one has 2\d{3}/);
    await relay.send(eventOf(2), never);
  });

  it('W9: has no more publishes unanswered than the broker bears, however many there are to send', async () => {
    const counts: number[] = [];
    const relay = open(await crookedBroker(0, (n) => counts.push(n)));
    await Promise.all(Array.from({ length: 64 }, (_, n) => relay.send(eventOf(n), never)));
    expect(counts.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(64);
    expect(Math.max(...counts)).toBe(3);
    const stop = new AbortController();
    const waiting = Array.from({ length: 8 }, (_, n) => relay.send(eventOf(n), stop.signal));
    stop.abort(new Error('stopped'));
    expect((await Promise.allSettled(waiting)).every((r) => r.status === 'rejected')).toBe(true);
    await relay.send(eventOf(99), never);
  });

  it('takes reason code 0 for stored', async () => {
    await open(await crookedBroker(0)).send(eventOf(1), never);
  });

  it('waits for ever for a PUBACK that does not come, until it is told to end', async () => {
    const relay = open(await crookedBroker(undefined));
    const stop = new AbortController();
    const sending = relay.send(eventOf(1), stop.signal);
    // By then the connection stands and the publish is out: the abort has to reach it there too.
    const second = relay.send(eventOf(2), AbortSignal.timeout(300));
    await expect(second).rejects.toThrow();
    stop.abort(new Error('stopped'));
    await expect(sending).rejects.toThrow();
  });
});

describe('mqtt configuration', () => {
  it.each([
    ['plain mqtt elsewhere', { url: 'mqtt://room.invalid' }, /loopback only/],
    ['another scheme', { url: 'https://room.invalid' }, /mqtts:\/\//],
    ['a password in the address', { url: 'mqtts://u:hunter2@room.invalid' }, /in `password`/],
    ['an unknown key', { topic: 'x' }, /topic/],
    ['a missing authority', { ca: '/nowhere/ca.pem' }, /cannot be read \(ENOENT\)/],
    ['no such secret', { password: 'env:NONE' }, /secret is not there/],
  ])('refuses %s', (_name, more, why) => {
    const config = { url: 'mqtts://room.invalid', ...more };
    expect(() => openMqtt(config, testContext('room'))).toThrow(why);
    expect(() => openMqtt(config, testContext('room'))).not.toThrow(/hunter2/);
  });
});
