/** Asks a camera's web server for a picture, logs in where it wants that, and hands out what comes: one picture, or a stream of them. */
import { isIP, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import type { DigestCredentials } from '../../shared/digest.codec.ts';
import { DigestLogin } from '../../shared/digest-login.ts';
import { endsImage, HttpPictureReader, type HttpHead } from './http.codec.ts';

/** From asking, or from the last picture, to the last byte of the next one. */
export const PICTURE_MS = 5_000;
const MAX_BYTES = 8 * 2 ** 20;
/** Where a picture has its end and its length promises more: nothing more comes after this long. */
const QUIET_MS = 500;

/** Rejects with a CameraError where the camera answers otherwise, with an error of the system or of TLS where it does not. */
export async function* pictures(
  url: URL,
  who: DigestCredentials | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const login = who && new DigestLogin(who);
  for (let isAsked = true, tries = 0; isAsked; tries++) {
    isAsked = false;
    const authorization = login?.authorization('GET', url.pathname + url.search);
    for await (const part of exchange(url, authorization, signal)) {
      if (Buffer.isBuffer(part)) {
        yield part;
        continue;
      }
      if (part.status === 401 && login && tries === 0) {
        if (login.challenged(part.field('www-authenticate')) === 'unsupported')
          throw new CameraError(english('camera-other-login'), 'setting');
        isAsked = true;
        break;
      }
      if (part.status !== 200) throw statusError(part.status);
    }
  }
}

function statusError(status: number): CameraError {
  if (status === 401) return new CameraError(english('camera-refuses-login'), 'login');
  if (status === 403) return new CameraError(english('camera-forbids-picture'), 'login');
  if (status === 404) return new CameraError(english('camera-no-picture'), 'setting');
  if (status >= 300 && status < 400) return new CameraError(english('camera-redirects'), 'setting');
  return new CameraError(english('camera-status', { status }));
}

/** One request: the head of its answer, then each picture. */
async function* exchange(
  url: URL,
  authorization: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<HttpHead | Buffer> {
  const socket = open(url);
  const reader = new HttpPictureReader(MAX_BYTES);
  const late = new CameraError(english('camera-no-answer-within', { seconds: PICTURE_MS / 1000 }));
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  let timer = setTimeout(() => socket.destroy(late), PICTURE_MS);
  let quiet: NodeJS.Timeout | undefined;
  let count = 0;
  socket.write(request(url, authorization));
  try {
    for await (const chunk of socket) {
      const before = reader.head;
      const found = reader.read(chunk as Buffer);
      if (!before && reader.head) yield reader.head;
      for (const picture of found) {
        count++;
        yield picture;
      }
      clearTimeout(quiet);
      if (found.length > 0) timer = restart(timer, () => socket.destroy(late));
      else if (reader.pending && endsImage(reader.pending)) quiet = setTimeout(() => socket.destroy(), QUIET_MS);
    }
  } catch (error) {
    // `destroy()` without a cause ends the loop so.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(quiet);
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
  if (!reader.head) throw new CameraError(english('camera-connection-broke'));
  if (count === 0 || (reader.pending?.length ?? 0) > 0) yield reader.pending ?? Buffer.alloc(0);
}

function restart(timer: NodeJS.Timeout, then: () => void): NodeJS.Timeout {
  clearTimeout(timer);
  return setTimeout(then, PICTURE_MS);
}

function open({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') return connect({ host, port: Number(port || 80), noDelay: true });
  return connectTls({ host, port: Number(port || 443), ...(isIP(host) === 0 ? { servername: host } : {}) });
}

/** The connection is closed behind each answer: cameras do not all keep one open. */
function request({ host, pathname, search }: URL, authorization: string | undefined): string {
  const accept = 'image/jpeg, image/png, image/webp, multipart/x-mixed-replace, */*;q=0.1';
  const login = authorization === undefined ? [] : [`Authorization: ${authorization}`];
  const fields = [`Host: ${host}`, 'User-Agent: sitebox', `Accept: ${accept}`, 'Connection: close', ...login];
  return [`GET ${pathname}${search} HTTP/1.1`, ...fields, '', ''].join('\r\n');
}
