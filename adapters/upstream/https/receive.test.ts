import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { Relay } from '../../../gateway/contracts/relay.ts';
import { startRoom } from '../../../simulators/command-room/room.ts';
import { SOURCE } from '../../../simulators/conformance/relay.ts';
import { decodePoll, encodeAnswer, encodePoll } from '../poll.codec.ts';
import {
  instructionConformance,
  listenOn,
  orderOf,
  PATIENCE,
  SECRETS,
  warnings,
  wireOrder,
} from '../../../simulators/conformance/instructions.ts';
import { openInbox } from '../inbox.ts';
import { signBody, verifyBody } from '../webhook.codec.ts';
import type { HttpAnswer } from './http-request.ts';
import type { PollOptions } from './poll.ts';
import { openPoll } from './poll.ts';
import { openHttps } from './relay.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const SECRET = SECRETS['env:S'];
const OWN_KEY = `whsk_${Buffer.alloc(32, 1).toString('base64')}`;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

instructionConformance('https', async () => {
  const room = await startRoom({ secret: SECRET });
  let open = true;
  const stop = async (): Promise<void> => {
    if (open) await room.close();
    open = false;
  };
  return {
    open: (context) => openHttps({ url: room.url, secret: 'env:S' }, context),
    tell: (id, event) => room.tellRaw(id, event),
    acknowledged: (_relay, ids) =>
      vi.waitFor(() => {
        const took = room.instructions().flatMap((i) => (i.took ? [i.id] : []));
        expect(took).toEqual(expect.arrayContaining([...ids]));
      }, PATIENCE),
    stop,
    close: stop,
  };
});

interface Asked {
  readonly id: string;
  readonly took: readonly string[];
}
type Reply = { status?: number; body?: string; headers?: http.OutgoingHttpHeaders; secret?: string; id?: string };

/** A room of a few lines that says what `reply` gives, and signs it unless told otherwise; undefined: it holds the poll. */
async function roomSaying(reply: (asked: Asked, n: number) => Reply | undefined) {
  const polls: Asked[] = [];
  const server = http.createServer((req, res) => {
    void (async () => {
      const body = Buffer.concat(await req.toArray());
      const id = String(req.headers['webhook-id']);
      expect(req.url).toBe('/base/down');
      const { source, took } = decodePoll(body.toString());
      expect(source).toBe(SOURCE);
      if (req.headers['webhook-signature']?.includes('v1,')) {
        const given = Object.fromEntries(Object.entries(req.headers).filter(([name]) => name.startsWith('webhook-')));
        expect(verifyBody(SECRET, given, body, Date.now())).toEqual({ ok: true });
      }
      const said = reply({ id, took }, polls.push({ id, took }));
      if (!said) return;
      const text = said.body ?? encodeAnswer([]);
      const signed = signBody(said.secret ?? SECRET, said.id ?? id, Date.now(), Buffer.from(text));
      res.writeHead(said.status ?? 200, { ...signed, ...said.headers }).end(text);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`, polls };
}

function open(url: string, context: Context = testContext('room', SECRETS)): Relay {
  const relay = openHttps({ url, secret: 'env:S' }, context);
  ends.push(async () => relay.close?.());
  return relay;
}

const UNSIGNED = { 'webhook-signature': '' };
const withOrder = (id: string): string => encodeAnswer([wireOrder(id)]);

describe('https down', () => {
  it('names what it took in the next poll, also after a failure in between', async () => {
    const room = await roomSaying((_asked, n) => {
      if (n === 1) return { body: encodeAnswer([wireOrder('o-1'), wireOrder('o-2')]) };
      return n === 2 ? { status: 500 } : undefined;
    });
    const relay = open(room.url);
    const listening = listenOn(relay);
    expect(String(await listening.ended)).toMatch(/answered 500/);
    expect(listening.ids()).toEqual(['o-1', 'o-2']);
    const again = listenOn(relay);
    await vi.waitFor(() => expect(room.polls).toHaveLength(3), PATIENCE);
    expect(room.polls.map((p) => p.took)).toEqual([[], ['o-1', 'o-2'], ['o-1', 'o-2']]);
    expect(new Set(room.polls.map((p) => p.id)).size).toBe(3);
    expect(await again.stop()).toBe('ended');
  });

  it.each<[string, Reply, RegExp]>([
    ['no signature', { headers: UNSIGNED }, /not properly signed: a webhook- header is missing/],
    ['another secret', { secret: `whsec_${'A'.repeat(32)}` }, /not properly signed: no signature fits/],
    ['the signature of another poll', { id: 'msg_1' }, /not properly signed: webhook-id is not that of the poll/],
    ['an old signature', { headers: { 'webhook-timestamp': '1614265330' } }, /not properly signed/],
  ])('S7: believes no answer with %s, and says so', async (_name, said, why) => {
    const room = await roomSaying(() => ({ body: withOrder('o-1'), ...said }));
    const listening = listenOn(open(room.url));
    expect(String(await listening.ended)).toMatch(why);
    expect(listening.got).toEqual([]);
    expect(listening.refused).toEqual([{ id: 'o-1', why: expect.stringMatching(why) as string, authentic: false }]);
  });

  it('does not take its own poll, sent back to it, for an answer', async () => {
    const room = await roomSaying(({ took }) => ({ body: encodePoll({ source: SOURCE, took }) }));
    expect(String(await listenOn(open(room.url)).ended)).toMatch(/the answer's messages is not as expected/);
  });

  it('asks no signature of a room that could not make one: the box has a key pair of its own', async () => {
    const room = await roomSaying((_asked, n) => (n === 1 ? { body: withOrder('o-1'), headers: UNSIGNED } : undefined));
    const listening = listenOn(open(room.url, testContext('room', { 'env:S': OWN_KEY })));
    await vi.waitFor(() => expect(listening.ids()).toEqual(['o-1']), PATIENCE);
    await listening.stop();
    // While it changes from one to the other, it has both, and the shared one counts.
    const both = listenOn(open(room.url, testContext('room', { 'env:S': `${OWN_KEY} ${SECRET}` })));
    await vi.waitFor(() => expect(room.polls.length).toBeGreaterThan(2), PATIENCE);
    expect(await both.stop()).toBe('ended');
    const unsigned = await roomSaying(() => ({ headers: UNSIGNED }));
    const refusing = listenOn(open(unsigned.url, testContext('room', { 'env:S': `${OWN_KEY} ${SECRET}` })));
    expect(String(await refusing.ended)).toMatch(/not properly signed/);
  });

  it.each<[string, Reply, RegExp]>([
    ['too large an answer', { body: JSON.stringify({ messages: ['x'.repeat(70_000)] }) }, /more than 65536 bytes/],
    ['too many at once', { body: JSON.stringify({ messages: Array(17).fill({}) }) }, /messages .*at most 16/],
    ['a login page', { body: '<html>' }, /the answer is not JSON/],
    ['an instruction without an id', { body: JSON.stringify({ messages: [{}] }) }, /without a proper id/],
    ['a redirection', { status: 302 }, /redirection/],
    ['no admittance', { status: 403 }, /admitted/],
    ['a wrong signature', { status: 401 }, /compare `secret`/],
    ['a refusal', { status: 422 }, /answered 422/],
  ])('rejects at %s', async (_name, said, why) => {
    const room = await roomSaying(() => said);
    expect(String(await listenOn(open(room.url)).ended)).toMatch(why);
  });

  it('takes what is good of an answer that has something without an id', async () => {
    const room = await roomSaying((_asked, n) =>
      n === 1 ? { body: JSON.stringify({ messages: [{ text: 1 }, wireOrder('o-1')] }) } : undefined,
    );
    const context = testContext('room', SECRETS);
    const relay = open(room.url, context);
    const listening = listenOn(relay);
    expect(String(await listening.ended)).toMatch(/without a proper id/);
    expect(listening.ids()).toEqual(['o-1']);
    expect(warnings(context)).toMatchObject([{ refused: 1 }]);
    const again = listenOn(relay);
    await vi.waitFor(() => expect(room.polls).toHaveLength(2), PATIENCE);
    expect(room.polls[1]!.took).toEqual(['o-1']);
    await again.stop();
  });
});

/** The loop alone: `answers` one by one, and then it ends. Gives the pauses it made, in whole seconds. */
async function pausesAt(
  answers: readonly Partial<HttpAnswer>[],
  runs = 1,
): Promise<{ pauses: number[]; asked: number }> {
  const ending = new AbortController();
  const pauses: number[] = [];
  let asked = 0;
  const noInstructions = vi.fn();
  const options: PollOptions = {
    ask(id) {
      const answer = { status: 200, body: encodeAnswer([]), retryAfter: undefined, ...answers[asked++] };
      if (asked === answers.length) ending.abort();
      return Promise.resolve({ signature: signBody(SECRET, id, Date.now(), Buffer.from(answer.body)), ...answer });
    },
    source: SOURCE,
    keys: SECRET,
    inbox: openInbox(testContext('room')),
    noInstructions,
    wait: (ms) => {
      if (ms > 0) pauses.push(Math.round(ms / 1000));
      return Promise.resolve();
    },
  };
  const receive = openPoll(options);
  for (let run = 0; run < runs; run++) await receive(() => undefined, ending.signal).catch(() => undefined);
  expect(noInstructions.mock.calls.length).toBeLessThanOrEqual(1);
  return { pauses, asked };
}

describe('https poll', () => {
  it.each([404, 405, 501])('asks a room that answers %i every five minutes, and that is no failure', async (status) => {
    expect(await pausesAt([{ status }, { status }, {}])).toEqual({ pauses: [300, 300, 1], asked: 3 });
  });

  it('makes a pause where the room does not hold the poll, or forgets nothing, and none where there is news', async () => {
    const one = { body: withOrder('o-1') };
    const two = { body: encodeAnswer([wireOrder('o-1'), wireOrder('o-2')]) };
    expect((await pausesAt([{}, {}])).pauses).toEqual([1, 1]);
    expect((await pausesAt([one, two, two])).pauses).toEqual([1]);
  });

  it('leaves a room in peace that asks for patience', async () => {
    const busy = { status: 503, retryAfter: '7' };
    expect(await pausesAt([busy, {}], 2)).toEqual({ pauses: [7, 1], asked: 2 });
  });

  it('gives the gateway what the room said', async () => {
    const room = await startRoom({ secret: SECRET, holdMs: 20 });
    ends.push(() => room.close());
    const listening = listenOn(open(room.url));
    const expires = Date.now() + 60_000;
    room.tell(orderOf('o-1', '去桥头\n带上绳索'), { expires });
    room.tell(orderOf('o-1', 'the same id again'));
    room.tell(orderOf('o-2'), { box: '/sites/demo/boxes/box-002' });
    await vi.waitFor(() => expect(room.instructions().map((i) => i.took)).toEqual([true, false]), PATIENCE);
    expect(listening.got).toEqual([{ ...orderOf('o-1', '去桥头\n带上绳索'), expires }]);
    await listening.stop();
  });
});
