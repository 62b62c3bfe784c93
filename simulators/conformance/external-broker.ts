/** What the box keeps at every broker, whatever it is: the body that the tests against mosquitto and nats-server share. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IClientOptions, MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE } from './source.ts';
import {
  decodeCommand,
  encodeAnswer,
  encodeSos,
  encodeStatus,
  encodeTelemetry,
} from '../../adapters/crew/bodycam/codec.ts';
import { conforms, crewDevice, openTestHost, runEquipment } from './equipment.ts';
import { decodeReply, encodeOsd, encodeTopology } from '../../adapters/crew/dji/codec.ts';
import { openExternal } from '../../adapters/crew/external/equipment.ts';
import { testContext } from './context.ts';

export const SECRET = 'a secret';
export const CAM = crewDevice('cam-1');
export const OTHER = crewDevice('cam-2');
export const DRONE = crewDevice('drone-1', { kind: 'drone', protocol: 'dji', serials: ['RC1', 'DRONE1'] });
export const PLACE = { lat: 30.25, lon: 120.125 };

/** The code block below `### heading` of the README of adapters/crew/external. */
export function rulesOf(heading: string): string {
  const text = readFileSync(new URL('../../adapters/crew/external/README.md', import.meta.url), 'utf8');
  const block = new RegExp(`^### ${heading}\\n[^]*?^\`\`\`\\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
  if (block === undefined) throw new Error(`README.md has no rules below ${heading}`);
  return block;
}

/** A password file of mosquitto; all have the same. */
export function passwords(users: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-passwords-'));
  try {
    const file = join(folder, 'passwords');
    for (const [i, user] of users.entries())
      execFileSync('mosquitto_passwd', [...(i === 0 ? ['-c'] : []), '-b', file, user, SECRET], { stdio: 'ignore' });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A broker with the rules of the README and the users sitebox, cam-1, cam-2 and drone-1. */
export interface RuledBroker {
  readonly url: string;
  close(): Promise<void>;
}

const ends: (() => unknown)[] = [];
export const atEnd = (end: () => unknown): void => void ends.push(end);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export async function connect(url: string, user: string, more: IClientOptions = {}): Promise<MqttClient> {
  const options = { clientId: user, username: user, password: SECRET, reconnectPeriod: 0, ...more };
  const client = await mqtt.connectAsync(url, options);
  client.on('error', () => undefined);
  atEnd(() => client.endAsync(true));
  return client;
}

export function openBox(url: string, more: object = {}) {
  const context = testContext('crew-broker', { 'env:PW': SECRET, 'env:BAD': 'another secret' });
  const equipment = openExternal({ url, user: 'sitebox', password: 'env:PW', ...more }, context);
  return { equipment, context };
}

/** Runs the box until it has subscribed. */
export async function startBox(url: string, more: object = {}) {
  const { equipment, context } = openBox(url, more);
  const host = openTestHost([CAM, OTHER, DRONE]);
  const run = runEquipment(equipment, host);
  atEnd(async () => {
    run.abort();
    await run.ended;
  });
  await vi.waitFor(() => expect(context.said()).toContain('connected'), PATIENCE);
  return { equipment, context, host, ...run };
}

const bodycam = (device: string, kind: string): string => `bodycam/v1/${device}/${kind}`;
const now = (): number => Date.now();

export function conformsAt(name: string, more: object, openBroker: () => Promise<RuledBroker>): void {
  const version = (more as { protocolVersion?: 4 | 5 }).protocolVersion ?? 5;
  const device = (url: string, user: string, options: IClientOptions = {}): Promise<MqttClient> =>
    connect(url, user, { protocolVersion: version, ...options });
  const open = async (): Promise<string> => {
    const broker = await openBroker();
    atEnd(() => broker.close());
    return broker.url;
  };

  describe(name, () => {
    conforms(async () => {
      const broker = await openBroker();
      const cam = await device(broker.url, 'cam-1');
      const { equipment, context } = openBox(broker.url, more);
      return {
        host: openTestHost([CAM]),
        equipment,
        async speak() {
          await vi.waitFor(() => expect(context.said()).toContain('connected'), PATIENCE);
          cam.publish(bodycam('cam-1', 'telemetry'), encodeTelemetry({ at: now() }));
        },
        lose: () => broker.close(),
        async close() {
          await cam.endAsync(true);
          await broker.close();
        },
      };
    });

    it('hears body-cams: telemetry, calls for help, answers, status kept and last will', async () => {
      const url = await open();
      const will = { topic: bodycam('cam-1', 'status'), payload: encodeStatus(false), qos: 1 as const, retain: true };
      const cam = await device(url, 'cam-1', { will });
      await cam.publishAsync(bodycam('cam-1', 'status'), encodeStatus(true), { qos: 1, retain: true });
      const { host } = await startBox(url, more);
      await vi.waitFor(() => expect(host.presences).toEqual([['cam-1', true]]), PATIENCE);
      cam.publish(bodycam('cam-1', 'telemetry'), encodeTelemetry({ at: now(), position: PLACE }));
      await cam.publishAsync(bodycam('cam-1', 'sos'), encodeSos({ sos: 'u-1', state: 'raised', at: now() }), {
        qos: 1,
      });
      await cam.publishAsync(bodycam('cam-1', 'order'), encodeAnswer('O-1', 'read', now()), { qos: 1 });
      await vi.waitFor(() => expect(host.answers).toHaveLength(1), PATIENCE);
      expect(host.reports).toMatchObject([{ device: 'cam-1', position: { ...PLACE, trusted: true } }]);
      expect(host.calls).toMatchObject([{ device: 'cam-1', sos: 'u-1', state: 'raised' }]);
      cam.stream.destroy();
      await vi.waitFor(() => expect(host.presences.at(-1)).toEqual(['cam-1', false]), PATIENCE);
      expect(host.refusals).toEqual([]);
    });

    it('hears aircraft and answers their remote control', async () => {
      const url = await open();
      const { host } = await startBox(url, more);
      const remote = await device(url, 'drone-1');
      const replies: Buffer[] = [];
      remote.on('message', (_, payload) => replies.push(payload));
      await remote.subscribeAsync('sys/product/RC1/status_reply', { qos: 1 });
      await remote.publishAsync('sys/product/RC1/status', encodeTopology(now(), 't1', ['DRONE1']), { qos: 1 });
      const data = { latitude: PLACE.lat, longitude: PLACE.lon };
      remote.publish('thing/product/DRONE1/osd', encodeOsd({ at: now(), gateway: 'RC1', data }, 't2'));
      await vi.waitFor(() => expect([replies.length, host.reports.length]).toEqual([1, 1]), PATIENCE);
      expect(decodeReply(replies[0]!)).toMatchObject({ tid: 't1', data: { result: 0 } });
      expect(host.reports[0]).toMatchObject({ device: 'drone-1', position: PLACE });
      expect(host.presences).toEqual([['drone-1', true]]);
    });

    it('acknowledges a call for help only when it is kept: where it is not, it comes again', async () => {
      const url = await open();
      const first = await startBox(url, more);
      first.host.storeError = new Error('disk full');
      const cam = await device(url, 'cam-1');
      await cam.publishAsync(bodycam('cam-1', 'sos'), encodeSos({ sos: 'u-1', state: 'raised', at: now() }), {
        qos: 1,
      });
      expect(await first.ended).toMatchObject({ message: expect.stringContaining('disk full') as string });
      expect([first.host.calls, first.host.refusals]).toEqual([[], [['not stored', 'cam-1']]]);
      const second = await startBox(url, more);
      await vi.waitFor(() => expect(second.host.calls).toMatchObject([{ device: 'cam-1', sos: 'u-1' }]), PATIENCE);
    });

    it('gives messages to devices that say that they are there, in order', async () => {
      const url = await open();
      const { host, equipment } = await startBox(url, more);
      const orders = Array.from(
        { length: 60 },
        (_, i) => ({ kind: 'interval', id: `M-${i}`, seconds: i + 1 }) as const,
      );
      expect(equipment.deliver!('cam-1', orders[0]!)).toBe(false);
      const cam = await device(url, 'cam-1');
      const heard: string[] = [];
      cam.on('message', (_, payload) => heard.push(decodeCommand(payload).id));
      await cam.subscribeAsync(bodycam('cam-1', 'cmd'), { qos: 1 });
      await cam.publishAsync(bodycam('cam-1', 'status'), encodeStatus(true), { qos: 1, retain: true });
      await vi.waitFor(() => expect(host.presences).toHaveLength(1), PATIENCE);
      for (const order of orders) expect(equipment.deliver!('cam-1', order)).toBe(true);
      await vi.waitFor(() => expect(heard).toHaveLength(orders.length), PATIENCE);
      expect(heard).toEqual(orders.map(({ id }) => id));
      expect(host.deliveries).toEqual([]);
    });

    it('with the rules of the README nobody speaks or listens for another', async () => {
      expect(await trespasses(await open(), more)).toEqual({ heard: ['cam-2 7'], overheard: [] });
    });
  });
}

/** cam-1 says and listens to what is not its own, then cam-2 says 7: what the box has heard, and what cam-1 has overheard. */
export async function trespasses(url: string, more: object): Promise<{ heard: string[]; overheard: string[] }> {
  const version = (more as { protocolVersion?: 4 | 5 }).protocolVersion ?? 5;
  const { host, equipment } = await startBox(url, more);
  const cam = await connect(url, 'cam-1', { protocolVersion: version });
  const overheard: string[] = [];
  cam.on('message', (topic) => overheard.push(topic));
  const filters = ['#', 'bodycam/v1/+/cmd', 'bodycam/v1/+/telemetry', 'bodycam/v1/cam-2/cmd', '$MQTT/#', '$MQTT/sub/#'];
  for (const filter of filters) await cam.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
  const say = (client: MqttClient, topic: string, sequence: number): Promise<unknown> =>
    // A broker of MQTT 5 says that it denies; the others acknowledge, and pass the message over.
    client.publishAsync(topic, encodeTelemetry({ at: now(), sequence }), { qos: 1 }).catch(() => undefined);
  await say(cam, 'bodycam/v1/cam-2/telemetry', 1);
  await say(cam, 'bodycam/v1/cam-2/cmd', 2);
  const other = await connect(url, 'cam-2', { protocolVersion: version });
  await other.publishAsync(bodycam('cam-2', 'status'), encodeStatus(true), { qos: 1 });
  await vi.waitFor(() => expect(host.presences).toEqual([['cam-2', true]]), PATIENCE);
  const arrived = new Promise((resolve) => other.once('message', resolve));
  await other.subscribeAsync(bodycam('cam-2', 'cmd'), { qos: 1 });
  equipment.deliver!('cam-2', { kind: 'interval', id: 'M', seconds: 5 });
  await arrived;
  await say(other, 'bodycam/v1/cam-2/telemetry', 7);
  await vi.waitFor(() => expect(host.reports.at(-1)?.sequence).toBe(7), PATIENCE);
  return { heard: host.reports.map((r) => `${r.device} ${r.sequence}`), overheard };
}
