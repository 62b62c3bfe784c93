/**
 * One connection to a broker, MQTT 3.1.1 or 5, from CONNECT to its end; nothing is tried again. The session stays at the broker, so what
 * has not been acknowledged comes again on the next connection.
 */
import type { IClientOptions, IPublishPacket } from 'mqtt';
import { brokerError, connectMqtt, subscriptionError } from '../../shared/mqtt.ts';
import type { OutgoingMessage } from '../topics/codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Published and not yet acknowledged. A broker of MQTT 5 may allow fewer, and cuts whoever sends more; mosquitto allows 20. */
const MAX_IN_FLIGHT = 20;
const MAX_WAITING = 1_000;

export interface LineOptions {
  readonly url: string;
  readonly client: IClientOptions & { readonly connectTimeout: number };
  readonly filters: readonly string[];
  /** Returns once the packet may be acknowledged; where it throws, there is no PUBACK and the line is lost. */
  readonly receive: (packet: IPublishPacket) => void;
  /** Connected and subscribed. */
  readonly up: () => void;
  /** Called once, unless `close` was called before. */
  readonly lost: (error: Error) => void;
  /** The broker refuses to take a message: it is gone. */
  readonly refused: (error: Error) => void;
}

export type Line = ReturnType<typeof openLine>;

export function openLine({ url, client: options, filters, receive: hear, up, lost, refused }: LineOptions) {
  const { host } = new URL(url);
  let over = false;
  let window = MAX_IN_FLIGHT;
  let inFlight = 0;
  const waiting: OutgoingMessage[] = [];

  const client = connectMqtt(url, options);
  const lose = (error: unknown): void => {
    if (over) return;
    over = true;
    clearTimeout(late);
    lost(brokerError(url, error));
  };
  const late = setTimeout(() => lose(new Error(english('broker-silent'))), 2 * options.connectTimeout);

  const flush = (): void => {
    while (inFlight < window && waiting.length > 0) {
      const { topic, payload } = waiting.shift()!;
      inFlight += 1;
      client.publish(topic, payload, { qos: 1 }, (error) => {
        inFlight -= 1;
        if (over) return;
        if (error) refused(new Error(`${host}: ${error.message}`));
        flush();
      });
    }
  };
  // Set before the CONNACK: behind it comes at once what waited at the broker. Without `done` there is neither a PUBACK nor a next packet.
  client.handleMessage = (packet, done) => {
    if (over) return;
    try {
      hear(packet);
    } catch (error) {
      return lose(error);
    }
    done();
  };
  client.once('connect', ({ properties }) => {
    window = Math.min(MAX_IN_FLIGHT, properties?.receiveMaximum ?? MAX_IN_FLIGHT);
    client
      .subscribeAsync([...filters], { qos: 1 })
      .then(
        () => {
          clearTimeout(late);
          if (!over) up();
        },
        (error: unknown) => lose(subscriptionError(error, filters)),
      )
      .catch(lose);
  });
  client.on('disconnect', ({ reasonCode }) => lose({ code: reasonCode, message: english('broker-ended') }));
  // The listener stays: an error without one would end the process.
  client.on('error', lose);
  client.once('close', () => lose(new Error(english('broker-lost'))));

  return {
    /** Publishes at QoS 1, in order. False where there is no connection, or too much waits. */
    send(message: OutgoingMessage): boolean {
      if (over || !client.connected || waiting.length >= MAX_WAITING) return false;
      waiting.push(message);
      flush();
      return true;
    },
    /** Nothing is heard any more; resolves once the connection is closed. */
    close(): Promise<void> {
      over = true;
      clearTimeout(late);
      return new Promise((resolve) => client.end(true, () => resolve()));
    },
  };
}
