/**
 * MQTT topics of the crew, pure: the messages on each topic, who may publish and subscribe where, and where messages to a device go.
 * Everything that is not named here is denied.
 */
import type { CrewMessage, CrewDevice, DeviceReport, OrderAnswer, SosReport } from '../../../gateway/contracts/crew.ts';
import type { Id, Instant } from '../../../gateway/contracts/base.ts';
import {
  decodeReply,
  decodeSos,
  decodeStatus,
  decodeTelemetry,
  encodeCommand,
  unreadableSos,
} from '../bodycam/codec.ts';
import { decodeEvent, decodeOsd, decodeStatus as decodeTopology } from '../dji/codec.ts';

export { unreadableSos };
export { Malformed, oddOf } from './json.codec.ts';

/** A topic that devices publish on. */
export type CrewTopic =
  /** `name`: the registered id. */
  | { readonly protocol: 'bodycam'; readonly name: string; readonly kind: 'telemetry' | 'sos' | 'status' | 'order' }
  /** `name`: a serial number. `replyTo`: where an answer to it goes. */
  | {
      readonly protocol: 'dji';
      readonly name: string;
      readonly kind: 'osd' | 'state' | 'status' | 'events' | 'requests';
      readonly replyTo: string;
    };

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

/** What a message says; empty where nothing is to be done. */
export type DecodedMessage =
  | { readonly report: DeviceReport }
  | { readonly sos: SosReport }
  | { readonly answer: OrderAnswer }
  /** The id of a message that the device has. The box's own broker knows it from the PUBACK. */
  | { readonly received: Id }
  /** The device says that it comes or goes; a remote control says it of its aircraft, and waits for the reply. */
  | { readonly presence: boolean }
  | { readonly presence: boolean; readonly reply: OutgoingMessage }
  | { readonly reply: OutgoingMessage }
  | Readonly<Record<string, never>>;

/** A topic is read with these and nothing else, so no `..`, wildcard or empty level gets further. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

export function readTopic(topic: string): CrewTopic | undefined {
  const [first, second, name = '', kind = '', ...more] = topic.split('/', 6);
  if (more.length > 0 || !NAME.test(name)) return undefined;
  if (first === 'bodycam' && second === 'v1') {
    if (kind === 'telemetry' || kind === 'sos' || kind === 'status' || kind === 'order')
      return { protocol: 'bodycam', name, kind };
    return undefined;
  }
  if (second !== 'product') return undefined;
  // The documents print `status` below both words.
  const isThing = first === 'thing' && (kind === 'osd' || kind === 'state' || kind === 'events' || kind === 'requests');
  const isStatus = (first === 'sys' || first === 'thing') && kind === 'status';
  if (isThing || isStatus) return { protocol: 'dji', name, kind, replyTo: `${topic}_reply` };
  return undefined;
}

/** `device`: the registered id that the message counts for; `at`: when it was received. Throws Malformed, save for calls for help. */
export function readMessage(topic: CrewTopic, payload: Uint8Array, at: Instant, device: string): DecodedMessage {
  if (topic.protocol === 'dji') return readDji(topic, payload, at, device);
  switch (topic.kind) {
    case 'telemetry':
      return { report: decodeTelemetry(payload, device, at) };
    case 'sos':
      return { sos: decodeSos(payload, device, at) };
    case 'order':
      return decodeReply(payload, device, at);
    case 'status':
      return { presence: decodeStatus(payload) };
  }
}

function readDji(
  parsed: Extract<CrewTopic, { protocol: 'dji' }>,
  payload: Uint8Array,
  at: Instant,
  device: string,
): DecodedMessage {
  const { kind, name, replyTo: topic } = parsed;
  switch (kind) {
    case 'osd':
    case 'state': {
      const report = decodeOsd(payload, name, device, at);
      return report ? { report } : {};
    }
    case 'status': {
      const topology = decodeTopology(payload, at);
      if (!topology) return {};
      return { presence: topology.devices.length > 0, reply: { topic, payload: topology.reply } };
    }
    case 'events': {
      const answer = decodeEvent(payload, at);
      return answer ? { reply: { topic, payload: answer } } : {};
    }
    // What a dock asks for (licences, binding) is not this box's to give.
    case 'requests':
      return {};
  }
}

/**
 * QoS 2 gains nothing here: messages have ids of their own. Retained is only what a body-cam says of its being there. A call for help is taken
 * however it is sent.
 */
export function mayPublish(device: CrewDevice, topic: string, qos: number, retain: boolean): boolean {
  const parsed = readTopic(topic);
  if (parsed?.protocol !== device.protocol) return false;
  if (isCallTopic(device, topic)) return true;
  if (qos > 1) return false;
  if (parsed.protocol === 'bodycam') return parsed.name === device.id && (!retain || parsed.kind === 'status');
  return !retain && device.serials.includes(parsed.name);
}

/** Whether `topic` is where `device` calls for help: what it publishes there is a call, whatever it is. */
export function isCallTopic(device: CrewDevice, topic: string): boolean {
  const parsed = readTopic(topic);
  return device.protocol === 'bodycam' && parsed?.kind === 'sos' && parsed.name === device.id;
}

/** Of DJI's topics towards the device only the answers: what would command an aircraft (services, property/set, drc) is denied here. */
const ANSWERS = ['sys/status_reply', 'thing/status_reply', 'thing/events_reply', 'thing/requests_reply'];

export function maySubscribe(device: CrewDevice, filter: string): boolean {
  if (device.protocol === 'bodycam') return [commandTopic(device.id), `bodycam/v1/${device.id}/#`].includes(filter);
  if (device.protocol !== 'dji') return false;
  const [root, second, serial = '', answer, ...more] = filter.split('/', 6);
  const isAnswer = second === 'product' && more.length === 0 && ANSWERS.includes(`${root}/${answer}`);
  return isAnswer && NAME.test(serial) && device.serials.includes(serial);
}

/** Undefined for devices that can show nothing. */
export function writeMessage(
  device: Pick<CrewDevice, 'id' | 'protocol'>,
  message: CrewMessage,
): OutgoingMessage | undefined {
  if (device.protocol !== 'bodycam') return undefined;
  return { topic: commandTopic(device.id), payload: encodeCommand(message) };
}

function commandTopic(device: string): string {
  return `bodycam/v1/${device}/cmd`;
}
