/**
 * Relay `mqtt`: MQTT 5, QoS 1; an event counts as stored on a PUBACK with a reason code below 0x80. Pictures do not travel here. Instructions
 * come down the same connection, and are acknowledged once the gateway has kept them.
 */
import type { IPublishPacket } from 'mqtt';
import { z } from 'zod';
import type { Envelope, OpenRelay } from '../../../gateway/contracts/relay.ts';
import { Busy, Rejected, TurnedAway } from '../../../gateway/contracts/errors.ts';
import { readPem } from '../../shared/pem-file.ts';
import { encodeEvent, MAX_EVENT_BYTES, topicOf } from '../codec.ts';
import { downTopic, instructionId, parseEvent } from '../instructions.codec.ts';
import { openInbox } from '../inbox.ts';
import { keysOf } from '../keys.ts';
import { verifySignature, signatureIn } from '../webhook.codec.ts';
import { brokerUrl } from '../../shared/broker-url.ts';
import { openConnection } from './connection.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const schema = z.strictObject({
  url: brokerUrl,
  user: z.string().optional(),
  /** `file:` or `env:` reference. */
  password: z.string().optional(),
  /** PEM file of the authority that signed the broker's certificate, when it is not a public one. */
  ca: z.string().optional(),
  /**
   * `file:` or `env:` reference to one or more keys that the command room signs its instructions with: `whsec_…`, shared with it, or its `whpk_…`.
   * Without it no instruction that comes this way can be believed, and each is refused.
   */
  secret: z.string().optional(),
  connectTimeoutMs: z.number().int().min(500).max(60_000).default(10_000),
  /**
   * A broker answers 0x10 when it took an event that nobody subscribes to: then nobody stored it. Set this where a rule of the
   * broker itself consumes the events (EMQX rule engine), which brokers do not count as a subscriber.
   */
  acceptUnsubscribed: z.boolean().default(false),
});

/** Reason codes of MQTT 5, 2.4; a PUBACK can carry 0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97 and 0x99 (3.4.2.1). */
const NO_MATCHING_SUBSCRIBERS = 0x10;
const MEANING: Readonly<Record<number, 'broker-no-publish' | 'broker-topic-invalid' | 'broker-event-invalid'>> = {
  0x87: 'broker-no-publish',
  0x90: 'broker-topic-invalid',
  0x99: 'broker-event-invalid',
};
const QUOTA_EXCEEDED = 0x97;
const BUSY_MS = 5_000;

export const openMqtt: OpenRelay = (given, context) => {
  const config = context.check(schema, given);
  const password = config.password === undefined ? undefined : context.secret(config.password, 'password').trim();
  const ca = config.ca === undefined ? undefined : readPem(context.file(config.ca));
  const line = openConnection(
    config.url,
    {
      ...(config.user === undefined ? {} : { username: config.user }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
      connectTimeout: config.connectTimeoutMs,
    },
    context,
  );
  const inbox = openInbox(context);
  const keys = config.secret === undefined ? undefined : keysOf(config.secret, context, 'verifying');
  /** Why it may not be acted on; undefined where the command room has signed it. */
  const notAuthentic = (packet: IPublishPacket, body: Uint8Array): string | undefined => {
    // The broker would send it anew at each connection. Acknowledged and passed over.
    if (packet.retain) return english('signed-retained');
    if (keys === undefined) return english('signed-no-secret');
    // The headers of Standard Webhooks stand in user properties (MQTT 5, 3.3.2.3.7), which every broker hands on as they are.
    const headers = signatureIn(packet.properties?.userProperties ?? {});
    const verdict = verifySignature(keys, headers, body);
    if (!verdict.ok) return english('signed-not', { why: verdict.why });
    const name = namedIn(body);
    const other = name !== undefined && headers['webhook-id'] !== name;
    return other ? english('signed-not', { why: english('signed-other-id') }) : undefined;
  };

  return {
    async send(e: Envelope, signal: AbortSignal): Promise<void> {
      const body = encodeEvent(e);
      if (Buffer.byteLength(body) > MAX_EVENT_BYTES) {
        throw new Rejected(english('event-too-large', { most: MAX_EVENT_BYTES }));
      }
      const topic = topicOf(context.site, context.box, e.type);
      // Health is retained over the presence message: a later subscriber sees how the box is at once.
      const retain = e.type === 'io.sitebox.health.v1';
      const code = await line.publish(topic, body, retain, signal);
      if (code < 0x80 && (code !== NO_MATCHING_SUBSCRIBERS || retain || config.acceptUnsubscribed)) return;
      judge(code);
    },
    receive(take, signal, refuse) {
      const ears = { take, refuse };
      return line.listen(
        downTopic(context),
        (packet) => {
          const body = Buffer.from(packet.payload);
          const read = (): unknown => parseEvent(body);
          const why = notAuthentic(packet, body);
          if (why === undefined) inbox.give(read, ears, true);
          else inbox.refuse(read, why, ears);
        },
        signal,
      );
    },
    close: () => line.close(),
  };
};

function namedIn(body: Uint8Array): string | undefined {
  try {
    return instructionId(parseEvent(body));
  } catch {
    return undefined;
  }
}

/** A broker is not the command room: nothing that it says is final. */
function judge(code: number): never {
  const name = `0x${code.toString(16).padStart(2, '0')}`;
  if (code === NO_MATCHING_SUBSCRIBERS) {
    throw new TurnedAway(english('broker-no-subscribers', { code: name }));
  }
  if (code === QUOTA_EXCEEDED) throw new Busy(english('broker-busy', { code: name }), BUSY_MS);
  throw new TurnedAway(english(MEANING[code] ?? 'broker-not-taken', { code: name }));
}
