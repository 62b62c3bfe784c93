/** One HTTP request and its answer, bounded in size and time, with errors that a duty officer can act on. */
import type { Agent, IncomingMessage, RequestOptions } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { whyNotConnected } from '../../../gateway/contracts/network-errors.ts';
import { signatureIn, type SignatureHeaders } from '../webhook.codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Without any byte moving. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** By the clock of the other side. */
  readonly date?: string | undefined;
  readonly contentType?: string | undefined;
  /** As the headers have it; empty where the answer is not signed. */
  readonly signature: Partial<SignatureHeaders>;
  readonly body: string;
}

/** Acknowledgements are short, and instructions come in pieces of this size: a longer answer is not from the command room. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_PATIENCE_MS = 3_600_000;

/**
 * A kept connection that the other side closed in the meantime is no failure: the request goes once more, on a fresh one. That is safe
 * because everything sent here is stored under its own name.
 */
export async function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  const first = await attempt(request);
  if (first !== 'stale') return first;
  const second = await attempt(request, false);
  if (second === 'stale') throw new Error(english('room-closed-at-once'));
  return second;
}

function attempt(request: HttpRequest, kept = true): Promise<HttpAnswer | 'stale'> {
  const { url, method, body, timeoutMs, signal } = request;
  const options: RequestOptions = {
    method,
    headers: {
      ...request.headers,
      'content-length': String(body.length),
      ...(kept ? {} : { connection: 'close' }),
    },
    agent: request.agent,
    signal,
    timeout: timeoutMs,
  };
  return new Promise((resolve, reject) => {
    const req = (url.startsWith('https:') ? https : http).request(url, options, (res) => {
      resolve(readAnswer(res));
    });
    req.on('timeout', () => req.destroy(new Error(english('room-no-answer', { ms: timeoutMs }))));
    req.on('error', (e: NodeJS.ErrnoException) => {
      if (kept && req.reusedSocket && (e.code === 'ECONNRESET' || e.code === 'EPIPE')) resolve('stale');
      else reject(e);
    });
    req.end(body);
  });
}

async function readAnswer(res: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of res as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      res.destroy();
      throw new Error(english('room-answer-too-long', { status: res.statusCode ?? 0, most: MAX_ANSWER_BYTES }));
    }
    chunks.push(chunk);
  }
  return {
    status: res.statusCode ?? 0,
    retryAfter: res.headers['retry-after'],
    date: res.headers.date,
    contentType: res.headers['content-type'],
    signature: signatureIn(res.headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** RFC 9110 10.2.3: seconds or a date. 0 when absent or unreadable; at most an hour. */
export function retryAfterMs(answer: Pick<HttpAnswer, 'retryAfter'>, now: number): number {
  const text = answer.retryAfter?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(MAX_PATIENCE_MS, Math.max(0, ms)) : 0;
}

/** In words, without paths or keys: `host` is the only part of the address that is named. */
export function explainFailure(error: unknown, url: string): string {
  return `${new URL(url).host}: ${whyNotConnected(error, 'room') ?? (error as Error).message}`;
}
