/** A DJI aircraft and its remote control, which speaks for it: Cloud API over MQTT. */
import { randomUUID } from 'node:crypto';
import { decodeReply, encodeOsd, encodeTopology } from '../../../adapters/crew/dji/codec.ts';
import type { LinkEvents, DeviceLink, SensorReading } from './types.ts';
import { openMqttLink, type BrokerAddress } from './mqtt-link.ts';

/** mode_code: flies a route of waypoints. */
const ON_ROUTE = 5;

export function openDji(events: LinkEvents, broker: BrokerAddress): DeviceLink {
  const [remote, aircraft] = events.spec.serials ?? [];
  if (remote === undefined || aircraft === undefined)
    throw new Error(`${events.spec.id}: dji needs the serials of its remote control and of its aircraft`);
  const status = `sys/product/${remote}/status`;
  let isOnline = false;
  const mqtt = openMqttLink({
    // Its own connection is not enough: aircraft and remote control are there once the box has answered.
    events: { ...events, connected: () => undefined, disconnected: () => ((isOnline = false), events.disconnected()) },
    broker,
    clientId: remote,
    subscribe: [`${status}_reply`],
    ready(client) {
      client.publish(status, encodeTopology(Date.now(), randomUUID(), [aircraft]), { qos: 1 });
    },
    beforeDisconnect: (client) => client.publishAsync(status, encodeTopology(Date.now(), randomUUID(), []), { qos: 1 }),
    message(topic, payload) {
      if (topic !== `${status}_reply` || decodeReply(payload).data.result !== 0 || isOnline) return;
      isOnline = true;
      events.connected();
    },
  });
  const say = (serial: string, kind: 'osd' | 'state', at: number, data: object): void =>
    mqtt.publish(`thing/product/${serial}/${kind}`, encodeOsd({ at, gateway: remote, data }, randomUUID()));
  return {
    connect: () => mqtt.connect(),
    disconnect: (cleanly) => mqtt.disconnect(cleanly),
    freeze: () => mqtt.freeze(),
    report(reading) {
      const { at, fix, batteryPercent, sequence } = reading;
      say(aircraft, 'osd', at, flightOf(reading));
      // What seldom changes is a message of its own.
      if (sequence % 5 === 1) say(aircraft, 'state', at, { battery: { capacity_percent: batteryPercent } });
      say(remote, 'osd', at, { latitude: fix.lat, longitude: fix.lon, capacity_percent: 80 });
    },
  };
}

function flightOf({ fix }: SensorReading): object {
  return {
    latitude: fix.lat,
    longitude: fix.lon,
    height: fix.altitudeM,
    elevation: 80,
    mode_code: ON_ROUTE,
    horizontal_speed: fix.speedKmh / 3.6,
    vertical_speed: 0,
    attitude_head: fix.courseDeg > 180 ? fix.courseDeg - 360 : fix.courseDeg,
    position_state: { is_fixed: 2, gps_number: 18, rtk_number: 0, quality: 5 },
  };
}
