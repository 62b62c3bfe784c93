/**
 * The one connection of relay `mqtt`: MQTT 5, opened when it is needed and shared by what goes up and what comes down. Nothing is queued
 * here and nothing tried again: the outbox is the queue, and the supervisor runs `listen` again.
 */
import { randomUUID } from 'node:crypto';
import type { DoneCallback, IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import type { Context } from '../../../gateway/contracts/base.ts';
import { TurnedAway } from '../../../gateway/contracts/errors.ts';
import { brokerError, connectMqtt } from '../../shared/mqtt.ts';
import { encodePresence, EVENT_MEDIA_TYPE, topicOf } from '../codec.ts';
import { acknowledged, subscribed } from './answers.ts';
import { openQuota, type Quota } from './quota.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Fixed header, packet identifier and properties of a PUBLISH, generously. */
const PACKET_OVERHEAD_BYTES = 64;
const SUBACK_WITHIN_MS = 10_000;

interface Opened {
  readonly client: MqttClient;
  /** The Maximum Packet Size that the broker named (MQTT 5, 3.2.2.3.6): it ends a connection that sends more. */
  readonly largest: number;
  /** Publishes that the broker has not acknowledged yet, at most its Receive Maximum (3.3.4): it ends a connection that sends more. */
  readonly quota: Quota;
}

/** Returns once the packet may be acknowledged; throws where it may not. */
export type TakePacket = (packet: IPublishPacket) => void;

export interface Connection {
  /** The reason code of the PUBACK; rejects when the connection cannot be had or is lost. */
  publish(topic: string, body: string, retain: boolean, signal: AbortSignal): Promise<number>;
  /**
   * Subscribes to `filter` and gives what comes to `take`, until `signal` aborts (then it resolves, and the session goes on at the broker)
   * or the connection is lost (then it rejects). Where `take` throws there is no PUBACK, and the connection is cut: the broker keeps
   * the message for the next one. Once at a time.
   */
  listen(filter: string, take: TakePacket, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opened at the first publish or listen, and again at the next one after it was lost. */
export function openConnection(url: string, given: IClientOptions, context: Context): Connection {
  const { host } = new URL(url);
  const options = { ...given, ...presenceOf(context) };
  /** Connections on which the broker waits for a PUBACK that will not come. */
  const passedBy = new WeakSet<MqttClient>();
  let taker: TakePacket | undefined;
  let opening: Promise<Opened> | undefined;
  let closed = false;

  const hand = (client: MqttClient, packet: IPublishPacket, done: DoneCallback): void => {
    try {
      // The session at the broker outlives a listener: what comes in between waits there.
      if (!taker) throw new Error('there is no listener');
      taker(packet);
    } catch (e) {
      passedBy.add(client);
      if (taker) client.end(true);
      taker = undefined;
      // The error only means: no PUBACK. What is published on this connection goes on.
      done(e as Error);
      return;
    }
    done();
  };

  const open = (): Promise<Opened> => {
    const mine = connected(url, options, hand).then(
      (opened) => {
        const { client } = opened;
        client.once('close', forget);
        // Retained over the last will of an earlier connection. Not waited for: the event behind it matters more.
        const give = opened.quota.take();
        client.once('close', give);
        client.publish(healthTopic(context), presence(context, true), { ...QOS, retain: true }, give);
        return opened;
      },
      (e: unknown) => {
        forget();
        throw brokerError(url, e);
      },
    );
    const forget = (): void => {
      if (opening === mine) opening = undefined;
    };
    return mine;
  };

  const current = (): Promise<Opened> => {
    if (closed) throw new Error('the relay is closed');
    return (opening ??= open());
  };

  const drop = (client: MqttClient, mine: Promise<Opened>): void => {
    if (opening === mine) opening = undefined;
    client.end(true);
  };

  const subscribe = async (filter: string): Promise<never> => {
    let mine = current();
    let { client } = await mine;
    if (passedBy.has(client)) {
      // On a fresh connection the broker sends again what was passed by on this one.
      drop(client, mine);
      mine = current();
      ({ client } = await mine);
    }
    return subscribed(client, filter, options.connectTimeout ?? SUBACK_WITHIN_MS).catch((e: unknown) => {
      throw new Error(`${host}: ${(e as Error).message}`, { cause: e });
    });
  };

  return {
    async publish(topic, body, retain, signal) {
      signal.throwIfAborted();
      const mine = current();
      const { client, largest, quota } = await mine;
      const size = Buffer.byteLength(body) + Buffer.byteLength(topic) + PACKET_OVERHEAD_BYTES;
      if (size > largest) throw new TurnedAway(english('broker-packet-too-large', { most: largest, bytes: size }));
      const give = await quota.taken();
      try {
        signal.throwIfAborted();
        return await acknowledged(client, topic, body, { ...QOS, retain }, signal).catch((e: unknown) => {
          // Whether the event arrived is not known. A fresh connection makes sure that no late PUBACK is taken for another's.
          drop(client, mine);
          throw e;
        });
      } finally {
        give();
      }
    },
    async listen(filter, take, signal) {
      if (signal.aborted) return;
      if (taker) throw new Error('there is a listener already');
      let failure: unknown;
      const mine: TakePacket = (packet) => {
        try {
          take(packet);
        } catch (e) {
          failure = e;
          throw e;
        }
      };
      taker = mine;
      try {
        await untilAborted(signal, subscribe(filter));
      } catch (e) {
        throw failure ?? e;
      } finally {
        if (taker === mine) taker = undefined;
      }
    },
    async close() {
      closed = true;
      // Cut without DISCONNECT, so that the broker publishes the last will: the box is offline.
      (await opening?.catch(() => undefined))?.client.end(true);
    },
  };
}

/** Rejects as `work` does; resolves when `signal` aborts. */
async function untilAborted(signal: AbortSignal, work: Promise<never>): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Resolves on CONNACK 0; rejects with the broker's or the network's reason. mqtt.js does not connect again. */
function connected(
  url: string,
  options: IClientOptions,
  hand: (client: MqttClient, packet: IPublishPacket, done: DoneCallback) => void,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const client = connectMqtt(url, { ...options, protocolVersion: 5, properties: { receiveMaximum: 20 } });
    // Before the CONNACK: behind it comes at once what waited at the broker.
    client.handleMessage = (packet, done) => hand(client, packet, done);
    let reason: unknown;
    // The listener stays: an error without one would end the process.
    client.on('error', (e) => (reason = e));
    // Each send that is under way listens for its own PUBACK.
    client.setMaxListeners(0);
    client.once('connect', ({ properties }) => {
      const quota = openQuota(properties?.receiveMaximum ?? Infinity);
      resolve({ client, largest: properties?.maximumPacketSize ?? Infinity, quota });
    });
    client.once('close', () => {
      client.end(true);
      reject(reason instanceof Error ? reason : new Error(english('broker-none')));
    });
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
