/** systemd/mosquitto-crew.conf as it is shipped: mosquitto between equipment of MQTT 5 and the box's own broker, which speaks 3.1.1. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { startRoomBroker } from '../../../simulators/command-room/broker.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { decodeCommand, encodeAnswer, encodeSos, encodeStatus, encodeTelemetry } from '../bodycam/codec.ts';
import { openBroker } from '../broker/equipment.ts';
import { listeningPort, openTestHost, runEquipment } from '../../../simulators/conformance/equipment.ts';
import { decodeReply, encodeOsd, encodeTopology } from '../dji/codec.ts';
import {
  atEnd,
  CAM,
  connect,
  DRONE,
  passwords,
  PLACE,
  rulesOf,
} from '../../../simulators/conformance/external-broker.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const shipped = readFileSync(new URL('../../../systemd/mosquitto-crew.conf', import.meta.url), 'utf8');

/** The box's broker on a free port, and mosquitto before it with the shipped file, changed by `edit`. */
async function start(edit: (text: string) => string = (text) => text) {
  const context = testContext('broker');
  const equipment = openBroker({ listen: { host: '127.0.0.1', port: 0 } }, context);
  const host = openTestHost([CAM, DRONE]);
  const run = runEquipment(equipment, host);
  atEnd(async () => {
    run.abort();
    await run.ended;
  });
  const port = await listeningPort(context);
  const config = edit(shipped)
    .replace(/^listener .*\n/m, '')
    .replaceAll('/etc/mosquitto/sitebox-crew.', 'FOLDER/')
    .replaceAll('127.0.0.1:1883', `127.0.0.1:${port}`)
    .replace(/(?<=remote_username (.*)\nremote_password )SECRET/g, 'secret of $1')
    .split('\n');
  const files = { passwords: passwords(['cam-1', 'drone-1']), acl: rulesOf('mosquitto') };
  const mosquitto = await startRoomBroker({ config, files });
  atEnd(() => mosquitto.close());
  return { host, equipment, device: (user: string) => connect(mosquitto.url, user, { protocolVersion: 5 }) };
}

it('carries what aircraft and their remote control say in MQTT 5, and the answer back', async () => {
  const { host, device } = await start();
  const remote = await device('drone-1');
  const replies: Buffer[] = [];
  remote.on('message', (_, payload) => replies.push(payload));
  await remote.subscribeAsync('sys/product/RC1/status_reply', { qos: 1 });
  await remote.publishAsync('sys/product/RC1/status', encodeTopology(Date.now(), 't1', ['DRONE1']), { qos: 1 });
  await vi.waitFor(() => expect(replies).toHaveLength(1), PATIENCE);
  expect(decodeReply(replies[0]!)).toMatchObject({ tid: 't1', data: { result: 0 } });
  const data = { latitude: PLACE.lat, longitude: PLACE.lon };
  remote.publish('thing/product/DRONE1/osd', encodeOsd({ at: Date.now(), gateway: 'RC1', data }, 't2'));
  await vi.waitFor(() => expect(host.reports).toMatchObject([{ device: 'drone-1', position: PLACE }]), PATIENCE);
  expect(host.refusals).toEqual([]);
});

it('carries what body-cams say in MQTT 5, and messages to them', async () => {
  const { host, device, equipment } = await start();
  const cam = await device('cam-1');
  const heard: string[] = [];
  cam.on('message', (_, payload) => heard.push(decodeCommand(payload).id));
  await cam.subscribeAsync('bodycam/v1/cam-1/cmd', { qos: 1 });
  const say = (kind: string, payload: Buffer, retain = false) =>
    cam.publishAsync(`bodycam/v1/cam-1/${kind}`, payload, { qos: 1, retain });
  await say('status', encodeStatus(true), true);
  await say('sos', encodeSos({ sos: 'u-1', state: 'raised', at: Date.now(), position: PLACE }));
  await say('order', encodeAnswer('O-1', 'read', Date.now()));
  await vi.waitFor(() => expect([host.calls.length, host.answers.length]).toEqual([1, 1]), PATIENCE);
  cam.publish('bodycam/v1/cam-1/telemetry', encodeTelemetry({ at: Date.now(), position: PLACE }));
  await vi.waitFor(() => expect(host.reports).toMatchObject([{ device: 'cam-1', position: PLACE }]), PATIENCE);
  await vi.waitFor(() => expect(host.presences).toContainEqual(['cam-1', true]), PATIENCE);
  expect(equipment.deliver!('cam-1', { kind: 'acknowledged', id: 'M-1', sos: 'u-1' })).toBe(true);
  await vi.waitFor(() => expect(heard).toEqual(['M-1']), PATIENCE);
  expect(host.refusals).toEqual([]);
});

it('of a connection that would carry more than its device may say, nothing comes, and no other suffers', async () => {
  const { host, device } = await start((text) =>
    text.replace(/(?=topic bodycam\/v1\/cam-1\/sos)/, 'topic thing/product/DRONE1/osd out 1\n'),
  );
  const remote = await device('drone-1');
  const data = { latitude: PLACE.lat, longitude: PLACE.lon };
  const osd = encodeOsd({ at: Date.now(), gateway: 'RC1', data }, 't');
  await vi.waitFor(async () => {
    await remote.publishAsync('thing/product/DRONE1/osd', osd, { qos: 1 });
    expect(host.refusals).toContainEqual(['not allowed', 'cam-1']);
    expect(host.reports.length).toBeGreaterThan(0);
  }, PATIENCE);
  expect(host.reports.every((r) => r.device === 'drone-1')).toBe(true);
});
