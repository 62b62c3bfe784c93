/** What is done with one request: who sends it is asked first, then it is read, handed on, and answered once that is settled. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { LoginThrottle } from '../../../gateway/contracts/logins.ts';
import type { PushRefusal } from '../../../gateway/contracts/push.ts';
import type { Log } from '../../../gateway/contracts/base.ts';
import type { Observation } from '../../../gateway/contracts/source.ts';
import { PushError, type BodyParser, type PushMessage } from './codec.ts';
import type { DigestGuard } from './digest.ts';
import type { Claim, Deduplicator } from './deduplicator.ts';
import type { ThrottledLog } from './throttled-log.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** What the cameras of one maker send, and like to hear. */
export interface Dialect {
  handles(path: string): boolean;
  /** Throws a PushError for a type that is not expected. */
  openParser(path: string, contentType: string): BodyParser;
  readonly success: { readonly type: string; readonly body: string };
}

export const PUSH_LIMITS = {
  bodyBytes: 8 * 2 ** 20,
  /** Connections that are served; a few more are told so, the others are cut. */
  connections: 32,
  /** Messages that are read and settled at a time. */
  concurrent: 4,
  /** Head and body of a request, each from its first byte to its last. */
  requestMs: 10_000,
  /** How long an answer waits for what the message asks for. */
  settleMs: 5_000,
  /** How long a body that nobody wants is thrown away, so that the camera reads the answer instead of a broken connection. */
  drainMs: 1_000,
};
export type PushLimits = Readonly<typeof PUSH_LIMITS>;

export interface PushOptions {
  readonly camera: string;
  readonly log: Log;
  readonly listen: { readonly host: string; readonly port: number };
  readonly silentAfterS: number;
  readonly crossCheck: boolean;
  readonly dialect: Dialect;
  readonly allows: (address: string | undefined) => boolean;
  readonly digest: DigestGuard | undefined;
  readonly logins: LoginThrottle;
  readonly deduplicator: Deduplicator;
  readonly limits: PushLimits;
}

/** What one run shares among its requests. */
export interface PushRun {
  readonly options: PushOptions;
  readonly problems: ThrottledLog;
  readonly signal: AbortSignal;
  emit(o: Observation): void;
  /** The camera has said something that can be used. */
  onMessage(): void;
  inProgress: number;
  /** Requests without a login since the last with one. The first of a login has none; a camera that never logs in sends no other. */
  withoutLogin: number;
}

/** Never rejects: whatever is wrong with a message becomes its answer. */
export async function answer(
  run: PushRun,
  request: IncomingMessage,
  response: ServerResponse,
  busy: boolean,
): Promise<void> {
  // A connection that breaks says so here; without a listener that would end the program.
  response.on('error', () => undefined);
  try {
    check(run, request, busy);
    const { type, body } = run.options.dialect.success;
    run.inProgress++;
    try {
      await take(run, await read(run, request, response));
    } finally {
      run.inProgress--;
    }
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  } catch (error) {
    if (run.signal.aborted) return;
    if (request.destroyed && !request.complete) {
      const why = english('push-incomplete');
      run.problems.warn('broken off', why);
      emitRefused(run, 'incomplete', why);
    } else refuse(run, request, response, refusalOf(error));
  }
}

/** A mistake of our own must not take the listener down, and its words may hold what was read. */
function refusalOf(error: unknown): PushError {
  return error instanceof PushError ? error : new PushError(500, english('push-fault'));
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').replace(/[?#].*$/s, '');

/** Everything that can be told from the head alone, the cheapest first. Nothing of the body has been read. */
function check(run: PushRun, request: IncomingMessage, busy: boolean): void {
  const { options, inProgress } = run;
  const { limits, dialect, digest } = options;
  if (!options.allows(request.socket.remoteAddress)) throw new PushError(403, english('push-address'));
  if (!dialect.handles(pathOf(request))) throw new PushError(404, english('push-path'));
  if (request.method !== 'POST') throw new PushError(405, english('push-method'));
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) throw tooLarge(limits);
  if (request.headers.authorization !== undefined) run.withoutLogin = 0;
  const address = request.socket.remoteAddress ?? '';
  const waitMs = digest ? options.logins.waitMs(address) : 0;
  if (waitMs > 0) throw new LoginThrottled(waitMs);
  const login = digest?.check(request.headers.authorization ?? '', 'POST', request.url ?? '') ?? 'right';
  if (login === 'stale') throw new StaleNonce();
  if (login === 'wrong' && request.headers.authorization !== undefined) options.logins.wrong(address);
  if (login === 'wrong') throw new PushError(401, english('push-login'));
  if (busy || inProgress >= limits.concurrent) throw new PushError(503, english('push-busy'));
}

const tooLarge = ({ bodyBytes }: PushLimits): PushError =>
  new PushError(413, english('push-body-too-long', { most: bodyBytes }));

/** A right answer to a nonce of yesterday: part of the protocol, and no mistake. */
class StaleNonce extends PushError {
  constructor() {
    super(401, english('push-new-nonce'));
  }
}

/** Whatever it sends: the login is not looked at, so that nothing can be learned from the answer. */
class LoginThrottled extends PushError {
  readonly afterS: number;
  constructor(waitMs: number) {
    super(429, english('push-throttled'));
    this.afterS = Math.ceil(waitMs / 1000);
  }
}

async function read({ options }: PushRun, request: IncomingMessage, response: ServerResponse): Promise<PushMessage> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new PushError(415, english('push-compressed'));
  }
  const parser = options.dialect.openParser(pathOf(request), request.headers['content-type'] ?? '');
  if (request.headers.expect !== undefined) response.writeContinue();
  let bytes = 0;
  // The connection must outlive a refusal in the middle, which still has to be said.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > options.limits.bodyBytes) throw tooLarge(options.limits);
    parser.feed(chunk as Buffer);
  }
  return parser.end();
}

/** Resolves once the message may be acknowledged. */
async function take(run: PushRun, message: PushMessage): Promise<void> {
  const { options, problems, signal } = run;
  if (signal.aborted) throw new PushError(503, english('push-ending'));
  run.onMessage();
  if (message.kind === 'heartbeat') return run.emit({ kind: 'heartbeat' });
  const at = Date.now();
  for (const what of message.leftOut) problems.warn(what, 'a read is used without what cannot be used of it');
  const claim = options.deduplicator.claim(message.identity);
  if (!claim.isFirst) options.log.debug({ camera: options.camera }, 'a repeat');
  else {
    const { settle } = claim;
    try {
      run.emit({ kind: 'pushed', read: { ...message.read, at, crossCheck: options.crossCheck }, settle });
    } catch (error) {
      settle(new Error('not taken', { cause: error }));
      throw error;
    }
  }
  const settlement = await settledWithin(claim, options.limits.settleMs, signal);
  if (settlement === 'late') throw new PushError(503, english('push-not-kept-yet'));
  if (settlement) throw new PushError(503, english('push-not-kept'));
}

async function settledWithin(claim: Claim, ms: number, signal: AbortSignal): Promise<Error | undefined | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const giveUp = (): void => resolve('late');
  const timer = setTimeout(giveUp, ms);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([claim.settled, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** After these nothing more is expected on the connection. */
const FINAL = new Set([403, 404, 413, 429, 500]);

/** Answers in plain words and throws away what still comes of the body, up to another one and for a moment. */
const REASONS: Readonly<Record<number, PushRefusal>> = {
  400: 'form',
  401: 'login',
  403: 'address',
  404: 'path',
  405: 'method',
  408: 'incomplete',
  413: 'size',
  415: 'type',
  429: 'login throttled',
  431: 'size',
  500: 'fault',
  503: 'busy',
};
export const reasonOf = (status: number): PushRefusal => REASONS[status] ?? 'form';

/** Nothing is emitted after the end. */
export function emitRefused(run: PushRun, reason: PushRefusal, why: string): void {
  if (!run.signal.aborted) run.emit({ kind: 'refused', reason, why });
}

function refuse(run: PushRun, request: IncomingMessage, response: ServerResponse, refusal: PushError): void {
  const { status, message } = refusal;
  const { options, problems } = run;
  const { limits, digest } = options;
  // A first request without an answer is how Digest begins; one more without says that it does not go on.
  const isFirst = status === 401 && request.headers.authorization === undefined && run.withoutLogin++ === 0;
  const isUsual = refusal instanceof StaleNonce || isFirst;
  const address = status === 403 ? { address: request.socket.remoteAddress } : {};
  if (!isUsual) {
    problems.warn(String(status), message, address);
    emitRefused(run, reasonOf(status), message);
  }

  const last = FINAL.has(status) || (status === 503 && !request.complete) || request.headers.expect !== undefined;
  const text = `${STATUS_CODES[status]}: ${message}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(last && { connection: 'close' }),
    ...(status === 401 && digest && { 'www-authenticate': digest.offers(refusal instanceof StaleNonce) }),
    ...(status === 405 && { allow: 'POST' }),
    ...(status === 503 && { 'retry-after': '1' }),
    ...(refusal instanceof LoginThrottled && { 'retry-after': String(refusal.afterS) }),
  });
  response.write(text);
  request.resume();
  if (request.complete) return void response.end();
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), last ? limits.drainMs : limits.requestMs);
  request.on('data', (chunk: Buffer) => void ((bytes += chunk.length) > limits.bodyBytes && request.destroy()));
  request.on('error', () => undefined);
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(timer));
}
