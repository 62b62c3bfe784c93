/** Bodies of JT/T 808 locations (0200). The layout is the same in 2013 and 2019. */
import { iso } from '../../../gateway/contracts/time.ts';
import type { Position } from '../../../gateway/contracts/crew.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';

export interface Location {
  /** The emergency button is pressed, or was and has not been answered yet. */
  readonly emergency: boolean;
  /** The device's clock; absent where it shows no date, as before the first fix. */
  readonly time?: Instant;
  /** Absent without a fix. */
  readonly position?: Position;
  /** Id and bytes, as they came. */
  readonly extras: readonly { readonly id: number; readonly bytes: Uint8Array }[];
  /** What cannot be true, and is left out. There is no position where that is the place, or two of the others: then it is no location at all. */
  readonly wrong?: 'latitude' | 'longitude' | 'speed' | 'direction' | 'time' | 'extras';
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2);

const EMERGENCY = 1;
const STATUS = { positioned: 1 << 1, south: 1 << 2, west: 1 << 3, encrypted: 1 << 5 } as const;
export const LOCATION_BYTES = 28;
const FLAG_BYTES = 4;
/** Behind the longitude. */
const PLACE_END = 16;
const GMT8_MS = 8 * 3_600_000;
const MAX_KMH = 300;
/** Higher than any road; some terminals write heights below the sea as numbers near 65,536. */
const MAX_ALTITUDE_M = 9_000;

/** A location (0200). Undefined where the body is too short to be one. */
export function readLocation(body: Uint8Array): Location | undefined {
  if (body.length < LOCATION_BYTES) return undefined;
  const status = u32(body, 4);
  const time = readTime(body.subarray(22, LOCATION_BYTES));
  const extras = readExtras(body.subarray(LOCATION_BYTES));
  const shared = {
    emergency: (u32(body, 0) & EMERGENCY) !== 0,
    extras: extras.found,
    ...(time === undefined ? {} : { time }),
  };
  const spare = extras.isWhole ? {} : ({ wrong: 'extras' } as const);
  if ((status & STATUS.positioned) === 0) return { ...shared, ...spare };
  const place = placeIsWrong(body);
  if (place) return { ...shared, wrong: place };
  const odd = [...(time === undefined ? (['time'] as const) : []), ...motionIsOdd(body)];
  const wrong = odd[0] === undefined ? spare : { wrong: odd[0] };
  return odd.length > 1 ? { ...shared, ...wrong } : { ...shared, ...wrong, position: positionOf(body, status) };
}

/** What a body says of a call for help, as far as it goes. */
export interface AlarmBody {
  readonly time?: Instant;
  readonly position?: Position;
  /** The rest of the body makes no sense, so its position may not either. */
  readonly isDoubtful: boolean;
}

/** A body with the alarm bit, however short or odd it is otherwise; undefined without the bit. */
export function readAlarm(body: Uint8Array): AlarmBody | undefined {
  if (body.length < FLAG_BYTES || (u32(body, 0) & EMERGENCY) === 0) return undefined;
  const whole = readLocation(body);
  const time = whole?.time === undefined ? {} : { time: whole.time };
  if (whole?.position) return { ...time, position: whole.position, isDoubtful: false };
  const hasPlace = body.length >= PLACE_END && (u32(body, 4) & STATUS.positioned) !== 0;
  if (!hasPlace || placeIsWrong(filled(body))) return { ...time, isDoubtful: true };
  const { lat, lon, trusted } = positionOf(filled(body), u32(body, 4));
  return { ...time, position: { lat, lon, trusted }, isDoubtful: true };
}

function filled(body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(LOCATION_BYTES);
  whole.set(body.subarray(0, LOCATION_BYTES));
  return whole;
}

/** Where locations lie in the bodies of other messages: the answer to a question, to a command, and a picture or sound. */
export const LOCATION_AT: Readonly<Record<number, number>> = { 0x0200: 0, 0x0201: 2, 0x0500: 2, 0x0801: 8 };
/** Locations that were kept while the terminal was out of reach: a number u16, a kind u8, and each with its length u16. */
export const BATCH = 0x0704;
const BATCH_HEAD = 3;

/** Bodies of locations in a message, as far as they can be found. `kept`: they may be old. `batchFrom`: where the first of a batch has its length. */
export function locationsIn(
  message: number,
  body: Uint8Array,
  batchFrom = BATCH_HEAD,
): { readonly bodies: readonly Uint8Array[]; readonly kept: boolean } {
  const at = LOCATION_AT[message];
  if (at !== undefined) {
    const end = message === 0x0801 ? at + LOCATION_BYTES : body.length;
    return { bodies: [body.subarray(at, end)], kept: false };
  }
  const bodies: Uint8Array[] = [];
  if (message !== BATCH) return { bodies, kept: false };
  for (let from = batchFrom; from + 2 < body.length;) {
    const end = from + 2 + u16(body, from);
    bodies.push(body.subarray(from + 2, end));
    from = end;
  }
  return { bodies, kept: true };
}

/** No packet that is not split has room for more. */
const MAX_ITEM_BYTES = 1_023;
/** No terminal is older than its protocol; a direction or a speed that is taken for a year is. */
const FIRST_TIME: Instant = Date.UTC(2013, 0, 1);

/**
 * Where a location begins, with its length, in the middle of a batch whose beginning is missing: the first place at which length, position,
 * motion and time make sense. Undefined where there is none, as where the clock of the terminal is not set.
 */
export function batchItemIn(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 2 + LOCATION_BYTES <= bytes.length; at++) {
    const length = u16(bytes, at);
    if (length < LOCATION_BYTES || length > MAX_ITEM_BYTES) continue;
    const { wrong, time } = readLocation(bytes.subarray(at + 2, at + 2 + LOCATION_BYTES))!;
    if (wrong === undefined && time !== undefined && time >= FIRST_TIME) return at;
  }
  return undefined;
}

function placeIsWrong(body: Uint8Array): 'latitude' | 'longitude' | undefined {
  const [lat, lon] = [u32(body, 8), u32(body, 12)];
  // A fix at exactly 0, 0 is one that was never made.
  if (lat > 90e6 || (lat === 0 && lon === 0)) return 'latitude';
  return lon > 180e6 ? 'longitude' : undefined;
}

function motionIsOdd(body: Uint8Array): readonly ('speed' | 'direction')[] {
  return [
    ...(u16(body, 18) > MAX_KMH * 10 ? (['speed'] as const) : []),
    ...(u16(body, 20) > 360 ? (['direction'] as const) : []),
  ];
}

function positionOf(body: Uint8Array, status: number): Position {
  const altitudeM = u16(body, 16);
  const odd = motionIsOdd(body);
  return {
    lat: (u32(body, 8) / 1e6) * (status & STATUS.south ? -1 : 1),
    lon: (u32(body, 12) / 1e6) * (status & STATUS.west ? -1 : 1),
    ...(altitudeM > MAX_ALTITUDE_M ? {} : { altitudeM }),
    ...(odd.includes('speed') ? {} : { speedKmh: u16(body, 18) / 10 }),
    ...(odd.includes('direction') ? {} : { courseDeg: u16(body, 20) % 360 }),
    // Moved by a plug-in (in practice to GCJ-02, hundreds of metres off).
    trusted: (status & STATUS.encrypted) === 0,
  };
}

/** Two digits each of year, month, day, hour, minute and second, as the clocks in Beijing show them. */
function readTime(bytes: Uint8Array): Instant | undefined {
  const digits = Buffer.from(bytes).toString('hex');
  if (!/^\d{12}$/.test(digits)) return undefined;
  const [year, month, day, hour, minute, second] = digits.match(/../g)!.map(Number) as [number, ...number[]];
  const there = Date.UTC(2000 + year, month! - 1, day, hour, minute, second);
  return digitsOf(there) === digits ? there - GMT8_MS : undefined;
}

const digitsOf = (there: number): string => iso(there).replace(/\D/g, '').slice(2, 14);

/** Those that are whole, and whether all are. */
function readExtras(bytes: Uint8Array): { readonly found: Location['extras']; readonly isWhole: boolean } {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + (bytes[at + 1] ?? bytes.length);
    if (end > bytes.length) return { found, isWhole: false };
    found.push({ id: bytes[at]!, bytes: Uint8Array.from(bytes.subarray(at + 2, end)) });
    at = end;
  }
  return { found, isWhole: true };
}

/** Body of a location, for who plays a terminal. Without `time` the clock is not set; without `position` there is no fix. */
export function writeLocation({ emergency, time, position, extras }: Omit<Location, 'wrong'>): Uint8Array {
  const body = Buffer.alloc(LOCATION_BYTES);
  body.writeUInt32BE(emergency ? EMERGENCY : 0, 0);
  if (position) {
    const { lat, lon, altitudeM = 0, speedKmh = 0, courseDeg = 0, trusted } = position;
    const side = (lat < 0 ? STATUS.south : 0) | (lon < 0 ? STATUS.west : 0) | (trusted ? 0 : STATUS.encrypted);
    body.writeUInt32BE(STATUS.positioned | side | 1, 4);
    body.writeUInt32BE(Math.round(Math.abs(lat) * 1e6), 8);
    body.writeUInt32BE(Math.round(Math.abs(lon) * 1e6), 12);
    body.writeUInt16BE(Math.max(0, Math.round(altitudeM)), 16);
    body.writeUInt16BE(Math.round(speedKmh * 10), 18);
    body.writeUInt16BE(Math.round(courseDeg), 20);
  }
  if (time !== undefined) body.write(digitsOf(time + GMT8_MS), 22, 'hex');
  return Buffer.concat([body, ...extras.flatMap((e) => [Uint8Array.of(e.id, e.bytes.length), e.bytes])]);
}
