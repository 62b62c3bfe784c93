import { afterEach, describe, expect, it } from 'vitest';
import { dahuaHeartbeat, dahuaPush } from '../../../simulators/devices/plate-camera/push.ts';
import { seeded } from '../../../simulators/scene/random.ts';
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
import { openDahuaCamera } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const config = { user: 'camera', password: 'env:P' };

afterEach(closeAll);

async function start(more: object = {}): Promise<RunningSource> {
  const context = testContext('lane-1', SECRETS);
  return runBox(openDahuaCamera({ ...LISTEN, ...config, ...more }, context), context);
}

describe('a Dahua plate camera', () => {
  conformsAsPush({
    open: openDahuaCamera,
    config,
    target: { login: LOGIN },
    push: (seen) => dahuaPush(seen),
    heartbeat: dahuaHeartbeat(),
    success: '{"Result":true,"Message":"Success"}',
  });

  it.each(['MD5', 'SHA-256'] as const)('logs in with Digest and %s, once for many messages', async (algorithm) => {
    const box = await start();
    const client = clientOf({ port: box.port, login: LOGIN, algorithm });
    for (let i = 0; i < 3; i++) expect((await client.send(dahuaHeartbeat())).status).toBe(200);
    expect(box.seen).toHaveLength(3);
    expect(box.said()).not.toContain('push not as expected');
  });

  it.each([{ user: 'camera', password: 'wrong' }, { user: 'root', password: LOGIN.password }, undefined])(
    'refuses the login %j',
    async (login) => {
      const box = await start();
      const answer = await clientOf({ port: box.port, ...(login && { login }) }).send(dahuaPush(SEEN));
      expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('expected HTTP Digest')]);
      expect(box.seen).toEqual([]);
      expect(box.said().includes('"kind":"401"')).toBe(login !== undefined);
    },
  );

  it('hands on the pictures byte by byte, its own time in its own zone, and its directions', async () => {
    const box = await start({ timeZone: 'Europe/Berlin', directions: { OBVERSE: 'leaving' } });
    const random = seeded(2);
    const noise = (length: number): Uint8Array =>
      Uint8Array.from({ length }, (_, i) => (i < 3 ? [0xff, 0xd8, 0xff][i]! : Math.floor(random() * 256)));
    const pictures = { platePicture: noise(5_001), scenePicture: noise(300_000) };
    const push = dahuaPush({ ...SEEN, ...pictures, colour: 'Blue' }, { zoneMin: 60 });
    expect((await clientOf({ port: box.port, login: LOGIN }).send(push)).status).toBe(200);
    const { read } = box.reads()[0]!;
    expect(read).toMatchObject({ capturedAt: SEEN.at.getTime(), direction: 'leaving', colour: 'blue' });
    expect(Buffer.compare(read.pictures.plate!, pictures.platePicture)).toBe(0);
    expect(Buffer.compare(read.pictures.scene!, pictures.scenePicture)).toBe(0);
    expect(read.pictures.plate!.buffer.byteLength).toBe(pictures.platePicture.length);
  });

  it('knows its paths and no other', async () => {
    const box = await start();
    const client = clientOf({ port: box.port, login: LOGIN });
    for (const path of ['/', '/NotificationInfo', '/notificationinfo/keepalive', '/NotificationInfo/Other']) {
      expect((await client.send({ ...dahuaHeartbeat(), path })).status).toBe(404);
    }
    expect((await client.send({ ...dahuaHeartbeat(), path: '/NotificationInfo/DeviceInfo' })).status).toBe(200);
  });

  it('says once when the scale of confidence looks wrong, and never guesses a higher one', async () => {
    const box = await start();
    const client = clientOf({ port: box.port, login: LOGIN });
    const later = (i: number): Date => new Date(SEEN.at.getTime() + i * 1000);
    for (let i = 0; i < 55; i++) await client.send(dahuaPush({ ...SEEN, at: later(i) }, { scale: 100 }));
    expect(box.said().match(/set confidenceScale: 100/g)).toHaveLength(1);
    expect(box.reads().every(({ read }) => read.confidence! < 0.4)).toBe(true);
  });

  it('with scale 100, leaves out a confidence above it and says so', async () => {
    const box = await start({ confidenceScale: 100 });
    await clientOf({ port: box.port, login: LOGIN }).send(dahuaPush(SEEN));
    expect(box.reads()[0]!.read).not.toHaveProperty('confidence');
    expect(box.said()).toContain('its confidence is above confidenceScale');
  });
});

it('refuses a configuration without user or password, because its paths are known to all', () => {
  const context = testContext('lane-1', SECRETS);
  expect(() => openDahuaCamera(LISTEN, context)).toThrow('user');
  expect(() => openDahuaCamera({ ...LISTEN, user: 'camera' }, context)).toThrow('password');
  expect(() => openDahuaCamera({ ...LISTEN, ...config, path: 'env:PATH_1' }, context)).toThrow('path');
});
