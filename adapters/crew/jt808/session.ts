/** One connection of a JT/T 808 terminal: its login, its messages and the answers to them. Bytes in, bytes out; it knows no socket. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { iso } from '../../../gateway/contracts/time.ts';
import type { EquipmentHost, CrewRefusal, CrewDevice, SosReport } from '../../../gateway/contracts/crew.ts';
import { openFrameTrust } from '../../shared/frame-trust.ts';
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
import { openReassembly, type JoinedMessage } from './reassembly.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

export interface TerminalSessionOptions {
  readonly host: EquipmentHost;
  readonly write: (bytes: Uint8Array) => void;
  /** Ends the connection once what was written has gone out; no `receive` comes after it. */
  readonly close: () => void;
  /** The connection belongs to `device` from now on; an older one of the same device is over. */
  readonly loggedIn: (device: string) => void;
  readonly address?: string | undefined;
  /** By device: the name of the call for help whose alarm bit is still on. Outlives connections. */
  readonly calls: Map<string, string>;
}

const MAX_STRANGER_REFUSALS = 3;
/** Terminals send each 10 to 60 s. */
export const INTACT_BEFORE_TRUST = 8;

/** Bytes in front of a picture, up to the end of its location: the longest of all messages with one. */
const FRONT_BYTES = 8 + LOCATION_BYTES;

export class TerminalSession {
  readonly #host: EquipmentHost;
  readonly #options: TerminalSessionOptions;
  readonly #trust = openFrameTrust(INTACT_BEFORE_TRUST);
  readonly #unpack = openUnpacker((arrival) => this.#onArrival(arrival));
  readonly #reassemble = openReassembly(() => this.#refuse('malformed', 'parts'));
  /** Undefined until the terminal has authenticated. */
  #device: string | undefined;
  #phone = '';
  #serial = 0;
  #refusals = 0;
  #isOver = false;

  constructor(options: TerminalSessionOptions) {
    this.#options = options;
    this.#host = options.host;
  }

  /** Takes the bytes of the connection, cut anywhere. */
  receive(chunk: Uint8Array): void {
    this.#unpack(chunk);
  }

  #onArrival(arrival: Packet | 'damaged'): void {
    if (this.#isOver) return;
    if (arrival === 'damaged') {
      this.#trust.damaged();
      return this.#refuse('malformed');
    }
    const isTrusted = this.#trust.intact();
    // An answer to an answer would go on for ever.
    if (arrival.message === MESSAGES.terminalAnswer) return;
    // One connection is one terminal.
    if (this.#device !== undefined && arrival.phone !== this.#phone) return this.#refuse('not allowed');
    const isLogin = arrival.message === MESSAGES.register || arrival.message === MESSAGES.authenticate;
    if (isLogin && !arrival.split) this.#logIn(arrival);
    else this.#onMessage(arrival, isTrusted);
  }

  #end(): void {
    this.#isOver = true;
    this.#options.close();
  }

  #refuse(why: CrewRefusal, field?: string): void {
    const invalid =
      field === undefined ? undefined : { field, why: english('field-of-protocol', { protocol: 'JT/T 808' }) };
    this.#host.refused(why, this.#device, invalid);
    if (this.#device === undefined && ++this.#refusals >= MAX_STRANGER_REFUSALS) this.#end();
  }

  #send(to: Packet, message: number, body: Uint8Array): void {
    const { layout, version, phone } = to;
    this.#options.write(writePacket({ message, layout, version, phone, serial: this.#serial, body }));
    this.#serial = (this.#serial + 1) & 0xffff;
  }

  #answer(to: Packet, result: number): void {
    this.#send(to, MESSAGES.answer, writeAnswer({ serial: to.serial, message: to.message, result }));
  }

  /** Where the box itself fails, the terminal sees its connection end, and comes again. */
  #logIn(packet: Packet): void {
    try {
      if (packet.message === MESSAGES.register) this.#register(packet);
      else this.#authenticate(packet);
    } catch (error) {
      this.#host.loginError(error, deviceOf(this.#host, packet.phone)?.id);
      this.#end();
    }
  }

  #register(packet: Packet): void {
    const device = deviceOf(this.#host, packet.phone);
    const fits = device !== undefined && hasTerminal(device, packet.phone, readTerminalId(packet));
    const result = fits ? REGISTRATIONS.done : REGISTRATIONS.noSuchTerminal;
    const code = fits ? this.#host.authCode(device.id) : '';
    this.#send(packet, MESSAGES.registered, writeRegistrationAnswer({ serial: packet.serial, result, code }));
    if (!fits) this.#refuseLogin(packet, device);
  }

  #authenticate(packet: Packet): void {
    const device = deviceOf(this.#host, packet.phone);
    const code = readCode(packet);
    const isRight = device && code && equalInConstantTime(code, Buffer.from(this.#host.authCode(device.id)));
    if (isRight) {
      this.#device = device.id;
      this.#phone = packet.phone;
      this.#options.loggedIn(device.id);
      this.#host.report({ device: device.id, at: Date.now() });
    }
    this.#answer(packet, isRight ? ANSWERS.done : ANSWERS.failed);
    if (!isRight) this.#refuseLogin(packet, device);
  }

  #refuseLogin({ phone }: Packet, device: CrewDevice | undefined): void {
    // Registered as on the label, or with zeros: it is known under one of the two.
    for (const name of new Set([phone, phone.padStart(12, '0')]))
      this.#host.loginFailed(name, this.#options.address, 'jt808');
    this.#refuse(device ? 'login' : 'unknown device');
  }

  #onMessage(packet: Packet, isTrusted: boolean): void {
    const device = this.#device;
    if (device === undefined) {
      this.#answer(packet, ANSWERS.failed);
      return this.#refuse('not allowed');
    }
    if (this.#host.device(device) === undefined) {
      this.#refuse('unknown device');
      return this.#end();
    }
    const joined = packet.split ? this.#reassemble(packet, isTrusted) : undefined;
    if (joined) return this.#onPart(device, packet, joined);
    // Behind a first part that was joined comes the middle of something; a part with odd numbers is read for itself.
    const isMiddle = packet.split && packet.part! > 1 && packet.part! <= packet.parts!;
    const calls = isMiddle ? 0 : this.#takeAlarms(device, packet, isTrusted);
    if (calls === undefined) return;
    if (packet.message === MESSAGES.location && !packet.split) return this.#onLocation(device, packet, isTrusted);
    this.#host.report({ device, at: Date.now() });
    const isTaken = calls > 0 || packet.message === MESSAGES.heartbeat || packet.message === MESSAGES.location;
    this.#answer(packet, isTaken ? ANSWERS.done : ANSWERS.notSupported);
  }

  #onPart(device: string, packet: Packet, joined: JoinedMessage): void {
    const calls = this.#takeJoinedAlarms(device, packet, joined);
    if (calls === undefined) return;
    const { front, isWhole } = joined;
    const isReady = front.length >= LOCATION_BYTES || (isWhole && front.length > 0);
    if (packet.message === MESSAGES.location && isReady && (packet.part === 1 || !joined.isLocated)) {
      joined.isLocated = true;
      return this.#onLocation(device, { ...packet, body: front }, joined.isTrusted);
    }
    this.#host.report({ device, at: Date.now() });
    // A terminal that hears "not supported" of a part may hold back the others, and the alarm in them.
    const isAwaited = packet.message === BATCH || packet.message === MESSAGES.location || front.length < FRONT_BYTES;
    this.#answer(packet, calls > 0 || isAwaited ? ANSWERS.done : ANSWERS.notSupported);
  }

  #onLocation(device: string, packet: Packet, isTrusted: boolean): void {
    const location = readLocation(packet.body);
    const isCall = readAlarm(packet.body) !== undefined;
    if (!isCall && isTrusted) this.#options.calls.delete(device);
    if (location) report(this.#host, device, location, isTrusted);
    // Of the first part of a longer message the extras go on in the next one.
    const wrong =
      location === undefined || (location.wrong !== undefined && !(packet.split && location.wrong === 'extras'));
    if (wrong) this.#refuse(location?.position ? 'odd field' : 'malformed', location?.wrong ?? 'body');
    this.#answer(packet, wrong && !isCall && !location?.position ? ANSWERS.wrong : ANSWERS.done);
  }

  /**
   * An alarm bit is a call in any message and whatever else it holds. Returns the number of calls; undefined where one could not be stored.
   */
  #takeAlarms(device: string, packet: Packet, isTrusted: boolean): number | undefined {
    const { bodies, kept } = locationsIn(packet.message, packet.body);
    const alarms = bodies.flatMap((body) => readAlarm(body) ?? []);
    const isStored = alarms.every((alarm) => this.#raise(device, packet, alarm, { isTrusted, kept }) !== undefined);
    return isStored ? alarms.length : undefined;
  }

  /** As `takeAlarms`, of the parts that have come. A call of a body that was cut is raised again, with its place, when the body is whole. */
  #takeJoinedAlarms(device: string, packet: Packet, joined: JoinedMessage): number | undefined {
    const { locations, calls, isTrusted } = joined;
    const kept = packet.message === BATCH;
    let taken = 0;
    for (const { body, key, isWhole } of locations) {
      const [alarm, before] = [readAlarm(body), calls.get(key)];
      if (!alarm || (before && (before.isWhole || !isWhole))) continue;
      const name = this.#raise(device, packet, alarm, { isTrusted, kept, name: before?.name });
      if (name === undefined) return undefined;
      calls.set(key, { name, isWhole });
      taken++;
    }
    return taken;
  }

  /** The name of the call. Undefined where it could not be stored: the terminal gets no answer, and repeats it over its next connection. */
  #raise(device: string, packet: Packet, alarm: AlarmBody, origin: AlarmOrigin): string | undefined {
    const { calls } = this.#options;
    const sos = origin.name ?? calls.get(device) ?? nameOf(packet, alarm);
    try {
      this.#host.sos({ device, sos, state: 'raised', at: Date.now(), ...placeOf(alarm, origin) });
    } catch {
      this.#refuse('not stored');
      this.#end();
      return undefined;
    }
    if (origin.name === undefined) calls.set(device, sos);
    return sos;
  }
}

function report(host: EquipmentHost, device: string, { time, position, wrong }: Location, isTrusted: boolean): void {
  const at = Date.now();
  host.report({
    device,
    at,
    ...(time === undefined ? {} : { clockOffsetMs: time - at }),
    ...(wrong === 'time' ? { clockWrong: true } : {}),
    ...(position && isTrusted ? { position } : {}),
  });
}

interface AlarmOrigin {
  /** The line has damaged nothing lately. */
  readonly isTrusted: boolean;
  /** The terminal was out of reach, and has kept it until now. */
  readonly kept: boolean;
  /** Of the call that it belongs to, where it is known. */
  readonly name?: string | undefined;
}

/** A location that was kept for longer than a shift says nothing about where the caller is. */
const MAX_KEPT_MS = 12 * 3_600_000;

function placeOf({ position, time, isDoubtful }: AlarmBody, { isTrusted, kept }: AlarmOrigin): Partial<SosReport> {
  if (!position) return {};
  const ageMs = time === undefined ? -1 : Date.now() - time;
  const isDated = kept && ageMs >= 0 && ageMs <= MAX_KEPT_MS;
  if (isDoubtful || !isTrusted || (kept && !isDated)) return { position, doubtful: true };
  return { position, ...(isDated ? { positionAt: time! } : {}) };
}

/**
 * By its own clock, because a packet that is sent again has the same time in it, after a restart of the box too; by the packet where the
 * clock is not set.
 */
function nameOf(packet: Packet, { time }: AlarmBody): string {
  return time === undefined ? `packet ${packet.serial}` : iso(time);
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

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
