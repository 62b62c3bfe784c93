/** C1, C8: what a device that has logged in says on its own SOS topic is a call, however it is sent and whatever becomes of its connection. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import {
  callForHelp,
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
  type RunningBroker,
} from '../../../simulators/conformance/broker.ts';

const PUBREC = 5;
const PUBCOMP = 7;
const SOS = `bodycam/v1/${OFFICER.id}/sos`;
const pubrel = (id: number): Buffer => packet(0x62, Buffer.from([id >> 8, id & 255]));

const running = (...given: Parameters<typeof startBroker>): RunningBroker => {
  const broker = startBroker(...given);
  onTestFinished(async () => void (await broker.stop()));
  return broker;
};

it.each([
  ['nothing', ''],
  ['half a message', '{"v":1,"sosId":"u-1","state":"rai'],
  ['5,000 bytes', `{"v":1,"sosId":"u-1","state":"raised","x":"${'y'.repeat(5_000)}"}`],
  ['noise', Buffer.from([0xff, 0, 0xfe, 7])],
])('C1: %s is acknowledged, and a call', async (_, payload) => {
  const { host, port } = running();
  const client = await device(await port());
  client.send(publishPacket(SOS, payload, { messageId: 7 }));
  expect([...(await client.next(PUBACK)).body]).toEqual([0, 7]);
  expect(host.calls).toMatchObject([{ device: OFFICER.id, state: 'raised' }]);
});

it('C1: QoS 2 is answered to its end, more often than any window is wide; a repeat is none', async () => {
  const { host, port } = running({ limits: { packetsPerS: 100_000 } });
  const client = await device(await port());
  for (let id = 1; id <= 1_200; id++) {
    client.send(callForHelp(`call-${id}`, { qos: 2, messageId: id }));
    await client.next(PUBREC);
    client.send(pubrel(id));
    await client.next(PUBCOMP);
  }
  expect(host.calls).toHaveLength(1_200);
  client.send(callForHelp('call-7', { qos: 2, messageId: 7 }));
  expect([...(await client.next(PUBREC)).body]).toEqual([0, 7]);
  client.send(pubrel(9));
  expect([...(await client.next(PUBCOMP)).body]).toEqual([0, 9]);
});

it('C1: retained and sent again is a call, and is kept for nobody', async () => {
  const { host, port } = running();
  const client = await device(await port());
  const again = callForHelp('help-1', { retain: true });
  again[0]! |= 8;
  client.send(again);
  await client.next(PUBACK);
  expect(host.calls).toMatchObject([{ sos: 'help-1' }]);
});

it('C1: MQTT 3.1, with a client id longer than that once allowed, can call', async () => {
  const long = { ...OFFICER, id: 'officer-of-the-northern-gate-1' };
  const { host, port } = running({}, [long]);
  const client = await rawClient(await port());
  const login = connectPacket({ clientId: long.id, version: 3 });
  // `MQIsdp` in the place of `MQTT`.
  const body = Buffer.concat([Buffer.from([0, 6]), Buffer.from('MQIsdp'), login.subarray(8)]);
  client.send(packet(0x10, body));
  client.send(publishPacket(`bodycam/v1/${long.id}/sos`, ''));
  await client.next(PUBACK);
  expect(host.calls).toHaveLength(1);
});

it('C1: a packet larger than may come ends the connection, and is a call by its topic', async () => {
  const { host, port } = running({ limits: { packetBytes: 8_192 } });
  const client = await device(await port());
  const huge = publishPacket(SOS, `{"v":1,"sosId":"u-9","state":"raised",${'x'.repeat(200_000)}`);
  client.send(huge);
  await client.closed;
  expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'u-9', state: 'raised' }]);
  expect(host.refusals).toEqual([['too large', OFFICER.id]]);
});

it('C1: one that is too large on another topic, or before the login, is none', async () => {
  const { host, port } = running({ limits: { packetBytes: 8_192 } });
  const client = await device(await port());
  client.send(publishPacket(`bodycam/v1/${OTHER.id}/sos`, 'x'.repeat(10_000)));
  const stranger = await rawClient(await port());
  stranger.send(publishPacket(SOS, 'x'.repeat(10_000)));
  await Promise.all([client.closed, stranger.closed]);
  expect(host.calls).toEqual([]);
});

it('C8: CONNECT, a call and the end in one write is a call, and acknowledged', async () => {
  const { host, port } = running();
  const socket = connectTcp({ host: '127.0.0.1', port: await port(), allowHalfOpen: true });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  await once(socket, 'connect');
  socket.end(Buffer.concat([connectPacket(), callForHelp('help-1', { messageId: 7 })]));
  await once(socket, 'close');
  expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'help-1' }]);
  expect(Buffer.concat(heard).includes(Buffer.from([0x40, 2, 0, 7]))).toBe(true);
});

it('C8: whoever is torn off while its login is checked has called, if the login is right', async () => {
  const { host, port } = running();
  const login = host.login.bind(host);
  const held = Promise.withResolvers<void>();
  const asked: string[] = [];
  host.login = async (user, secret) => {
    asked.push(user);
    await held.promise;
    return login(user, secret);
  };
  const calling = async (password?: string): Promise<void> => {
    const socket = connectTcp({ host: '127.0.0.1', port: await port() });
    await once(socket, 'connect');
    const connect = connectPacket(password === undefined ? {} : { password });
    socket.write(Buffer.concat([connect, telemetry(), callForHelp(`help ${password ?? 'right'}`)]));
    const before = asked.length;
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before), PATIENCE);
    const closed = once(socket, 'close');
    socket.resetAndDestroy();
    await closed;
  };
  await calling('wrong');
  await calling();
  held.resolve();
  await vi.waitFor(() => expect(host.calls).toHaveLength(1), PATIENCE);
  expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'help right' }]);
  expect(host.presences).toEqual([]);
});

it('C1, C8: a call behind a flood waits and is not lost, though its device has gone', async () => {
  const { host, port } = running({ limits: { packetsPerS: 50 } });
  const socket = connectTcp({ host: '127.0.0.1', port: await port() });
  await once(socket, 'connect');
  const flood = Array.from({ length: 150 }, (_, i) => telemetry(OFFICER.id, { seq: i, qos: 0 }));
  socket.end(Buffer.concat([connectPacket(), ...flood, callForHelp('help-1')]));
  socket.resume();
  await vi.waitFor(() => expect(host.calls).toMatchObject([{ sos: 'help-1' }]), PATIENCE);
  expect(host.refusals).toContainEqual(['too fast', OFFICER.id]);
});

it.each([
  ['it may not say', publishPacket(`bodycam/v1/${OFFICER.id}/telemetry`, '{"v":1}', { retain: true })],
  ['is no MQTT', packet(0xf0, Buffer.alloc(0))],
])('C1, C8: what stands behind a message that %s is a call all the same', async (_what, before) => {
  const { host, port } = running();
  const client = await device(await port());
  client.send(Buffer.concat([before, callForHelp('help-1')]));
  await vi.waitFor(() => expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'help-1' }]), PATIENCE);
});

it.each([
  ['too large', publishPacket(`bodycam/v1/${OFFICER.id}/telemetry`, 'x'.repeat(5_000))],
  ['malformed', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x80])],
] as const)('C1, C8: what stands before a message that is %s is a call all the same', async (why, behind) => {
  const { host, port } = running({ limits: { packetBytes: 4_096 } });
  const client = await device(await port());
  client.send(Buffer.concat([callForHelp('help-1'), behind]));
  await vi.waitFor(() => expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'help-1' }]), PATIENCE);
  expect(host.refusals).toContainEqual([why, OFFICER.id]);
});

it('C8: a call whose last bytes never come is a call once its connection ends', async () => {
  const { host, port } = running();
  const client = await device(await port());
  const call = callForHelp('help-1');
  client.send(Buffer.concat([PING, call.subarray(0, 9)]));
  await client.next(PINGRESP);
  // Behind the name of the call, which is looked at piece by piece.
  client.send(call.subarray(9, call.length - 3));
  client.socket.end();
  await vi.waitFor(() => expect(host.calls).toMatchObject([{ device: OFFICER.id, sos: 'help-1' }]), PATIENCE);
});

it('answers everybody else meanwhile', async () => {
  const { port } = running();
  const [calling, other] = [await device(await port()), await device(await port(), { clientId: OTHER.id })];
  calling.send(publishPacket(SOS, '['.repeat(4_000)));
  await calling.next(PUBACK);
  other.send(PING);
  await other.next(PINGRESP);
});
