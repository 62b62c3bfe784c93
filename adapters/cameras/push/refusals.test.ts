import { afterEach, describe, expect, it } from 'vitest';
import { hikvisionPush } from '../../../simulators/push-camera/push.ts';
import { openAllow } from './allow.ts';
import { clientOf, closeAll, SEEN, startPush } from './conformance.ts';
import { openDigest } from './digest.ts';

afterEach(closeAll);

const LOGIN = { user: 'camera', password: 'right' };

describe('P2: refusals are told to the box', () => {
  it('with their reason, and whether it was the camera at all', async () => {
    const box = await startPush({ digest: openDigest(LOGIN) });
    const push = hikvisionPush(SEEN);
    const camera = clientOf({ port: box.port, login: LOGIN });
    const stranger = clientOf({ port: box.port, login: { user: 'camera', password: 'wrong' } });
    const other = clientOf({ port: box.port, login: LOGIN });
    expect((await stranger.send(push)).status).toBe(401);
    expect((await other.send({ ...push, path: '/other' })).status).toBe(404);
    for (const bad of [
      { ...push, contentType: 'text/html' },
      { ...push, body: Buffer.from('x') },
    ])
      await camera.send(bad);
    expect((await camera.send(push)).status).toBe(200);
    // One request without a login begins each connection; none of these is told.
    expect(box.refusals.map((r) => r.reason)).toEqual(['login', 'path', 'type', 'form']);
    const outside = await startPush({ allows: openAllow(['192.0.2.0/24']) });
    await clientOf({ port: outside.port }).send(push);
    expect(outside.refusals.map((r) => r.reason)).toEqual(['address']);
  });

  it('also of a camera that never answers the challenge', async () => {
    const box = await startPush({ digest: openDigest(LOGIN) });
    const mute = clientOf({ port: box.port });
    for (let i = 0; i < 4; i++) expect((await mute.send(hikvisionPush(SEEN))).status).toBe(401);
    expect(box.refusals.map((r) => r.reason)).toEqual(['login', 'login', 'login']);
  });
});
