/** One connection of a JT/T 808 terminal: who it is, what it says, what it is answered. Bytes in, bytes out; it knows no socket. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { CrewDesk, CrewRefusal, Device, SosReport } from '../../../gateway/equipment.ts';
import { openDoubt } from '../doubt.ts';
import {
  ANSWERS,
  MESSAGES,
  openUnpacker,
  readCode,
  readTerminalId,
  REGISTRATIONS,
  writeAnswer,
  writePacket,
  writeRegistrationAnswer,
  type Packet,
} from './codec.ts';
import { locationsIn, readAlarm, readLocation, type AlarmBody, type Location } from './location/codec.ts';

/** What a session needs of its connection and of the other sessions. */
export interface Surroundings {
  readonly desk: CrewDesk;
  readonly write: (bytes: Uint8Array) => void;
  /** Ends the connection once what was written has gone out, and no `feed` comes after it. */
  readonly close: () => void;
  /** The connection is that of `device` from now on; an older one of the same device is over. */
  readonly loggedIn: (device: string) => void;
  readonly address?: string | undefined;
  /** By device: the name of the call for help whose bit is still on. Outlives connections. */
  readonly calls: Map<string, string>;
}

const REFUSALS_MOST = 3;
/** Terminals send each 10 to 60 s. */
export const WHOLE_BEFORE_BELIEF = 8;

/** Takes the bytes of the connection, cut anywhere. */
export function openSession(around: Surroundings): (chunk: Uint8Array) => void {
  const { desk } = around;
  const doubt = openDoubt(WHOLE_BEFORE_BELIEF);
  let known: string | undefined;
  let phone = '';
  let serial = 0;
  let refusals = 0;
  let over = false;

  const end = (): void => {
    over = true;
    around.close();
  };
  const refuse = (why: CrewRefusal, field?: string): void => {
    if (field === undefined) desk.refused(why, known);
    else desk.refused(why, known, { field, why: 'expected what JT/T 808 has there' });
    if (known === undefined && ++refusals >= REFUSALS_MOST) end();
  };
  const send = (to: Packet, message: number, body: Uint8Array): void => {
    const { layout, version } = to;
    around.write(writePacket({ message, layout, version, phone: to.phone, serial, body }));
    serial = (serial + 1) & 0xffff;
  };
  const answer = (to: Packet, result: number): void =>
    send(to, MESSAGES.answer, writeAnswer({ serial: to.serial, message: to.message, result }));

  const refuseLogin = ({ phone: said }: Packet, device: Device | undefined): void => {
    // Registered as on the label, or with zeros: it is known under one of the two.
    for (const name of new Set([said, said.padStart(12, '0')])) desk.knocked(name, around.address, 'jt808');
    refuse(device ? 'login' : 'unknown device');
  };
  const register = (packet: Packet): void => {
    const device = deviceOf(desk, packet.phone);
    const fits = device !== undefined && hasTerminal(device, packet.phone, readTerminalId(packet));
    const result = fits ? REGISTRATIONS.done : REGISTRATIONS.noSuchTerminal;
    const code = fits ? desk.ticket(device.id) : '';
    send(packet, MESSAGES.registered, writeRegistrationAnswer({ serial: packet.serial, result, code }));
    if (!fits) refuseLogin(packet, device);
  };
  const authenticate = (packet: Packet): void => {
    const device = deviceOf(desk, packet.phone);
    const code = readCode(packet);
    const right = device !== undefined && code !== undefined && same(code, Buffer.from(desk.ticket(device.id)));
    if (right) {
      known = device.id;
      phone = packet.phone;
      around.loggedIn(device.id);
      desk.report({ device: device.id, at: Date.now() });
    }
    answer(packet, right ? ANSWERS.done : ANSWERS.failed);
    if (!right) refuseLogin(packet, device);
  };
  /** A mistake of the box: the terminal sees its connection end, and comes again. */
  const judge = (logIn: (packet: Packet) => void, packet: Packet): void => {
    try {
      logIn(packet);
    } catch (error) {
      desk.notJudged(error, deviceOf(desk, packet.phone)?.id);
      end();
    }
  };
  /** False where it could not be kept: then the terminal hears nothing, and says it again over its next connection. */
  const callForHelp = (device: string, packet: Packet, alarm: AlarmBody, how: Arrival): boolean => {
    const sos = around.calls.get(device) ?? nameOf(packet, alarm);
    try {
      desk.sos({ device, sos, state: 'raised', at: Date.now(), ...placeOf(alarm, how) });
    } catch {
      refuse('not stored');
      end();
      return false;
    }
    around.calls.set(device, sos);
    return true;
  };
  /** Alarm bits are calls wherever they stand, and whatever else the message has: says how many there were; undefined where one could not be kept. */
  const takeAlarms = (device: string, packet: Packet, believed: boolean): number | undefined => {
    // What comes behind the first part is the middle of something.
    if (packet.split && packet.part !== 1) return 0;
    const { bodies, kept } = locationsIn(packet.message, packet.body);
    const alarms = bodies.flatMap((body) => readAlarm(body) ?? []);
    const areTaken = alarms.every((alarm) => callForHelp(device, packet, alarm, { believed, kept }));
    return areTaken ? alarms.length : undefined;
  };
  const locate = (device: string, packet: Packet, believed: boolean, isCall: boolean): void => {
    const location = readLocation(packet.body);
    if (!isCall && believed) around.calls.delete(device);
    if (location) report(desk, device, location, believed);
    // Of the first part of a longer message the extras go on in the next one.
    const wrong =
      location === undefined || (location.wrong !== undefined && !(packet.split && location.wrong === 'extras'));
    if (wrong) refuse(location?.position ? 'odd field' : 'malformed', location?.wrong ?? 'body');
    answer(packet, wrong && !isCall && !location?.position ? ANSWERS.wrong : ANSWERS.done);
  };
  const speak = (packet: Packet, believed: boolean): void => {
    if (known === undefined) {
      answer(packet, ANSWERS.failed);
      return refuse('not allowed');
    }
    if (desk.device(known) === undefined) {
      refuse('unknown device');
      return end();
    }
    const calls = takeAlarms(known, packet, believed);
    if (calls === undefined) return;
    const isFirst = !packet.split || packet.part === 1;
    if (packet.message === MESSAGES.location && isFirst) return locate(known, packet, believed, calls > 0);
    desk.report({ device: known, at: Date.now() });
    const isTaken = calls > 0 || packet.message === MESSAGES.heartbeat || packet.message === MESSAGES.location;
    answer(packet, isTaken ? ANSWERS.done : ANSWERS.notSupported);
  };

  return openUnpacker((arrival) => {
    if (over) return;
    if (arrival === 'damaged') {
      doubt.damaged();
      return refuse('malformed');
    }
    const believed = doubt.whole();
    // An answer to an answer would go on for ever.
    if (arrival.message === MESSAGES.terminalAnswer) return;
    // One connection is one terminal.
    if (known !== undefined && arrival.phone !== phone) return refuse('not allowed');
    if (arrival.message === MESSAGES.register && !arrival.split) return judge(register, arrival);
    if (arrival.message === MESSAGES.authenticate && !arrival.split) return judge(authenticate, arrival);
    speak(arrival, believed);
  });
}

function report(desk: CrewDesk, device: string, { time, position, wrong }: Location, believed: boolean): void {
  const at = Date.now();
  desk.report({
    device,
    at,
    ...(time === undefined ? {} : { clockOffsetMs: time - at }),
    ...(wrong === 'time' ? { clockWrong: true } : {}),
    ...(position && believed ? { position } : {}),
  });
}

/** How an alarm came: over a line that damages nothing; out of what a terminal has kept while it was out of reach. */
interface Arrival {
  readonly believed: boolean;
  readonly kept: boolean;
}

/** What was kept for longer than a shift says nothing of where somebody is. */
const MAX_KEPT_MS = 12 * 3_600_000;

function placeOf({ position, time, isDoubtful }: AlarmBody, { believed, kept }: Arrival): Partial<SosReport> {
  if (!position) return {};
  const ageMs = time === undefined ? -1 : Date.now() - time;
  const isDated = kept && ageMs >= 0 && ageMs <= MAX_KEPT_MS;
  if (isDoubtful || !believed || (kept && !isDated)) return { position, doubtful: true };
  return { position, ...(isDated ? { positionAt: time! } : {}) };
}

/**
 * By its own clock, because a packet that is sent again has the same time in it, after a restart of the box too; by the packet where the
 * clock is not set.
 */
function nameOf(packet: Packet, { time }: AlarmBody): string {
  return time === undefined ? `packet ${packet.serial}` : new Date(time).toISOString();
}

/** Phone numbers are registered as on the label of the terminal: with the zero that fills up 12 digits, or without. */
function deviceOf(desk: CrewDesk, phone: string): Device | undefined {
  return desk.bySerial('jt808', phone) ?? desk.bySerial('jt808', phone.padStart(12, '0'));
}

/** Whether `device` was registered with this terminal id, or with none. */
function hasTerminal(device: Device, phone: string, terminalId: string | undefined): boolean {
  const ids = device.serials.filter((serial) => serial.replace(/^0+/, '') !== phone);
  return ids.length === 0 || (terminalId !== undefined && ids.includes(terminalId));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
