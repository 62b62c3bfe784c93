/** A vehicle terminal: JT/T 808 over TCP. It registers, authenticates with the code it was handed, and keeps that code. */
import { connect, type Socket } from 'node:net';
import {
  ANSWERS,
  MESSAGES,
  openUnpacker,
  readAnswer,
  readRegistrationAnswer,
  REGISTRATIONS,
  writeCode,
  writePacket,
  writeRegistration,
  type Layout,
  type Packet,
} from '../../../adapters/crew/jt808/codec.ts';
import { writeLocation } from '../../../adapters/crew/jt808/location.codec.ts';
import type { LinkEvents, DeviceLink, SensorReading } from './types.ts';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const AGAIN_MS = 500;
const HEARTBEAT_MS = 30_000;
const LAYOUT: Layout = 2013;

export function openTerminal(events: LinkEvents, { host, port }: HostAndPort): DeviceLink {
  const [phone, terminalId = ''] = events.spec.serials ?? [];
  if (phone === undefined) throw new Error(`${events.spec.id}: jt808 needs its phone number`);
  const line = openLineFaults(events);
  let socket: Socket | undefined;
  let again: NodeJS.Timeout | undefined;
  let heart: NodeJS.Timeout | undefined;
  let code: string | undefined;
  let serial = 0;
  let isLoggedIn = false;
  /** Serial numbers of the locations that carry a call, until they are answered. */
  const carrying = new Map<number, string>();
  /** The call whose bit is on: until it is answered, in every location. */
  let openCall: string | undefined;

  const pack = (message: number, body: Uint8Array = new Uint8Array()): Uint8Array => {
    serial = (serial + 1) & 0xffff;
    return writePacket({ message, layout: LAYOUT, version: 0, phone, serial, body });
  };
  const send = (...packets: Uint8Array[]): void => {
    if (socket) line.write(socket, packets);
  };
  const logIn = (): void => {
    if (code === undefined) return send(pack(MESSAGES.register, writeRegistration(LAYOUT, terminalId)));
    send(pack(MESSAGES.authenticate, writeCode(LAYOUT, events.has('wrong credential') ? 'wrong' : code)));
  };
  const answered = (of: ReturnType<typeof readAnswer>): void => {
    if (of.message === MESSAGES.authenticate && of.result === ANSWERS.done) {
      isLoggedIn = true;
      events.connected();
    } else if (of.message === MESSAGES.authenticate) {
      events.refused('authentication');
      // It may have been registered again since.
      code = undefined;
      socket?.destroy();
    }
    const sos = carrying.get(of.serial);
    carrying.delete(of.serial);
    if (sos === undefined || of.result !== ANSWERS.done || events.has('lost acknowledgements')) return;
    openCall = undefined;
    events.acknowledged(sos);
  };
  const take = (packet: Packet): void => {
    if (packet.message === MESSAGES.answer) return answered(readAnswer(packet.body));
    if (packet.message !== MESSAGES.registered) return;
    const { result, code: handed } = readRegistrationAnswer(packet.body);
    if (result === REGISTRATIONS.done) {
      code = handed;
      return logIn();
    }
    events.refused('registration');
    socket?.destroy();
  };
  const connectTo = (): void => {
    if (socket) return;
    clearTimeout(again);
    const opened = connect({ host, port, noDelay: true }, logIn);
    socket = opened;
    opened.on(
      'data',
      openUnpacker((arrival) => {
        if (arrival !== 'damaged' && !events.has('dead') && socket === opened) take(arrival);
      }),
    );
    opened.on('error', () => undefined);
    opened.on('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      isLoggedIn = false;
      events.disconnected();
      if (!events.has('dead')) again = setTimeout(connectTo, AGAIN_MS);
    });
    heart ??= setInterval(() => {
      if (isLoggedIn && !events.has('dead')) send(pack(MESSAGES.heartbeat));
    }, HEARTBEAT_MS);
  };
  const locate = (reading: SensorReading): void => {
    if (!isLoggedIn) return;
    const position = { ...reading.fix, trusted: true };
    const location = pack(
      MESSAGES.location,
      writeLocation({ emergency: openCall !== undefined, time: reading.at, position, extras: [] }),
    );
    if (openCall) carrying.set(serial, openCall);
    send(location, ...(events.has('joined') ? [pack(MESSAGES.heartbeat)] : []));
  };
  return {
    connect: connectTo,
    disconnect() {
      clearTimeout(again);
      clearInterval(heart);
      heart = undefined;
      isLoggedIn = false;
      const leaving = socket;
      socket = undefined;
      events.disconnected();
      leaving?.destroy();
      return Promise.resolve();
    },
    report: locate,
    call({ sos, state }, reading) {
      openCall = state === 'raised' ? sos : undefined;
      locate(reading);
      // There is no word for a withdrawal: the bit goes out.
      if (state === 'cancelled') events.acknowledged(sos);
    },
  };
}

const PIECE_BYTES = 7;

/** The faults of the line. */
function openLineFaults(events: LinkEvents): { write(socket: Socket, packets: readonly Uint8Array[]): void } {
  let sent = 0;
  const spoil = (packet: Uint8Array): Uint8Array => {
    if (!events.has('wrong checksum') || ++sent % 3 !== 0) return packet;
    // Any digit of the phone number: no flag comes out of it, and the checksum does not fit any more.
    return packet.map((byte, at) => (at === 6 ? byte ^ 1 : byte));
  };
  return {
    write(socket, packets) {
      const bytes = Buffer.concat(packets.map(spoil));
      const step = events.has('cut') ? PIECE_BYTES : bytes.length;
      // Without Nagle's algorithm most pieces arrive one by one.
      for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step));
    },
  };
}
