/** Relay `mqtt`: MQTT 5, QoS 1; an event counts as stored on a PUBACK with a reason code below 0x80. Pictures do not travel here. */
import { randomUUID } from 'node:crypto';
import type { IClientOptions, MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { z } from 'zod';
import type { Context, Envelope, OpenRelay } from '../../../gateway/types.ts';
import { Busy, Rejected } from '../../../gateway/errors.ts';
import { readCa } from '../authority.ts';
import { encodeEvent, encodePresence, EVENT_MEDIA_TYPE, MAX_EVENT_BYTES, topicOf } from '../codec.ts';

const schema = z.strictObject({
  /** `mqtts://host[:port]`, or `mqtt://` on loopback. */
  url: z.url({ protocol: /^mqtts?$/, error: 'expected an mqtts:// address' }).superRefine((value, context) => {
    if (!URL.canParse(value)) return;
    const { protocol, hostname, username, password } = new URL(value);
    const complain = (message: string): void => context.addIssue({ code: 'custom', message });
    if (protocol === 'mqtt:' && !/^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)) {
      complain('plain mqtt:// is for loopback only; use mqtts://');
    }
    if (username || password) complain('give the user in `user` and the password in `password`');
  }),
  user: z.string().optional(),
  /** `file:` or `env:` reference. */
  password: z.string().optional(),
  /** PEM file of the authority that signed the broker's certificate, when it is not a public one. */
  ca: z.string().optional(),
  connectTimeoutMs: z.number().int().min(500).max(60_000).default(10_000),
  /**
   * A broker answers 0x10 when it took an event that nobody subscribes to: then nobody stored it. Set this where a rule of the
   * broker itself consumes the events (EMQX rule engine), which brokers do not count as a subscriber.
   */
  acceptUnsubscribed: z.boolean().default(false),
});

/** Reason codes of MQTT 5, 2.4; a PUBACK can carry 0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97 and 0x99 (3.4.2.1). */
const NO_MATCHING_SUBSCRIBERS = 0x10;
const PERMANENT = new Map([
  [0x90, 'topic name invalid'],
  [0x99, 'payload format invalid'],
]);
const QUOTA_EXCEEDED = 0x97;
const BUSY_MS = 5_000;

export const openMqtt: OpenRelay = (given, context) => {
  const config = context.check(schema, given);
  const password = config.password === undefined ? undefined : context.secret(config.password, 'password').trim();
  const ca = config.ca === undefined ? undefined : readCa(context.file(config.ca));
  const line = openConnection(
    config.url,
    {
      ...(config.user === undefined ? {} : { username: config.user }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
      connectTimeout: config.connectTimeoutMs,
      ...presenceOf(context),
    },
    context,
  );

  return {
    async send(e: Envelope, signal: AbortSignal): Promise<void> {
      const body = encodeEvent(e);
      if (Buffer.byteLength(body) > MAX_EVENT_BYTES) {
        throw new Rejected(`the event is larger than the ${MAX_EVENT_BYTES} bytes that may be sent`);
      }
      const topic = topicOf(context.site, context.box, e.type);
      // Health is retained over the presence message: whoever subscribes later sees how the box is at once.
      const retain = e.type === 'io.sitebox.health.v1';
      const code = await line.publish(topic, body, retain, signal);
      if (code < 0x80 && (code !== NO_MATCHING_SUBSCRIBERS || retain || config.acceptUnsubscribed)) return;
      judge(code);
    },
    close: () => line.close(),
  };
};

function judge(code: number): never {
  const name = `0x${code.toString(16).padStart(2, '0')}`;
  if (code === NO_MATCHING_SUBSCRIBERS) {
    throw new Error(
      `the broker took the event, but nobody subscribes to it (${name}): the command room has to subscribe to up/v1/#`,
    );
  }
  const permanent = PERMANENT.get(code);
  if (permanent) throw new Rejected(`the broker refused for good: ${permanent} (${name})`);
  if (code === QUOTA_EXCEEDED) throw new Busy(`the broker asks for patience (${name})`, BUSY_MS);
  if (code === 0x87)
    throw new Error(`the broker does not allow this box to publish there (${name}): check its access rules`);
  throw new Error(`the broker did not take the event (${name})`);
}

/** Fixed header, packet identifier and properties of a PUBLISH, generously. */
const PACKET_OVERHEAD_BYTES = 64;

interface Opened {
  readonly client: MqttClient;
  /** The Maximum Packet Size that the broker named (MQTT 5, 3.2.2.3.6): it cuts whoever sends more. */
  readonly largest: number;
}

interface Connection {
  /** The reason code of the PUBACK; rejects when the connection cannot be had or is lost. */
  publish(topic: string, body: string, retain: boolean, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** Opened at the first publish, and again at the next one after it was lost. Nothing is queued here: the outbox is the queue. */
function openConnection(url: string, options: IClientOptions, context: Context): Connection {
  let opening: Promise<Opened> | undefined;
  let closed = false;

  const open = (): Promise<Opened> => {
    const mine = connected(url, options).then(
      (opened) => {
        const { client } = opened;
        client.once('close', forget);
        // Retained over the last will of an earlier connection. Not waited for: the event behind it matters more.
        client.publish(healthTopic(context), presence(context, true), { ...QOS, retain: true }, () => undefined);
        return opened;
      },
      (e: unknown) => {
        forget();
        throw new Error(`${new URL(url).host}: ${explain(e)}`, { cause: e });
      },
    );
    const forget = (): void => {
      if (opening === mine) opening = undefined;
    };
    return mine;
  };

  return {
    async publish(topic, body, retain, signal) {
      if (closed) throw new Error('the relay is closed');
      const mine = (opening ??= open());
      const { client, largest } = await mine;
      const size = Buffer.byteLength(body) + Buffer.byteLength(topic) + PACKET_OVERHEAD_BYTES;
      if (size > largest) throw new Rejected(`the broker takes no packet of more than ${largest} bytes`);
      try {
        return await acknowledged(client, topic, body, retain, signal);
      } catch (e) {
        // Whether the event arrived is not known. A fresh connection makes sure that no late PUBACK is taken for another's.
        if (opening === mine) opening = undefined;
        client.end(true);
        throw e;
      }
    },
    async close() {
      closed = true;
      // Cut without DISCONNECT, so that the broker publishes the last will: the box is offline.
      (await opening?.catch(() => undefined))?.client.end(true);
    },
  };
}

/** Resolves on CONNACK 0; rejects with the broker's or the network's reason. mqtt.js is told not to connect again by itself. */
function connected(url: string, options: IClientOptions): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const client = mqtt.connect(url, {
      ...options,
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 86_400, receiveMaximum: 20 },
      keepalive: 30,
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
    });
    let reason: unknown;
    // The listener stays: an error without one would end the process.
    client.on('error', (e) => (reason = e));
    client.once('connect', (connack) =>
      resolve({ client, largest: connack.properties?.maximumPacketSize ?? Infinity }),
    );
    client.once('close', () => {
      client.end(true);
      reject(reason instanceof Error ? reason : new Error('no connection to the broker'));
    });
  });
}

/** mqtt.js does not hand out the reason code of a PUBACK below 0x80, so the packet itself is looked at. */
function acknowledged(
  client: MqttClient,
  topic: string,
  body: string,
  retain: boolean,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let mine = -1;
    const onPacket = (packet: { cmd: string; messageId?: number; reasonCode?: number }): void => {
      if (packet.cmd === 'puback' && packet.messageId === mine) finish(() => resolve(packet.reasonCode ?? 0));
    };
    // An answer that is not MQTT: mqtt.js then neither closes nor calls back.
    const onError = (e: Error): void => finish(() => reject(e));
    const onClose = (): void =>
      finish(() => reject(new Error('the connection to the broker was lost before it acknowledged')));
    const onAbort = (): void =>
      finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error('stopped')));
    const finish = (end: () => void): void => {
      client.off('packetreceive', onPacket);
      client.off('error', onError);
      client.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      end();
    };
    if (signal.aborted) return onAbort();
    if (!client.connected) return onClose();
    client.on('packetreceive', onPacket);
    client.once('error', onError);
    client.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    client.publish(topic, body, { ...QOS, retain }, () => undefined);
    mine = client.getLastMessageId();
  });
}

const PROPERTIES = { contentType: EVENT_MEDIA_TYPE, payloadFormatIndicator: true };
const QOS = { qos: 1 as const, properties: PROPERTIES };

function healthTopic(context: Context): string {
  return topicOf(context.site, context.box, 'io.sitebox.health.v1');
}

function presence(context: Context, online: boolean): string {
  return encodePresence(`/sites/${context.site}/boxes/${context.box}`, online, randomUUID(), Date.now());
}

function presenceOf(context: Context): IClientOptions {
  return {
    // One per relay and box, always the same: a broker then ends a connection that it still believes in.
    clientId: `sitebox-${context.site}-${context.box}-${context.id}`,
    will: {
      topic: healthTopic(context),
      payload: Buffer.from(presence(context, false)),
      qos: 1,
      retain: true,
      properties: PROPERTIES,
    },
  };
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string | number; message: string };
  if (code === 'ECONNREFUSED') return 'nothing listens there: is the broker running, and is the port right?';
  if (code === 'CERT_HAS_EXPIRED')
    return 'its certificate has expired: it has to be renewed there (or the clock of this box is wrong)';
  if (typeof code === 'string' && /SELF_SIGNED|UNABLE_TO/.test(code)) {
    return 'its certificate is from an unknown authority: give the authority in `ca`';
  }
  if (code === 134 || code === 4) return 'user or password is wrong';
  if (code === 135 || code === 5) return 'this box is not allowed to connect';
  if (code === 132 || code === 1) return 'it does not speak MQTT 5';
  return message;
}
