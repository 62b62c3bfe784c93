/** The web server of the box: /health and /metrics, which hold no plate, name or picture, and the displays of the gate lanes. */
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance } from 'fastify';
import type { Server as HttpServer } from 'node:http';
import type { LaneFeed, SosFeed } from '../contracts/display.ts';
import { refusedHost } from '../contracts/hosts.ts';
import { whyNotListening } from '../contracts/network-errors.ts';
import { declareRoutes, type DeclaredRoute } from './api/access.ts';
import { openApi } from './api/api.ts';
import type { ApiRooms } from './api/rooms.ts';
import { serveDisplayTokens } from './routes/display-token.ts';
import { serveLanes } from './routes/lanes.ts';
import { serveSetUp } from './routes/setup.ts';
import { leadToTls, serveTrust } from './routes/trust.ts';
import type { BoxCertificate } from './tls/certificate.ts';
import { acceptTls, type OnePort } from './tls/one-port.ts';
import { sendRefusal } from './send-refusal.ts';
import { english, words } from '../contracts/words/words.ts';

export interface ServerSources {
  /** `alarm` answers 503, so that a plain HTTP check notices. */
  health(): { readonly status: 'ok' | 'alarm' } & Record<string, unknown>;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Gate lanes by id. */
  readonly lanes: ReadonlyMap<string, LaneFeed>;
  /** Calls for help, where there is a crew; every lane display shows them. */
  readonly sos?: SosFeed;
  /** False while the store keeps nothing, which every lane display shows. */
  readonly keeps?: () => boolean;
}

export interface WebServer {
  readonly url: string;
  /** Each with who may call it. */
  readonly routes: readonly DeclaredRoute[];
  close(): Promise<void>;
}

/** Listening failed; the message names the setting to change. */
export class ListenError extends Error {}

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Host names that are accepted beside localhost and the address of the machine. */
  readonly hosts?: readonly string[];
}

export async function openServer(
  { hosts = [], host, port }: ListenOptions,
  views: ServerSources,
  { tls, api }: { readonly tls?: BoxCertificate | undefined; readonly api?: ApiRooms } = {},
): Promise<WebServer> {
  const app = fastify({
    bodyLimit: 64 * 1024,
    requestTimeout: 10_000,
    connectionTimeout: 10_000,
    forceCloseConnections: true,
    // For a malformed URL; the response of Fastify would repeat it.
    frameworkErrors: (error, _request, reply) => {
      sendRefusal(reply, error.statusCode ?? 400, words('web-unreadable'));
    },
  });
  const onePort = tls && acceptTls(app.server, tls.pair);
  limitConnections(app.server);
  app.addHook('onRequest', async (request, reply) => {
    const status = refusedHost(request.raw, hosts);
    if (status === 400) return sendRefusal(reply, status, words('web-one-host'));
    if (status === 421) return sendRefusal(reply, status, words('web-other-name'));
  });
  if (tls) leadToTls(app, tls);
  const routes = declareRoutes(app);
  await app.register(helmet, helmetOptions());
  if (api) await openApi(app, api, [...views.lanes.keys()]);
  // The handler of Fastify would repeat the URL.
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, 404, words('web-no-page')));
  app.get('/health', { config: { access: 'anyone' } }, async (_request, reply) => {
    const health = views.health();
    return reply.code(health.status === 'ok' ? 200 : 503).send(health);
  });
  app.get('/metrics', { config: { access: 'anyone' } }, async (_request, reply) => {
    const { contentType, text } = await views.metrics();
    return reply.type(contentType).send(text);
  });
  serveLanes(app, views.lanes, { sos: views.sos, keeps: views.keeps ?? (() => true) });
  if (api) {
    serveSetUp(app, api.setUp, () => api.accounts.isSetUp());
    serveDisplayTokens(app, api.sessions);
  }
  if (tls) serveTrust(app, tls);
  if (tls && onePort) renewEveryHour(app, tls, onePort);
  try {
    const url = await app.listen({ host, port });
    return { url: tls ? url.replace(/^http:/, 'https:') : url, routes, close: () => app.close() };
  } catch (error) {
    await app.close();
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ListenError(english('cannot-listen', { host, port, code, why: whyNotListening(error) }), {
      cause: error,
    });
  }
}

/** No script, style or frame but our own; nothing is inline. A page may set stricter ones (assets.ts). */
function helmetOptions() {
  const none = ["'none'"];
  const directives = {
    defaultSrc: ["'self'"],
    baseUri: none,
    formAction: ["'self'"],
    frameAncestors: none,
    objectSrc: none,
    requireTrustedTypesFor: ["'script'"],
  };
  return {
    contentSecurityPolicy: { useDefaults: false, directives },
    // Plain HTTP is answered 308 anyway; a browser that is not to ask by it could not reach /trust once the authority is another.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' as const },
  };
}

const RENEW_EVERY_MS = 3_600_000;

function renewEveryHour(app: FastifyInstance, tls: BoxCertificate, onePort: OnePort): void {
  const turn = async (): Promise<void> => {
    if (await tls.renew()) onePort.renew(tls.pair);
  };
  const timer = setInterval(() => {
    // What fails is an alarm once the certificate comes near its end.
    turn().catch(() => undefined);
  }, RENEW_EVERY_MS);
  app.addHook('onClose', async () => clearInterval(timer));
  app.addHook('preClose', async () => onePort.close());
}

/** Concurrent connections in total and from one address, so that one client cannot shut out the others. */
const MAX_CONNECTIONS = 256;
const MAX_CONNECTIONS_PER_ADDRESS = 96;

function limitConnections(server: HttpServer): void {
  const counts = new Map<string, number>();
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = counts.get(address) ?? 0;
    if (count >= MAX_CONNECTIONS_PER_ADDRESS) return void socket.destroy();
    counts.set(address, count + 1);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
  });
}
