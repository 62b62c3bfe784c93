/** A camera that offers single pictures over HTTP(S): polls its snapshot address, or stays on its stream of pictures (MJPEG). */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../../../gateway/contracts/base.ts';
import { CameraError, causeOf, codeOf } from '../../../gateway/contracts/errors.ts';
import { whyNotConnected } from '../../../gateway/contracts/network-errors.ts';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { addressKey, loginKeys, passwordHasUser } from '../address.ts';
import type { DigestCredentials } from '../../shared/digest.codec.ts';
import { decodePicture, pictureKeys, PictureError } from './picture.ts';
import { pictures } from './pictures.ts';
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
  let dueAt = -Infinity;
  while (!signal.aborted) {
    try {
      for await (const bytes of pictures(new URL(config.url), who, signal)) {
        // Of a stream of pictures, those that are due.
        const now = performance.now();
        if (now < dueAt) continue;
        dueAt = Math.max(dueAt + 1000 / config.fps, now);
        const at = Date.now();
        const rgb = await decodePicture(bytes, config);
        if (signal.aborted) return;
        emit({ kind: 'frame', frame: { source: context.id, at, width, height, rgb } });
        failures = 0;
      }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const { message, loss } = explainFailure(error);
      // A login is not tried again at once: cameras lock the account.
      if (loss === 'login') throw new CameraError(message, loss);
      if (failures >= MAX_FAILURES) throw new CameraError(english('camera-in-a-row', { why: message, failures }), loss);
      context.log.warn({ camera: context.id, failures, why: message }, 'no picture');
      dueAt = performance.now() + 1000 / config.fps;
    }
    const pauseMs = dueAt - performance.now();
    if (pauseMs > 0) await sleep(timerMs(pauseMs), undefined, { signal }).catch(() => undefined);
  }
}

/** A sentence for people. Messages of the system may repeat the address; only its error codes are used. */
function explainFailure(error: unknown): CameraError {
  if (error instanceof CameraError) return error;
  if (error instanceof PictureError) return new CameraError(error.message);
  const code = codeOf(error);
  if (code === undefined) return new CameraError(causeOf(error));
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code))
    return new CameraError(english('camera-certificate', { code }), 'setting');
  return new CameraError(whyNotConnected(error, 'camera') ?? english('camera-connection-broke-code', { code }));
}
