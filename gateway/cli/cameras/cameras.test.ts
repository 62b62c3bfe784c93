/** The verbs of cameras: against simulated ones as a process, as a person runs them, and against a description alone. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readYaml } from '../../config/yaml.ts';
import { CameraError } from '../../contracts/errors.ts';
import type { CameraStream, DiscoveredDevice, Onvif } from '../../contracts/onvif.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { inChinese } from '../../contracts/words/words.ts';
import { cutJpeg } from '../../../models/picture.ts';
import { drawScene } from '../../../models/plate/drawn-plate.fixtures.ts';
import { startOnvifCamera } from '../../../simulators/devices/onvif-camera/camera.ts';
import { startCamera } from '../../../simulators/devices/road-camera/server.ts';
import { openDb } from '../../store/db.ts';
import { run } from '../cli.fixtures.ts';
import { camerasCommand } from './cameras.ts';
import { chooseStream } from './choice.ts';

const PASSWORD = 'drawn-password-1';
const SITEBOX = new URL('../../../sitebox.mjs', import.meta.url).pathname;
const WORKER = new URL('../../../models/worker.ts', import.meta.url);

let folder: string;
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function sitebox(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SITEBOX, ...args], (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
    child.stdin?.end(input);
  });
}

describe('probe, as a process', () => {
  let onvif: Awaited<ReturnType<typeof startOnvifCamera>>;
  beforeAll(async () => {
    folder = tempFolder();
    const plate = { left: 500, top: 460, width: 180, ground: '#1b49b5', ink: '#fff' };
    const scene = await drawScene(1280, 720, [{ ...plate, text: '苏B7K29M' }]);
    const still = join(folder, 'still.jpg');
    writeFileSync(still, await cutJpeg(scene, { left: 0, top: 0, width: 1280, height: 720 }, 95));
    const clip = join(folder, 'clip.h264');
    const picture = ['-loop', '1', '-t', '1', '-r', '25', '-i', still, '-pix_fmt', 'yuv420p', '-c:v', 'libx264'];
    const made = spawnSync('ffmpeg', ['-loglevel', 'error', '-y', ...picture, '-bf', '0', '-f', 'h264', clip]);
    expect(made.status).toBe(0);
    const account = { user: 'admin', password: PASSWORD };
    const rtsp = await startCamera({ clip, ...account });
    const stream = { token: 'stream1', codec: 'H264', width: 1280, height: 720, fps: 25, kilobitsPerS: 2048 } as const;
    onvif = await startOnvifCamera({
      account,
      streams: [{ ...stream, govLength: 50 }],
      streamsAt: `rtsp://192.168.1.64:${rtsp.port}/`,
    });
    closers.push(rtsp.close, onvif.close);
  });

  it('asks for the password, says what the camera is, reads a picture of it, and writes what is pasted', async () => {
    const [secret, picture] = [join(folder, 'north.password'), join(folder, 'north.jpg')];
    const login = ['--user', 'admin', '--password-file', secret];
    const probe = ['cameras', 'probe', `127.0.0.1:${onvif.port}`, ...login, '--picture', picture];
    const { code, out, err } = await sitebox(probe, `${PASSWORD}\n`);
    expect(err).toBe(`password written to ${secret} (mode 0600)\n`);
    expect(code).toBe(0);
    expect(out).toContain('Simulated SB-1, firmware V1.0.0 build 260101, serial number 00012345678901234567890');
    expect(out).toContain('stream stream1: H.264, 1280 × 720, 25 pictures a second, key frames 2 s apart, 2048 kbit/s');
    expect(out).toContain('take stream stream1: it is the only one');
    expect(out).toContain('its key frames are 2 s apart: set 1 s (I-frame interval, GOP, of 25 pictures)');
    expect(out).toMatch(/苏B7K29M {2}0\.\d+ {2}1[678]\d pixels wide in the picture that the box reads\n/);
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(secret, 'utf8')).toBe(`${PASSWORD}\n`);
    expect(statSync(picture).mode & 0o777).toBe(0o600);
    expect(readYaml(out.slice(out.indexOf('  - id:'))).value).toEqual([
      {
        id: 'camera-127-0-0-1',
        kind: 'rtsp',
        url: expect.stringMatching(/^rtsp:\/\/127\.0\.0\.1:\d+\/stream1\?a=1&b=2$/) as string,
        user: 'admin',
        password: `file:${secret}`,
        onvif: { port: onvif.port },
      },
    ]);
  });

  it('writes no password that the camera refuses, and logs in once', async () => {
    const secret = join(folder, 'wrong.password');
    const before = onvif.logins;
    const login = ['--user', 'admin', '--password-file', secret];
    const { code, err } = await sitebox(['cameras', 'probe', `127.0.0.1:${onvif.port}`, ...login], 'wrong\n');
    expect(code).toBe(1);
    expect(err).toMatch(/refuses user or password; it was tried once/);
    expect(existsSync(secret)).toBe(false);
    expect(onvif.logins - before).toBe(1);
  });
});

const STREAM: CameraStream = {
  name: 'main',
  codec: 'H264',
  width: 1920,
  height: 1080,
  fps: 25,
  keyFrameEveryS: 1,
  kilobitsPerS: 4096,
  url: 'rtsp://192.0.2.7/main',
};
const IDENTITY = { maker: 'M', model: 'T', firmware: '1', serial: 'S', address: '192.0.2.7', mac: undefined };

describe('the stream to take', () => {
  const said = (...streams: Partial<CameraStream>[]) => {
    const choice = chooseStream(streams.map((one, i) => ({ ...STREAM, name: `${i}`, ...one })));
    return choice && [choice.stream.name, choice.why.en, ...choice.advice.map(({ en }) => en)];
  };

  it('is the smallest that is wide enough, H.264 before others', () => {
    const small = { width: 640, height: 360 };
    expect(said({ width: 3840, height: 2160 }, {}, small)).toEqual([
      '1',
      'the smallest with the 1280 pixels of width that the box reads',
    ]);
    expect(said({ codec: 'H265' }, { width: 2560, height: 1440 })?.[0]).toBe('1');
    expect(said(small, { url: undefined })?.[1]).toMatch(/none has the 1280 pixels/);
    expect(said({ url: undefined })).toBeUndefined();
  });

  it('comes with what to set', () => {
    expect(said({ codec: 'H265', keyFrameEveryS: 4, fps: 6 })?.slice(2)).toEqual([
      'it is H.265, which the page cannot show: set H.264',
      'its key frames are 4 s apart: set 1 s (I-frame interval, GOP, of 6 pictures)',
      'it shows 6 pictures a second: set 15 to 25, or a quick vehicle is seen too rarely',
    ]);
  });
});

describe('the verbs', () => {
  const device: DiscoveredDevice = {
    address: '192.0.2.7',
    onvifPort: 8000,
    name: 'North gate',
    model: 'SB-1',
    mac: '02:00:00:00:00:01',
    openPorts: [],
  };
  const onvif = (more: Partial<Onvif>): Onvif => ({
    find: () =>
      Promise.resolve([device, { ...device, address: '192.0.2.8', onvifPort: undefined, openPorts: [80, 554] }]),
    describe: () => Promise.resolve({ identity: IDENTITY, clockOffsetS: -28_800, streams: [STREAM] }),
    picture: () => Promise.reject(new CameraError('the camera does not answer: check cable, power and address')),
    openEvents: () => ({ run: () => Promise.resolve() }),
    ...more,
  });
  const cameras = (args: string[], more: Partial<Onvif> = {}) => run(camerasCommand(onvif(more), WORKER), args);

  it('find prints a line each, exit 1 where there is none', async () => {
    const { code, out } = await cameras(['find']);
    expect([code, ...out.split('\n')]).toEqual([
      0,
      '192.0.2.7  North gate SB-1  02:00:00:00:00:01  ONVIF at port 8000',
      '192.0.2.8  02:00:00:00:00:01  no ONVIF answer; open ports: 80 554',
      'What one is, and what to write: npx sitebox cameras probe ADDRESS --user USER --password-file FILE',
      '',
    ]);
    expect(JSON.parse((await cameras(['find', '--json'])).out)).toHaveLength(2);
    const none = await cameras(['find'], { find: () => Promise.resolve([]) });
    expect([none.code, none.out]).toEqual([1, expect.stringMatching(/^no camera answers: /)]);
  });

  it('probe says a clock that is off and a picture that does not come, and still writes the configuration', async () => {
    const { code, out } = await cameras(['probe', '192.0.2.7', '--picture', join(tempFolder(), 'a.jpg')]);
    expect(code).toBe(0);
    expect(out).toContain('its clock is 28800 s behind: set its time zone and NTP server');
    expect(out).toContain('no picture: the camera does not answer: check cable, power and address');
    expect(out).toContain(
      '  - id: camera-192-0-2-7\n    kind: rtsp\n    url: "rtsp://192.0.2.7/main"\n    onvif: true\n',
    );
    const json = JSON.parse((await cameras(['probe', '192.0.2.7', '--json'])).out) as object;
    expect(json).toMatchObject({ identity: { serial: 'S' }, clockOffsetS: -28_800, take: 'main', advice: [] });
  });

  it('keep the card of a camera of the configuration, once a person answers for it, and print it', async () => {
    const config = join(tempFolder(), 'sitebox.yaml');
    const camera = '{ id: north-1, kind: folder, path: . }';
    const lane = '{ id: north, kind: road, cameras: [north-1] }';
    writeFileSync(
      config,
      `site: demo\nstorage: { folder: data }\nlists: { trust: root.json }\ncameras: [${camera}]\nlanes: [${lane}]\n`,
    );
    openDb(join(config, '../data')).close();
    const on = ['--config', config];
    expect((await cameras(['card', 'north-1', ...on])).err).toMatch(/camera north-1 has no card yet/);
    const probe = ['probe', '192.0.2.7', ...on, '--by', 'Officer 9', '--keep'];
    const other = await cameras([...probe, 'south-1']);
    expect([other.code, other.err]).toEqual([1, 'the configuration has no camera south-1; it has north-1\n']);
    expect((await cameras([...probe, 'north-1'])).err).toBe('the card of camera north-1 is kept\n');
    const replaced = { ...IDENTITY, serial: 'S2' };
    const again = await cameras([...probe, 'north-1'], {
      describe: () => Promise.resolve({ identity: replaced, clockOffsetS: 0, streams: [STREAM] }),
    });
    expect(again.err).toMatch(/it is another device than before, whose serial number was S\n/);
    const { code, out } = await cameras(['card', 'north-1', ...on]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Camera north-1\nMaker, model +M T\nSerial number +S2\n/)]);
    expect(out).toMatch(/Kept +\d{4}-.*Z, by Officer 9\n/);
  });

  it.each([
    [['probe', '192.0.2.7', '--keep', 'north-1'], 64],
    [['probe', '192.0.2.7', '--by', 'Officer 9'], 64],
    [['probe'], 64],
    [['probe', 'http://192.0.2.7'], 64],
    [['probe', '192.0.2.7:99999'], 64],
    [['probe', '192.0.2.7', '--user', 'admin'], 64],
  ])('%j is a mistake', async (args, expected) => {
    expect((await cameras(args)).code).toBe(expected);
  });

  it('what a camera refuses is one sentence, which is known in Chinese', async () => {
    const refusal = '192.0.2.7, port 80, asks for a login: give --user and --password-file';
    const { code, err } = await cameras(['probe', '192.0.2.7'], {
      describe: () => Promise.reject(new CameraError(refusal)),
    });
    expect([code, err]).toEqual([1, `${refusal}\n`]);
    expect(inChinese(refusal)).toBe('192.0.2.7 的 80 端口要求登录：请给出 --user 和 --password-file');
  });
});
