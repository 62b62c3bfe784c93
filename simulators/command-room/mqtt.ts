/**
 * The command room's MQTT side: subscribes to every box with a persistent session, and acknowledges events once they are stored. Publishes each
 * instruction until the broker confirms that it holds it for a subscriber.
 */
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { decodeEvent, EVENT_MEDIA_TYPE } from '../../adapters/upstream/codec.ts';
import { signBody } from '../../adapters/upstream/webhook.codec.ts';
import type { RoomSide } from './http.ts';

interface MqttRoom extends RoomSide {
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** Keys that sign instructions (`whsec_…`, `whsk_…`), separated by spaces; without one they are unsigned, and every box refuses them. */
  readonly keys: string;
}

/** How often publishing to a box that has never subscribed is tried again. */
const PUBLISH_AGAIN_MS = 200;

/** Resolves once subscribed. Subscribes again on its own when the broker returns. `publish`: call it when there is something to publish. */
export async function subscribe(room: MqttRoom) {
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
  // `done` sends the PUBACK: only after the event is on disk.
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

/** mqtt.js does not expose reason code 0x10 (no matching subscribers), so this reads the PUBACK itself. */
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

/** Acknowledges and prints unreadable events too: the broker would send them for ever. */
function take(room: MqttRoom, payload: Buffer | string): void {
  try {
    const event = decodeEvent(payload.toString());
    room.arrived(event, room.store.putEvent(event), 'mqtt');
  } catch (e) {
    room.refused(`mqtt: ${e instanceof Error ? e.message : String(e)}`);
  }
}
