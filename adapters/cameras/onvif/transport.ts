/** One message to a camera and its answer over HTTP: to the host that was named and no other, bounded in time and size, never redirected. */
import { request, type IncomingMessage } from 'node:http';
import { CameraError, codeOf } from '../../../gateway/contracts/errors.ts';
import type { CameraAddress } from '../../../gateway/contracts/onvif.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** From asking to the last byte. */
export const ANSWER_MS = 4_000;
/** The profiles of a recorder with 32 channels take about 150 KiB. */
const MAX_ANSWER_BYTES = 512 * 1024;

export interface SoapRequest {
  readonly path: string;
  readonly action: string;
  readonly body: string;
  /** Of HTTP Digest. */
  readonly authorization?: string | undefined;
  readonly timeoutMs: number;
}

export interface SoapAnswer {
  readonly status: number;
  readonly text: string;
  /** The fields `WWW-Authenticate`. */
  readonly challenges: readonly string[];
}

/** Rejects with a CameraError, or with the reason of `signal`. */
export function post(to: CameraAddress, message: SoapRequest, signal: AbortSignal): Promise<SoapAnswer> {
  const where = { host: to.host, port: to.port };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const bytes = Buffer.from(message.body, 'utf8');
    const asked = request({
      ...where,
      path: message.path,
      method: 'POST',
      agent: false,
      headers: {
        'Content-Type': `application/soap+xml; charset=utf-8; action="${message.action}"`,
        'Content-Length': bytes.length,
        ...(message.authorization === undefined ? {} : { Authorization: message.authorization }),
      },
    });
    // A request whose answer has begun raises no error when it is destroyed: each end settles the promise itself.
    const fail = (error: Error): void => {
      reject(error);
      asked.destroy();
    };
    const seconds = Math.ceil(message.timeoutMs / 1000);
    const timer = setTimeout(
      () => fail(new CameraError(english('onvif-no-answer', { ...where, seconds }))),
      timerMs(message.timeoutMs),
    );
    const aborted = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    asked.on('error', (error) => fail(explained(error, where)));
    asked.on('response', (response) => {
      readAnswer(response, where).then(resolve).catch(fail);
    });
    asked.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    });
    asked.end(bytes);
  });
}

async function readAnswer(response: IncomingMessage, where: { host: string; port: number }): Promise<SoapAnswer> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new CameraError(english('onvif-redirects', { ...where, status }));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES)
        throw new CameraError(english('onvif-too-large', { ...where, most: MAX_ANSWER_BYTES / 1024 }));
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof CameraError ? error : new CameraError(english('onvif-half-answer', where));
  }
  const challenges = response.headersDistinct['www-authenticate'] ?? [];
  return { status, text: Buffer.concat(chunks).toString('utf8'), challenges };
}

function explained(error: Error, where: { host: string; port: number }): CameraError {
  const code = codeOf(error) ?? '';
  if (code === 'ECONNREFUSED') return new CameraError(english('onvif-nothing-listens', where));
  if (/^E(HOSTUNREACH|NETUNREACH|HOSTDOWN)$/.test(code)) return new CameraError(english('onvif-no-way', where));
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) return new CameraError(english('onvif-name-unknown', where));
  if (/^(ECONNRESET|EPIPE)$/.test(code)) return new CameraError(english('onvif-half-answer', where));
  return new CameraError(english('onvif-not-onvif', { ...where, fault: '' }));
}
