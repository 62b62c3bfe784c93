/** A plate camera that pushes, from its message to the store: everything real but the camera. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { metric } from './road.ts';
import { spawnGateway } from '../product/gateway.ts';
import { openPushClient } from '../devices/plate-camera/client.ts';
import { drawPass } from '../devices/plate-camera/pictures.ts';
import { hikvisionHeartbeat, hikvisionPush } from '../devices/plate-camera/push.ts';
import { freePort } from '../product/free-port.ts';
import { giveList, laySite } from '../product/site.ts';

const [LISTED, UNLISTED] = ['皖A12345', '粤B98K61'];
const PATH = '/8f2c0123456789abcdef01';

test('a pushed read is answered once its hit is on disk; of what matches nothing only a number is left', async () => {
  const folder = tempFolder();
  const port = await freePort();
  const listen = { host: '127.0.0.1', port };
  const plates = { kind: 'hikvision', listen, allow: ['127.0.0.1'], path: 'env:PUSH_PATH', crossCheck: true };
  const site = await laySite({ folder, port: 0, cameras: { plates } });
  await giveList(site, 1, [{ plate: LISTED, category: 'stolen', instruction: 'stop the vehicle' }]);
  const gateway = spawnGateway(site.configFile, { env: { PUSH_PATH: PATH } });
  onTestFinished(() => gateway.kill());
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  await gateway.line((l) => l.msg === 'listening');
  const ready = () => metric(url, 'sitebox_inference_threads_ready');
  await expect.poll(ready, { timeout: 30_000 }).toBeGreaterThan(0);

  const client = openPushClient({ port });
  onTestFinished(() => client.close());
  const [listed, unlisted] = [await drawPass(LISTED, 1), await drawPass(UNLISTED, 1)];
  const push = async (plate: string, pictures: typeof listed) => {
    // It takes UTC for its own time zone.
    const at = new Date(Date.now() - 8 * 3_600_000);
    const seen = { plate, at, confidence: 98, colour: 'blue', ...pictures };
    return (await client.send(hikvisionPush(seen, { path: PATH }))).status;
  };
  expect(await push(UNLISTED, unlisted)).toBe(200);
  expect(await push('XXXXXX', unlisted)).toBe(200);
  // S6: 38 megapixels in a few kilobytes, as progressive JPEGs can be, cost no reading thread; the read counts.
  const broad = { width: 7_200, height: 5_300, channels: 3, background: '#7788aa' } as const;
  const bomb = await sharp({ create: broad }).jpeg({ progressive: true }).toBuffer();
  expect(await push(UNLISTED, { ...unlisted, scenePicture: bomb })).toBe(200);
  expect(await metric(url, 'sitebox_pushed_pictures_refused_total')).toBe(1);
  expect(await metric(url, 'sitebox_inference_restarts_total')).toBe(0);
  expect(await ready()).toBeGreaterThan(0);
  expect(gateway.text()).not.toContain('hit committed');
  expect(await push(LISTED, listed)).toBe(200);
  // The answer came after the commit, and so after its line in the log.
  await gateway.line((l) => l.msg === 'hit committed' && l['certainty'] === 'exact');
  const clock = await gateway.line((l) => l.msg === "the camera's clock is wrong");
  expect(clock).toMatchObject({ clock: '8 hours behind', hint: 'its time zone is probably UTC' });
  // On a busy computer the box's own read may come too late.
  expect(await metric(url, 'sitebox_cross_checks_total')).toBe(3);
  expect(await metric(url, 'sitebox_cross_checks_total', 'disagreed')).toBe(0);
  expect(await metric(url, 'sitebox_pushed_reads_total', 'impossible')).toBe(1);
  expect(await metric(url, 'sitebox_passages_total')).toBe(2);

  expect(await gateway.stop()).toBe(0);
  const kept = readdirSync(site.storage).map((name) => readFileSync(join(site.storage, name)));
  const left = Buffer.concat([...kept, Buffer.from(gateway.text())]);
  for (const text of [UNLISTED, 'XXXXXX']) expect(left.includes(text)).toBe(false);
  // The same search finds the one that is listed.
  expect(left.includes(LISTED)).toBe(true);
});

test('P2: heartbeats pass while no read can be used: an alarm that names no plate, until a good one comes', async () => {
  const folder = tempFolder();
  const port = await freePort();
  const plates = {
    kind: 'hikvision',
    listen: { host: '127.0.0.1', port },
    allow: ['127.0.0.1'],
    path: 'env:PUSH_PATH',
  };
  const site = await laySite({ folder, port: 0, cameras: { plates } });
  await giveList(site, 1, [{ plate: LISTED, category: 'stolen', instruction: 'stop the vehicle' }]);
  const gateway = spawnGateway(site.configFile, { env: { PUSH_PATH: PATH } });
  onTestFinished(() => gateway.kill());
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  await gateway.line((l) => l.msg === 'listening');
  const client = openPushClient({ port });
  onTestFinished(() => client.close());
  const push = async (plate: string, path = PATH) =>
    (await client.send(hikvisionPush({ plate, at: new Date(), confidence: 98 }, { path }))).status;
  const alarms = async () => {
    const health = (await (await fetch(`${url.replace(/\/$/, '')}/health`)).json()) as {
      problems: { key: string; what: string }[];
    };
    return health.problems.filter((p) => p.key === 'camera-reads:plates').map((p) => p.what);
  };
  for (let i = 0; i < 6; i++) {
    expect((await client.send(hikvisionHeartbeat(PATH))).status).toBe(200);
    expect(await push(`ZZ${i}9Q8W7`)).toBe(200);
  }
  for (let i = 0; i < 4; i++) expect(await push(UNLISTED, '/another-path')).toBe(404);
  expect(await alarms()).toEqual([
    expect.stringMatching(
      /none of its last 10 pushes could be used: what it gives as a plate is none: .*; expected the path/,
    ),
  ]);
  expect(await metric(url, 'sitebox_pushes_refused_total', 'path')).toBe(4);
  expect(await push(UNLISTED)).toBe(200);
  expect(await alarms()).toEqual([]);
  expect(gateway.text()).not.toMatch(/9Q8W7/);
  expect(await gateway.stop()).toBe(0);
});

test('S3: after five wrong logins none from that address is looked at, over a restart too; the camera elsewhere passes', async () => {
  const folder = tempFolder();
  const port = await freePort();
  const listen = { host: '127.0.0.1', port };
  const allow = ['127.0.0.1', '127.0.0.2'];
  const plates = { kind: 'hikvision', listen, allow, user: 'camera', password: 'env:PUSH_PASSWORD' };
  const site = await laySite({ folder, port: 0, cameras: { plates } });
  const start = async () => {
    const gateway = spawnGateway(site.configFile, { env: { PUSH_PASSWORD: 'right' } });
    onTestFinished(() => gateway.kill());
    const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
    await gateway.line((l) => l.msg === 'listening');
    return { gateway, url };
  };
  const push = async (password: string, from: string) => {
    const client = openPushClient({ port, from, login: { user: 'camera', password } });
    const seen = { plate: UNLISTED, at: new Date(), confidence: 98 };
    const { status } = await client.send(hikvisionPush(seen)).finally(() => client.close());
    return status;
  };
  const first = await start();
  for (let i = 0; i < 5; i++) expect(await push(`guess ${i}`, '127.0.0.2')).toBe(401);
  expect([await push('right', '127.0.0.2'), await push('right', '127.0.0.1')]).toEqual([429, 200]);
  expect(await first.gateway.stop()).toBe(0);
  const { gateway, url } = await start();
  expect([await push('right', '127.0.0.2'), await push('right', '127.0.0.1')]).toEqual([429, 200]);
  const health = await (await fetch(new URL('/health', url))).text();
  expect(health).toContain('login-throttled:camera plates:127.0.0.2');
  expect(await metric(url, 'sitebox_logins_throttled_total')).toBe(1);
  for (let i = 0; i < 10; i++) expect(await push('guess', '127.0.0.2')).toBe(429);
  const guessed = await (await fetch(new URL('/health', url))).text();
  expect(guessed).toContain('camera plates (lane lane-1): its last 10 pushes came with a wrong login, or with none');
  expect(guessed).not.toContain('could be used');
  expect(gateway.text()).not.toContain('guess');
  expect(await gateway.stop()).toBe(0);
});
