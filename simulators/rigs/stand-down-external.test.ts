/** A hit is dismissed at the terminal of a real box, and devices on mosquitto under the rules of its README hear the end of their alert. */
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { hashWith } from '../../gateway/people/credentials.ts';
import { openDb } from '../../gateway/store/db.ts';
import { putPerson } from '../../gateway/store/people.ts';
import { startRoomBroker } from '../command-room/broker.ts';
import { passwords, rulesOf, SECRET } from '../conformance/external-broker.ts';
import { startFleet, type FleetDevice } from '../devices/crew/fleet.ts';
import { layPushBox } from '../faults/push-box.ts';
import { siteboxTyping } from '../product/gateway.ts';
import { registerDevices } from '../product/register-devices.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
const CAMS = ['cam-1', 'cam-2'];
const PASSWORD = 'seven green kites';
const PLATE = '皖A12345';

async function startBox() {
  const rules = { passwords: passwords(['sitebox', ...CAMS]), acl: rulesOf('mosquitto') };
  const config = ['allow_anonymous false', 'password_file FOLDER/passwords', 'acl_file FOLDER/acl'];
  const broker = await startRoomBroker({ config, files: rules });
  onTestFinished(() => broker.close());
  const equipment = {
    id: 'crew-broker',
    kind: 'external-broker',
    url: broker.url,
    user: 'sitebox',
    password: 'env:PW',
  };
  const crew = { equipment: [equipment], modes: { normal: { alertUnconfirmed: ['stolen'] } } };
  const box = await layPushBox({ folder: tempFolder(), plates: [PLATE], env: { PW: SECRET }, more: { crew } });
  onTestFinished(() => box.close());
  const device = { kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
  await registerDevices(
    box.site.configFile,
    CAMS.map((id) => ({ ...device, id })),
  );
  const hash = await hashWith(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  const db = openDb(box.site.storage);
  const account = {
    name: 'Nobody',
    kind: 'police',
    roles: ['officer'],
    created: 0,
    judgesFrom: 0,
    vouchedBy: [],
  } as const;
  for (const serviceNumber of ['100001', '100002']) putPerson(db, { ...account, serviceNumber, hash });
  onTestFinished(() => db.close());
  const gateway = box.start();
  onTestFinished(() => gateway.kill());
  await gateway.line((l) => l.msg === 'listening');
  const devices = CAMS.map((id) => ({ id, protocol: 'bodycam', credential: SECRET }) as const);
  const fleet = await startFleet({ seed: 1, broker: { url: broker.url }, devices });
  onTestFinished(() => fleet.close());
  await Promise.all(fleet.devices.map((one) => one.event((e) => e.what === 'connected')));
  const sitebox = (...args: string[]) => siteboxTyping([PASSWORD], ...args, '--config', box.site.configFile);
  return { box, db, gateway, fleet, sitebox };
}

test('two officers dismiss a hit: screens show the end, and who does not say that it has it is named, to be called by radio', async () => {
  const { box, db, gateway, fleet, sitebox } = await startBox();
  const [first, second] = CAMS.map((id) => fleet.device(id)) as [FleetDevice, FleetDevice];
  const screens = () => [first, second].map((one) => one.alerts().map(({ cancelled }) => cancelled === true));
  const health = async () => await (await fetch(`${await gateway.url()}/health`)).text();
  const listed = async () => (await sitebox('alert', 'list')).stdout;
  await expect.poll(health, PATIENCE).toContain('"online":2');
  expect(await box.push(PLATE)).toBe(200);
  await expect.poll(screens, PATIENCE).toEqual([[false], [false]]);
  // As firmware that knows no receipts.
  second.fault('no receipts', true);
  const [hit] = db.prepare('SELECT id FROM hits').pluck().all() as [string];
  const no = ['--verdict', 'dismiss', '--reason', 'other-vehicle'];
  for (const number of ['100001', '100002'])
    expect(await sitebox('hits', 'opinion', hit, '--number', number, ...no)).toMatchObject({ code: 0, stderr: '' });
  await expect.poll(screens, PATIENCE).toEqual([[true], [true]]);
  await expect
    .poll(listed, PATIENCE)
    .toMatch(/ended \S+: dismissed\n {2}cam-1 {2}knows the end .*\n {2}cam-2 {2}HAS NOT GOT THE END/);
  await expect.poll(health, PATIENCE).toMatch(/these devices have not got the end: cam-2"/);
  expect(await sitebox('alert', 'told', hit, 'cam-2', '--by', 'Duty 1')).toMatchObject({ code: 0 });
  await expect.poll(health, PATIENCE).not.toContain('have not got the end');
  // One that was away hears it first of all when it comes.
  second.fault('no receipts', false);
  await second.disconnect();
  second.connect();
  await expect.poll(listed, PATIENCE).toMatch(/cam-2 {2}knows the end/);
});
