/** A device's own MQTT connection: reconnects, and can fall silent without closing. */
import mqtt, { type MqttClient } from 'mqtt';
import type { LinkEvents } from './types.ts';

export interface BrokerAddress {
  /** mqtt, mqtts, ws or wss. */
  readonly url: string;
  /** PEM, where the broker's certificate is not one that the system knows. */
  readonly ca?: string;
}

export interface MqttLinkOptions {
  readonly broker: BrokerAddress;
  readonly events: LinkEvents;
  readonly clientId: string;
  /** Retained, once it is gone without a word. */
  readonly will?: { readonly topic: string; readonly payload: Buffer };
  /** Topics it has to hear before it is of use. */
  readonly subscribe: readonly string[];
  /** Logged in and listening. */
  ready(client: MqttClient): void;
  /** The device has the message; the receipt goes out after it. */
  message(topic: string, payload: Buffer): void;
  /** Before it goes. */
  beforeDisconnect?(client: MqttClient): Promise<unknown>;
}

export type MqttLink = ReturnType<typeof openMqttLink>;

const AGAIN_MS = 500;
const CONNECT_MS = 5_000;
const KEEPALIVE_S = 60;

export function openMqttLink(options: MqttLinkOptions) {
  const { broker, events, clientId, will, subscribe } = options;
  let client: MqttClient | undefined;
  let isFrozen = false;
  const connect = (): void => {
    if (client) return;
    isFrozen = false;
    const password = `${events.spec.credential ?? ''}${events.has('wrong credential') ? '?' : ''}`;
    const opened = mqtt.connect(broker.url, {
      clientId,
      username: events.spec.id,
      password,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: AGAIN_MS,
      connectTimeout: CONNECT_MS,
      reconnectOnConnackError: true,
      // A device that was away has newer things to say.
      queueQoSZero: false,
      resubscribe: false,
      ...(broker.ca === undefined ? {} : { ca: broker.ca }),
      ...(will ? { will: { ...will, qos: 1, retain: true } } : {}),
    });
    client = opened;
    opened.on('connect', () => {
      const listening = subscribe.length === 0 ? Promise.resolve() : opened.subscribeAsync([...subscribe], { qos: 1 });
      listening.then(
        () => {
          if (client !== opened || !opened.connected) return;
          options.ready(opened);
          events.connected();
        },
        (error: unknown) => events.refused(reasonOf(error)),
      );
    });
    opened.on('close', () => {
      if (client === opened) events.disconnected();
    });
    opened.on('error', (error) => events.refused(reasonOf(error)));
    opened.handleMessage = (packet, done) => {
      if (!isFrozen) options.message(packet.topic, Buffer.from(packet.payload));
      done();
    };
  };
  return {
    connect,
    async disconnect(cleanly: boolean): Promise<void> {
      const leaving = client;
      if (!leaving) return;
      const says = cleanly && leaving.connected && !isFrozen;
      if (says) await options.beforeDisconnect?.(leaving).catch(() => undefined);
      client = undefined;
      events.disconnected();
      await leaving.endAsync(!says);
    },
    freeze(): void {
      isFrozen = true;
      if (client) client.options.reconnectPeriod = 0;
      // Pings and receipts stay here from now on; the connection stays open until the broker misses them.
      client?.stream.cork();
    },
    /** At QoS 0 what cannot go out at once is dropped. */
    publish(
      topic: string,
      payload: Buffer,
      how: { readonly qos: 0 | 1; readonly retain?: boolean } = { qos: 0 },
    ): void {
      if (client?.connected && !isFrozen) client.publish(topic, payload, how, () => undefined);
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
