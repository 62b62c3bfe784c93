import { afterEach, describe, expect, it } from 'vitest';
import {
  hikvisionHeartbeat,
  hikvisionPush,
  spoil,
  type HikvisionOptions,
  type PushFault,
} from '../../../simulators/devices/plate-camera/push.ts';
import { drawPass } from '../../../simulators/devices/plate-camera/pictures.ts';
import {
  clientOf,
  closeAll,
  conformsAsPush,
  LISTEN,
  LOGIN,
  runBox,
  SECRETS,
  SEEN,
  type RunningSource,
} from '../../../simulators/conformance/push.ts';
import { openHikvisionCamera } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const path = SECRETS['env:PATH_1'];

afterEach(closeAll);

async function start(more: object = { path: 'env:PATH_1' }): Promise<RunningSource> {
  const context = testContext('lane-1', SECRETS);
  return runBox(openHikvisionCamera({ ...LISTEN, ...more }, context), context);
}

describe('a Hikvision plate camera, known by its path', () => {
  conformsAsPush({
    open: openHikvisionCamera,
    config: { path: 'env:PATH_1' },
    target: {},
    push: (seen) => hikvisionPush(seen, { path }),
    heartbeat: hikvisionHeartbeat(path),
    success: 'OK\n',
  });

  it.each<[string, HikvisionOptions]>([
    ['the older namespace', { namespace: 'http://www.hikvision.com/ver20/XMLSchema' }],
    ['no namespace', { namespace: '' }],
    ['a prefix', { prefix: 'hik:' }],
    ['XML alone', { bare: true }],
    ['pictures first', { picturesFirst: true }],
  ])('is understood with %s', async (_, options) => {
    const box = await start();
    const push = hikvisionPush({ ...SEEN, colour: 'newEnergyYellowGreen' }, { path, ...options });
    expect((await clientOf({ port: box.port }).send(push)).status).toBe(200);
    expect(box.reads()[0]!.read).toMatchObject({ text: '皖A00001', colour: 'yellow-green', confidence: 0.98 });
  });

  it('hands on the pictures byte by byte, and none of another name', async () => {
    const box = await start({ path: 'env:PATH_1', crossCheck: true });
    const pictures = await drawPass('皖A00001', 1);
    const driver = { 'pilotPicture.jpg': pictures.scenePicture, 'vicePilotPicture.jpg': pictures.scenePicture };
    const push = hikvisionPush({ ...SEEN, ...pictures }, { path, extraParts: driver });
    expect((await clientOf({ port: box.port }).send(push)).status).toBe(200);
    const { read } = box.reads()[0]!;
    expect(Object.keys(read.pictures)).toEqual(['plate', 'scene']);
    expect(Buffer.compare(read.pictures.plate!, pictures.platePicture)).toBe(0);
    expect(Buffer.compare(read.pictures.scene!, pictures.scenePicture)).toBe(0);
    // It may be sent to another thread, which takes the whole buffer with it.
    expect(read.pictures.plate!.buffer.byteLength).toBe(pictures.platePicture.length);
    expect(read.crossCheck).toBe(true);
  });

  it.each<[PushFault, number, string]>([
    ['wrong boundary', 400, 'the boundary that Content-Type names'],
    ['no last boundary', 400, 'the body breaks off: expected the boundary that ends it'],
    ['truncated', 400, 'the body breaks off'],
    ['XML bomb', 400, 'expected no document type and no entities'],
    ['outside entity', 400, 'expected no document type and no entities'],
    ['other type', 415, 'expected multipart/form-data or application/xml'],
  ])('%s: %d, in words', async (fault, status, words) => {
    const box = await start();
    const client = clientOf({ port: box.port });
    const pictures = { platePicture: Buffer.alloc(3000, 1), scenePicture: Buffer.alloc(9000, 2) };
    const answer = await client.send(spoil(hikvisionPush({ ...SEEN, ...pictures }, { path }), fault));
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(words);
    expect(box.seen).toEqual([]);
    expect((await client.send(hikvisionPush(SEEN, { path }))).status).toBe(200);
  });

  it('names the part that is missing', async () => {
    const box = await start();
    const push = hikvisionPush(SEEN, { path });
    const body = Buffer.from(push.body.toString().replaceAll('anpr.xml', 'anpr.txt').replace('text/xml', 'text/plain'));
    const answer = await clientOf({ port: box.port }).send({ ...push, body });
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('the part anpr.xml is missing')]);
  });

  it('goes by its own clock, and hands on what the camera says', async () => {
    const box = await start();
    const ahead = new Date(Date.now() + 8 * 3_600_000);
    await clientOf({ port: box.port }).send(hikvisionPush({ ...SEEN, at: ahead }, { path }));
    expect(box.reads()[0]!.read.capturedAt).toBe(ahead.getTime());
    expect(Math.abs(box.reads()[0]!.read.at - Date.now())).toBeLessThan(60_000);
  });

  it('wants the right path', async () => {
    const box = await start();
    for (const wrong of ['/', `${path}x`, path.slice(0, -1), path.toUpperCase(), `/x${path}`]) {
      const answer = await clientOf({ port: box.port }).send(hikvisionPush(SEEN, { path: wrong }));
      expect(answer.status).toBe(404);
    }
    expect(box.seen).toEqual([]);
    expect((await clientOf({ port: box.port }).send(hikvisionPush(SEEN, { path: `${path}?a=b` }))).status).toBe(200);
  });
});

describe('a Hikvision plate camera, known by Digest', () => {
  const login = { user: 'camera', password: 'env:P' };
  conformsAsPush({
    open: openHikvisionCamera,
    config: login,
    target: { login: LOGIN },
    push: (seen) => hikvisionPush(seen),
    heartbeat: hikvisionHeartbeat(),
    success: 'OK\n',
  });

  it('wants both where both are set', async () => {
    const box = await start({ ...login, path: 'env:PATH_1' });
    expect((await clientOf({ port: box.port }).send(hikvisionPush(SEEN, { path }))).status).toBe(401);
    const known = clientOf({ port: box.port, login: LOGIN });
    expect((await known.send(hikvisionPush(SEEN))).status).toBe(404);
    expect((await known.send(hikvisionPush(SEEN, { path }))).status).toBe(200);
  });
});

it.each<[string, object, string]>([
  ['neither path nor user', {}, 'expected a secret path, or user and password'],
  ['a user without password', { user: 'camera' }, 'expected a password'],
  ['a password without user', { password: 'env:P', path: 'env:PATH_1' }, 'expected a user'],
  ['a path that can be guessed', { path: 'env:SHORT' }, '16 to 200 letters'],
  ['nobody allowed', { path: 'env:PATH_1', allow: [] }, 'allow'],
  ['everybody allowed', { path: 'env:PATH_1', allow: ['0.0.0.0/0'] }, 'expected an address such as'],
  ['a name instead of an address', { path: 'env:PATH_1', listen: { host: 'box', port: 1 } }, 'expected an address of'],
  ['an unknown key', { path: 'env:PATH_1', url: 'x' }, 'url'],
  ['no time zone', { path: 'env:PATH_1', timeZone: 'Mars/North' }, 'expected a time zone'],
])('refuses a configuration with %s', (_, config, words) => {
  const context = testContext('lane-1', { ...SECRETS, 'env:SHORT': '/lane-1' });
  const open = (): unknown => openHikvisionCamera({ ...LISTEN, ...config }, context);
  expect(open).toThrow(words);
  expect(open).not.toThrow('/lane-1');
});
