/** One connection of a JT/T 808 terminal: who it is, what it says, what it is answered. Bytes in, bytes out; it knows no socket. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { EquipmentHost, CrewRefusal, CrewDevice, SosReport } from '../../../gateway/contracts/crew.ts';
import { openDoubt } from '../../shared/frame-trust.ts';
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
import {
  BATCH,
  LOCATION_BYTES,
  locationsIn,
  readAlarm,
  readLocation,
  type AlarmBody,
  type Location,
} from './location.codec.ts';
import { openParts, type Joined } from './parts.ts';

/** What a session needs of its connection and of the other sessions. */
export interface Surroundings {
  readonly host: EquipmentHost;
  readonly write: (bytes: Uint8Array) => void;
  /** Ends the connection once what was written has gone out, and no `feed` comes after it. */
  readonly close: () => void;
  /** The connection is that of `device` from now on; an older one of the same device is over. */
  readonly loggedIn: (device: string) => void;
  readonly address?: string | undefined;
  /** By device: the name of the call for help whose bit is still on. Outlives connections. */
  readonly calls: Map<string, string>;
}

const MAX_REFUSALS = 3;
/** Terminals send each 10 to 60 s. */
export const WHOLE_BEFORE_BELIEF = 8;

/** What stands in front of a picture, the longest way to a location. */
const FRONT_BYTES = 8 + LOCATION_BYTES;

/** Takes the bytes of the connection, cut anywhere. */
export function openSession(around: Surroundings): (chunk: Uint8Array) => void {
  const { host } = around;
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
    if (field === undefined) host.refused(why, known);
    else host.refused(why, known, { field, why: 'expected what JT/T 808 has there' });
    if (known === undefined && ++refusals >= MAX_REFUSALS) end();
  };
  const join = openParts(() => refuse('malformed', 'parts'));
  const send = (to: Packet, message: number, body: Uint8Array): void => {
    const { layout, version } = to;
    around.write(writePacket({ message, layout, version, phone: to.phone, serial, body }));
    serial = (serial + 1) & 0xffff;
  };
  const answer = (to: Packet, result: number): void =>
    send(to, MESSAGES.answer, writeAnswer({ serial: to.serial, message: to.message, result }));

  const refuseLogin = ({ phone: said }: Packet, device: CrewDevice | undefined): void => {
    // Registered as on the label, or with zeros: it is known under one of the two.
    for (const name of new Set([said, said.padStart(12, '0')])) host.loginFailed(name, around.address, 'jt808');
    refuse(device ? 'login' : 'unknown device');
  };
  const register = (packet: Packet): void => {
    const device = deviceOf(host, packet.phone);
    const fits = device !== undefined && hasTerminal(device, packet.phone, readTerminalId(packet));
    const result = fits ? REGISTRATIONS.done : REGISTRATIONS.noSuchTerminal;
    const code = fits ? host.authCode(device.id) : '';
    send(packet, MESSAGES.registered, writeRegistrationAnswer({ serial: packet.serial, result, code }));
    if (!fits) refuseLogin(packet, device);
  };
  const authenticate = (packet: Packet): void => {
    const device = deviceOf(host, packet.phone);
    const code = readCode(packet);
    const right = device !== undefined && code !== undefined && same(code, Buffer.from(host.authCode(device.id)));
    if (right) {
      known = device.id;
      phone = packet.phone;
      around.loggedIn(device.id);
      host.report({ device: device.id, at: Date.now() });
    }
    answer(packet, right ? ANSWERS.done : ANSWERS.failed);
    if (!right) refuseLogin(packet, device);
  };
  /** A mistake of the box: the terminal sees its connection end, and comes again. */
  const judge = (logIn: (packet: Packet) => void, packet: Packet): void => {
    try {
      logIn(packet);
    } catch (error) {
      host.loginError(error, deviceOf(host, packet.phone)?.id);
      end();
    }
  };
  /** The name of the call; undefined where it could not be kept: then the terminal hears nothing, and says it again over its next connection. */
  const callForHelp = (device: string, packet: Packet, alarm: AlarmBody, how: Arrival): string | undefined => {
    const sos = how.name ?? around.calls.get(device) ?? nameOf(packet, alarm);
    try {
      host.sos({ device, sos, state: 'raised', at: Date.now(), ...placeOf(alarm, how) });
    } catch {
      refuse('not stored');
      end();
      return undefined;
    }
    if (how.name === undefined) around.calls.set(device, sos);
    return sos;
  };
  /** Alarm bits are calls wherever they stand, and whatever else the message has: says how many there were; undefined where one could not be kept. */
  const takeAlarms = (device: string, packet: Packet, believed: boolean): number | undefined => {
    const { bodies, kept } = locationsIn(packet.message, packet.body);
    const alarms = bodies.flatMap((body) => readAlarm(body) ?? []);
    const areTaken = alarms.every((alarm) => callForHelp(device, packet, alarm, { believed, kept }) !== undefined);
    return areTaken ? alarms.length : undefined;
  };
  /** The same of what has come of a split message; what was cut when it became a call says once more where it was, when it is whole. */
  const takeJoined = (device: string, packet: Packet, { found, calls, believed }: Joined): number | undefined => {
    const kept = packet.message === BATCH;
    let taken = 0;
    for (const { body, key, isWhole } of found) {
      const [alarm, before] = [readAlarm(body), calls.get(key)];
      if (!alarm || (before && (before.isWhole || !isWhole))) continue;
      const name = callForHelp(device, packet, alarm, { believed, kept, name: before?.name });
      if (name === undefined) return undefined;
      calls.set(key, { name, isWhole });
      taken++;
    }
    return taken;
  };
  const locate = (device: string, packet: Packet, believed: boolean): void => {
    const location = readLocation(packet.body);
    const isCall = readAlarm(packet.body) !== undefined;
    if (!isCall && believed) around.calls.delete(device);
    if (location) report(host, device, location, believed);
    // Of the first part of a longer message the extras go on in the next one.
    const wrong =
      location === undefined || (location.wrong !== undefined && !(packet.split && location.wrong === 'extras'));
    if (wrong) refuse(location?.position ? 'odd field' : 'malformed', location?.wrong ?? 'body');
    answer(packet, wrong && !isCall && !location?.position ? ANSWERS.wrong : ANSWERS.done);
  };
  const speakInParts = (device: string, packet: Packet, joined: Joined): void => {
    const calls = takeJoined(device, packet, joined);
    if (calls === undefined) return;
    const { front, isWhole } = joined;
    const isReady = front.length >= LOCATION_BYTES || (isWhole && front.length > 0);
    if (packet.message === MESSAGES.location && isReady && (packet.part === 1 || !joined.isLocated)) {
      joined.isLocated = true;
      return locate(device, { ...packet, body: front }, joined.believed);
    }
    host.report({ device, at: Date.now() });
    // A terminal that hears "not supported" of a part may keep the others, and the alarm in them, to itself.
    const isAwaited = packet.message === BATCH || packet.message === MESSAGES.location || front.length < FRONT_BYTES;
    answer(packet, calls > 0 || isAwaited ? ANSWERS.done : ANSWERS.notSupported);
  };
  const speak = (packet: Packet, believed: boolean): void => {
    if (known === undefined) {
      answer(packet, ANSWERS.failed);
      return refuse('not allowed');
    }
    if (host.device(known) === undefined) {
      refuse('unknown device');
      return end();
    }
    const joined = packet.split ? join(packet, believed) : undefined;
    if (joined) return speakInParts(known, packet, joined);
    // Behind a first part that was joined comes the middle of something; a part with odd numbers is read for itself.
    const isMiddle = packet.split && packet.part! > 1 && packet.part! <= packet.parts!;
    const calls = isMiddle ? 0 : takeAlarms(known, packet, believed);
    if (calls === undefined) return;
    if (packet.message === MESSAGES.location && !packet.split) return locate(known, packet, believed);
    host.report({ device: known, at: Date.now() });
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

function report(host: EquipmentHost, device: string, { time, position, wrong }: Location, believed: boolean): void {
  const at = Date.now();
  host.report({
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
  /** Of the call that it belongs to, where it is known. */
  readonly name?: string | undefined;
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
function deviceOf(host: EquipmentHost, phone: string): CrewDevice | undefined {
  return host.bySerial('jt808', phone) ?? host.bySerial('jt808', phone.padStart(12, '0'));
}

/** Whether `device` was registered with this terminal id, or with none. */
function hasTerminal(device: CrewDevice, phone: string, terminalId: string | undefined): boolean {
  const ids = device.serials.filter((serial) => serial.replace(/^0+/, '') !== phone);
  return ids.length === 0 || (terminalId !== undefined && ids.includes(terminalId));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
