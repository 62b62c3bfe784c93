/**
 * The command room's MQTT side: subscribes to every box with a session that outlives a restart, and acknowledges what it has stored.
 * Publishes what is told to the boxes until the broker says that it holds it for somebody.
 */
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import { decodeEvent, EVENT_MEDIA_TYPE } from '../../adapters/upstream/codec.ts';
import { signBody } from '../../adapters/upstream/webhook.codec.ts';
import type { RoomStore } from './store.ts';

export interface MqttRoom {
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** Keys that instructions are signed with (`whsec_…`, `whsk_…`), separated by spaces; without one they go unsigned, and no box believes them. */
  readonly keys: string;
  readonly now: () => number;
  readonly store: RoomStore;
  arrived(event: ReceivedEvent, fresh: boolean, by: string): void;
  refused(why: string): void;
}

export interface MqttSide {
  /** There is something to publish. */
  publish(): void;
  close(): Promise<void>;
}

/** A box that has never subscribed is tried again so often. */
const PUBLISH_AGAIN_MS = 200;

/** Resolves once the subscription stands. Afterwards it comes back by itself when the broker does. */
export async function subscribe(room: MqttRoom): Promise<MqttSide> {
  const client = mqtt.connect(room.url, {
    ...(room.user === undefined ? {} : { username: room.user }),
    ...(room.password === undefined ? {} : { password: room.password }),
    clientId: 'sitebox-room',
    protocolVersion: 5,
    clean: false,
    properties: { sessionExpiryInterval: 7 * 86_400, receiveMaximum: 20 },
    reconnectPeriod: 500,
  });
  client.on('error', (e) => room.refused(`mqtt: ${e.message}`));
  // The PUBACK goes out when `done` is called: after the event is on disk.
  client.handleMessage = (packet, done) => {
    take(room, packet.payload);
    done();
  };
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => {
      client.subscribeAsync('up/v1/#', { qos: 1, nl: true }).then(() => resolve(), reject);
    });
  });
  const publish = openPublisher(room, client);
  const timer = setInterval(publish, PUBLISH_AGAIN_MS).unref();
  publish();
  return {
    publish,
    async close() {
      clearInterval(timer);
      await client.endAsync(true);
    },
  };
}

/** mqtt.js does not hand out reason code 0x10, nobody has subscribed, so the PUBACK itself is looked at. */
function openPublisher(room: MqttRoom, client: MqttClient): () => void {
  const underWay = new Map<number, { readonly box: string; readonly id: string }>();
  client.on('close', () => underWay.clear());
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'puback' || packet.messageId === undefined) return;
    const sent = underWay.get(packet.messageId);
    underWay.delete(packet.messageId);
    if (sent && (packet.reasonCode ?? 0) === 0) room.store.markInstruction(sent.box, sent.id, 'published');
  });
  return () => {
    if (!client.connected) return;
    const busy = new Set([...underWay.values()].map(({ box, id }) => `${box} ${id}`));
    for (const { box, id, body, published } of room.store.instructions()) {
      const [, , site, , name] = box.split('/');
      if (published || busy.has(`${box} ${id}`)) continue;
      const signed =
        room.keys === '' ? {} : { userProperties: { ...signBody(room.keys, id, room.now(), Buffer.from(body)) } };
      const properties = { contentType: EVENT_MEDIA_TYPE, payloadFormatIndicator: true, ...signed };
      client.publish(`down/v1/${site}/${name}/instruction`, body, { qos: 1, properties }, () => undefined);
      underWay.set(client.getLastMessageId(), { box, id });
    }
  };
}

/** What cannot be read is acknowledged too, and shown: the broker would send it for ever. */
function take(room: MqttRoom, payload: Buffer | string): void {
  try {
    const event = decodeEvent(payload.toString());
    room.arrived(event, room.store.putEvent(event), 'mqtt');
  } catch (e) {
    room.refused(`mqtt: ${e instanceof Error ? e.message : String(e)}`);
  }
}
