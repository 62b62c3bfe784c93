/** A device's own MQTT connection: comes back by itself, and can fall silent without closing. */
import mqtt, { type MqttClient } from 'mqtt';
import type { Ears, Link } from './types.ts';

export interface BrokerAddress {
  /** mqtt, mqtts, ws or wss. */
  readonly url: string;
  /** PEM, where the broker's certificate is not one that the system knows. */
  readonly ca?: string;
}

export interface MqttLinkOptions {
  readonly broker: BrokerAddress;
  readonly ears: Ears;
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
  goodbye?(client: MqttClient): Promise<unknown>;
}

export interface MqttLink extends Required<Pick<Link, 'come' | 'leave' | 'freeze'>> {
  /** At QoS 0 what cannot go out at once is dropped. */
  publish(topic: string, payload: Buffer, how?: { readonly qos: 0 | 1; readonly retain?: boolean }): void;
}

const AGAIN_MS = 500;
const CONNECT_MS = 5_000;
const KEEPALIVE_S = 60;

export function openMqttLink(options: MqttLinkOptions): MqttLink {
  const { broker, ears, clientId, will, subscribe } = options;
  let client: MqttClient | undefined;
  let isFrozen = false;
  const come = (): void => {
    if (client) return;
    isFrozen = false;
    const password = `${ears.spec.credential ?? ''}${ears.has('wrong credential') ? '?' : ''}`;
    const opened = mqtt.connect(broker.url, {
      clientId,
      username: ears.spec.id,
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
          ears.connected();
        },
        (error: unknown) => ears.refused(reasonOf(error)),
      );
    });
    opened.on('close', () => {
      if (client === opened) ears.disconnected();
    });
    opened.on('error', (error) => ears.refused(reasonOf(error)));
    opened.handleMessage = (packet, done) => {
      if (!isFrozen) options.message(packet.topic, Buffer.from(packet.payload));
      done();
    };
  };
  return {
    come,
    async leave(goodbye) {
      const leaving = client;
      if (!leaving) return;
      const says = goodbye && leaving.connected && !isFrozen;
      if (says) await options.goodbye?.(leaving).catch(() => undefined);
      client = undefined;
      ears.disconnected();
      await leaving.endAsync(!says);
    },
    freeze() {
      isFrozen = true;
      if (client) client.options.reconnectPeriod = 0;
      // Pings and receipts stay here from now on; the connection stands until the broker misses them.
      client?.stream.cork();
    },
    publish(topic, payload, how = { qos: 0 }) {
      if (client?.connected && !isFrozen) client.publish(topic, payload, how, () => undefined);
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
