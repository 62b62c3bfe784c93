/** The command room's MQTT side: subscribes to every box with a session that outlives a restart, and acknowledges what it has stored. */
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import { decodeEvent } from '../../adapters/upstream/codec.ts';
import type { RoomStore } from './store.ts';

export interface MqttRoom {
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  readonly store: RoomStore;
  arrived(event: ReceivedEvent, fresh: boolean, by: string): void;
  refused(why: string): void;
}

/** Resolves once the subscription stands. Afterwards it comes back by itself when the broker does. */
export async function subscribe(room: MqttRoom): Promise<MqttClient> {
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
  return client;
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
