/** What the relay makes of answers that are no acknowledgement. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Rejected, TurnedAway } from '../../../gateway/contracts/errors.ts';
import type { Relay } from '../../../gateway/contracts/relay.ts';
import { encodeAck, encodeRefusal } from '../codec.ts';
import { eventOf, pictureOf } from '../../../simulators/conformance/relay.ts';
import { openHttps } from './relay.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const never = new AbortController().signal;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function open(url: string): Relay {
  const relay = openHttps({ url, secret: 'env:S' }, testContext('room', { 'env:S': SECRET }));
  ends.push(async () => relay.close?.());
  return relay;
}

/** A server that has read the request when `answer` is called. */
async function serving(answer: (req: http.IncomingMessage, res: http.ServerResponse) => void): Promise<string> {
  const server = http.createServer((req, res) => {
    req.resume().on('end', () => answer(req, res));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers every request alike. */
function answering(status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Promise<string> {
  return serving((_req, res) => void res.writeHead(status, headers).end(body));
}

describe('an answer that is no acknowledgement', () => {
  const page =
    '<html><head><title>Blocked</title><style>p { color: red }</style></head><body>Please log in</body></html>';
  const turnedAway: [string, number, RegExp][] = [
    ['a request that a proxy takes for malformed', 400, /answered 400 \(text\/html\) "Blocked Please log in"/],
    ['an unknown box', 401, /signature is not accepted/],
    ['a forbidden one', 403, /admitted/],
    ['a wrong path', 404, /path in `url`/],
    ['a proxy that wants a login', 407, /answered 407 .*wants a login/],
    ['a proxy that wants a length', 411, /answered 411/],
    ['a size that a proxy does not take', 413, /answered 413 .*the command room itself would name the event/],
    ['a type that a proxy does not take', 415, /answered 415/],
    ['a word that a filter does not like', 422, /answered 422/],
    ['a filter of the state', 451, /answered 451 .*does not let it through/],
    ['a redirection', 302, /redirection/],
    ['a login page', 200, /answered 200 .*"Blocked Please log in", but not with an acknowledgement/],
    ['an empty answer', 204, /answered 204, but not with/],
  ];
  it.each(turnedAway)('L3: keeps the event at %s, and says what came', async (_name, status, why) => {
    const headers = { location: 'http://127.0.0.1:1/', 'content-type': 'text/html; charset=utf-8' };
    const relay = open(await answering(status, status === 204 ? '' : page, status === 204 ? {} : headers));
    for (const evidence of [[], [pictureOf('plate')]]) {
      const failure = await relay.send(eventOf(1, { evidence }), never).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(TurnedAway);
      expect((failure as Error).message).toMatch(why);
    }
  });

  it('L3: does not repeat what a page quotes of the event', async () => {
    const relay = open(await answering(400, '<p>Bad request: {"entry":"E-1","text":"皖A00000"} of road-1</p>'));
    const event = eventOf(1, { data: { entry: 'E-1', read: { text: '皖A00000' } } });
    const failure = await relay.send(event, never).catch((e: unknown) => e);
    expect((failure as Error).message).toBe('answered 400 "Bad request of"');
  });

  it.each([400, 410, 413, 415, 422])(
    'L3: takes %i for a refusal for good where the room names the event',
    async (status) => {
      const relay = open(await answering(status, encodeRefusal('event-1', 'no such\u0007 site')));
      const failure = await relay.send(eventOf(1), never).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(Rejected);
      expect((failure as Error).message).toBe(`refused for good with ${status}: no such site`);
      await expect(relay.send(eventOf(2), never)).rejects.toBeInstanceOf(TurnedAway);
    },
  );

  it('L3: does not repeat what the room quotes of the event that it refuses', async () => {
    const relay = open(await answering(422, encodeRefusal('event-1', '车牌皖A00000无效: entry E-1, field text')));
    const event = eventOf(1, { data: { entry: 'E-1', read: { text: '皖A00000' } } });
    const failure = await relay.send(event, never).catch((e: unknown) => e);
    expect((failure as Error).message).toBe('refused for good with 422: 车牌…无效: entry E-1, field text');
  });

  it.each([200, 401, 403, 404, 409, 500])('L3: does not take %i for one, whatever the body says', async (status) => {
    const relay = open(await answering(status, encodeRefusal('event-1', 'x')));
    const failure = await relay.send(eventOf(1), never).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(Rejected);
  });

  it('L3: sends the event without a picture that the room refuses by name', async () => {
    const url = await serving((req, res) => {
      const name = req.headers['webhook-id'] as string;
      if (req.method === 'PUT') res.writeHead(415).end(encodeRefusal(name, 'no pictures here'));
      else res.end(encodeAck(name));
    });
    await open(url).send(eventOf(1, { evidence: [pictureOf('plate')] }), never);
  });
});
