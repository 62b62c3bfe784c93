/** The broker as equipment, over TCP: what is acknowledged when, what is given to devices, and its end. */
import { Aedes } from 'aedes';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CrewMessage } from '../../../gateway/contracts/crew.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { freePort } from '../../../simulators/product/free-port.ts';
import { conforms, openTestHost } from '../../../simulators/conformance/equipment.ts';
import {
  callForHelp,
  CONNACK,
  connectPacket,
  device,
  DRONE,
  OFFICER,
  OTHER,
  packet,
  PING,
  PINGRESP,
  PUBACK,
  pubackPacket,
  PUBLISH,
  publishPacket,
  rawClient,
  startBroker,
  SUBACK,
  subscribePacket,
  telemetry,
  type RunningBroker,
} from '../../../simulators/conformance/broker.ts';
import { openBroker } from './equipment.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

describe('as all equipment', () => {
  conforms(async () => {
    const port = await freePort();
    const openOn = (taken: number) => openBroker({ listen: { host: '127.0.0.1', port: taken } }, testContext('broker'));
    const speak = async (): Promise<void> => {
      const client = await device(port);
      client.send(telemetry(OFFICER.id, { qos: 1 }));
      await client.next(PUBACK);
      client.close();
    };
    return {
      host: openTestHost([OFFICER]),
      equipment: openOn(port),
      speak,
      onPort: { over: 'tcp', open: openOn },
      close: () => undefined,
    };
  });
});

const running = (...given: Parameters<typeof startBroker>): RunningBroker => {
  const broker = startBroker(...given);
  onTestFinished(async () => void (await broker.stop()));
  return broker;
};

const order = (id: string): CrewMessage => ({ kind: 'order', id, text: 'go to the gate', at: Date.now() });
const COMMANDS = `bodycam/v1/${OFFICER.id}/cmd`;

async function listeningDevice(port: number): Promise<Awaited<ReturnType<typeof device>>> {
  const client = await device(port);
  client.send(subscribePacket([COMMANDS]));
  await client.next(SUBACK);
  return client;
}

describe('what must not be lost', () => {
  it('is acknowledged after the host has it', async () => {
    const { host, port } = running();
    const client = await device(await port());
    client.send(callForHelp('help-1', { messageId: 7 }));
    const { body } = await client.next(PUBACK);
    expect([...body]).toEqual([0, 7]);
    expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'help-1', state: 'raised' }]);
  });

  it('is not acknowledged where the host cannot keep it: the connection ends, and the device repeats it', async () => {
    const { host, port } = running();
    host.storeError = new Error('the disk is full');
    const client = await device(await port());
    client.send(callForHelp('help-1'));
    await client.closed;
    expect(client.received.map((p) => p.type)).not.toContain(PUBACK);
    expect(host.refusals).toEqual([['not stored', OFFICER.id]]);
    host.storeError = undefined;
    const again = await device(await port());
    again.send(callForHelp('help-1'));
    await again.next(PUBACK);
    expect(host.calls).toHaveLength(1);
  });

  it('would be lost by a broker that stores after it has acknowledged, and the test above would see it', async () => {
    const careless = await Aedes.createBroker({
      published: (_packet, _client, done) => done(new Error('the disk is full')),
    });
    const server = createServer({ noDelay: true }, careless.handle).listen(0, '127.0.0.1');
    onTestFinished(() => new Promise<void>((done) => careless.close(() => server.close(() => done()))));
    await once(server, 'listening');
    const client = await device((server.address() as AddressInfo).port);
    client.send(callForHelp('help-1'));
    await client.next(PUBACK);
    client.close();
  });

  it('counts at QoS 0 as well, and answers to orders are kept as calls are', async () => {
    const { host, port } = running();
    const client = await device(await port());
    client.send(callForHelp('help-1', { qos: 0 }));
    const answer = { v: 1, order: '01ARZ3NDEKTSV4RRFFQ69G5FAV', state: 'done', tst: Math.floor(Date.now() / 1000) };
    client.send(publishPacket(`bodycam/v1/${OFFICER.id}/order`, answer));
    await client.next(PUBACK);
    expect(host.calls).toHaveLength(1);
    expect(host.answers).toMatchObject([{ device: OFFICER.id, state: 'done' }]);
  });
});

describe('what devices say', () => {
  it('is acknowledged, counted and passed over where it is malformed', async () => {
    const { host, port } = running();
    const client = await device(await port());
    client.send(publishPacket(`bodycam/v1/${OFFICER.id}/telemetry`, '{"v":1,"lat":'));
    await client.next(PUBACK);
    expect(host.refusals).toEqual([['malformed', OFFICER.id]]);
    expect(host.reports).toEqual([]);
  });

  it('is answered under the topic of the reply, where the protocol has one', async () => {
    const { host, port } = running();
    const client = await device(await port(), { clientId: 'made up by the aircraft', user: DRONE.id });
    client.send(subscribePacket(['sys/product/RC1/status_reply', 'thing/product/RC1/services']));
    expect([...(await client.next(SUBACK)).body]).toEqual([0, 1, 1, 128]);
    const topology = { tid: 't1', bid: 'b1', method: 'update_topo', timestamp: Date.now(), data: { sub_devices: [] } };
    client.send(publishPacket('sys/product/RC1/status', topology));
    const { body } = await client.next(PUBLISH);
    expect(body.toString()).toContain('sys/product/RC1/status_reply');
    expect(body.toString()).toContain('"tid":"t1"');
    expect(host.presences).toEqual([
      [DRONE.id, true],
      [DRONE.id, false, true],
    ]);
  });

  it('goes to no other device, nor back to itself', async () => {
    const { port } = running();
    const client = await device(await port());
    client.send(subscribePacket([`bodycam/v1/${OFFICER.id}/#`]));
    await client.next(SUBACK);
    client.send(publishPacket(`bodycam/v1/${OFFICER.id}/status`, { v: 1, online: true }, { retain: true }));
    await client.next(PUBACK);
    client.send(PING);
    await client.next(PINGRESP);
    expect(client.received.map((p) => p.type)).toEqual([CONNACK, SUBACK, PUBACK, PINGRESP]);
  });
});

it.each([
  ['says goodbye before it goes', true, [OFFICER.id, false, true]],
  ['is cut off', false, [OFFICER.id, false]],
] as const)('a device that %s', async (_, goodbye, expected) => {
  const { host, port } = running();
  const client = await device(await port());
  client.send(subscribePacket([COMMANDS]));
  await client.next(SUBACK);
  if (goodbye) {
    client.send(publishPacket(`bodycam/v1/${OFFICER.id}/status`, { v: 1, online: false }));
    await client.next(PUBACK);
  }
  client.close();
  await vi.waitFor(() => expect(host.presences.at(-1)).toEqual(expected), PATIENCE);
});

describe('what is told to devices', () => {
  it('can be given from SUBACK to the end of the connection, and is delivered with PUBACK', async () => {
    const { host, equipment, port } = running();
    const client = await device(await port());
    expect(equipment.deliver!(OFFICER.id, order('A'))).toBe(false);
    client.send(subscribePacket([COMMANDS]));
    await client.next(SUBACK);
    expect(host.presences).toEqual([[OFFICER.id, true]]);
    expect(equipment.deliver!(OFFICER.id, order('A'))).toBe(true);
    expect(equipment.deliver!(OFFICER.id, order('B'))).toBe(true);
    const [first, second] = [await client.next(PUBLISH), await client.next(PUBLISH)];
    expect([first.qos, second.qos]).toEqual([1, 1]);
    const messageId = second.body.readUInt16BE(2 + COMMANDS.length);
    client.send(pubackPacket(messageId));
    await vi.waitFor(() => expect(host.deliveries).toEqual([[OFFICER.id, 'B']]), PATIENCE);
    client.close();
    await vi.waitFor(() => expect(host.presences.at(-1)).toEqual([OFFICER.id, false]), PATIENCE);
    expect(equipment.deliver!(OFFICER.id, order('C'))).toBe(false);
  });

  it('waits in the gateway while the device does not listen, whatever session it asks for', async () => {
    const { host, equipment, port } = running();
    const client = await listeningDevice(await port());
    client.close();
    await vi.waitFor(() => expect(host.presences).toHaveLength(2), PATIENCE);
    expect(equipment.deliver!(OFFICER.id, order('A'))).toBe(false);
    const again = await rawClient(await port());
    again.send(connectPacket({ clean: false }));
    expect([...(await again.next(CONNACK)).body]).toEqual([0, 0]);
    expect(equipment.deliver!(OFFICER.id, order('A'))).toBe(false);
  });

  it('ends with UNSUBSCRIBE, and does not begin at QoS 0', async () => {
    const { host, port } = running();
    const client = await device(await port());
    client.send(subscribePacket([COMMANDS], 0));
    expect((await client.next(SUBACK)).body[2]).toBe(128);
    expect(host.presences).toEqual([]);
    client.send(subscribePacket([`bodycam/v1/${OFFICER.id}/#`]));
    await client.next(SUBACK);
    const filter = Buffer.from(`bodycam/v1/${OFFICER.id}/#`);
    client.send(packet(0xa2, Buffer.concat([Buffer.from([0, 2, 0, filter.length]), filter])));
    await client.next(11);
    expect(host.presences).toEqual([
      [OFFICER.id, true],
      [OFFICER.id, false],
    ]);
  });

  it('is not given beyond what a device acknowledges, and again as soon as it does', async () => {
    const { host, equipment, port } = running();
    const client = await listeningDevice(await port());
    let given = 0;
    while (given < 1_000 && equipment.deliver!(OFFICER.id, order(String(given)))) given++;
    expect(given).toBe(256);
    for (let i = 0; i < given; i++) {
      const { body } = await client.next(PUBLISH);
      client.send(pubackPacket(body.readUInt16BE(2 + COMMANDS.length)));
    }
    await vi.waitFor(() => expect(host.presences).toHaveLength(2), PATIENCE);
    expect(host.presences[1]).toEqual([OFFICER.id, true]);
    expect(host.deliveries).toHaveLength(256);
    expect(equipment.deliver!(OFFICER.id, order('more'))).toBe(true);
  });

  it('is given again after a receipt that could not be kept: the connection ends', async () => {
    const { host, equipment, port } = running();
    const client = await listeningDevice(await port());
    equipment.deliver!(OFFICER.id, order('A'));
    const { body } = await client.next(PUBLISH);
    host.storeError = new Error('the disk is full');
    client.send(pubackPacket(body.readUInt16BE(2 + COMMANDS.length)));
    await client.closed;
    expect(host.deliveries).toEqual([]);
    expect(host.refusals).toEqual([['not stored', OFFICER.id]]);
  });
});

describe('who is connected', () => {
  it('is the last one: a device that comes again takes the place of its own connection', async () => {
    const { host, port } = running();
    const first = await listeningDevice(await port());
    const second = await listeningDevice(await port());
    await first.closed;
    expect(host.presences.map(([, online]) => online)).toEqual([true, false, true]);
    // S5: two clients with one credential do this to each other again and again.
    expect(host.takeovers).toEqual([[OFFICER.id, ['127.0.0.1', '127.0.0.1']]]);
    second.send(PING);
    await second.next(PINGRESP);
  });

  it('is not pushed out by another that takes its name as a client id', async () => {
    const { port } = running();
    const officer = await device(await port());
    await device(await port(), { clientId: OFFICER.id, user: DRONE.id });
    officer.send(PING);
    await officer.next(PINGRESP);
  });

  it('is disconnected when it is registered anew, and the others are not', async () => {
    const { host, port } = running();
    const [device1, other] = [await device(await port()), await device(await port(), { clientId: OTHER.id })];
    host.secrets.set(OFFICER.id, 'another');
    await device1.closed;
    other.send(PING);
    await other.next(PINGRESP);
  });

  it('is disconnected when it is revoked: with its next word, or within seconds', async () => {
    const { host, port } = running();
    const [speaking, silent] = [await device(await port()), await device(await port(), { clientId: OTHER.id })];
    host.devices.clear();
    speaking.send(telemetry(OFFICER.id, { qos: 1 }));
    await Promise.all([speaking.closed, silent.closed]);
    expect(speaking.received.map((p) => p.type)).toEqual([CONNACK]);
    expect(host.reports).toEqual([]);
    expect(host.refusals.toSorted()).toEqual([
      ['unknown device', OFFICER.id],
      ['unknown device', OTHER.id],
    ]);
  });
});
