/** The command room's HTTP side: `PUT BASE/evidence/SHA256`, `POST BASE/events`, `POST BASE/down`, as docs/upstream.md describes it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import {
  decodeEvent,
  encodeAck,
  encodeRefusal,
  EVENT_MEDIA_TYPE,
  MAX_EVENT_BYTES,
} from '../../adapters/upstream/codec.ts';
import { decodePoll, type Poll } from '../../adapters/upstream/poll.codec.ts';
import { signatureIn, signBody, verifyBody } from '../../adapters/upstream/webhook.codec.ts';
import type { RoomInstructions } from './instructions.ts';
import type { FaultSettings, RoomFault } from './faults.ts';
import type { RoomStore } from './store.ts';

/** What the sides of the room, HTTP and MQTT, share. */
export interface RoomSide {
  readonly store: RoomStore;
  readonly now: () => number;
  arrived(event: ReceivedEvent, fresh: boolean, by: string): void;
  refused(why: string): void;
}

interface HttpRoom extends RoomSide {
  /** Verification keys, separated by spaces. */
  readonly keys: string;
  /** The fault for this request, if any. */
  drawFault(): RoomFault | undefined;
  readonly settings: FaultSettings;
  readonly down: RoomInstructions;
  /** How long a poll without an answer is held. */
  readonly holdMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_EVIDENCE_BYTES = 8 * 1024 * 1024;

export function listener(room: HttpRoom): RequestListener {
  return (req, res) => {
    meet(room, req, res).catch(() => res.destroy());
  };
}

/** If a fault is drawn, applies it before, instead of, or after the normal answer. */
async function meet(room: HttpRoom, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const fault = room.drawFault();
  switch (fault) {
    case 'black-hole':
      req.resume();
      return;
    case 'reset':
      req.once('readable', () => req.socket.resetAndDestroy());
      return;
    case 'error':
      return drained(req, res, { status: 500, body: 'something broke' });
    case 'busy': {
      const headers = { 'retry-after': String(room.settings.retryAfterS) };
      return drained(req, res, { status: 429, body: '', headers });
    }
    case 'html': {
      const headers = { 'content-type': 'text/html' };
      return drained(req, res, { status: 200, body: '<html><body>Please log in</body></html>', headers });
    }
    case 'redirect':
      return drained(req, res, { status: 307, body: '', headers: { location: '/elsewhere' } });
    case 'slow':
    case 'lost-ack':
    case 'double-ack':
    case undefined:
  }
  const answer = await serve(room, req);
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, room.settings.slowMs).unref());
  if (fault === 'lost-ack') req.socket.destroy();
  else if (fault === 'double-ack') twice(req.socket, answer);
  else reply(res, answer);
}

async function drained(req: IncomingMessage, res: ServerResponse, answer: Answer): Promise<void> {
  for await (const _ of req);
  reply(res, answer);
}

function reply(res: ServerResponse, answer: Answer): void {
  res.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
}

function twice(socket: Duplex, answer: Answer): void {
  const text = `HTTP/1.1 ${answer.status} OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer.body)}\r\n\r\n${answer.body}`;
  socket.write(text + text);
}

async function serve(room: HttpRoom, req: IncomingMessage): Promise<Answer> {
  const path = new URL(req.url ?? '/', 'http://room').pathname;
  const picture = /\/evidence\/([0-9a-f]{64})$/.exec(path)?.[1];
  const poll = isPoll(req);
  if (!(req.method === 'PUT' && picture) && !poll && !(req.method === 'POST' && path.endsWith('/events'))) {
    return refuse(room, 404, 'no such address');
  }
  const body = await read(req, picture ? MAX_EVIDENCE_BYTES : MAX_EVENT_BYTES);
  if (!body) return refuseForGood(room, req, 413, 'too large');
  const verdict = verifyBody(room.keys, signatureIn(req.headers), body, room.now());
  if (!verdict.ok) return refuse(room, 401, verdict.why);
  if (poll) return answerPoll(room, req, body);
  return picture ? takePicture(room, req, picture, body) : takeEvent(room, req, body);
}

export function isPoll(req: IncomingMessage): boolean {
  return req.method === 'POST' && new URL(req.url ?? '/', 'http://room').pathname.endsWith('/down');
}

async function answerPoll(room: HttpRoom, req: IncomingMessage, body: Buffer): Promise<Answer> {
  let poll: Poll;
  try {
    poll = decodePoll(body.toString('utf8'));
  } catch (e) {
    return refuse(room, 422, e instanceof Error ? e.message : 'not a poll');
  }
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  req.socket.once('close', leave);
  const text = await room.down.answer(poll.source, poll.took, room.holdMs, gone.signal);
  req.socket.off('close', leave);
  const shared = room.keys.split(/\s+/).filter((key) => key.startsWith('whsec_'));
  const id = String(req.headers['webhook-id']);
  const headers = shared.length === 0 ? {} : { ...signBody(shared.join(' '), id, room.now(), Buffer.from(text)) };
  return { status: 200, body: text, headers };
}

function takePicture(room: HttpRoom, req: IncomingMessage, sha256: string, body: Buffer): Answer {
  if (req.headers['webhook-id'] !== sha256) return refuseForGood(room, req, 400, 'webhook-id is not the digest');
  if (room.store.hasEvidence(sha256)) return { status: 200, body: encodeAck(sha256) };
  if (req.headers['content-type'] !== 'image/jpeg') return refuseForGood(room, req, 415, 'not image/jpeg');
  if (!room.store.putEvidence(sha256, body)) return refuseForGood(room, req, 422, 'the bytes do not have that digest');
  return { status: 201, body: encodeAck(sha256) };
}

function takeEvent(room: HttpRoom, req: IncomingMessage, body: Buffer): Answer {
  if (!req.headers['content-type']?.startsWith(EVENT_MEDIA_TYPE))
    return refuseForGood(room, req, 415, `not ${EVENT_MEDIA_TYPE}`);
  let event: ReceivedEvent;
  try {
    event = decodeEvent(body.toString('utf8'));
  } catch (e) {
    return refuseForGood(room, req, 422, e instanceof Error ? e.message : 'not an event');
  }
  if (req.headers['webhook-id'] !== event.id) return refuseForGood(room, req, 400, "webhook-id is not the event's id");
  if (!event.evidence.every((e) => room.store.hasEvidence(e.sha256))) {
    return refuse(room, 424, 'a picture that the event names is not here');
  }
  const fresh = room.store.putEvent(event);
  room.arrived(event, fresh, 'https');
  return { status: fresh ? 201 : 200, body: encodeAck(event.id) };
}

function refuse(room: HttpRoom, status: number, why: string): Answer {
  room.refused(`${status} ${why}`);
  return { status, body: JSON.stringify({ why }) };
}

/** Names the request's own id, because the box takes only such a refusal as final. */
function refuseForGood(room: HttpRoom, req: IncomingMessage, status: number, why: string): Answer {
  return { ...refuse(room, status, why), body: encodeRefusal(String(req.headers['webhook-id']), why) };
}

async function read(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}
