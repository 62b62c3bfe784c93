/**
 * Relay `https`: pictures by PUT under their digest, then the event by POST, signed; only an acknowledgement that names it counts.
 * Instructions are fetched by a poll that the room answers when it has one.
 */
import http from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import type { Envelope, OpenRelay } from '../../../gateway/contracts/relay.ts';
import type { Evidence } from '../../../gateway/contracts/picture.ts';
import { Rejected } from '../../../gateway/contracts/errors.ts';
import { acknowledges, encodeEvent, EVENT_MEDIA_TYPE, MAX_EVENT_BYTES } from '../codec.ts';
import { isLoopback } from '../../shared/broker-url.ts';
import { readPem } from '../../shared/pem-file.ts';
import { boxSource } from '../instructions.codec.ts';
import { openInbox } from '../inbox.ts';
import { keysOf } from '../keys.ts';
import { signBody } from '../webhook.codec.ts';
import type { HttpAnswer } from './http-request.ts';
import { sendRequest, explainFailure } from './http-request.ts';
import { failureOf, type SentEvent } from './failure.ts';
import { HOLD_MS, openPoll } from './poll.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const schema = z.strictObject({
  /** Base address; `/events`, `/evidence/SHA256` and `/down` are added. */
  url: z.url({ protocol: /^https?$/, error: english('url-https-expected') }).superRefine(checkUrl),
  /** `file:` or `env:` reference to one or more signing keys (`whsec_…` or `whsk_…`). */
  secret: z.string(),
  /** PEM file of the authority that signed the room's certificate, when it is not a public one. */
  ca: z.string().optional(),
  /** Without any byte moving. */
  timeoutMs: z.number().int().min(500).max(60_000).default(15_000),
});

function checkUrl(value: string, context: z.RefinementCtx): void {
  if (!URL.canParse(value)) return;
  const url = new URL(value);
  const complain = (message: string): void => context.addIssue({ code: 'custom', message });
  if (url.protocol === 'http:' && !isLoopback(url)) complain(english('url-http-loopback'));
  if (url.username || url.password) complain(english('url-no-login'));
  if (url.search || url.hash) complain(english('url-no-query'));
}

/** Remembered digests: a picture that the room has stored is not sent again when only the event has to be. */
const REMEMBERED = 512;
/** One for each send of the widest window, one for the poll, and some for pictures that go side by side. */
const MAX_CONNECTIONS = 80;
/** A line of 32 kbit/s. */
const SLOWEST_BYTES_PER_MS = 4;
/** Connections that were idle longer are not used again: a router on the way may have forgotten them without a word. */
const IDLE_MS = 5_000;

export const openHttps: OpenRelay = (given, context) => {
  const config = context.check(schema, given);
  const keys = keysOf(config.secret, context, 'signing');
  const base = config.url.replace(/\/+$/, '');
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS };
  const agent = base.startsWith('https:')
    ? new https.Agent({ ...options, ...(config.ca ? { ca: readPem(context.file(config.ca)) } : {}) })
    : new http.Agent(options);
  const held = new Set<string>();
  /** Bytes of pictures under way: no byte is seen to move while they go, for the system takes them over at once. */
  let uploading = 0;
  let heard: { readonly at: number; readonly mono: number } | undefined;

  const send = (
    method: string,
    path: string,
    id: string,
    type: string,
    body: Uint8Array,
    signal: AbortSignal,
    timeoutMs = config.timeoutMs + Math.round(uploading / SLOWEST_BYTES_PER_MS),
  ): Promise<HttpAnswer> =>
    sendRequest({
      url: base + path,
      method,
      agent,
      body,
      headers: { 'content-type': type, 'user-agent': 'sitebox', ...signBody(keys, id, Date.now(), body) },
      timeoutMs,
      signal,
    }).then(
      (answer) => {
        // Without TLS anybody on the way could say it.
        const at = base.startsWith('https:') ? Date.parse(answer.date ?? '') : NaN;
        if (Number.isFinite(at)) heard = { at, mono: performance.now() };
        return answer;
      },
      (e: unknown) => {
        throw new Error(explainFailure(e, base), { cause: e });
      },
    );

  /** Side by side; where one fails the others are given up. */
  const sendPictures = async (evidence: readonly Evidence[], signal: AbortSignal): Promise<void> => {
    const missing = evidence.filter((picture) => !held.has(picture.sha256));
    const bytes = missing.reduce((sum, p) => sum + p.bytes.length, 0);
    const giveUp = new AbortController();
    const ending = AbortSignal.any([signal, giveUp.signal]);
    const put = async ({ sha256, mediaType, bytes }: Evidence): Promise<void> => {
      const answer = await send('PUT', `/evidence/${sha256}`, sha256, mediaType, bytes, ending);
      try {
        judge(answer, { name: sha256, sent: Buffer.alloc(0) }, [409]);
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        // The event matters more: it goes without the picture.
        context.log.warn(
          { relay: context.id, picture: sha256, why: error.message },
          'the command room refused a picture',
        );
      }
      if (held.size >= REMEMBERED) held.clear();
      held.add(sha256);
    };
    uploading += bytes;
    try {
      await Promise.all(missing.map(put));
    } catch (error) {
      giveUp.abort();
      throw error;
    } finally {
      uploading -= bytes;
    }
  };

  return {
    async send(e: Envelope, signal: AbortSignal): Promise<void> {
      const body = Buffer.from(encodeEvent(e));
      if (body.length > MAX_EVENT_BYTES) {
        throw new Rejected(english('event-too-large-has', { bytes: body.length, most: MAX_EVENT_BYTES }));
      }
      await sendPictures(e.evidence, signal);
      const answer = await send('POST', '/events', e.id, EVENT_MEDIA_TYPE, body, signal);
      // The room does not have a picture that it said it had (restored from a backup?): all are sent again.
      if (answer.status === 424) held.clear();
      judge(answer, { name: e.id, sent: body }, []);
    },
    heard: () => heard,
    receive: openPoll({
      ask: (id, body, signal) =>
        send('POST', '/down', id, 'application/json', body, signal, HOLD_MS + config.timeoutMs),
      source: boxSource(context),
      keys,
      inbox: openInbox(context),
      noInstructions: () => context.log.info({ relay: context.id }, 'this command room gives no instructions'),
    }),
    async close() {
      agent.destroy();
    },
  };
};

/** Returns where what was asked is stored; throws Rejected, Busy, TurnedAway or Error as docs/upstream.md "Answers" says. */
function judge(answer: HttpAnswer, asked: SentEvent, alsoStored: readonly number[]): void {
  const { status, body } = answer;
  const good = (status >= 200 && status < 300) || alsoStored.includes(status);
  if (!good || !acknowledges(body, asked.name)) throw failureOf(answer, asked);
}
