/** The crew from end to end: the gateway as a process with its own broker, a simulated fleet, and the command room over HTTPS. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import type { CrewDevice } from '../../gateway/contracts/crew.ts';
import type { ShownSos } from '../../gateway/contracts/display.ts';
import { openDb } from '../../gateway/store/db.ts';
import { startFleet, type DeviceEvent, type Fleet, type FleetDevice } from '../devices/crew/fleet.ts';
import { registerDevices } from '../product/register-devices.ts';
import { portOf } from '../demo/crew.ts';
import { siteboxOrThrow, spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { makeCertificate } from '../command-room/certificate.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { laySite, newSecret, type Site } from '../product/site.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };
const CAMS = ['cam-1', 'cam-2', 'cam-3'] as const;
/** cam-2 stands next to cam-1, cam-3 some kilometres away. */
const PLACES = { 'cam-1': [30.2741, 120.1551], 'cam-2': [30.2745, 120.1552], 'cam-3': [30.3141, 120.1551] } as const;

const folder = tempFolder();
const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
let room: Room;
let site: Site;
let gateway: GatewayProcess;
let fleet: Fleet;
let credentials: ReadonlyMap<string, string>;
let broker: string;

beforeAll(async () => {
  const secret = newSecret();
  const tls = makeCertificate();
  room = await startRoom({ secret, tls });
  undo.push(() => room.close());

  writeFileSync(join(folder, 'room.pem'), tls.cert);
  writeFileSync(join(folder, 'room.secret'), secret, { mode: 0o600 });
  site = await laySite({
    folder,
    port: 0,
    cameras: {},
    upstream: { room: { kind: 'https', url: room.url, secret: 'file:room.secret', ca: 'room.pem' } },
    more: {
      readers: [{ id: 'desk-1', kind: 'mrz', port: 'tcp://127.0.0.1:9' }],
      lanes: [{ id: 'gate-1', kind: 'gate', readers: ['desk-1'] }],
      crew: {
        equipment: [{ id: 'broker', kind: 'broker', listen: { host: '127.0.0.1', port: 0 } }],
        relayIntervalS: 1,
      },
    },
  });
  const devices = CAMS.map((id): CrewDevice => ({
    id,
    kind: 'bodycam',
    role: 'officer',
    protocol: 'bodycam',
    serials: [],
  }));
  credentials = await registerDevices(site.configFile, devices);
  gateway = spawnGateway(site.configFile);
  undo.push(() => gateway.kill());
  broker = `mqtt://127.0.0.1:${await portOf(gateway, 'broker')}`;
  fleet = await startFleet({
    seed: 1,
    intervalS: 1,
    repeatS: 0.5,
    broker: { url: broker },
    orders: { readAfterS: 0.2, doneAfterS: 0.2 },
    devices: CAMS.map((id) => {
      const [lat, lon] = PLACES[id];
      return { id, protocol: 'bodycam', credential: credentials.get(id) ?? '', gait: 'stand', base: { lat, lon } };
    }),
  });
  undo.push(() => fleet.close());
  await Promise.all(fleet.devices.map(connected));
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const cam = (n: 1 | 2 | 3): FleetDevice => fleet.device(`cam-${n}`);
const connected = (device: FleetDevice) => device.event((e) => e.what === 'connected');
const told = (device: FleetDevice, wanted: (command: ReturnType<FleetDevice['received']>[number]) => boolean) =>
  device.event((e) => e.what === 'command' && wanted(e.command)) as Promise<Extract<DeviceEvent, { what: 'command' }>>;
const events = (type: string) =>
  room.events().flatMap((e) => (e.type === `io.sitebox.${type}.v1` ? [e.data as Record<string, unknown>] : []));

interface Target {
  readonly device: string;
  readonly state: string;
  readonly reason?: string;
}
/** What the room knows last of an order. */
const targets = (id: string): Record<string, string> => {
  const last = events('order').findLast((data) => data['id'] === id);
  return Object.fromEntries(((last?.['targets'] ?? []) as Target[]).map((t) => [t.device, t.state]));
};
const give = (id: string, text: string, to: readonly string[] | { readonly nearest: number }): void => {
  const [lat, lon] = PLACES['cam-1'];
  const order = { text, place: { lat, lon, name: 'east gate' }, to };
  room.tell({ id, at: Date.now(), by: 'duty officer', kind: 'order', order });
};

test('positions of all reach the command room, thinned', async () => {
  const seen = () =>
    new Set(events('crew').flatMap((data) => (data['devices'] as { device: string }[]).map((d) => d.device)));
  await expect.poll(seen, PATIENCE).toEqual(new Set(CAMS));
});

test('a call for help: on disk before its acknowledgement, on the other devices, the lane page and in the room', async () => {
  onTestFailed(() => console.log(gateway.text().slice(-3_000)));
  const shown = await followSos();
  const sos = cam(1).sos();
  await cam(1).event((e) => e.what === 'acknowledged' && e.sos === sos);
  const db = openDb(site.storage);
  const rows = db.prepare('SELECT device FROM sos').all();
  db.close();
  expect(rows).toEqual([{ device: 'cam-1' }]);
  for (const other of [cam(2), cam(3)]) {
    const { command } = await told(other, (c) => c.sos?.state === 'raised');
    expect(command.sos).toMatchObject({ device: 'cam-1', lat: PLACES['cam-1'][0], lon: PLACES['cam-1'][1] });
  }
  expect(
    cam(1)
      .received()
      .filter((c) => c.sos),
  ).toEqual([]);
  await expect.poll(shown, PATIENCE).toEqual([{}]);
  await expect.poll(() => events('sos'), PATIENCE).toMatchObject([{ device: 'cam-1', state: 'raised' }]);
  const id = String(events('sos')[0]!['id']);
  room.tell({ id: 'seen-1', at: Date.now(), by: 'duty officer', kind: 'sos acknowledged', sos: id });
  await expect.poll(shown, PATIENCE).toEqual([{ acknowledged: 'room' }]);
});

test('an order to the nearest goes to who is near and does not call for help: sent, delivered, read, done', async () => {
  give('order-1', 'help cam-1', { nearest: 1 });
  const { command } = await told(cam(2), (c) => c.order !== undefined);
  expect(command.order).toMatchObject({ text: 'help cam-1', place: 'east gate' });
  await expect.poll(() => targets('order-1'), PATIENCE).toEqual({ 'cam-2': 'done' });
  const last = events('order').findLast((data) => data['id'] === 'order-1')!;
  const [target] = last['targets'] as Record<string, unknown>[];
  for (const state of ['sent', 'delivered', 'read', 'ended'])
    expect(Date.now() - Date.parse(String(target![state])), state).toBeLessThan(60_000);
  expect([cam(1), cam(3)].flatMap((c) => c.received().filter((m) => m.order))).toEqual([]);
});

test('the withdrawal is told to all', async () => {
  cam(1).cancel();
  for (const other of [cam(2), cam(3)]) await told(other, (c) => c.sos?.state === 'cancelled');
  await expect.poll(() => events('sos').at(-1), PATIENCE).toMatchObject({ state: 'cancelled' });
});

test('a device that was away gets its order when it comes', async () => {
  await cam(3).disconnect();
  give('order-2', 'come back', ['cam-3']);
  await expect.poll(() => targets('order-2'), PATIENCE).toEqual({ 'cam-3': 'waiting' });
  cam(3).connect();
  await told(cam(3), (c) => c.order?.text === 'come back');
  await expect.poll(() => targets('order-2'), PATIENCE).toEqual({ 'cam-3': 'done' });
});

test('a revoked device is cut off, and does not come in again', async () => {
  await siteboxOrThrow('device', 'revoke', 'cam-3', '--config', site.configFile, '--by', 'simulator');
  await expect.poll(() => cam(3).counts().refused, PATIENCE).toBeGreaterThan(0);
  expect(cam(3).isConnected()).toBe(false);
  expect(cam(2).isConnected()).toBe(true);
});

/** What the page of the lane shows of calls for help, as it comes. */
async function followSos(): Promise<() => Partial<ShownSos>[]> {
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  const over = new AbortController();
  undo.push(() => over.abort());
  const { body } = await fetch(`${url}/lanes/gate-1/events`, { signal: over.signal });
  let shown: ShownSos[] = [];
  const follow = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop()!;
      for (const part of parts) {
        const found = /^event: sos\ndata: (.*)$/m.exec(part)?.[1];
        if (found !== undefined) shown = JSON.parse(found) as ShownSos[];
      }
    }
  };
  follow().catch(() => undefined);
  return () => shown.map(({ acknowledged }) => (acknowledged ? { acknowledged } : {}));
}
