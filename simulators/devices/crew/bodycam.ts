/** A body-cam or a patrol vehicle: JSON over MQTT. */
import {
  decodeCommand,
  encodeAnswer,
  encodeReceipt,
  encodeSos,
  encodeStatus,
  encodeTelemetry,
} from '../../../adapters/crew/bodycam/codec.ts';
import type { LinkEvents, DeviceLink } from './types.ts';
import { openMqttLink, type BrokerAddress } from './mqtt-link.ts';

export function openBodycam(events: LinkEvents, broker: BrokerAddress): DeviceLink {
  const { id } = events.spec;
  const topic = (what: string): string => `bodycam/v1/${id}/${what}`;
  const mqtt = openMqttLink({
    broker,
    events,
    clientId: id,
    subscribe: [topic('cmd')],
    will: { topic: topic('status'), payload: encodeStatus(false) },
    ready: (client) => void client.publish(topic('status'), encodeStatus(true), { qos: 1, retain: true }),
    beforeDisconnect: (client) => client.publishAsync(topic('status'), encodeStatus(false), { qos: 1, retain: true }),
    message(_, payload) {
      const command = decodeCommand(payload);
      events.command(command);
      if (command.ack !== undefined) events.acknowledged(String(command.ack));
      if (command.alert !== undefined && !events.has('no receipts'))
        mqtt.publish(topic('order'), encodeReceipt(command.id), { qos: 1 });
    },
  });
  return {
    connect: () => mqtt.connect(),
    disconnect: (cleanly) => mqtt.disconnect(cleanly),
    freeze: () => mqtt.freeze(),
    report({ at, sequence, fix, batteryPercent, recording, everyS }) {
      const state = { at, sequence, batteryPercent, recording, charging: false, signalDbm: -80 };
      // There is no word for less than a second.
      const often = everyS < 1 ? {} : { everyS };
      mqtt.publish(topic('telemetry'), encodeTelemetry({ ...state, ...often, position: fix }));
    },
    call({ sos, state }, { at, fix }) {
      mqtt.publish(topic('sos'), encodeSos({ sos, state, at, position: fix }), { qos: 1 });
    },
    answer: (order, state, at, reason) =>
      mqtt.publish(topic('order'), encodeAnswer(order, state, at, reason), { qos: 1 }),
  };
}
