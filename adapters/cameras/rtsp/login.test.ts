/** How the box logs in to a camera, and by which way pictures come. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { testContext } from '../../../simulators/conformance/context.ts';
import { PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import { startCamera, type RtspCamera } from '../../../simulators/devices/road-camera/server.ts';
import { encodeClip } from '../../../simulators/scene/clip.ts';
import { openScene } from '../../../simulators/scene/scene.ts';
import { openRtsp } from './source.ts';

const PASSWORD = "p4:s@s/w'%d";
const small = { width: 160, height: 120, fps: 10 };
const login = { user: 'admin', password: 'env:P' };
const context = (): ReturnType<typeof testContext> => testContext('road', { 'env:P': PASSWORD, 'env:W': 'wr0ng!' });

let clip: Buffer;
beforeAll(async () => {
  clip = await encodeClip(await openScene({ seed: 1, vehicles: [], width: 320, height: 180 }), { seconds: 2 });
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
async function camera(options: Partial<Parameters<typeof startCamera>[0]> = {}): Promise<RtspCamera> {
  const started = await startCamera({ clip, ...options });
  closers.push(() => started.close());
  return started;
}

describe('the line to the camera', () => {
  it.each([
    ['MD5', 'SHA-256'],
    ['SHA-256', 'MD5'],
    ['SHA-256'],
    ['MD5-sess'],
    ['empty-qop'],
    ['auth-int', 'basic'],
  ] as const)('logs in where the camera offers %s %s, once', async (...offers) => {
    const one = await camera({ user: 'admin', password: PASSWORD, offers });
    const run = watch(openRtsp({ url: one.url, ...small, ...login }, context()));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    run.abort();
    expect(await run.ended).toBeUndefined();
    expect(one.wrongLogins).toBe(0);
  });

  it('goes on when the camera wants another nonce', async () => {
    const one = await camera({ user: 'admin', password: PASSWORD, offers: ['SHA-256'], nonceUses: 1 });
    const run = watch(openRtsp({ url: one.url, ...small, ...login }, context()));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
    run.abort();
    await run.ended;
    expect(one.wrongLogins).toBe(0);
  });

  it('names the setting where the camera offers no login that the box knows', async () => {
    const one = await camera({ user: 'admin', password: PASSWORD, offers: ['auth-int'] });
    const error = await watch(openRtsp({ url: one.url, ...small, ...login }, context())).ended;
    expect(error).toMatchObject({ loss: 'setting' });
    expect(String(error)).toContain('set RTSP authentication to Digest (MD5 or SHA-256) in the camera');
  });

  it('tries a wrong password once each run, so that a camera that locks the account does so late', async () => {
    const one = await camera({ user: 'admin', password: PASSWORD, locksAfter: 5 });
    for (let n = 1; n <= 5; n++) {
      const error = await watch(openRtsp({ url: one.url, ...small, user: 'admin', password: 'env:W' }, context()))
        .ended;
      expect(error).toMatchObject({ loss: 'login' });
      expect(one.wrongLogins).toBe(n);
    }
    expect(await watch(openRtsp({ url: one.url, ...small, ...login }, context())).ended).toMatchObject({
      loss: 'login',
    });
  });

  it('takes pictures over UDP, a login and lost datagrams included', async () => {
    const one = await camera({ user: 'admin', password: PASSWORD, transport: 'udp', losesEvery: 60 });
    const said = String(await watch(openRtsp({ url: one.url, ...small, ...login }, context())).ended);
    expect(said).toContain('try the other value of `transport`, tcp or udp');
    const run = watch(openRtsp({ url: one.url, ...small, ...login, transport: 'udp' }, context()));
    await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(3), PATIENCE);
    run.abort();
    expect(await run.ended).toBeUndefined();
    const plain = await camera({ transport: 'udp' });
    const second = watch(openRtsp({ url: plain.url, ...small, transport: 'udp' }, context()));
    await vi.waitFor(() => expect(second.frames()).toBeGreaterThan(0), PATIENCE);
    second.abort();
    await second.ended;
  });
});
