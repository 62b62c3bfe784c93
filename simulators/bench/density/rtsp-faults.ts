/** Cameras as they are: each odd stream and login gives pictures, or a message that names the setting to change. Real ffmpeg, real sockets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openRtsp } from '../../../adapters/cameras/rtsp/source.ts';
import type { Source } from '../../../gateway/contracts/source.ts';
import { testContext } from '../../conformance/context.ts';
import { startCamera, type CameraOptions, type RtspCamera } from '../../devices/road-camera/server.ts';
import type { ReportProgress } from '../parts.ts';
import { measure, type Measure } from '../report.ts';

const USER = 'box';
const PASSWORD = 'right';
const FPS = 10;
/** Pictures that make a stream, and the time that a camera is given for them, several at once on a busy machine included. */
const ENOUGH = 8;
const MAX_WAIT_MS = 45_000;
/** As many as a large checkpoint has. */
const CAMERAS = 34;
/** What a message has to name: a key of the configuration, or a setting of the camera. */
const NAMES_A_SETTING = /`\w+`|set (RTSP|H\.264|its key frame)/;

interface Case {
  readonly encoder?: string;
  readonly picture?: string;
  readonly seconds?: number;
  readonly options?: Omit<CameraOptions, 'clip'>;
  readonly keys?: object;
  /** Something happens to the camera once pictures come. */
  readonly then?: (camera: RtspCamera) => void;
  /** Pictures are not to be expected: the message is. */
  readonly isRefused?: true;
}

const X264 = '-g 10 -bf 0';
const login = (options: Omit<CameraOptions, 'clip'>): Case => ({
  options: { user: USER, password: PASSWORD, ...options },
  keys: { user: USER, password: 'env:P' },
});

const CASES: Readonly<Record<string, Case>> = {
  'Digest with MD5 and SHA-256': login({ offers: ['MD5', 'SHA-256'] }),
  'Digest with SHA-256 and MD5': login({ offers: ['SHA-256', 'MD5'] }),
  'Digest with SHA-256 alone': login({ offers: ['SHA-256'] }),
  'Digest with MD5-sess': login({ offers: ['MD5-sess'] }),
  'Digest with an empty qop': login({ offers: ['empty-qop'] }),
  'Digest whose nonce is good for one request': login({ offers: ['SHA-256'], nonceUses: 1 }),
  'Digest with auth-int alone': { ...login({ offers: ['auth-int'] }), isRefused: true },
  'a wrong password': { ...login({}), keys: { user: USER, password: 'env:W' }, isRefused: true },
  'UDP, one datagram of fifty lost': { options: { transport: 'udp', losesEvery: 50 }, keys: { transport: 'udp' } },
  'UDP asked for by TCP': { options: { transport: 'udp' }, isRefused: true },
  'TCP asked for by UDP': { options: { transport: 'tcp' }, keys: { transport: 'udp' }, isRefused: true },
  'a metadata track beside the video': { options: { metadata: true } },
  'stamps that stand still': { options: { stampsStandStill: true } },
  'another path': { then: (camera) => camera.fault('missing'), isRefused: true },
  'key frames 20 s apart': {
    encoder: '-g 200 -keyint_min 200 -sc_threshold 0 -bf 0',
    seconds: 20,
  },
  'key frames that are never marked': { encoder: '-g 10 -bf 0 -x264-params intra-refresh=1' },
  'open GOPs': { encoder: '-g 10 -bf 2 -x264-params open-gop=1' },
  'two slices a picture': { encoder: `${X264} -x264-params slices=2` },
  interlaced: { encoder: `${X264} -flags +ildct -x264-params tff=1` },
  portrait: { picture: 'testsrc2=size=240x432' },
  '4K': { picture: 'testsrc2=size=3840x2160' },
  'parameter sets that change': { then: (camera) => camera.fault('size') },
  'a camera that closes again and again': { then: (camera) => closeTwice(camera) },
};

export async function measureRtspFaults(progress: ReportProgress): Promise<Measure[]> {
  const otherClip = await encode('testsrc2=size=432x240', X264);
  let good = 0;
  for (const [name, one] of Object.entries(CASES)) {
    const clip = await encode(one.picture ?? 'testsrc2=size=320x240', one.encoder ?? X264, one.seconds);
    const isGood = await tried({ clip, otherClip, fps: FPS, ...one.options }, one);
    if (isGood) good++;
    else progress(`neither pictures nor a setting: ${name}`);
  }
  const count = Object.keys(CASES).length;
  progress(`${CAMERAS} cameras at once`);
  const clip = await encode('testsrc2=size=320x240', X264);
  const all = await Promise.all(Array.from({ length: CAMERAS }, () => tried({ clip, otherClip, fps: FPS }, {})));
  return [
    measure('odd cameras with pictures, or a message that names the setting', good, 'cases', count, { least: count }),
    measure('cameras at once with pictures', all.filter((isGood) => isGood).length, 'cameras', CAMERAS, {
      least: CAMERAS,
    }),
  ];
}

async function tried(options: CameraOptions, { keys, then, isRefused }: Case): Promise<boolean> {
  const camera = await startCamera(options);
  try {
    if (isRefused) then?.(camera);
    const context = testContext('odd', { 'env:P': PASSWORD, 'env:W': 'wrong' });
    const source = openRtsp({ url: camera.url, width: 160, height: 120, fps: FPS, ...keys }, context);
    return isRefused ? NAMES_A_SETTING.test(await refusal(source)) : await hasPictures(source, () => then?.(camera));
  } finally {
    await camera.close();
  }
}

/** Run again as the box does, without its pauses. Twice as many pictures where something happens in the middle. */
async function hasPictures(source: Source, onPictures: () => void): Promise<boolean> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), MAX_WAIT_MS);
  let pictures = 0;
  while (!stop.signal.aborted) {
    const run = source.run((o) => {
      if (o.kind !== 'frame') return;
      pictures++;
      if (pictures === ENOUGH) onPictures();
      if (pictures >= 2 * ENOUGH) stop.abort();
    }, stop.signal);
    await run.catch(() => undefined);
  }
  clearTimeout(timer);
  return pictures >= 2 * ENOUGH;
}

async function refusal(source: Source): Promise<string> {
  const stop = AbortSignal.timeout(MAX_WAIT_MS);
  return source
    .run(() => undefined, stop)
    .then(
      () => '',
      (error: unknown) => String(error),
    );
}

function closeTwice(camera: RtspCamera): void {
  camera.fault('cut');
  camera.fault(undefined);
}

/** Drawn pictures, as a camera codes them. */
async function encode(picture: string, encoder: string, seconds = 4): Promise<Buffer> {
  const input = ['-f', 'lavfi', '-i', `${picture}:rate=${FPS}:duration=${seconds}`, '-pix_fmt', 'yuv420p'];
  const output = ['-c:v', 'libx264', '-preset', 'ultrafast', ...encoder.split(' '), '-f', 'h264', 'pipe:1'];
  const child = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', ...input, ...output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  await closed;
  return Buffer.concat(out);
}
