/** A camera that offers single pictures: polls a snapshot address over HTTP(S). */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../../../gateway/contracts/base.ts';
import { whyNotConnected } from '../../../gateway/contracts/network-errors.ts';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { addressKey, loginKeys, passwordHasUser } from '../address.ts';
import {
  basicAuthorization,
  isSupported,
  digestAuthorization,
  parseChallenges,
  type DigestCredentials,
} from '../../shared/digest.codec.ts';
import { decodePicture, pictureKeys, PictureError } from './picture.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const jpegConfig = z
  .strictObject({
    ...pictureKeys,
    ...loginKeys,
    url: addressKey(['http:', 'https:'], 'http://192.0.2.10/snapshot.jpg'),
    fps: pictureKeys.fps.default(2),
  })
  .refine(...passwordHasUser);

type JpegConfig = z.infer<typeof jpegConfig>;

/** One request, from asking to the last byte. */
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 8 * 2 ** 20;
/** Failures in a row that make a loss: a single broken picture is left out, a camera that is gone is reported. */
const MAX_FAILURES = 3;

/** Checks the configuration; `run` polls. Basic and Digest as the camera asks for; an address is never followed elsewhere. */
export const openJpeg: OpenSource = (value, context) => {
  const config = context.check(jpegConfig, value);
  const password = config.password === undefined ? '' : context.secret(config.password, 'password');
  const who = config.user === undefined ? undefined : { user: config.user, password };
  return { run: (emit, signal) => poll({ config, who, context }, emit, signal) };
};

interface PollOptions {
  readonly config: JpegConfig;
  readonly who: DigestCredentials | undefined;
  readonly context: Pick<Context, 'id' | 'log'>;
}

async function poll(
  { config, who, context }: PollOptions,
  emit: (o: Observation) => void,
  signal: AbortSignal,
): Promise<void> {
  const { width, height } = config;
  let failures = 0;
  while (!signal.aborted) {
    const askedAt = performance.now();
    try {
      const bytes = await snapshot(config.url, who, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
      const at = Date.now();
      const rgb = await decodePicture(bytes, config);
      if (signal.aborted) return;
      emit({ kind: 'frame', frame: { source: context.id, at, width, height, rgb } });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const why = explainFailure(error);
      if (failures >= MAX_FAILURES) throw new Error(english('camera-in-a-row', { why, failures }), { cause: error });
      context.log.warn({ camera: context.id, failures, why }, 'no picture');
    }
    const pauseMs = askedAt + 1000 / config.fps - performance.now();
    if (pauseMs > 0) await sleep(timerMs(pauseMs), undefined, { signal }).catch(() => undefined);
  }
}

/** The answer to the request, after logging in where the camera asks for it. */
async function snapshot(url: string, who: DigestCredentials | undefined, signal: AbortSignal): Promise<Uint8Array> {
  const get = (authorization?: string): Promise<Response> =>
    fetch(url, { signal, redirect: 'error', headers: authorization === undefined ? {} : { authorization } });
  let response = await get();
  if (response.status === 401 && who) {
    await response.body?.cancel();
    response = await get(authorization(response.headers.get('www-authenticate') ?? '', who, url));
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new PictureError(STATUS[response.status] ?? english('camera-status', { status: response.status }));
  }
  return body(response);
}

const STATUS: Readonly<Record<number, string>> = {
  401: english('camera-refuses-login'),
  403: english('camera-forbids-picture'),
  404: english('camera-no-picture'),
};

function authorization(challenge: string, who: DigestCredentials, url: string): string {
  const offers = parseChallenges(challenge);
  const digest = offers.find(isSupported);
  if (digest) {
    const { pathname, search } = new URL(url);
    const cnonce = randomBytes(12).toString('hex');
    return digestAuthorization(digest, who, { method: 'GET', uri: pathname + search, cnonce, count: 1 });
  }
  if (offers.some((o) => o.scheme === 'basic')) return basicAuthorization(who);
  throw new PictureError(english('camera-other-login'));
}

/** Reads no more than the cap, whatever the camera announces. */
async function body(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_BYTES) throw new PictureError(english('picture-too-large', { most: MAX_BYTES / 2 ** 20 }));
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/** A sentence for people. Messages of fetch may repeat the address; only its error codes are used. */
function explainFailure(error: unknown): string {
  if (error instanceof PictureError) return error.message;
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return english('camera-no-answer-within', { seconds: TIMEOUT_MS / 1000 });
  const code = cause?.code ?? '';
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) {
    return english('camera-certificate', { code });
  }
  if (cause?.message === 'unexpected redirect') return english('camera-redirects');
  const broke = code === '' ? english('camera-connection-broke') : english('camera-connection-broke-code', { code });
  return whyNotConnected(cause, 'camera') ?? broke;
}
