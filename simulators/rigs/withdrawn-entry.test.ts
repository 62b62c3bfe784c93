/** A box as a process, a plate camera and three body-cams: a new list without the entry ends the alert, though the box is killed then. */
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import type { CrewDevice } from '../../gateway/contracts/crew.ts';
import { openPushClient } from '../devices/plate-camera/client.ts';
import { hikvisionPush } from '../devices/plate-camera/push.ts';
import { startFleet } from '../devices/crew/fleet.ts';
import { freePort } from '../product/free-port.ts';
import { siteboxOrThrow, spawnGateway } from '../product/gateway.ts';
import { registerDevices } from '../product/register-devices.ts';
import { giveList, laySite, stolen } from '../product/site.ts';

const PATIENCE = { timeout: 30_000, interval: 20 };
const [LISTED, OTHER] = ['皖A12345', '粤B98K61'];
const PATH = '/8f2c0123456789abcdef01';
const CAMS = ['cam-1', 'cam-2', 'cam-3'];

test('two devices hear the end, the third first of all when it comes, and is named until then', async () => {
  const [push, broker] = [await freePort(), await freePort()];
  const listen = { host: '127.0.0.1', port: push };
  const plates = { kind: 'hikvision', listen, allow: ['127.0.0.1'], path: 'env:PUSH_PATH' };
  const site = await laySite({
    folder: tempFolder(),
    port: await freePort(),
    cameras: { plates },
    more: {
      crew: {
        equipment: [{ id: 'broker', kind: 'broker', listen: { host: '127.0.0.1', port: broker } }],
        alerts: [{ roles: ['officer'] }],
        modes: { normal: { alertUnconfirmed: ['stolen'] } },
      },
    },
  });
  const kind = { kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
  const credentials = await registerDevices(
    site.configFile,
    CAMS.map((id): CrewDevice => ({ id, ...kind })),
  );
  await giveList(site, 1, [stolen(LISTED), stolen(OTHER)]);
  const start = () => spawnGateway(site.configFile, { env: { PUSH_PATH: PATH } });
  let gateway = start();
  onTestFinished(() => gateway.kill());
  onTestFailed(() => console.log(gateway.text().slice(-3_000)));
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  await gateway.line((l) => l.msg === 'listening' && l['equipment'] === 'broker');
  const devices = CAMS.map((id) => ({ id, protocol: 'bodycam', credential: credentials.get(id) ?? '' }) as const);
  const fleet = await startFleet({ seed: 1, broker: { url: `mqtt://127.0.0.1:${broker}` }, devices });
  onTestFinished(() => fleet.close());
  await Promise.all(CAMS.map((id) => fleet.device(id).event((e) => e.what === 'connected')));

  const client = openPushClient({ port: push });
  onTestFinished(() => client.close());
  const seen = { plate: LISTED, at: new Date(), confidence: 98, colour: 'blue' };
  expect((await client.send(hikvisionPush(seen, { path: PATH }))).status).toBe(200);
  const screens = () =>
    CAMS.map((id) => fleet.device(id).alerts()).map(([alert]) => (alert?.cancelled ? 'ended' : alert && 'alert'));
  await expect.poll(screens, PATIENCE).toEqual(['alert', 'alert', 'alert']);
  await fleet.device('cam-3').disconnect();
  await expect.poll(() => fleet.device('cam-3').isConnected(), PATIENCE).toBe(false);
  // The first entry becomes that of the other plate: the one that was seen is listed no longer.
  await giveList(site, 2, [stolen(OTHER)]);
  await gateway.line((l) => l.msg === 'alert ended');
  await expect.poll(screens, PATIENCE).toEqual(['ended', 'ended', 'alert']);
  await gateway.kill();

  gateway = start();
  const problems = async () => {
    const health = (await (await fetch(`${url.replace(/\/$/, '')}/health`).catch(() => undefined))?.json()) as
      { problems: { key: string; what: string }[] } | undefined;
    return health?.problems.filter(({ key }) => key.startsWith('stand-down:')).map(({ what }) => what);
  };
  await expect.poll(problems, PATIENCE).toEqual([expect.stringMatching(/not got the end: cam-3$/)]);
  expect(await siteboxOrThrow('alert', 'list', '--config', site.configFile)).toMatch(/cam-3 {2}HAS NOT GOT THE END/);
  const before = fleet.device('cam-3').received().length;
  fleet.device('cam-3').connect();
  await expect.poll(screens, PATIENCE).toEqual(['ended', 'ended', 'ended']);
  expect(fleet.device('cam-3').received()[before]).toMatchObject({ alert: { cancelled: true } });
  await expect.poll(problems, PATIENCE).toEqual([]);
  // The box writes receipts once a second.
  const listed = () => siteboxOrThrow('alert', 'list', '--config', site.configFile);
  await expect.poll(listed, PATIENCE).toMatch(/cam-3 {2}knows the end/);
  expect(await gateway.stop()).toBe(0);
});
