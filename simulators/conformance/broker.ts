/** A running broker for one test, and a client without a library, which sends exactly the given bytes. */
import { EventEmitter, once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CrewDevice, Equipment } from '../../gateway/contracts/crew.ts';
import { crewDevice, listeningPort, openTestHost, runEquipment, type TestHost } from './equipment.ts';
import { openBroker } from '../../adapters/crew/broker/equipment.ts';
import { testContext } from './context.ts';

export const OFFICER = crewDevice('officer-1');
export const OTHER = crewDevice('officer-2');
export const DRONE = crewDevice('drone-1', { kind: 'drone', protocol: 'dji', serials: ['DRONE1', 'RC1'] });

export interface RunningBroker {
  readonly host: TestHost;
  readonly equipment: Equipment;
  /** Of `listen`, `tls` or `websocket`. */
  readonly port: (key?: string) => Promise<number>;
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

const anyPort = { host: '127.0.0.1', port: 0 };

/** `config` as in the configuration file; `listen` on a free port unless it says otherwise. */
export function startBroker(
  config: Readonly<Record<string, unknown>> = {},
  devices: readonly CrewDevice[] = [OFFICER, OTHER, DRONE],
): RunningBroker {
  const context = testContext('broker');
  const equipment = openBroker({ listen: anyPort, ...config }, context);
  const host = openTestHost(devices);
  const { ended, abort } = runEquipment(equipment, host);
  return {
    host,
    equipment,
    port: (key = 'listen') => listeningPort(context, `"over":"${key}"`),
    ended,
    async stop() {
      abort();
      return ended;
    },
  };
}

// ---------------------------------------------------------------- bytes (MQTT 3.1.1)

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

/** Fixed header, then body. `length` lies about the length of the body where it is given. */
export function packet(head: number, body: Buffer, length = body.length): Buffer {
  const header = [head];
  let rest = length;
  do {
    header.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

export interface ConnectOptions {
  readonly clientId?: string;
  readonly user?: string | undefined;
  readonly password?: string;
  readonly will?: {
    readonly topic: string;
    readonly payload: string;
    readonly qos?: number;
    readonly retain?: boolean;
  };
  /** 4: MQTT 3.1.1. */
  readonly version?: number;
  readonly clean?: boolean;
  readonly keepaliveS?: number;
}

export function connectPacket(options: ConnectOptions = {}): Buffer {
  const { clientId = OFFICER.id, will, version = 4, clean = true, keepaliveS = 60 } = options;
  const user = 'user' in options ? options.user : clientId;
  const password = options.password ?? `secret of ${user}`;
  const willFlags = will ? 4 | ((will.qos ?? 0) << 3) | (will.retain ? 32 : 0) : 0;
  const flags = (clean ? 2 : 0) | willFlags | (user === undefined ? 0 : 0xc0);
  const parts = [text('MQTT'), Buffer.from([version, flags, keepaliveS >> 8, keepaliveS & 255])];
  if (version === 5) parts.push(Buffer.from([0]));
  parts.push(text(clientId));
  if (will) parts.push(text(will.topic), text(will.payload));
  if (user !== undefined) parts.push(text(user), text(password));
  return packet(0x10, Buffer.concat(parts));
}

export interface PublishOptions {
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  readonly messageId?: number;
}

export function publishPacket(
  topic: string,
  payload: string | Buffer | object,
  { qos = 1, retain = false, messageId = 1 }: PublishOptions = {},
): Buffer {
  const id = qos > 0 ? [Buffer.from([messageId >> 8, messageId & 255])] : [];
  const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  return packet(0x30 | (qos << 1) | (retain ? 1 : 0), Buffer.concat([text(topic), ...id, Buffer.from(bytes)]));
}

export function subscribePacket(filters: readonly string[], qos = 1, messageId = 1): Buffer {
  const topics = filters.map((filter) => Buffer.concat([text(filter), Buffer.from([qos])]));
  return packet(0x82, Buffer.concat([Buffer.from([messageId >> 8, messageId & 255]), ...topics]));
}

export const pubackPacket = (messageId: number): Buffer => packet(0x40, Buffer.from([messageId >> 8, messageId & 255]));

export const PING = Buffer.from([0xc0, 0]);
export const CONNACK = 2;
export const PUBACK = 4;
export const SUBACK = 9;
export const PINGRESP = 13;
export const PUBLISH = 3;

export const telemetry = (id = OFFICER.id, options?: PublishOptions & { seq?: number }): Buffer =>
  publishPacket(
    `bodycam/v1/${id}/telemetry`,
    { v: 1, tst: Math.floor(Date.now() / 1000), seq: options?.seq ?? 1, lat: 30.25, lon: 120.125 },
    options,
  );

export const callForHelp = (sosId: string, options?: PublishOptions): Buffer =>
  publishPacket(
    `bodycam/v1/${OFFICER.id}/sos`,
    { v: 1, sosId, state: 'raised', tst: Math.floor(Date.now() / 1000), lat: 30.25, lon: 120.125 },
    options,
  );

// ---------------------------------------------------------------- the client

export interface RawPacket {
  readonly type: number;
  readonly qos: number;
  readonly body: Buffer;
}

export interface RawClient {
  readonly socket: Duplex;
  readonly received: readonly RawPacket[];
  send(bytes: Buffer): void;
  /** The next packet of this type that was not asked for yet. Rejects when the connection ends without. */
  next(type: number): Promise<RawPacket>;
  /** Resolves when the broker has closed the connection. */
  readonly closed: Promise<void>;
  close(): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connectTcp({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return over(socket);
}

/** Speaks over any stream that is open already. */
export function over(socket: Duplex | Socket): RawClient {
  const received: RawPacket[] = [];
  const taken = new Set<RawPacket>();
  let rest = Buffer.alloc(0);
  let isClosed = false;
  const changes = new EventEmitter();
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let first = cut(rest); first; first = cut(rest)) {
      received.push(first.packet);
      rest = rest.subarray(first.end);
    }
    changes.emit('change');
  });
  socket.on('error', () => undefined);
  socket.once('end', () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      changes.emit('change');
      resolve();
    });
  });
  return {
    socket,
    received,
    send: (bytes) => void socket.write(bytes),
    next: (type) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = received.find((p) => p.type === type && !taken.has(p));
          if (!found && !isClosed) return;
          changes.off('change', look);
          if (!found) return reject(new Error(`closed before a packet of type ${type}`));
          taken.add(found);
          resolve(found);
        };
        changes.on('change', look);
        look();
      }),
    closed,
    close: () => void socket.destroy(),
  };
}

function cut(bytes: Buffer): { packet: RawPacket; end: number } | undefined {
  let length = 0;
  for (let at = 1; at < bytes.length && at < 5; at++) {
    length += (bytes[at]! & 127) * 128 ** (at - 1);
    if (bytes[at]! & 128) continue;
    const end = at + 1 + length;
    if (bytes.length < end) return undefined;
    return { packet: { type: bytes[0]! >> 4, qos: (bytes[0]! >> 1) & 3, body: bytes.subarray(at + 1, end) }, end };
  }
  return undefined;
}

/** A device that has logged in. */
export async function device(port: number, options: ConnectOptions = {}): Promise<RawClient> {
  const client = await rawClient(port);
  client.send(connectPacket(options));
  const { body } = await client.next(CONNACK);
  if (body[1] !== 0) throw new Error(`CONNACK ${body[1]}`);
  return client;
}

/** The code in CONNACK. Where it refuses, the connection has ended too. */
export async function connackCode(port: number, options: ConnectOptions = {}): Promise<number> {
  const client = await rawClient(port);
  client.send(connectPacket(options));
  const code = (await client.next(CONNACK)).body[1]!;
  if (code === 0) client.close();
  await client.closed;
  return code;
}
