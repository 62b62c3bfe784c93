/** The box as a client of another broker: what is refused, and in which words the connection ends. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { startRoomBroker, type RoomBrokerOptions } from '../../../simulators/command-room/broker.ts';
import { makeCertificate } from '../../../simulators/command-room/certificate.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { encodeStatus, encodeTelemetry } from '../bodycam/codec.ts';
import { crewDevice, openTestHost, runEquipment } from '../../../simulators/conformance/equipment.ts';
import { atEnd, connect, openBox, startBox } from '../../../simulators/conformance/external-broker.ts';

async function broker(options: RoomBrokerOptions = {}): Promise<string> {
  const started = await startRoomBroker(options);
  atEnd(() => started.close());
  return started.url;
}

/** A broker of a few bytes: CONNACK 0, and `answer` to the subscription. */
async function crookedBroker(answer: Buffer): Promise<string> {
  const server = createServer((socket) => {
    atEnd(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (chunk[0] === 0x10) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
      if (chunk[0] === 0x82) socket.write(withId(answer, chunk));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** A SUBACK names the SUBSCRIBE that it answers; this one is over 127 bytes long, so its packet identifier stands at 3. */
function withId(answer: Buffer, subscribe: Buffer): Buffer {
  if (answer[0] === 0x90) subscribe.copy(answer, 2, 3, 5);
  return answer;
}

/** In which words a run ends that cannot begin. */
async function failure(url: string, more: object = {}): Promise<string> {
  const { ended } = runEquipment(openBox(url, { connectTimeoutMs: 2_000, ...more }).equipment, openTestHost([]));
  return ((await ended) as Error).message;
}

it('takes nothing of devices it does not know, of another protocol, out of place or malformed', async () => {
  const url = await broker();
  const { host, context, ended, abort } = await startBox(url);
  host.devices.set('car-1', crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: ['RC1'] }));
  const anyone = await connect(url, 'anyone');
  const telemetry = encodeTelemetry({ at: Date.now(), position: { lat: 30.25, lon: 120.125 } });
  const say = (topic: string, payload: Buffer | string, retain = false) =>
    anyone.publishAsync(topic, payload, { qos: 1, retain });
  await say('bodycam/v1/nobody/telemetry', telemetry);
  await say('thing/product/DRONE9/osd', telemetry);
  await say('bodycam/v1/car-1/telemetry', telemetry);
  await say('bodycam/v1/RC1/telemetry', telemetry);
  await say('bodycam/v1/cam-1/telemetry', '{"lat":30.25');
  await say('bodycam/v1/cam-1/telemetry', telemetry);
  await vi.waitFor(() => expect(host.reports).toHaveLength(1), PATIENCE);
  expect(host.refusals).toEqual([
    ['unknown device', undefined],
    ['unknown device', undefined],
    ['not allowed', 'car-1'],
    ['unknown device', undefined],
    ['malformed', 'cam-1'],
  ]);
  // Counted by the gateway; the log of this part has neither names nor places.
  expect(context.said()).not.toMatch(/30\.25|nobody|DRONE9/);
  abort();
  await ended;
});

it('passes over what somebody has left retained, but for a status', async () => {
  const url = await broker();
  const anyone = await connect(url, 'anyone');
  const kept = { qos: 1, retain: true } as const;
  await anyone.publishAsync('bodycam/v1/cam-1/telemetry', encodeTelemetry({ at: Date.now() }), kept);
  await anyone.publishAsync('bodycam/v1/cam-1/status', encodeStatus(true), kept);
  const { host } = await startBox(url);
  await vi.waitFor(() => expect([host.presences.length, host.refusals.length]).toEqual([1, 1]), PATIENCE);
  expect(host.reports).toEqual([]);
  expect(host.refusals).toEqual([['not allowed', 'cam-1']]);
});

it('says at its end that nobody can be reached any more', async () => {
  const url = await broker();
  const { host, equipment, abort, ended } = await startBox(url);
  const cam = await connect(url, 'cam-1');
  await cam.publishAsync('bodycam/v1/cam-1/status', encodeStatus(true), { qos: 1 });
  await vi.waitFor(() => expect(host.presences).toEqual([['cam-1', true]]), PATIENCE);
  abort();
  expect(await ended).toBeUndefined();
  expect(host.presences).toEqual([
    ['cam-1', true],
    ['cam-1', false],
  ]);
  expect(equipment.deliver!('cam-1', { kind: 'interval', id: 'M', seconds: 5 })).toBe(false);
});

describe('a run that cannot begin, or ends, says why', () => {
  it('nothing listens', async () => {
    const started = await startRoomBroker();
    await started.close();
    expect(await failure(started.url)).toMatch(/^127\.0\.0\.1:\d+: nothing listens there.*`url`/);
  });

  it.each([5, 4])('wrong password, MQTT version %i', async (protocolVersion) => {
    const url = await broker({ config: ['allow_anonymous false'] });
    const message = await failure(url, { password: 'env:BAD', protocolVersion });
    expect(message).toMatch(/user or password is wrong|not allowed to connect/);
    expect(message).not.toContain('secret');
  });

  it.each([
    ['somebody else has its client id', [0xe0, 2, 0x8e, 0], /another client has connected with the same client id/],
    [
      'its subscriptions are denied',
      [0x90, 12, 0, 1, 0, 0, 0x87, 0, 0, 0, 0, 0, 0, 0],
      /does not allow this box to subscribe to bodycam/,
    ],
    ['the broker falls silent', [], /does not answer/],
  ])('%s', async (_, answer, why) => {
    const url = await crookedBroker(Buffer.from(answer));
    expect(await failure(url, { connectTimeoutMs: 500 })).toMatch(why);
  });

  it('the certificate is of nobody it knows', async () => {
    const { key, cert } = makeCertificate();
    const files = { 'key.pem': key, 'cert.pem': cert };
    const config = ['allow_anonymous true', 'certfile FOLDER/cert.pem', 'keyfile FOLDER/key.pem'];
    const url = (await broker({ config, files })).replace('mqtt:', 'mqtts:');
    expect(await failure(url)).toMatch(/unknown authority: give the authority in `ca`/);
    const folder = tempFolder();
    atEnd(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), cert);
    const { abort, ended } = await startBox(url, { ca: join(folder, 'ca.pem') });
    abort();
    expect(await ended).toBeUndefined();
  });
});

it('warns once when the broker does not let it speak', async () => {
  const acl = 'pattern read #\npattern write bodycam/v1/cam-1/status\n';
  const url = await broker({ config: ['allow_anonymous true', 'acl_file FOLDER/acl'], files: { acl } });
  const { host, equipment, context } = await startBox(url);
  const cam = await connect(url, 'cam-1');
  await cam.publishAsync('bodycam/v1/cam-1/status', encodeStatus(true), { qos: 1 });
  await vi.waitFor(() => expect(host.presences).toHaveLength(1), PATIENCE);
  for (const id of ['M-1', 'M-2']) equipment.deliver!('cam-1', { kind: 'interval', id, seconds: 5 });
  const warnings = (): number => context.said().split('does not take messages').length - 1;
  await vi.waitFor(() => expect(warnings()).toBe(1), PATIENCE);
  await cam.publishAsync('bodycam/v1/cam-1/status', encodeStatus(false), { qos: 1 });
  await vi.waitFor(() => expect(host.presences).toHaveLength(2), PATIENCE);
  expect(warnings()).toBe(1);
});

describe('configuration', () => {
  it.each([
    ['plain mqtt elsewhere', { url: 'mqtt://crew.invalid' }, /loopback only/],
    ['another scheme', { url: 'https://crew.invalid' }, /mqtts:\/\//],
    ['a password in the address', { url: 'mqtts://u:hunter2@crew.invalid' }, /in `password`/],
    ['an unknown key', { topic: 'x' }, /topic/],
    ['a missing authority', { ca: '/nowhere/ca.pem' }, /cannot be read \(ENOENT\)/],
    ['no such secret', { password: 'env:NONE' }, /secret is not there/],
    ['another version', { protocolVersion: 3 }, /protocolVersion/],
  ])('refuses %s', (_, more, why) => {
    const open = (): unknown => openBox('mqtts://crew.invalid', more);
    expect(open).toThrow(why);
    expect(open).not.toThrow(/hunter2/);
  });
});
