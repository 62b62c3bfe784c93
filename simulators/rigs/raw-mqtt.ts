/**
 * MQTT 3.1.1 as bytes, and a client that knows no more than these: a thousand of them must cost so little that what is measured is the
 * broker. Of what comes in, only PUBLISH at QoS 1 is answered, once `hears.published` has returned true.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

function packet(head: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = [head];
  let rest = body.length;
  do {
    header.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

const CONNECT = { level: 4, cleanWithLogin: 0xc2, keepaliveS: 600 };
export const PING = Buffer.from([0xc0, 0]);
/** First four bits of a packet. */
const TYPES = { connack: 2, publish: 3, puback: 4, suback: 9, pong: 13 } as const;

export interface MqttLogin {
  /** Its user name and client id. */
  readonly id: string;
  readonly secret: string;
}

export function connectBytes({ id, secret }: MqttLogin): Buffer {
  const { level, cleanWithLogin, keepaliveS } = CONNECT;
  const how = [text('MQTT'), Buffer.from([level, cleanWithLogin]), u16(keepaliveS)];
  return packet(0x10, ...how, text(id), text(id), text(secret));
}

/** At QoS 1 with a message id, else at QoS 0. */
export function publishBytes(topic: string, payload: Buffer, messageId?: number): Buffer {
  return messageId === undefined
    ? packet(0x30, text(topic), payload)
    : packet(0x32, text(topic), u16(messageId), payload);
}

export interface Hears {
  /** False: the receipt is kept back, as by a device that fell in between. Returning nothing acknowledges. */
  published?(payload: Buffer): boolean | void;
  acknowledged?(messageId: number): void;
  pong?(): void;
  closed?(): void;
}

export interface RawMqtt {
  readonly socket: Socket;
  /** At once, in a write of its own. */
  send(bytes: Buffer): void;
  close(): void;
}

/** Logs in and, where `filter` is named, listens there. Rejects when the broker refuses either, or ends the connection before. */
export async function openMqtt(
  port: number,
  login: MqttLogin,
  filter: string | undefined,
  hears: Hears,
  qos: 0 | 1 = 1,
): Promise<RawMqtt> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const answers: ((packet: Packet | undefined) => void)[] = [];
  const hear = (p: Packet): void => {
    if (p.type === TYPES.connack || p.type === TYPES.suback) answers.shift()?.(p);
    else if (p.type === TYPES.puback) hears.acknowledged?.(p.body.readUInt16BE(0));
    else if (p.type === TYPES.pong) hears.pong?.();
    else if (p.type === TYPES.publish) receive(socket, hears, p);
  };
  socket.on('data', openCutter(hear));
  socket.on('error', () => undefined);
  socket.once('close', () => {
    for (const answer of answers.splice(0)) answer(undefined);
    hears.closed?.();
  });
  const ask = async (bytes: Buffer, what: string, isGranted: (body: Buffer) => boolean): Promise<void> => {
    const answered = new Promise<Packet | undefined>((resolve) => answers.push(resolve));
    socket.write(bytes);
    const answer = await answered;
    if (answer && isGranted(answer.body)) return;
    socket.destroy();
    throw new Error(`${login.id}: ${what} was ${answer ? 'refused' : 'not answered'}`);
  };
  await once(socket, 'connect');
  await ask(connectBytes(login), 'its login', (body) => body[1] === 0);
  if (filter !== undefined) {
    const subscribe = packet(0x82, u16(1), text(filter), Buffer.from([qos]));
    await ask(subscribe, 'its subscription', (body) => body[2] !== 128);
  }
  return { socket, send: (bytes) => void socket.write(bytes), close: () => void socket.destroy() };
}

function receive(socket: Socket, hears: Hears, { flags, body }: Packet): void {
  const qos = (flags >> 1) & 3;
  const topicEnd = 2 + body.readUInt16BE(0);
  const isHeldBack = hears.published?.(body.subarray(topicEnd + (qos > 0 ? 2 : 0))) === false;
  if (qos > 0 && !isHeldBack) socket.write(Buffer.from([0x40, 2, body[topicEnd]!, body[topicEnd + 1]!]));
}

interface Packet {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** Takes the bytes of a connection, cut anywhere. */
function openCutter(hear: (packet: Packet) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    for (let end = endOf(bytes, at); end; end = endOf(bytes, at)) {
      hear({ type: bytes[at]! >> 4, flags: bytes[at]! & 15, body: bytes.subarray(end.body, end.packet) });
      at = end.packet;
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined;
  };
}

/** Where the body of the packet at `from` begins and ends; undefined while it is not all there. */
function endOf(bytes: Buffer, from: number): { readonly body: number; readonly packet: number } | undefined {
  let length = 0;
  for (let at = from + 1; at < bytes.length && at < from + 5; at++) {
    length += (bytes[at]! & 127) * 128 ** (at - from - 1);
    if (bytes[at]! & 128) continue;
    const end = at + 1 + length;
    return end <= bytes.length ? { body: at + 1, packet: end } : undefined;
  }
  return undefined;
}
