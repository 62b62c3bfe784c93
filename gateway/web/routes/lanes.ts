/** Routes of the gate lanes: their list, the page of each, its events, and the button with which a visitor declines the comparison. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LaneFeed, SosFeed } from '../../contracts/display.ts';
import { words } from '../../contracts/words/words.ts';
import { lanesPage, loadAssets, PAGE_HEADERS, type Asset } from '../assets.ts';
import { sendEvents } from '../sse.ts';
import { noLane, sendRefusal } from '../send-refusal.ts';
import { openDisplaySeats } from '../display-seats.ts';

const RETRY_AFTER_S = 10;
/** The name of a page: 128 random bits. */
const DISPLAY = /^[0-9a-f]{32}$/;

interface OneLane {
  Params: { lane: string };
  Querystring: { display?: string };
}

export function serveLanes(
  app: FastifyInstance,
  lanes: ReadonlyMap<string, LaneFeed>,
  { sos, keeps }: { readonly sos: SosFeed | undefined; readonly keeps: () => boolean },
): void {
  const assets = loadAssets();
  const seats = new Map([...lanes.keys()].map((lane) => [lane, openDisplaySeats()]));
  const ids = [...lanes.keys()];

  const config = { access: ['lane', 'officer', 'technician'], refreshes: true } as const;
  const html = (reply: FastifyReply, { type, bytes }: Asset): FastifyReply =>
    reply.headers(PAGE_HEADERS).type(type).send(bytes);
  const list = (reply: FastifyReply, missing: boolean): FastifyReply =>
    html(reply.code(missing ? 404 : 200), { ...assets.lane, bytes: Buffer.from(lanesPage(ids, missing)) });

  app.get('/lanes', { config }, (_request, reply) => list(reply, false));
  app.get<OneLane>('/lanes/:lane', { config }, ({ params }, reply) =>
    lanes.has(params.lane) ? html(reply, assets.lane) : list(reply, true),
  );
  app.get<{ Params: { file: string } }>('/page/:file', { config: { access: 'anyone' } }, ({ params }, reply) => {
    const asset = assets.files.get(params.file);
    return asset ? html(reply, asset) : sendRefusal(reply, 404, words('web-no-file'));
  });

  // A HEAD request must not open a stream.
  app.get<OneLane>('/lanes/:lane/events', { exposeHeadRoute: false, config }, (request, reply) => {
    const { params, query, ip } = request;
    const feed = lanes.get(params.lane);
    const laneSeats = seats.get(params.lane);
    if (!feed || !laneSeats) return sendRefusal(reply, 404, noLane(ids).refused);
    const { display = '' } = query;
    const seat = laneSeats.take({
      address: ip,
      ...(DISPLAY.test(display) ? { display } : {}),
      disconnect: () => reply.raw.destroy(),
    });
    if ('refused' in seat) {
      reply.header('retry-after', RETRY_AFTER_S);
      return sendRefusal(reply, 503, seat.refused);
    }
    reply.hijack();
    const mayGoOn = () => request.mayGoOn?.() ?? true;
    sendEvents(feed, { page: assets.version, sos, keeps, mayGoOn }, reply.raw, seat.leave);
    return reply;
  });

  // The page confirms the beat that it has read.
  app.post<OneLane>('/lanes/:lane/seat', { config }, ({ params, query }, reply) => {
    const laneSeats = seats.get(params.lane);
    if (!laneSeats) return sendRefusal(reply, 404, noLane(ids).refused);
    return laneSeats.confirm(query.display ?? '')
      ? reply.code(204).send()
      : sendRefusal(reply, 404, words('web-no-display'));
  });

  app.post<OneLane>('/lanes/:lane/decline', { config }, (request, reply) => {
    const feed = lanes.get(request.params.lane);
    if (!feed) return sendRefusal(reply, 404, noLane(ids).refused);
    if (!sameOrigin(request)) return sendRefusal(reply, 403, words('web-own-button'));
    if (!feed.compares) return sendRefusal(reply, 409, words('web-no-comparison'));
    feed.decline();
    return reply.code(204).send();
  });
}

/**
 * Whether the request comes from the page itself. Browsers send Sec-Fetch-Site (W3C Fetch Metadata) only over https and to localhost;
 * otherwise Origin, which they send with every POST, has to match Host.
 */
function sameOrigin({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
