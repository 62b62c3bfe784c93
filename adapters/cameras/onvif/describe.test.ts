/** A camera is described over real sockets, whatever form of login it wants, and every way to fail has a sentence of its own. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../simulators/product/free-port.ts';
import { serveTcp } from '../../../simulators/product/loopback.ts';
import {
  startOnvifCamera,
  type OnvifCameraOptions,
  type OnvifFault,
} from '../../../simulators/devices/onvif-camera/camera.ts';
import { addressOf, describeCamera } from './describe.ts';

const LOGIN = { user: 'admin', password: 'drawn-password-1' };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function camera(options: OnvifCameraOptions = {}, fault?: OnvifFault) {
  const started = await startOnvifCamera({ account: LOGIN, ...options });
  started.fault(fault);
  open.push(started);
  return { ...started, at: { host: '127.0.0.1', port: started.port }, logins: () => started.logins };
}

const described = {
  identity: {
    maker: 'Simulated',
    model: 'SB-1',
    firmware: 'V1.0.0 build 260101',
    serial: '00012345678901234567890',
    address: '127.0.0.1',
    mac: undefined,
  },
  clockOffsetS: 0,
  streams: [
    {
      name: 'main',
      codec: 'H264',
      width: 1920,
      height: 1080,
      fps: 25,
      keyFrameEveryS: 2,
      kilobitsPerS: 4096,
      url: 'rtsp://127.0.0.1:554/main?a=1&b=2',
    },
    {
      name: 'sub',
      codec: 'H264',
      width: 640,
      height: 360,
      fps: 25,
      keyFrameEveryS: 2,
      kilobitsPerS: 512,
      url: 'rtsp://127.0.0.1:554/sub?a=1&b=2',
    },
  ],
};

describe('a camera', () => {
  it.each<[string, OnvifCameraOptions]>([
    ['that wants a token in the message', { login: 'wsse' }],
    ['that wants HTTP Digest', { login: 'digest' }],
    ['that says all to everybody', { account: undefined as never }],
  ])('%s is described; its addresses lead to the host that was asked', async (_what, options) => {
    const { at } = await camera(options);
    expect(await describeCamera(at, LOGIN)).toEqual({ ...described, clockOffsetS: expect.closeTo(0, -1) as number });
  });

  it('whose clock is 8 hours ahead is logged in to by its own time', async () => {
    const { at } = await camera({ clockOffsetS: 28_800 });
    const { clockOffsetS } = await describeCamera(at, LOGIN);
    expect(Math.abs(clockOffsetS - 28_800)).toBeLessThan(3);
  });

  it('with the second media service tells the key frames of H.265; one that only claims it is asked in the first', async () => {
    const stream = {
      token: 'h265',
      codec: 'H265',
      width: 2560,
      height: 1440,
      fps: 20,
      govLength: 80,
      kilobitsPerS: 3000,
    } as const;
    const { at } = await camera({ media2: true, streams: [stream] });
    const { streams } = await describeCamera(at, LOGIN);
    expect(streams).toMatchObject([{ codec: 'H265', keyFrameEveryS: 4, url: 'rtsp://127.0.0.1:554/h265?a=1&b=2' }]);
    const other = await camera({ media2: 'claimed' });
    expect((await describeCamera(other.at, LOGIN)).streams).toEqual(described.streams);
  });

  it('with a user name that is XML gets it as a name', async () => {
    const account = { user: 'a<b>&"c', password: 'p' };
    const { at } = await camera({ account });
    await expect(describeCamera(at, account)).resolves.toMatchObject({ identity: { maker: 'Simulated' } });
  });
});

describe('what goes wrong has a sentence', () => {
  it.each<[OnvifFault, RegExp]>([
    ['garbage', /answers, but not in ONVIF/],
    ['html', /answers, but not in ONVIF/],
    ['entities', /answers, but not in ONVIF/],
    ['half', /broke off in the middle/],
    ['huge', /more than 512 KiB/],
    ['redirect', /sends us elsewhere \(status 302\)/],
    ['silent', /no whole answer within 4 s/],
  ])('%s', async (fault, words) => {
    const { at } = await camera({}, fault);
    await expect(describeCamera(at, LOGIN)).rejects.toThrow(words);
  });

  it.each<[string, 'wsse' | 'digest', OnvifFault, RegExp]>([
    ['a refusal in the message', 'wsse', 'refuse', /refuses user or password; it was tried once/],
    ['a refusal for ever by 401', 'digest', 'refuse', /refuses user or password; it was tried once/],
    ['a locked account', 'wsse', 'locked', /has locked the account/],
    ['a locked account of Digest', 'digest', 'locked', /has locked the account/],
  ])('%s, after one login', async (_what, login, fault, words) => {
    const { at, logins } = await camera({ login }, fault);
    await expect(describeCamera(at, LOGIN)).rejects.toThrow(words);
    expect(logins()).toBe(1);
  });

  it('a login that is needed and was not given', async () => {
    const { at, logins } = await camera();
    await expect(describeCamera(at, undefined)).rejects.toThrow(/asks for a login/);
    expect(logins()).toBe(0);
  });

  it('no stream, nothing that listens, no such name', async () => {
    const { at } = await camera({ streams: [] });
    await expect(describeCamera(at, LOGIN)).rejects.toThrow(/names no video stream/);
    const port = await freePort();
    await expect(describeCamera({ host: '127.0.0.1', port }, LOGIN)).rejects.toThrow(/nothing listens at 127.0.0.1/);
    await expect(describeCamera({ host: 'camera.invalid', port }, LOGIN)).rejects.toThrow(/is not known/);
  });

  it('a camera that has RTSP alone', async () => {
    const rtsp = await serveTcp(() => undefined);
    open.push(rtsp);
    const port = await freePort();
    const describing = describeCamera({ host: '127.0.0.1', port }, LOGIN, rtsp.port);
    await expect(describing).rejects.toThrow(/has no ONVIF at port \d+, but RTSP at port 554/);
  });

  it('a server that speaks no HTTP', async () => {
    const { port, close } = await serveTcp((socket) => socket.end('RTSP/1.0 400 Bad Request\r\n\r\n'));
    open.push({ close });
    await expect(describeCamera({ host: '127.0.0.1', port }, LOGIN)).rejects.toThrow(/not in ONVIF/);
  });
});

it('damaged answers of any kind end in a description or a sentence, and never in an error of the library', async () => {
  const damage = fc.constantFrom<(text: string, at: number) => string>(
    (text, at) => text.slice(0, at),
    (text, at) => text.slice(0, at) + text.slice(at + 20),
    (text, at) => `${text.slice(0, at)}\u0000<${text.slice(at)}`,
    (text, at) => text.slice(0, at) + text.slice(Math.max(0, at - 40)),
    (text) => text.replace(/>[^<]+</g, '><'),
    (text) => text.replace(/<tt:(\w+)>/g, '<tt:$1 a="b">'),
    (text) => text.replaceAll('Profiles', 'Profile').replaceAll('Services', 'Service'),
  );
  let current = (text: string): string => text;
  const { at } = await camera({ account: undefined as never, media2: true, damage: (text) => current(text) });
  const property = fc.asyncProperty(damage, fc.nat(999), fc.boolean(), async (change, where, isFirst) => {
    current = (text) =>
      isFirst || !text.includes('SystemDateAndTime') ? change(text, Math.floor((where / 1000) * text.length)) : text;
    const ended = await describeCamera(at, undefined).catch((error: unknown) => error);
    expect(ended instanceof Error ? ended.name : 'described').toMatch(/^(described|CameraError)$/);
  });
  await fc.assert(property, { numRuns: 150 });
});

it('an address of a stream is RTSP on the host that was asked, without a login, or none', () => {
  expect(addressOf('rtsp://admin:1234@10.0.0.9:8554/a?b=c', '192.0.2.7')).toBe('rtsp://192.0.2.7:8554/a?b=c');
  expect(addressOf('http://10.0.0.9/a', '192.0.2.7')).toBeUndefined();
  expect(addressOf("rtsp://10.0.0.9/a'\noption x", '192.0.2.7')).toBeUndefined();
  expect(addressOf({ uri: 1 }, '192.0.2.7')).toBeUndefined();
});
