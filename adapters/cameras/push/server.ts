/** The HTTP server of one camera that pushes: its port, its connections, its end. What is done with a request stands in answer.ts. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Observation } from '../../../gateway/contracts/source.ts';
import { notListening } from '../../shared/listen.ts';
import { answer, reasonOf, emitRefused, type PushOptions, type PushRun } from './answer.ts';
import { preparePlateField } from './plate.codec.ts';
import { openThrottledLog } from './throttled-log.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const KEEP_ALIVE_MS = 30_000;
const MAX_HEAD_BYTES = 16 * 1024;
/** Connections from elsewhere, that are only told so, and those beyond the limit. */
const SPARE_CONNECTIONS = 8;

/** Serves until `signal` aborts (then it resolves) or the port or the camera is lost (then it rejects, with a sentence). */
export async function runPush(
  options: PushOptions,
  emit: (o: Observation) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const { camera, log, limits, silentAfterS } = options;
  preparePlateField();
  const { promise: over, resolve: end, reject: lose } = Promise.withResolvers<void>();
  const ending = new AbortController();
  const silence = silentAfterS === 0 ? undefined : setTimeout(() => lose(silent(silentAfterS)), silentAfterS * 1000);
  const run: PushRun = {
    options,
    problems: openThrottledLog(camera, log),
    signal: AbortSignal.any([signal, ending.signal]),
    emit,
    onMessage: () => void silence?.refresh(),
    inProgress: 0,
    withoutLogin: 0,
  };
  const timeouts = { headersTimeout: limits.requestMs, requestTimeout: limits.requestMs };
  const server = createServer({
    ...timeouts,
    connectionsCheckingInterval: Math.min(1_000, limits.requestMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
  });
  const busy = limitConnections(server, run);
  /** The newest of each connection. */
  const requests = new WeakMap<Socket, IncomingMessage>();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    requests.set(request.socket, request);
    // A mistake of our own that even the refusal met: the camera sees its connection end, and sends again.
    answer(run, request, response, busy.has(request.socket)).catch(() => request.socket.destroy());
  };
  server.on('request', serve);
  server.on('checkContinue', serve);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    broken(run, error, socket as Socket, requests.get(socket as Socket)),
  );
  server.on('error', (error: NodeJS.ErrnoException) => lose(notListening(options.listen, error)));
  signal.addEventListener('abort', () => end(), { once: true });
  try {
    server.listen({ ...options.listen, exclusive: true }, () =>
      log.info({ camera, listen: server.address() }, 'listening'),
    );
    await over;
  } finally {
    ending.abort();
    clearTimeout(silence);
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

const silent = (seconds: number): Error => new Error(english('push-silent', { seconds }));

/** Keeps places for the camera whoever else knocks. Returns the connections beyond the limit, which are told so. */
function limitConnections(server: Server, run: PushRun): WeakSet<Socket> {
  const { options } = run;
  const { connections, requestMs } = options.limits;
  const busy = new WeakSet<Socket>();
  const count = { known: 0, strange: 0 };
  server.on('connection', (socket: Socket) => {
    const who = options.allows(socket.remoteAddress) ? 'known' : 'strange';
    const most = who === 'known' ? connections + SPARE_CONNECTIONS : SPARE_CONNECTIONS;
    if (count[who] >= most) {
      run.problems.warn('connections', `expected at most ${most} connections at a time`);
      emitRefused(run, who === 'known' ? 'busy' : 'address', english('push-connections'));
      socket.destroy();
      return;
    }
    count[who]++;
    socket.once('close', () => count[who]--);
    if (who === 'known' && count.known > connections) busy.add(socket);
    // One answer is all they get, so nothing is gained by staying.
    if (who === 'strange' || busy.has(socket)) socket.setTimeout(requestMs, () => socket.destroy());
  });
  return busy;
}

/**
 * A connection went wrong outside of `answer`. Only bytes that are no HTTP are a push that is refused here: a line that is reset or opened
 * without a request brought nothing, and of a message that breaks off (`request`) its own answer tells.
 */
function broken(
  run: PushRun,
  error: NodeJS.ErrnoException,
  socket: Socket,
  request: IncomingMessage | undefined,
): void {
  const { options, problems } = run;
  const statuses: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
  const code = error.code ?? '';
  const status = statuses[code] ?? 400;
  const isInMessage = request !== undefined && !request.complete;
  if (isInMessage || !code.startsWith('HPE_') || code === 'HPE_INVALID_EOF_STATE') {
    options.log.debug({ camera: options.camera, code }, 'a connection ended without a push');
  } else {
    const why = english('push-no-http');
    problems.warn(String(status), why);
    emitRefused(run, options.allows(socket.remoteAddress) ? reasonOf(status) : 'address', why);
  }
  if (!socket.writable || code === 'ECONNRESET') return void socket.destroy();
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
}
