/**
 * A client of an external MQTT broker, version 3.1.1 or 5: one connection from CONNECT to its end, without reconnects of its own. The session stays
 * at the broker, so unacknowledged messages come again on the next connection.
 */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { whyNotConnected } from '../../gateway/contracts/network-errors.ts';
import { english } from '../../gateway/contracts/words/words.ts';

/** The broker is told to drop larger packets (MQTT 5): an instruction and a message of DJI have at most 64 KiB. */
const MAX_PACKET_BYTES = 128 * 1024;
const SESSION_EXPIRES_S = 86_400;

export function connectMqtt(url: string, { properties, ...options }: IClientOptions): MqttClient {
  return mqtt.connect(url, {
    ...options,
    clean: false,
    properties: { sessionExpiryInterval: SESSION_EXPIRES_S, maximumPacketSize: MAX_PACKET_BYTES, ...properties },
    keepalive: 30,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
  });
}

/** Codes of a SUBACK (3.9.3): failure, the only one of MQTT 3.1.1, and not authorized. */
const NOT_ALLOWED_CODES: readonly (number | undefined)[] = [0x80, 0x87];

/** mqtt.js gives one error for all filters; the SUBACK tells which failed. */
export function subscriptionError(error: unknown, filters: readonly string[]): Error {
  const { packet, message } = error as { packet?: { granted?: readonly number[] }; message: string };
  const denied = filters.filter((_, i) => NOT_ALLOWED_CODES.includes(packet?.granted?.[i]));
  const why =
    denied.length > 0
      ? english('broker-denies-subscription', { filters: denied.join(', ') })
      : english('broker-refuses-subscription', { cause: message });
  return new Error(why, { cause: error });
}

const OTHER_VERSION = english('broker-other-version');
const OTHER_CLIENT_ID = english('broker-other-client-id');
const WRONG_LOGIN = english('broker-wrong-login');
const NOT_ALLOWED = english('broker-not-allowed');

/** Return codes of CONNACK (MQTT 3.1.1, table 3.1), and reason codes of CONNACK and DISCONNECT (MQTT 5, 2.4). */
const WHY: Readonly<Record<number, string>> = {
  1: OTHER_VERSION,
  2: OTHER_CLIENT_ID,
  4: WRONG_LOGIN,
  5: NOT_ALLOWED,
  132: OTHER_VERSION,
  133: OTHER_CLIENT_ID,
  134: WRONG_LOGIN,
  135: NOT_ALLOWED,
  142: english('broker-taken-over'),
};

/** Why the connection to the broker at `url` failed or was lost, in words that name only its host. */
export function brokerError(url: string, error: unknown): Error {
  const { code, message } = error as { code?: string | number; message: string };
  const why = typeof code === 'number' ? WHY[code] : whyNotConnected(error, 'broker');
  return new Error(`${new URL(url).host}: ${why ?? message}`, { cause: error });
}
