/** What the web server answers about gate lanes: their list, the page of each, its events, and the visitor's wish not to be compared. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LaneFeed } from '../documents.ts';
import type { SosFeed } from '../equipment.ts';
import { lanesPage, loadAssets, PAGE_HEADERS, type Asset } from './assets.ts';
import { sendEvents } from './events.ts';

/** Displays of one lane at a time. More than a gate has; each costs a connection and one view. */
export const MAX_LISTENERS = 16;
const RETRY_AFTER_S = 10;

interface OneLane {
  Params: { lane: string };
}

export function serveLanes(app: FastifyInstance, lanes: ReadonlyMap<string, LaneFeed>, sos: SosFeed | undefined): void {
  const assets = loadAssets();
  const listeners = new Map<string, number>();
  const ids = [...lanes.keys()];

  const html = (reply: FastifyReply, { type, bytes }: Asset): FastifyReply =>
    reply.headers(PAGE_HEADERS).type(type).send(bytes);
  const list = (reply: FastifyReply, missing: boolean): FastifyReply =>
    html(reply.code(missing ? 404 : 200), { ...assets.lane, bytes: Buffer.from(lanesPage(ids, missing)) });

  app.get('/lanes', (_request, reply) => list(reply, false));
  app.get<OneLane>('/lanes/:lane', ({ params }, reply) =>
    lanes.has(params.lane) ? html(reply, assets.lane) : list(reply, true),
  );
  app.get<{ Params: { file: string } }>('/page/:file', ({ params }, reply) => {
    const asset = assets.files.get(params.file);
    return asset ? html(reply, asset) : refuse(reply, 404, 'the page has no such file');
  });

  // A HEAD request would open a stream that nobody reads.
  app.get<OneLane>('/lanes/:lane/events', { exposeHeadRoute: false }, ({ params }, reply) => {
    const feed = lanes.get(params.lane);
    if (!feed) return noLane(reply, ids);
    const open = listeners.get(params.lane) ?? 0;
    if (open >= MAX_LISTENERS) {
      reply.header('retry-after', RETRY_AFTER_S);
      return refuse(reply, 503, `${MAX_LISTENERS} displays follow this lane, which is the most: close one`);
    }
    listeners.set(params.lane, open + 1);
    reply.hijack();
    const ended = () => listeners.set(params.lane, listeners.get(params.lane)! - 1);
    sendEvents(feed, { page: assets.version, sos }, reply.raw, ended);
    return reply;
  });

  app.post<OneLane>('/lanes/:lane/decline', (request, reply) => {
    const feed = lanes.get(request.params.lane);
    if (!feed) return noLane(reply, ids);
    if (!sameOrigin(request)) {
      return refuse(reply, 403, "this is the lane page's own button: other pages and programs may not press it");
    }
    if (!feed.compares) return refuse(reply, 409, 'this lane does not compare faces: there is nothing to decline');
    feed.decline();
    return reply.code(204).send();
  });
}

/**
 * Whether the page itself asks. Browsers say so in Sec-Fetch-Site (W3C Fetch Metadata), but only over https and on the machine itself;
 * everywhere else Origin, which they send with every POST, has to name the host that was asked.
 */
function sameOrigin({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

function noLane(reply: FastifyReply, ids: readonly string[]): FastifyReply {
  const known = ids.length > 0 ? `its gate lanes are: ${ids.join(', ')}` : 'no gate lane is configured';
  return refuse(reply, 404, `this box has no gate lane of that name; ${known}`);
}

function refuse(reply: FastifyReply, statusCode: 403 | 404 | 409 | 503, message: string): FastifyReply {
  return reply.code(statusCode).header('cache-control', 'no-store').send({ statusCode, message });
}
