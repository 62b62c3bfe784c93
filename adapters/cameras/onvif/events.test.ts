/** A camera's events over real sockets: heard while they last, ended at the stop, and never asked for faster than the camera can bear. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CameraEvent, CameraIdentity } from '../../../gateway/contracts/onvif.ts';
import { ConfigError } from '../../../gateway/contracts/errors.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';
import { startOnvifCamera, type OnvifCameraOptions } from '../../../simulators/devices/onvif-camera/camera.ts';
import type { EventFault } from '../../../simulators/devices/onvif-camera/subscriptions.ts';
import { openEvents } from './events.ts';

const account = { user: 'admin', password: 'drawn-password-1' };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listenTo(options: OnvifCameraOptions = {}, fault?: EventFault) {
  const camera = await startOnvifCamera({ account, ...options });
  camera.subscriptions.fault = fault;
  const entry = { url: 'rtsp://127.0.0.1/main', user: 'admin', password: 'env:P', onvif: { port: camera.port } };
  const source = openEvents(entry, testContext('north-1', { 'env:P': account.password }));
  const events: CameraEvent[] = [];
  const subscribed: CameraIdentity[] = [];
  const stop = new AbortController();
  const heard = {
    subscribed: (one: CameraIdentity) => void subscribed.push(one),
    event: (one: CameraEvent) => void events.push(one),
  };
  const ended = source.run(heard, stop.signal).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  closers.push(
    () => camera.close().catch(() => undefined),
    async () => {
      stop.abort();
      await ended;
    },
  );
  return { camera, events, subscribed, ended, stop };
}

const tampering = 'tns1:VideoSource/GlobalSceneChange/ImagingService';

describe('events', () => {
  it.each(['wsse', 'digest'] as const)(
    'begin and end as the camera says (%s); the subscription ends at the stop',
    async (login) => {
      const { camera, events, subscribed, ended, stop } = await listenTo({ login });
      await vi.waitFor(() => expect(camera.subscriptions.seen.pulled).toBeGreaterThan(0), PATIENCE);
      expect(subscribed).toMatchObject([{ serial: '00012345678901234567890', address: '127.0.0.1' }]);
      camera.subscriptions.say(tampering, { State: 'true' });
      await vi.waitFor(() => expect(events).toHaveLength(1), PATIENCE);
      camera.subscriptions.say(tampering, { State: 'false' });
      await vi.waitFor(() => expect(events).toHaveLength(2), PATIENCE);
      const source = '/VideoSource/GlobalSceneChange/ImagingService vs1';
      expect(events).toEqual([true, false].map((active) => ({ kind: 'tampering', source, active })));
      stop.abort();
      expect(await ended).toBeUndefined();
      expect(camera.subscriptions.seen).toMatchObject({ created: 1, ended: 1 });
      expect(camera.subscriptions.open).toBe(0);
    },
  );

  it('of other kinds are told apart; a state at the beginning, and what is none of ours, is no alarm', async () => {
    const { camera, events } = await listenTo();
    await vi.waitFor(() => expect(camera.subscriptions.seen.pulled).toBeGreaterThan(0), PATIENCE);
    const say = camera.subscriptions.say.bind(camera.subscriptions);
    say(tampering, { State: 'true' }, 'Initialized');
    say('tns1:RuleEngine/CellMotionDetector/Motion', { IsMotion: 'true' });
    say('tns1:RuleEngine/Recognition/LicensePlate', { PlateNumber: 'A' });
    say('tns1:VideoSource/SignalLoss', { State: '1' });
    say('tns1:VideoSource/ImageTooBlurry/AnalyticsService', { State: 'true' });
    say('tns1:RuleEngine/TamperDetector/Tamper', { IsTamper: 'true' });
    say('tns1:VideoSource/SignalLoss', { State: '1' }, 'Deleted');
    await vi.waitFor(() => expect(events).toHaveLength(4), PATIENCE);
    expect(events.map(({ kind, active }) => [kind, active])).toEqual([
      ['signal-loss', true],
      ['lens', true],
      ['tampering', true],
      ['signal-loss', false],
    ]);
  });

  it('are not asked for without a pause, though the camera answers at once', async () => {
    const { camera } = await listenTo({}, 'flood');
    await vi.waitFor(() => expect(camera.subscriptions.seen.pulled).toBeGreaterThan(0), PATIENCE);
    const before = camera.subscriptions.seen.pulled;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(camera.subscriptions.seen.pulled - before).toBeLessThanOrEqual(2);
  });

  it.each<[string, EventFault, RegExp]>([
    ['falls silent', 'mute', /no whole answer within 10 s/],
    ['forgets', 'forgets', /has ended the subscription/],
  ])('a camera that %s ends the run', async (_what, fault, words) => {
    const { camera, ended } = await listenTo({}, fault);
    expect((await ended)?.message).toMatch(words);
    expect(camera.subscriptions.seen.created).toBe(1);
  });

  it('a camera that goes ends the run', async () => {
    const { camera, ended } = await listenTo();
    await vi.waitFor(() => expect(camera.subscriptions.seen.pulled).toBeGreaterThan(0), PATIENCE);
    await camera.close();
    expect((await ended)?.message).toMatch(/broke off|nothing listens/);
  });

  it('a camera that has no room for a further subscription is named, and asked once', async () => {
    const { camera, ended } = await listenTo({ maxSubscriptions: 0 });
    expect((await ended)?.message).toMatch(/takes no subscription to its events \(.*\): many cameras have room/);
    expect(camera.subscriptions.seen.refused).toBe(1);
  });

  it('a wrong password is sent once', async () => {
    const { camera, ended } = await listenTo({ account: { user: 'admin', password: 'other' } });
    expect((await ended)?.message).toMatch(/refuses user or password/);
    expect(camera.logins).toBe(1);
  });
});

it('a camera without an address of its own is a mistake of the configuration', () => {
  const open = (entry: object) => () => openEvents(entry, testContext('north-1', {}));
  expect(open({ onvif: true })).toThrow(ConfigError);
  expect(open({ onvif: { host: 'a b' } })).toThrow(ConfigError);
  expect(open({ onvif: { hots: 'camera' } })).toThrow(ConfigError);
  expect(open({ onvif: { host: 'camera', password: 'env:P' } })).toThrow(ConfigError);
  expect(open({ onvif: true, url: 'rtsp://192.0.2.7/main' })).not.toThrow();
});
