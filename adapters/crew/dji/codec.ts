/**
 * DJI Cloud API, read-only and pure (github.com/dji-sdk/Cloud-API-Doc, v1.11.3): where the aircraft is, and the one answer without which
 * a device stays offline. Nothing that could move an aircraft has a place here. Every `decode…` throws Malformed. `at` is when the box
 * received the message.
 */
import { z } from 'zod';
import type { DeviceReport, InvalidField, Position } from '../../../gateway/contracts/crew.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { checked, readJson, readObject, spare, writeJson } from '../topics/json.codec.ts';

/** The longest documented message, the state of a remote control with all its cameras, has about 8 KiB. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** Serial numbers, and what the device wants to have back in an answer. */
const token = z.string().regex(/^[\x20-\x7e]{1,128}$/, english('field-printable', { most: 128 }));

const properties = z.object({
  latitude: spare(z.number().min(-90).max(90)),
  longitude: spare(z.number().min(-180).max(180)),
  /** Metres above the ellipsoid. */
  height: spare(z.number().min(-500).max(20_000)),
  /** m/s */
  horizontal_speed: spare(z.number().min(0).max(100)),
  /** Degrees from north, clockwise to 180, the other way round to -180. */
  attitude_head: spare(z.number().min(-180).max(180)),
  mode_code: spare(z.int()),
  position_state: spare(z.object({ is_fixed: spare(z.int()), gps_number: spare(z.int()) })),
  battery: spare(z.object({ capacity_percent: spare(z.number().min(0).max(100)) })),
});
/** What is expected of those that say something of their own. */
const EXPECTED = {
  latitude: english('range-degrees', { least: -90, most: 90 }),
  longitude: english('range-degrees', { least: -180, most: 180 }),
  height: english('range-metres', { least: -500, most: 20_000 }),
  horizontal_speed: english('range-m-per-second', { least: 0, most: 100 }),
  attitude_head: english('range-degrees', { least: -180, most: 180 }),
  mode_code: english('whole-number'),
  position_state: english('json-object'),
  battery: english('json-object'),
} as const;
/** How firmware writes that it does not know. */
const UNKNOWN = new Set<unknown>([65_535, 32_767, undefined]);
const osd = z.object({
  timestamp: spare(z.number().min(0).max(4_102_444_800_000)),
  gateway: token,
  // Some aircraft wrap the same members once more.
  data: z.preprocess((data) => (data as { host?: unknown } | null | undefined)?.host ?? data, properties),
});
const request = z.object({ tid: token, bid: token, method: token, need_reply: spare(z.number()) });

/** position_state.is_fixed: 0 not begun, 1 trying, 2 fixed, 3 failed. */
const FIXED = 2;
/** Fewer satellites give no position in space. */
const MIN_SATELLITES = 4;
/** mode_code of an aircraft; the numbers that say nothing about its flight are not here. */
const FLIGHT: Readonly<Record<number, NonNullable<DeviceReport['flight']>>> = {
  ...Object.fromEntries([0, 1, 2, 13].map((code) => [code, 'ground'])),
  ...Object.fromEntries([3, 4, 5, 6, 7, 8, 15, 16, 17, 18].map((code) => [code, 'flying'])),
  9: 'returning',
  ...Object.fromEntries([10, 11, 12].map((code) => [code, 'landing'])),
};
const NOT_CONNECTED = 14;

/**
 * `osd` or `state` under the topic of `serial`: what the message holds, which may be any part of the members. Undefined where that is
 * nothing, and for what a remote control or dock says of itself: it is its own gateway, and where it is, the aircraft is not.
 */
export function decodeOsd(payload: Uint8Array, serial: string, device: string, at: Instant): DeviceReport | undefined {
  const message = readObject(payload, MAX_MESSAGE_BYTES);
  const { timestamp, gateway, data } = checked(message, osd);
  const odd = oddIn(message['data'] as Properties, data);
  if (timestamp === undefined && message['timestamp'] !== undefined)
    odd.push({ field: 'timestamp', why: english('field-epoch-milliseconds') });
  const position = positionOf(data);
  if (gateway === serial || data.mode_code === NOT_CONNECTED) return undefined;
  const battery = data.battery?.capacity_percent;
  const flight = data.mode_code === undefined ? undefined : FLIGHT[data.mode_code];
  if (!position && battery === undefined && !flight && odd.length === 0) return undefined;
  return {
    device,
    at,
    ...(timestamp === undefined ? {} : { clockOffsetMs: Math.round(timestamp) - at }),
    ...(position ? { position } : {}),
    ...(battery === undefined ? {} : { batteryPercent: battery }),
    ...(flight ? { flight } : {}),
    ...(odd.length > 0 ? { invalidFields: odd } : {}),
  };
}

type Properties = Readonly<Record<string, unknown>>;

/** Members that are there and were left out. */
function oddIn(given: Properties, read: z.infer<typeof properties>): InvalidField[] {
  const members = (given['host'] ?? given) as Properties;
  const percent = (members['battery'] as Properties | null | undefined)?.['capacity_percent'];
  const odd = Object.entries(EXPECTED).filter(
    ([field]) => read[field as keyof typeof EXPECTED] === undefined && !UNKNOWN.has(members[field]),
  );
  const isOddPercent = read.battery && read.battery.capacity_percent === undefined && !UNKNOWN.has(percent);
  return [
    ...odd.map(([field, expected]) => ({ field, why: english('expected-what', { what: expected }) })),
    ...(isOddPercent
      ? [
          {
            field: 'battery.capacity_percent',
            why: english('expected-what', { what: english('range-percent', { least: 0, most: 100 }) }),
          },
        ]
      : []),
  ];
}

/** None at 0/0, which is what an aircraft without satellites says, nor where it says itself that it has too few. */
function positionOf(d: z.infer<typeof properties>): Position | undefined {
  const { latitude: lat, longitude: lon } = d;
  if (lat === undefined || lon === undefined || (lat === 0 && lon === 0)) return undefined;
  const { is_fixed: fixed, gps_number: satellites = 0 } = d.position_state ?? {};
  if (fixed !== undefined && fixed !== FIXED && satellites < MIN_SATELLITES) return undefined;
  return {
    lat,
    lon,
    trusted: true,
    ...(d.height === undefined ? {} : { altitudeM: d.height }),
    ...(d.horizontal_speed === undefined ? {} : { speedKmh: d.horizontal_speed * 3.6 }),
    ...(d.attitude_head === undefined ? {} : { courseDeg: (d.attitude_head + 360) % 360 }),
  };
}

export interface Topology {
  /** Serial numbers of the aircraft behind a remote control or dock; none: they have gone. */
  readonly devices: readonly string[];
  /** The body of `status_reply`. */
  readonly reply: Buffer;
}

const topology = z.object({
  ...request.shape,
  data: z.object({
    sub_devices: z
      .array(z.object({ sn: token }))
      .max(8)
      .default([]),
  }),
});

/** `status` with the method `update_topo`: without the answer the device stays offline. Other methods are passed over. */
export function decodeStatus(payload: Uint8Array, at: Instant): Topology | undefined {
  if (readJson(payload, request, MAX_MESSAGE_BYTES).method !== 'update_topo') return undefined;
  const message = readJson(payload, topology, MAX_MESSAGE_BYTES);
  return { devices: message.data.sub_devices.map((d) => d.sn), reply: answer(message, at) };
}

/** `events`: the answer, where the device waits for one. Nothing of an event is used. */
export function decodeEvent(payload: Uint8Array, at: Instant): Buffer | undefined {
  const event = readJson(payload, request, MAX_MESSAGE_BYTES);
  return event.need_reply === 1 ? answer(event, at) : undefined;
}

function answer({ tid, bid, method }: z.infer<typeof request>, at: Instant): Buffer {
  return writeJson({ tid, bid, timestamp: at, method, data: { result: 0 } });
}

// ---------------------------------------------------------------- as an aircraft and its remote control write and read

export interface Osd {
  readonly at: Instant;
  readonly gateway: string;
  readonly data: object;
}

/** Members of `data` as the documents name them: a message may hold any part of them. */
export function encodeOsd({ at, gateway, data }: Osd, tid: string): Buffer {
  return writeJson({ tid, bid: tid, timestamp: at, gateway, data });
}

export function encodeTopology(at: Instant, tid: string, aircraft: readonly string[]): Buffer {
  const one = { domain: '0', type: 60, sub_type: 0, index: 'A', thing_version: '1.1.2' };
  const sub_devices = aircraft.map((sn) => ({ sn, ...one }));
  const data = { domain: '3', type: 119, sub_type: 0, thing_version: '1.1.2', sub_devices };
  return writeJson({ tid, bid: tid, method: 'update_topo', timestamp: at, data });
}

const reply = z.object({ tid: token, method: token, data: z.object({ result: z.int() }) });

/** A `status_reply` or `events_reply`. */
export function decodeReply(payload: Uint8Array): z.infer<typeof reply> {
  return readJson(payload, reply, MAX_MESSAGE_BYTES);
}
