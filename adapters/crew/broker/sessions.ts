/** The sessions of devices that have logged in, one each: what is delivered to them, and their presence. */
import type { Client } from 'aedes';
import type { EquipmentHost, CrewMessage, CrewDevice } from '../../../gateway/contracts/crew.ts';
import type { Id } from '../../../gateway/contracts/base.ts';
import { writeMessage, type OutgoingMessage } from '../topics/codec.ts';

/** Messages that a device has been given and has not acknowledged; more wait in the gateway. */
const MAX_IN_FLIGHT = 256;
const MAX_MESSAGE_ID = 65_535;

export interface DeviceSession {
  readonly device: string;
  /** The code of its registration: another one means that it was registered again, with another credential. */
  readonly registration: string;
  readonly client: Client;
  readonly address: string | undefined;
  /** By the message id that the next packet to the device gets; read by `forward`. */
  messageId: number;
  /** MQTT's message id -> the gateway's. */
  readonly inFlight: Map<number, Id>;
  /** The subscriptions that were granted. */
  readonly filters: Set<string>;
  online: boolean;
  /** It has announced that it disconnects. */
  cleanDisconnect: boolean;
  /** Something had to be sent away because too much was in flight. */
  full: boolean;
}

export type DeviceSessions = ReturnType<typeof openDeviceSessions>;

export function openDeviceSessions(host: EquipmentHost) {
  const sessions = new Map<string, DeviceSession>();
  const setOnline = (session: DeviceSession, online: boolean): void => {
    if (session.online === online) return;
    session.online = online;
    host.presence(session.device, online, ...(session.cleanDisconnect && !online ? [true] : []));
  };
  const end = (session: DeviceSession): void => {
    if (sessions.get(session.device) !== session) return;
    sessions.delete(session.device);
    setOnline(session, false);
    session.client.conn.destroy();
  };
  return {
    /** Ends the connection that the device had before, as MQTT 3.1.1 section 3.1.4 has it. */
    begin(device: CrewDevice, client: Client, address: string | undefined): DeviceSession {
      const before = sessions.get(device.id);
      if (before) {
        host.sessionTakenOver(device.id, [address, before.address]);
        end(before);
      }
      const session: DeviceSession = {
        device: device.id,
        registration: host.authCode(device.id),
        client,
        address,
        messageId: 0,
        online: false,
        cleanDisconnect: false,
        full: false,
        inFlight: new Map<number, Id>(),
        filters: new Set<string>(),
      };
      sessions.set(device.id, session);
      // A device that can be sent nothing is online as soon as it has logged in.
      if (commandTopic(device) === undefined) setOnline(session, true);
      return session;
    },
    end,
    /** The device has changed its subscriptions. */
    subscriptionsChanged(session: DeviceSession): void {
      const device = host.device(session.device);
      const topic = device && commandTopic(device);
      if (topic === undefined || sessions.get(session.device) !== session) return;
      setOnline(
        session,
        [...session.filters].some((filter) => covers(filter, topic)),
      );
    },
    /** The device announces whether it is there; that decides where its subscriptions do not show it. Its absence is then a clean disconnect. */
    announce(session: DeviceSession, online: boolean): void {
      session.cleanDisconnect = !online;
      const device = host.device(session.device);
      if (device && commandTopic(device) === undefined && sessions.get(session.device) === session)
        setOnline(session, online);
    },
    deliver: (id: string, message: CrewMessage): boolean => {
      const device = host.device(id);
      const session = sessions.get(id);
      const written = device && session?.online ? writeMessage(device, message) : undefined;
      if (!session || !written) return false;
      if (session.inFlight.size >= MAX_IN_FLIGHT) {
        session.full = true;
        return false;
      }
      send(session, written);
      session.inFlight.set(session.messageId, message.id);
      return true;
    },
    /** At QoS 1; its receipt is ignored. */
    reply: send,
    /** A PUBACK. Where it cannot be kept, the connection ends: the message is given again when the device comes back. */
    acknowledged(session: DeviceSession, messageId: number): void {
      const message = session.inFlight.get(messageId);
      if (message === undefined || sessions.get(session.device) !== session) return;
      session.inFlight.delete(messageId);
      try {
        host.delivered(session.device, message);
      } catch {
        host.refused('not stored', session.device);
        return end(session);
      }
      if (!session.full || session.inFlight.size > 0) return;
      session.full = false;
      host.presence(session.device, true);
    },
    /** Disconnects devices that have been revoked or registered again. */
    sweep: (): void => {
      for (const session of sessions.values()) {
        if (host.device(session.device) && host.authCode(session.device) === session.registration) continue;
        host.refused('unknown device', session.device);
        end(session);
      }
    },
    /** Ends all; the host is not called afterwards. */
    close: (): void => sessions.forEach(end),
  };
}

/** aedes asks `authorizeForward`, which takes `messageId` from the session, before this returns. */
function send(session: DeviceSession, { topic, payload }: OutgoingMessage): void {
  do session.messageId = (session.messageId % MAX_MESSAGE_ID) + 1;
  while (session.inFlight.has(session.messageId));
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const nothing = (): void => undefined;
  session.client.publish({ cmd: 'publish', topic, payload: bytes, qos: 1, dup: false, retain: false }, nothing);
}

/** Where messages for the device go; undefined for devices that can be sent nothing. */
function commandTopic(device: CrewDevice): string | undefined {
  return writeMessage(device, { kind: 'interval', id: '', seconds: 1 })?.topic;
}

/** Of the filters that may be granted only those that end in `#` have a wildcard. */
function covers(filter: string, topic: string): boolean {
  return filter === topic || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)));
}
