/**
 * DJI Cloud API, read-only and pure (github.com/dji-sdk/Cloud-API-Doc, v1.11.3): where the aircraft is, and the one answer without which
 * a device stays offline. Nothing that could move an aircraft has a place here.
 */
import { z } from 'zod';
import type { DeviceReport, Position } from '../../../gateway/equipment.ts';
import type { Instant } from '../../../gateway/types.ts';

export const MAX_MESSAGE_BYTES = 64 * 1024;

/** Numbers that do not fit are as if they were not there: each message holds a part, and firmware differs in what it sends. */
const number = (least: number, most: number) => z.number().min(least).max(most).optional().catch(undefined);

const osd = z.object({
  latitude: number(-90, 90),
  longitude: number(-180, 180),
  /** Metres above the ellipsoid. */
  height: number(-500, 20_000),
  /** m/s */
  horizontal_speed: number(0, 300),
  /** Degrees from north, -180 to 180. */
  attitude_head: number(-360, 360),
  mode_code: number(0, 255),
  position_state: z
    .object({ is_fixed: number(0, 255) })
    .optional()
    .catch(undefined),
  battery: z
    .object({ capacity_percent: number(0, 100) })
    .optional()
    .catch(undefined),
});
const envelope = z.object({
  timestamp: z.number().min(0).optional().catch(undefined),
  data: z.looseObject({ host: z.looseObject({}).optional().catch(undefined) }),
});
const request = z.object({
  tid: z.string().max(128),
  bid: z.string().max(128),
  method: z.string().max(64),
  need_reply: z.number().optional().catch(undefined),
});

/** position_state.is_fixed: 0 none, 1 trying, 2 fixed, 3 failed. */
const FIXED = 2;
/** mode_code of an aircraft. */
const FLIGHT: Readonly<Record<number, DeviceReport['flight']>> = {
  0: 'ground',
  9: 'returning',
  10: 'landing',
  11: 'landing',
};
const NOT_CONNECTED = 14;

/**
 * `osd` or `state` of an aircraft: what the message holds, undefined where that is nothing. `at`: when it was received. Throws an Error
 * that names what is wrong, without its value.
 */
export function decodeOsd(payload: Uint8Array, device: string, at: Instant): DeviceReport | undefined {
  const { timestamp, data } = parse(envelope, payload, 'osd');
  // Some aircraft wrap the same members once more.
  const found = osd.safeParse(data.host ?? data);
  if (!found.success) throw new Error('osd: data is not as expected');
  const d = found.data;
  if (d.mode_code === NOT_CONNECTED) return undefined;
  const position = positionOf(d);
  const battery = d.battery?.capacity_percent;
  const report: DeviceReport = {
    ...{ device, at },
    ...(timestamp === undefined ? {} : { clockOffsetMs: timestamp - at }),
    ...(position ? { position } : {}),
    ...(battery === undefined ? {} : { batteryPercent: battery }),
    ...(d.mode_code === undefined ? {} : { flight: FLIGHT[d.mode_code] ?? 'flying' }),
  };
  return position || battery !== undefined || report.flight ? report : undefined;
}

function positionOf(d: z.infer<typeof osd>): Position | undefined {
  const { latitude: lat, longitude: lon } = d;
  if (lat === undefined || lon === undefined || (lat === 0 && lon === 0)) return undefined;
  const fixed = d.position_state?.is_fixed;
  if (fixed !== undefined && fixed !== FIXED) return undefined;
  return {
    ...{ lat, lon, trusted: true },
    ...(d.height === undefined ? {} : { altitudeM: d.height }),
    ...(d.horizontal_speed === undefined ? {} : { speedKmh: d.horizontal_speed * 3.6 }),
    ...(d.attitude_head === undefined ? {} : { courseDeg: (d.attitude_head + 360) % 360 }),
  };
}

export interface Topology {
  /** Serial numbers of the aircraft behind a remote control or dock; none: they have gone. */
  readonly devices: readonly string[];
  /** The body of `status_reply`. */
  readonly reply: Uint8Array;
}

const topology = z.object({
  ...request.shape,
  data: z.object({
    sub_devices: z
      .array(z.object({ sn: z.string().min(1).max(64) }))
      .max(8)
      .default([]),
  }),
});

/** `status` with the method `update_topo`: without the answer the device stays offline. Other methods are passed over. Throws as `decodeOsd`. */
export function decodeStatus(payload: Uint8Array, at: Instant): Topology | undefined {
  const { method } = parse(request, payload, 'status');
  if (method !== 'update_topo') return undefined;
  const { tid, bid, data } = parse(topology, payload, 'status');
  return { devices: data.sub_devices.map((d) => d.sn), reply: answer({ tid, bid, method }, at, { result: 0 }) };
}

/** `events`: the answer, where the device waits for one. Nothing of an event is used. Throws as `decodeOsd`. */
export function decodeEvent(payload: Uint8Array, at: Instant): Uint8Array | undefined {
  const event = parse(request, payload, 'events');
  return event.need_reply === 1 ? answer(event, at, { result: 0 }) : undefined;
}

function answer({ tid, bid, method }: z.infer<typeof request>, at: Instant, data: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ tid, bid, timestamp: at, method, data }));
}

function parse<T>(schema: z.ZodType<T>, payload: Uint8Array, what: string): T {
  if (payload.length > MAX_MESSAGE_BYTES) throw new Error(`${what}: more than ${MAX_MESSAGE_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new Error(`${what}: not JSON in UTF-8`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Error(`${what}: ${issue.path.join('.') || 'the message'} is not as expected (${issue.code})`);
}

// ---------------------------------------------------------------- as an aircraft writes it

export interface Osd {
  readonly at: Instant;
  readonly gateway: string;
  readonly data: object;
}

/** Members of `data` as the documents name them: a message may hold any part of them. */
export function encodeOsd({ at, gateway, data }: Osd, tid: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ tid, bid: tid, timestamp: at, gateway, data }));
}

export function encodeTopology(at: Instant, tid: string, aircraft: readonly string[]): Uint8Array {
  const sub_devices = aircraft.map((sn) => ({
    sn,
    domain: '0',
    type: 60,
    sub_type: 0,
    index: 'A',
    thing_version: '1.1.2',
  }));
  const data = { domain: '3', type: 119, sub_type: 0, thing_version: '1.1.2', sub_devices };
  return new TextEncoder().encode(JSON.stringify({ tid, bid: tid, method: 'update_topo', timestamp: at, data }));
}
