/** What is done with one request: who sends it is asked first, then it is read, handed on, and answered once that is settled. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { LoginThrottle } from '../../../gateway/contracts/logins.ts';
import type { PushRefusal } from '../../../gateway/contracts/push.ts';
import type { Log } from '../../../gateway/contracts/base.ts';
import type { Observation } from '../../../gateway/contracts/source.ts';
import { Refusal, type Collector, type PushMessage } from './codec.ts';
import type { DigestGuard } from './digest.ts';
import type { Claim, Repeats } from './repeats.ts';
import type { Tally } from './tally.ts';

/** What the cameras of one maker send, and like to hear. */
export interface Dialect {
  knows(path: string): boolean;
  /** Throws a Refusal for a type that is not expected. */
  collector(path: string, contentType: string): Collector;
  readonly success: { readonly type: string; readonly body: string };
}

export interface Limits {
  readonly bodyBytes: number;
  /** Connections that are served; a few more are told so, the others are cut. */
  readonly connections: number;
  /** Messages that are read and settled at a time. */
  readonly atATime: number;
  /** Head and body of a request, each from its first byte to its last. */
  readonly requestMs: number;
  /** How long an answer waits for what the message asks for. */
  readonly settleMs: number;
  /** How long a body that nobody wants is thrown away, so that the camera reads the answer instead of a broken connection. */
  readonly lingerMs: number;
}

export const LIMITS: Limits = {
  bodyBytes: 8 * 2 ** 20,
  connections: 32,
  atATime: 4,
  requestMs: 10_000,
  settleMs: 5_000,
  lingerMs: 1_000,
};

export interface PushJob {
  readonly camera: string;
  readonly log: Log;
  readonly listen: { readonly host: string; readonly port: number };
  readonly silentAfterS: number;
  readonly crossCheck: boolean;
  readonly dialect: Dialect;
  readonly allows: (address: string | undefined) => boolean;
  readonly digest: DigestGuard | undefined;
  readonly logins: LoginThrottle;
  readonly repeats: Repeats;
  readonly limits: Limits;
}

/** What one run shares among its requests. */
export interface Run {
  readonly job: PushJob;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  emit(o: Observation): void;
  /** The camera has said something that can be used. */
  heard(): void;
  reading: number;
  /** Requests without a login since the last with one. The first of a login has none; a camera that never logs in sends no other. */
  anonymous: number;
}

/** Never rejects: whatever is wrong with a message becomes its answer. */
export async function answer(
  run: Run,
  request: IncomingMessage,
  response: ServerResponse,
  busy: boolean,
): Promise<void> {
  // A connection that breaks says so here; without a listener that would end the program.
  response.on('error', () => undefined);
  try {
    check(run, request, busy);
    const { type, body } = run.job.dialect.success;
    run.reading++;
    try {
      await take(run, await read(run, request, response));
    } finally {
      run.reading--;
    }
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  } catch (error) {
    if (run.signal.aborted) return;
    if (request.destroyed && !request.complete) {
      run.tally.count('broken off', 'expected the whole message');
      tellRefused(run, 'incomplete', 'expected the whole message');
    } else refuse(run, request, response, refusalOf(error));
  }
}

/** A mistake of our own must not take the listener down, and its words may hold what was read. */
function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(500, 'the message could not be dealt with');
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').replace(/[?#].*$/s, '');

/** Everything that can be told from the head alone, the cheapest first. Nothing of the body has been read. */
function check(run: Run, request: IncomingMessage, busy: boolean): void {
  const { job, reading } = run;
  const { limits, dialect, digest } = job;
  if (!job.allows(request.socket.remoteAddress)) throw new Refusal(403, 'this address is not on the allow-list');
  if (!dialect.knows(pathOf(request))) throw new Refusal(404, 'expected the path that the camera was given');
  if (request.method !== 'POST') throw new Refusal(405, 'expected POST');
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) throw tooLarge(limits);
  if (request.headers.authorization !== undefined) run.anonymous = 0;
  const address = request.socket.remoteAddress ?? '';
  const waitMs = digest ? job.logins.waitMs(address) : 0;
  if (waitMs > 0) throw new Braked(waitMs);
  const login = digest?.check(request.headers.authorization ?? '', 'POST', request.url ?? '') ?? 'right';
  if (login === 'stale') throw new Stale();
  if (login === 'wrong' && request.headers.authorization !== undefined) job.logins.wrong(address);
  if (login === 'wrong') throw new Refusal(401, 'expected HTTP Digest with the user and password of this camera');
  if (busy || reading >= limits.atATime) throw new Refusal(503, 'busy; expected again in a second');
}

const tooLarge = ({ bodyBytes }: Limits): Refusal => new Refusal(413, `expected a body of at most ${bodyBytes} bytes`);

/** A right answer to a nonce of yesterday: part of the protocol, and no mistake. */
class Stale extends Refusal {
  constructor() {
    super(401, 'expected an answer to the new nonce');
  }
}

/** Whatever it sends: the login is not looked at, so that nothing can be learned from the answer. */
class Braked extends Refusal {
  readonly afterS: number;
  constructor(waitMs: number) {
    super(429, 'too many wrong logins from this address; see Retry-After');
    this.afterS = Math.ceil(waitMs / 1000);
  }
}

async function read({ job }: Run, request: IncomingMessage, response: ServerResponse): Promise<PushMessage> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Refusal(415, 'expected a body that is not compressed');
  }
  const collector = job.dialect.collector(pathOf(request), request.headers['content-type'] ?? '');
  if (request.headers.expect !== undefined) response.writeContinue();
  let bytes = 0;
  // The connection must outlive a refusal in the middle, which still has to be said.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > job.limits.bodyBytes) throw tooLarge(job.limits);
    collector.feed(chunk as Buffer);
  }
  return collector.end();
}

/** Resolves once the message may be acknowledged. */
async function take(run: Run, message: PushMessage): Promise<void> {
  const { job, tally, signal } = run;
  if (signal.aborted) throw new Refusal(503, 'ending; expected again in a second');
  run.heard();
  if (message.kind === 'heartbeat') return run.emit({ kind: 'heartbeat' });
  const at = Date.now();
  for (const what of message.leftOut) tally.count(what, 'a read is used without what cannot be used of it');
  const claim = job.repeats.claim(message.identity);
  if (!claim.first) job.log.debug({ camera: job.camera }, 'a repeat');
  else {
    const { settle } = claim;
    try {
      run.emit({ kind: 'pushed', read: { ...message.read, at, crossCheck: job.crossCheck }, settle });
    } catch (error) {
      settle(new Error('not taken', { cause: error }));
      throw error;
    }
  }
  const settlement = await settledWithin(claim, job.limits.settleMs, signal);
  if (settlement === 'late') throw new Refusal(503, 'not kept yet; expected again in a second');
  if (settlement) throw new Refusal(503, 'could not be kept; expected again in a second');
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
export function tellRefused(run: Run, reason: PushRefusal, why: string): void {
  if (!run.signal.aborted) run.emit({ kind: 'refused', reason, why });
}

function refuse(run: Run, request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { status, message } = refusal;
  const { job, tally } = run;
  const { limits, digest } = job;
  // A first request without an answer is how Digest begins; one more without says that it does not go on.
  const isFirst = status === 401 && request.headers.authorization === undefined && run.anonymous++ === 0;
  const isUsual = refusal instanceof Stale || isFirst;
  const address = status === 403 ? { address: request.socket.remoteAddress } : {};
  if (!isUsual) {
    tally.count(String(status), message, address);
    tellRefused(run, reasonOf(status), message);
  }

  const last = FINAL.has(status) || (status === 503 && !request.complete) || request.headers.expect !== undefined;
  const text = `${STATUS_CODES[status]}: ${message}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(last && { connection: 'close' }),
    ...(status === 401 && digest && { 'www-authenticate': digest.offers(refusal instanceof Stale) }),
    ...(status === 405 && { allow: 'POST' }),
    ...(status === 503 && { 'retry-after': '1' }),
    ...(refusal instanceof Braked && { 'retry-after': String(refusal.afterS) }),
  });
  response.write(text);
  request.resume();
  if (request.complete) return void response.end();
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), last ? limits.lingerMs : limits.requestMs);
  request.on('data', (chunk: Buffer) => void ((bytes += chunk.length) > limits.bodyBytes && request.destroy()));
  request.on('error', () => undefined);
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(timer));
}
