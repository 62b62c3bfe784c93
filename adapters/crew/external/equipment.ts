/**
 * Equipment that meets at another broker or cluster (mosquitto, EMQX, NATS) instead of the box's own. The box is one client of it. That
 * broker's access rules decide who a device is: a message belongs to the device in its topic. README.md has the rules.
 */
import type { IPublishPacket } from 'mqtt';
import { z } from 'zod';
import type { EquipmentHost, CrewDevice, OpenEquipment } from '../../../gateway/contracts/crew.ts';
import { readPem } from '../../shared/pem-file.ts';
import { brokerUrl } from '../../shared/broker-url.ts';
import {
  Malformed,
  mayPublish,
  oddOf,
  readMessage,
  readTopic,
  writeMessage,
  type CrewTopic,
  type DecodedMessage,
} from '../topics/codec.ts';
import { openLine, type Line } from './line.ts';

const config = z.strictObject({
  url: brokerUrl,
  user: z.string().min(1).optional(),
  /** `file:` or `env:` reference. */
  password: z.string().optional(),
  /** PEM file of the authority that signed the broker's certificate, when it is not a public one. */
  ca: z.string().optional(),
  /** The broker knows the session by it: one per box and broker. */
  clientId: z.string().min(1).max(128).optional(),
  /** 5, or 4 for MQTT 3.1.1. */
  protocolVersion: z.literal([4, 5]).default(5),
  connectTimeoutMs: z.int().min(500).max(60_000).default(10_000),
});

/** What devices publish (topics/codec.ts). DJI's requests are nothing to the box. */
export const FILTERS = [
  ...['telemetry', 'sos', 'status', 'order'].map((kind) => `bodycam/v1/+/${kind}`),
  ...['osd', 'state', 'status', 'events'].map((kind) => `thing/product/+/${kind}`),
  'sys/product/+/status',
];

/** Checks the configuration; `run` connects. It rejects when it cannot, or when the connection is lost. */
export const openExternal: OpenEquipment = (given, context) => {
  const { url, user, password, ca, clientId, protocolVersion, connectTimeoutMs } = context.check(config, given);
  const client = {
    clientId: clientId ?? `sitebox-${context.site}-${context.box}-${context.id}`,
    protocolVersion,
    connectTimeout: connectTimeoutMs,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password: context.secret(password, 'password').trim() }),
    ...(ca === undefined ? {} : { ca: readPem(context.file(ca)) }),
  };
  const log = { equipment: context.id };
  let current: { readonly host: EquipmentHost; readonly line: Line; readonly online: ReadonlySet<string> } | undefined;

  return {
    async run(host, signal) {
      if (signal.aborted) return;
      const { promise: over, resolve: end, reject: lose } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => end(), { once: true });
      const online = new Set<string>();
      let warned = false;
      const line = openLine({
        url,
        client,
        filters: FILTERS,
        receive: (packet) => {
          const decoded = receive(host, packet, online);
          if (decoded && 'reply' in decoded) line.send(decoded.reply);
        },
        up: () => context.log.info({ ...log, broker: new URL(url).host }, 'connected to the crew broker'),
        lost: lose,
        refused(error) {
          if (!warned) context.log.warn({ ...log, cause: error.message }, 'the crew broker does not take messages');
          warned = true;
        },
      });
      current = { host, line, online };
      try {
        await over;
      } finally {
        current = undefined;
        const closing = line.close();
        for (const device of online) host.presence(device, false);
        await closing;
      }
    },
    /** Whether the device has it, the broker does not say: it is delivered once the device itself names it. */
    deliver(id, message) {
      const device = current?.online.has(id) ? current.host.device(id) : undefined;
      const written = device && writeMessage(device, message);
      return written !== undefined && current!.line.send(written);
    },
  };
};

/** Throws what the host throws for a message that must not be lost and could not be stored. */
function receive(host: EquipmentHost, packet: IPublishPacket, online: Set<string>): DecodedMessage | undefined {
  const { topic, qos, retain, payload } = packet;
  const parsed = readTopic(topic);
  const device = parsed && deviceOf(host, parsed);
  if (!parsed || !device) {
    host.refused(parsed ? 'unknown device' : 'not allowed');
    return undefined;
  }
  if (!mayPublish(device, topic, qos, retain)) {
    host.refused('not allowed', device.id);
    return undefined;
  }
  const decoded = once(read(host, parsed, device, payload as Buffer), retain);
  if (decoded) handle(host, device, decoded, online);
  return decoded;
}

/** A retained call comes again with each subscription; without a name it would count as another call each time, so its text names it. */
function once(decoded: DecodedMessage | undefined, retain: boolean): DecodedMessage | undefined {
  if (!decoded || !retain || !('sos' in decoded)) return decoded;
  const { unnamed: _, ...sos } = decoded.sos;
  return { sos };
}

const deviceOf = (host: EquipmentHost, { protocol, name }: CrewTopic): CrewDevice | undefined =>
  protocol === 'bodycam' ? host.device(name) : host.bySerial('dji', name);

/** Sent again, a malformed message would be no better: it is counted, and acknowledged. */
function read(host: EquipmentHost, parsed: CrewTopic, device: CrewDevice, payload: Buffer): DecodedMessage | undefined {
  try {
    return readMessage(parsed, payload, Date.now(), device.id);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    host.refused('malformed', device.id, oddOf(error));
    return undefined;
  }
}

function handle(host: EquipmentHost, device: CrewDevice, decoded: DecodedMessage, online: Set<string>): void {
  try {
    if ('report' in decoded) host.report(decoded.report);
    if ('sos' in decoded) host.sos(decoded.sos);
    if ('answer' in decoded) host.orderAnswer(decoded.answer);
    if ('received' in decoded) host.delivered(device.id, decoded.received);
  } catch (error) {
    host.refused('not stored', device.id);
    throw error;
  }
  if (!('presence' in decoded)) return;
  if (decoded.presence) online.add(device.id);
  else online.delete(device.id);
  host.presence(device.id, decoded.presence);
}
