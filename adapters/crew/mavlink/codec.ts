/**
 * MAVLink 2 frames, as far as four messages of an aircraft's autopilot go. Numbers are little-endian.
 *
 *     FD | length | incompat | compat | sequence | system | component | message u24 | payload | CRC u16 | [13 bytes of signature]
 *
 * The CRC is CRC-16/MCRF4XX over all between FD and itself and one more byte, which depends on the definition of the message. Zeros at
 * the end of a payload are not sent. Layouts: mavlink/c_library_v2. Signatures are passed over: they would need a key shared with each
 * aircraft, and so nothing that comes this way counts as authenticated.
 */

export interface HeartbeatMessage {
  readonly kind: 'heartbeat';
  /** MAV_TYPE */
  readonly type: number;
  readonly armed: boolean;
  /** MAV_STATE: 3 standby, 4 active, 5 critical, 6 emergency. */
  readonly state: number;
}

export interface SystemMessage {
  readonly kind: 'system';
  readonly voltageV?: number;
  readonly currentA?: number;
  readonly batteryPercent?: number;
  readonly odd?: 'battery_remaining';
}

export interface PositionMessage {
  readonly kind: 'position';
  readonly lat: number;
  readonly lon: number;
  /** Above sea level, and above where it took off. */
  readonly altitudeM: number;
  readonly heightM: number;
  /** Metres per second to the north, to the east, downwards. */
  readonly velocity: readonly [north: number, east: number, down: number];
  /** Where its nose points. */
  readonly headingDeg?: number;
  /** Out of its range, and left out. */
  readonly odd?: 'hdg';
}

export interface BatteryMessage {
  readonly kind: 'battery';
  /** Which battery, from 0. */
  readonly battery: number;
  readonly voltageV?: number;
  readonly currentA?: number;
  readonly batteryPercent?: number;
  readonly secondsLeft?: number;
  readonly charging?: boolean;
  readonly odd?: 'battery_remaining';
}

export type MavlinkMessage = HeartbeatMessage | SystemMessage | PositionMessage | BatteryMessage;

export interface MavlinkFrame {
  readonly system: number;
  readonly component: number;
  readonly sequence: number;
  readonly signed: boolean;
  readonly message: MavlinkMessage;
}

/**
 * What a datagram held. `version 1` and `damaged` (no frame, cut, wrong checksum) end the datagram: where the next frame would begin is
 * no longer sure. `other` is a message that is not read here, or a frame with unknown flags, whose checksum cannot be computed.
 * `impossible` is a whole frame with a place that is none; any other field out of its range is left out and named.
 */
export type FrameResult = MavlinkFrame | 'other' | 'version 1' | 'damaged' | 'impossible';

const MAGIC = 0xfd;
const MAGIC_1 = 0xfe;
const HEAD = 10;
const CRC = 2;
const SIGNATURE = 13;
const SIGNED = 0x01;
/** The autopilot itself, among all that speaks in an aircraft. */
export const AUTOPILOT = 1;

interface Definition {
  readonly crcExtra: number;
  /** Of the payload, extensions included. */
  readonly most: number;
  /** Undefined: a place that is none. */
  readonly read: (payload: DataView) => MavlinkMessage | undefined;
}

const ID = { heartbeat: 0, system: 1, position: 33, battery: 147 } as const;

const definitions: Readonly<Record<number, Definition>> = {
  [ID.heartbeat]: { crcExtra: 50, most: 9, read: readHeartbeat },
  [ID.system]: { crcExtra: 124, most: 43, read: readSystem },
  [ID.position]: { crcExtra: 104, most: 28, read: readPosition },
  [ID.battery]: { crcExtra: 154, most: 54, read: readBattery },
};

/** All frames of one datagram, in order. */
export function readDatagram(datagram: Uint8Array): FrameResult[] {
  const results: FrameResult[] = [];
  for (let at = 0; at < datagram.length;) {
    const rest = datagram.subarray(at);
    if (rest[0] === MAGIC_1) return [...results, 'version 1'];
    const bytes = HEAD + (rest[1] ?? 0) + CRC + ((rest[2] ?? 0) & SIGNED ? SIGNATURE : 0);
    const result = rest[0] === MAGIC && rest.length >= bytes ? readFrame(rest.subarray(0, bytes)) : 'damaged';
    results.push(result);
    if (result === 'damaged') break;
    at += bytes;
  }
  return results;
}

function readFrame(frame: Uint8Array): FrameResult {
  const length = frame[1]!;
  const id = frame[7]! | (frame[8]! << 8) | (frame[9]! << 16);
  const definition = definitions[id];
  if (!definition || (frame[2]! & ~SIGNED) !== 0) return 'other';
  const end = HEAD + length;
  const crc = crcOf(frame.subarray(1, end), definition.crcExtra);
  // A later version of a message may be longer than this one knows.
  if (length === 0 || crc !== (frame[end]! | (frame[end + 1]! << 8))) return 'damaged';
  const payload = new Uint8Array(Math.max(definition.most, length));
  payload.set(frame.subarray(HEAD, end));
  const message = definition.read(new DataView(payload.buffer));
  if (!message) return 'impossible';
  return { system: frame[5]!, component: frame[6]!, sequence: frame[4]!, signed: (frame[2]! & SIGNED) !== 0, message };
}

/** CRC-16/MCRF4XX: polynomial 0x1021 reflected, from 0xFFFF, without a final XOR. */
function crcOf(bytes: Uint8Array, extra: number): number {
  let crc = 0xffff;
  for (const byte of [...bytes, extra]) {
    let low = (byte ^ crc) & 0xff;
    low = (low ^ (low << 4)) & 0xff;
    crc = ((crc >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)) & 0xffff;
  }
  return crc;
}

// ---------------------------------------------------------------- payloads

const ARMED = 0x80;
const UNKNOWN_16 = 0xffff;
const CHARGING = 7;

/** `key` with `value`, or nothing where the device does not know it. */
const optional = <K extends string, V>(key: K, isKnown: boolean, value: V): { [key in K]?: V } =>
  isKnown ? ({ [key]: value } as { [key in K]?: V }) : {};

/** -1: not known. */
const percentOf = (percent: number) => ({
  ...optional('batteryPercent', percent >= 0 && percent <= 100, percent),
  ...optional('odd', percent < -1 || percent > 100, 'battery_remaining' as const),
});
/** Hundredths of a degree. */
const MAX_HEADING = 36_000;

function readHeartbeat(payload: DataView): HeartbeatMessage {
  return {
    kind: 'heartbeat',
    type: payload.getUint8(4),
    armed: (payload.getUint8(6) & ARMED) !== 0,
    state: payload.getUint8(7),
  };
}

function readSystem(payload: DataView): SystemMessage {
  const [millivolts, centiamps, percent] = [
    payload.getUint16(14, true),
    payload.getInt16(16, true),
    payload.getInt8(30),
  ];
  return {
    kind: 'system',
    ...optional('voltageV', millivolts !== UNKNOWN_16, millivolts / 1000),
    ...optional('currentA', centiamps !== -1, centiamps / 100),
    ...percentOf(percent),
  };
}

/** 0, 0 is what autopilots send before they know where they are; it is given as it comes, and is no position. */
function readPosition(payload: DataView): PositionMessage | undefined {
  const [lat, lon] = [payload.getInt32(4, true) / 1e7, payload.getInt32(8, true) / 1e7];
  const heading = payload.getUint16(26, true);
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return {
    kind: 'position',
    lat,
    lon,
    altitudeM: payload.getInt32(12, true) / 1000,
    heightM: payload.getInt32(16, true) / 1000,
    velocity: [payload.getInt16(20, true) / 100, payload.getInt16(22, true) / 100, payload.getInt16(24, true) / 100],
    ...optional('headingDeg', heading <= MAX_HEADING, (heading % MAX_HEADING) / 100),
    ...optional('odd', heading > MAX_HEADING && heading !== UNKNOWN_16, 'hdg' as const),
  };
}

const CELLS_AT = 10;
const MAX_CELLS = 10;

function readBattery(payload: DataView): BatteryMessage {
  const cells = Array.from({ length: MAX_CELLS }, (_, i) => payload.getUint16(CELLS_AT + 2 * i, true));
  const filled = cells.filter((millivolts) => millivolts !== UNKNOWN_16);
  const [centiamps, percent] = [payload.getInt16(30, true), payload.getInt8(35)];
  const [seconds, charge] = [payload.getInt32(36, true), payload.getUint8(40)];
  return {
    kind: 'battery',
    battery: payload.getUint8(32),
    ...optional('voltageV', filled.length > 0, filled.reduce((sum, millivolts) => sum + millivolts, 0) / 1000),
    ...optional('currentA', centiamps !== -1, centiamps / 100),
    ...percentOf(percent),
    ...optional('secondsLeft', seconds > 0, seconds),
    ...optional('charging', charge !== 0, charge === CHARGING),
  };
}

// ---------------------------------------------------------------- for who plays an aircraft

export interface FrameHeader {
  readonly system: number;
  /** 0 to 255, one more with each frame. */
  readonly sequence: number;
  readonly component?: number;
  /** A signature of zeros, as long as a real one. */
  readonly signed?: boolean;
}

/** One frame. Zeros at the end of the payload are cut, as autopilots do. */
export function writeFrame(
  { system, sequence, component = AUTOPILOT, signed = false }: FrameHeader,
  message: MavlinkMessage,
): Uint8Array {
  const id = ID[message.kind];
  const { crcExtra, most } = definitions[id]!;
  const whole = new Uint8Array(most);
  fill(new DataView(whole.buffer), message);
  const payload = whole.subarray(0, Math.max(1, whole.findLastIndex((byte) => byte !== 0) + 1));
  const head = [MAGIC, payload.length, signed ? SIGNED : 0, 0, sequence & 0xff, system, component, id, 0, 0];
  const frame = [...head, ...payload];
  const crc = crcOf(Uint8Array.from(frame.slice(1)), crcExtra);
  return Uint8Array.from([...frame, crc & 0xff, crc >> 8, ...new Uint8Array(signed ? SIGNATURE : 0)]);
}

function fill(payload: DataView, message: MavlinkMessage): void {
  switch (message.kind) {
    case 'heartbeat':
      payload.setUint8(4, message.type);
      payload.setUint8(5, 3);
      payload.setUint8(6, message.armed ? ARMED | 1 : 1);
      payload.setUint8(7, message.state);
      payload.setUint8(8, 3);
      return;
    case 'system':
      payload.setUint16(14, Math.round((message.voltageV ?? UNKNOWN_16 / 1000) * 1000), true);
      payload.setInt16(16, Math.round((message.currentA ?? -0.01) * 100), true);
      payload.setInt8(30, message.batteryPercent ?? -1);
      return;
    case 'position':
      payload.setInt32(4, Math.round(message.lat * 1e7), true);
      payload.setInt32(8, Math.round(message.lon * 1e7), true);
      payload.setInt32(12, Math.round(message.altitudeM * 1000), true);
      payload.setInt32(16, Math.round(message.heightM * 1000), true);
      for (const [i, speed] of message.velocity.entries()) payload.setInt16(20 + 2 * i, Math.round(speed * 100), true);
      payload.setUint16(26, message.headingDeg === undefined ? UNKNOWN_16 : Math.round(message.headingDeg * 100), true);
      return;
    case 'battery':
      for (let i = 0; i < MAX_CELLS; i++) payload.setUint16(CELLS_AT + 2 * i, UNKNOWN_16, true);
      if (message.voltageV !== undefined) payload.setUint16(CELLS_AT, Math.round(message.voltageV * 1000), true);
      payload.setInt16(30, Math.round((message.currentA ?? -0.01) * 100), true);
      payload.setUint8(32, message.battery);
      payload.setInt8(35, message.batteryPercent ?? -1);
      payload.setInt32(36, message.secondsLeft ?? 0, true);
      payload.setUint8(40, message.charging === undefined ? 0 : message.charging ? CHARGING : 1);
  }
}
