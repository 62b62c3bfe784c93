/** The crew's routes over HTTP, on a real store and a real crew: who sees what of it, and deeds that are logged or not done. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClock } from '../../clock/clock.ts';
import { crewSchema } from '../../config/crew.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import type { CrewMessage, Equipment, EquipmentHost } from '../../contracts/crew.ts';
import { sosOf } from '../../crew/crew.fixtures.ts';
import { CrewService } from '../../crew/crew-service.ts';
import { openPeopleRig } from '../../people/people.fixtures.ts';
import { endAlert, recordAlert } from '../../store/alerts.ts';
import { addDevice } from '../../store/devices.ts';
import { OutboxWriter } from '../../store/outbox/outbox.ts';
import { timeKeeper } from '../../store/time.ts';
import { openApiRig, type Client } from './api.fixtures.ts';

const HERE = { lat: 30.25, lon: 120.125, trusted: true };

let box: Awaited<ReturnType<typeof openApiRig>>;
let host: EquipmentHost;
let heard: [device: string, message: CrewMessage][];
let outbox: OutboxWriter;
let officer: Client;
beforeEach(async () => {
  const rig = openPeopleRig();
  const { db } = rig;
  heard = [];
  const limits = { rows: 1_000, bytes: 1e7 };
  outbox = new OutboxWriter(db, { source: '/s', relays: ['room'], limits, now: rig.now, wake: () => undefined });
  for (const id of ['cam-1', 'cam-2'])
    addDevice(
      db,
      { id, kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] },
      { by: 'box', now: rig.now() },
    );
  const equipment: Equipment = {
    run: async () => undefined,
    deliver: (device, message) => heard.push([device, message]) > 0,
  };
  const crew = new CrewService({
    db,
    outbox,
    clock: openClock(timeKeeper(db), rig.now),
    config: crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }] }),
    equipment: [{ id: 'broker', equipment }],
    log: SILENT_LOG,
  });
  host = crew.hostFor(equipment);
  for (const id of ['cam-1', 'cam-2']) host.presence(id, true);
  box = await openApiRig({ crew: crew.forPeople }, rig);
  await rig.person('100001');
  await rig.person('100002', { roles: ['technician'] });
  officer = await box.as('100001');
});
afterEach(() => box.server.close());

const list = async (client: Client, path: string): Promise<readonly Record<string, unknown>[]> =>
  (await client.call('GET', `/api/v1${path}`)).json as unknown as readonly Record<string, unknown>[];
const rowsOf = (what: string): number => box.rig.audit().filter((row) => row === `100001: ${what}`).length;
/** From now on the log takes no row. */
const closeLog = (): void =>
  void box.rig.db.exec("CREATE TRIGGER closed BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
const call = async (): Promise<string> => {
  host.sos(sosOf('cam-1', { position: HERE, at: box.rig.now() }));
  return (await list(officer, '/sos'))[0]!['id'] as string;
};

it('an officer sees where a caller is, which is logged; the duty room sees who calls, and no place', async () => {
  const id = await call();
  expect(await list(officer, '/sos')).toMatchObject([
    { id, device: 'cam-1', role: 'officer', kind: 'bodycam', state: 'raised', place: { ...HERE, origin: 'own' } },
  ]);
  expect(rowsOf('calls for help read')).toBe(2);
  const shown = await list(await box.as('100001', 'duty'), '/sos');
  const members = ['device', 'id', 'kind', 'pressed', 'presses', 'raised', 'role', 'state'];
  expect(shown.map((one) => Object.keys(one).sort())).toEqual([members]);
  closeLog();
  expect((await officer.call('GET', '/api/v1/sos')).json['code']).toBe('api-failed');
});

it('an officer acknowledges a call: row, log and event, or nothing of them', async () => {
  const id = await call();
  const path = `/api/v1/sos/${id}/acknowledge`;
  expect((await officer.call('POST', '/api/v1/sos/none/acknowledge', {})).json).toMatchObject({
    statusCode: 404,
    code: 'api-unknown-sos',
    zh: '没有这一求助',
  });
  expect((await officer.call('POST', path, {})).status).toBe(204);
  expect((await officer.call('POST', path, {})).status).toBe(204);
  expect(await list(officer, '/sos')).toMatchObject([
    { state: 'acknowledged', acknowledged: { by: '100001', from: 'box' } },
  ]);
  expect(rowsOf('sos acknowledged')).toBe(1);
  expect(box.rig.events().at(-1)).toMatchObject({ id, acknowledged: { by: '100001', from: 'box' } });
  host.sos(sosOf('cam-2', { sos: 'b', at: box.rig.now() }));
  const other = (await list(officer, '/sos')).find(({ state }) => state === 'raised');
  const events = box.rig.events().length;
  closeLog();
  expect((await officer.call('POST', `/api/v1/sos/${String(other!['id'])}/acknowledge`, {})).status).toBe(500);
  const acknowledged = box.rig.db.prepare('SELECT count(acknowledgedMs) FROM sos').pluck();
  expect([acknowledged.get(), box.rig.events().length]).toEqual([1, events]);
});

it('an officer gives an order, which its device gets at once and which the log names', async () => {
  const given = await officer.call('POST', '/api/v1/orders', { text: 'to the east gate', to: ['cam-1'] });
  expect([given.status, given.json['targets'], given.json['stale']]).toEqual([201, ['cam-1'], []]);
  expect(heard.filter(([, { kind }]) => kind === 'order')).toMatchObject([['cam-1', { text: 'to the east gate' }]]);
  expect(rowsOf('order created')).toBe(1);
  const order = { id: given.json['id'], by: '100001', origin: 'box', text: 'to the east gate' };
  expect(await list(officer, '/orders')).toMatchObject([{ ...order, targets: [{ device: 'cam-1', state: 'sent' }] }]);
  host.orderAnswer({ device: 'cam-1', order: String(given.json['id']), state: 'read', at: box.rig.now() });
  expect(await list(officer, '/orders?unread=true')).toEqual([]);
});

it('what an officer writes goes to the crew without characters that hide, turn or steer', async () => {
  const [text, name] = ['go\u0000\u001b[2J east\u202e\nnow', 'gate\u200b\n 3'];
  const given = await officer.call('POST', '/api/v1/orders', { text, to: ['cam-1'], place: { ...HERE, name } });
  expect(given.status).toBe(201);
  expect(await list(officer, '/orders')).toMatchObject([{ text: 'go [2J east \nnow', place: { name: 'gate 3' } }]);
  const unseen = await officer.call('POST', '/api/v1/orders', { text: '\u200b\u202e', to: ['cam-1'] });
  expect([unseen.status, unseen.json['code']]).toEqual([400, 'api-form']);
});

it('an order to the nearest goes by where devices are, which is logged; one that cannot be given says why in both languages', async () => {
  host.report({ device: 'cam-1', at: box.rig.now(), position: { ...HERE, lat: 30.26 } });
  host.report({ device: 'cam-2', at: box.rig.now(), position: HERE });
  const near = { text: 'here', place: { lat: 30.25, lon: 120.125 }, to: { nearest: 1 } };
  expect((await officer.call('POST', '/api/v1/orders', near)).json['targets']).toEqual(['cam-2']);
  expect(rowsOf('positions read')).toBe(1);
  const nobody = await officer.call('POST', '/api/v1/orders', { text: 'go', to: 'all' });
  expect(nobody.json['message']).toMatch(/\/to \(expected 1 to 100 device ids, or `nearest`/);
  expect(nobody.json['zh']).toMatch(/\/to（应为 1 至 100 个装备编号/);
  const refused = await officer.call('POST', '/api/v1/orders', { text: 'go', to: ['cam-9'] });
  expect(refused.json).toMatchObject({ statusCode: 409, code: 'order-device-unregistered' });
  expect(String(refused.json['zh'])).toMatch(/\p{Script=Han}/u);
  closeLog();
  expect((await officer.call('POST', '/api/v1/orders', { text: 'go', to: ['cam-1'] })).status).toBe(500);
  expect(await list(officer, '/orders')).toHaveLength(1);
});

it('alerts name the devices to be called by radio, and not what anybody thinks of the hit', async () => {
  const { db, now } = box.rig;
  const alert = { hit: 'H-1', id: 'A-1', stage: 'one-opinion', at: now() } as const;
  recordAlert(db, alert, [
    { device: 'cam-1', connected: true },
    { device: 'cam-2', connected: false },
  ]);
  endAlert(db, 'H-1', 'dismissed', outbox);
  const shown = await officer.call('GET', '/api/v1/alerts');
  expect(shown.json).toMatchObject([
    {
      hit: 'H-1',
      state: 'ended',
      devices: [
        { device: 'cam-1', state: 'untold' },
        { device: 'cam-2', state: 'dropped' },
      ],
    },
  ]);
  expect(shown.text).not.toMatch(/opinion|dismiss|confirm/);
  expect((await officer.call('POST', '/api/v1/alerts/H-1/devices/cam-1/told', {})).status).toBe(204);
  expect((await officer.call('POST', '/api/v1/alerts/H-1/devices/cam-1/told', {})).json['code']).toBe('api-not-untold');
  expect(rowsOf('end of alert told by radio')).toBe(1);
  expect((await officer.call('GET', '/api/v1/alerts')).text).toContain('"radio"');
});

it('the list of devices has no position', async () => {
  host.report({ device: 'cam-1', at: box.rig.now(), position: HERE, batteryPercent: 40, recording: 'on' });
  const technician = await box.as('100002');
  const { text, json } = await technician.call('GET', '/api/v1/devices');
  expect(json).toMatchObject([
    { id: 'cam-1', online: true, stale: false, batteryPercent: 40, recording: 'on' },
    { id: 'cam-2', online: true },
  ]);
  expect(text).not.toMatch(/lat|lon|30\.25/);
});

it('that the map was opened is logged once for each opening, and not for each refresh', async () => {
  host.report({ device: 'cam-1', at: box.rig.now(), position: HERE });
  const refresh = () => list(officer, '/crew/map');
  for (let i = 0; i < 3; i++) {
    expect(await refresh()).toMatchObject([{ device: 'cam-1', ...HERE, stale: false }]);
    box.rig.go(30_000);
  }
  expect(rowsOf('crew map opened')).toBe(1);
  box.rig.go(60_000);
  await refresh();
  expect(rowsOf('crew map opened')).toBe(2);
  expect((await (await box.as('100002')).call('GET', '/api/v1/crew/map')).json['code']).toBe('api-role');
  box.rig.go(60_000);
  closeLog();
  expect((await officer.call('GET', '/api/v1/crew/map')).text).not.toContain('30.25');
});

it('a box without a crew says so', async () => {
  await box.server.close();
  box = await openApiRig({}, box.rig);
  const { json } = await (await box.as('100001')).call('GET', '/api/v1/devices');
  expect(json).toMatchObject({ statusCode: 404, code: 'api-no-crew' });
});
