/** Why a camera gives no pictures, from its RTSP status or from ffmpeg's error text, and what has to happen before it gives some again. */
import { CameraError, type CameraLoss } from '../../../gateway/contracts/errors.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** What the camera's RTSP status (RFC 2326 section 7.1.1) means for a duty officer. */
const STATUS: Readonly<Record<number, readonly [cause: string, loss: CameraLoss]>> = {
  401: [english('camera-refuses-login'), 'login'],
  403: [english('camera-forbids-stream'), 'login'],
  404: [english('camera-no-stream'), 'setting'],
  423: [english('camera-locked'), 'login'],
  453: [english('camera-no-room'), 'line'],
  461: [english('camera-refuses-transport'), 'setting'],
  503: [english('camera-no-room'), 'line'],
};

export function statusError(status: number): CameraError {
  if (status >= 300 && status < 400) return new CameraError(english('camera-redirects'), 'setting');
  const [cause, loss] = STATUS[status] ?? [english('camera-rtsp-status', { status }), 'line'];
  return new CameraError(cause, loss);
}

type Cause = readonly [pattern: RegExp, cause: string, loss?: CameraLoss];

/** The line to the camera; these may happen at any time. */
const LINE: readonly Cause[] = [
  [/connection refused/i, english('camera-refused-connection')],
  [/no route to host|network is unreachable|host is down/i, english('camera-no-way')],
  [/failed to resolve|name or service not known/i, english('camera-name-unknown')],
  [/timed out/i, english('camera-no-answer')],
];

/** What keeps a stream from starting. Once pictures came, the same words tell of a single damaged packet and mean nothing. */
const START: readonly Cause[] = [
  [/option .*not found|unrecognized option|unknown keyword/i, english('ffmpeg-too-old'), 'setting'],
  [/matches no streams|not contain any stream/i, english('camera-no-video'), 'setting'],
  [/invalid data found|error number|not implemented/i, english('camera-no-rtsp'), 'setting'],
];

/**
 * A sentence for people from ffmpeg's error text. The text itself is never passed on: it repeats the address. `streaming` says that
 * pictures had come before.
 */
export function explainStderr(stderr: string, streaming: boolean): CameraError {
  const status = /(?:failed: |server returned )(\d{3})\b/i.exec(stderr)?.[1];
  if (status !== undefined) return statusError(Number(status));
  const found = [...LINE, ...(streaming ? [] : START)].find(([pattern]) => pattern.test(stderr));
  if (found) return new CameraError(found[1], found[2]);
  return new CameraError(streaming ? english('camera-ended-stream') : english('camera-closed-early'));
}
