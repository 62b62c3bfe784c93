/**
 * Body-cams and patrol vehicles over MQTT: JSON both ways, pure. Names of fields are those of OwnTracks where it has one
 * (owntracks.org/booklet/tech/json). README.md has the topics and a sample. Unknown fields are passed over. Every `decode…` but that
 * of a call for help throws Malformed. `at` is when the box received the message.
 */
import { z } from 'zod';
import type {
  CrewMessage,
  DeviceReport,
  InvalidField,
  OrderAnswer,
  OrderAnswerState,
  GeoLocation,
  Position,
  Recording,
  SosReport,
} from '../../../gateway/contracts/crew.ts';
import { plainText } from '../../../gateway/contracts/text.ts';
import type { Id, Instant } from '../../../gateway/contracts/base.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { Malformed, readJson, readObject, spare, writeJson } from '../topics/json.codec.ts';
import { fieldsOf, PLACE_FIELDS, positionOf } from './place.codec.ts';

export { decodeSos, unreadableSos } from './call.codec.ts';

/** Of a message of a device. The longest that the schema allows stays far below. */
export const MAX_MESSAGE_BYTES = 4096;
/** Telemetry of a device whose clock is further off is not believed: it may be that of another day. */
const MAX_OFFSET_MS = 86_400_000;

const seconds = z.number().min(0).max(4_102_444_800);
const place = { lat: PLACE_FIELDS.lat[0].optional(), lon: PLACE_FIELDS.lon[0].optional() };
const v = z.literal(1);
/** Ids of the gateway are 26 characters; devices name their own calls with a UUID. Nothing that steers a screen or is half a character. */
const name = z.string().regex(/^\P{C}{1,64}$/u, english('field-printable', { most: 64 }));

/** Of telemetry: what each field has to be, and how that is said where one is not. None depends on another, but for the two of a place. */
const FIELDS = {
  seq: [z.number().int().min(0).max(4_294_967_295), english('range-whole-number', { least: 0, most: 4_294_967_295 })],
  ...PLACE_FIELDS,
  batt: [z.number().min(0).max(100), english('range-percent', { least: 0, most: 100 })],
  /** 0 unknown, 1 discharging, 2 charging */
  bs: [z.union([z.literal(0), z.literal(1), z.literal(2)]), 'one of 0, 1, 2'],
  /** dBm */
  sig: [z.number().min(-200).max(0), english('range-dbm', { least: -200, most: 0 })],
  rec: [z.enum(['on', 'off', 'fault']), 'one of on, off, fault'],
  /** Seconds between two reports, where the device says so. */
  every: [z.number().min(1).max(3_600), english('range-seconds', { least: 1, most: 3_600 })],
} as const;
type Fields = { readonly [F in keyof typeof FIELDS]?: z.infer<(typeof FIELDS)[F][0]> };

const status = z.object({ v, online: z.boolean() });
const answer = z.object({
  v,
  order: name,
  state: z.enum(['read', 'done', 'refused']),
  reason: spare(z.string()),
});
const receipt = z.object({ v, received: name });

/** What is odd is left out and named; refused is only what is no message of this version. */
export function decodeTelemetry(payload: Uint8Array, device: string, at: Instant): DeviceReport {
  const message = readObject(payload, MAX_MESSAGE_BYTES);
  if (message['v'] !== 1) throw new Malformed('v: expected 1');
  const odd: InvalidField[] = [];
  const m = fieldsIn(message, odd);
  const offsetMs = offsetOf(message['tst'], at);
  if (offsetMs === undefined) odd.push({ field: 'tst', why: english('field-epoch-seconds') });
  const position = placeIn(m, odd);
  return {
    device,
    at,
    ...(offsetMs === undefined ? { clockWrong: true } : { clockOffsetMs: offsetMs }),
    ...(m.seq === undefined ? {} : { sequence: m.seq }),
    ...(position ? { position } : {}),
    ...(m.batt === undefined ? {} : { batteryPercent: m.batt }),
    ...(m.bs === 1 || m.bs === 2 ? { charging: m.bs === 2 } : {}),
    ...(m.rec === undefined ? {} : { recording: m.rec }),
    ...(m.sig === undefined ? {} : { signalDbm: m.sig }),
    ...(m.every === undefined ? {} : { intervalS: m.every }),
    ...(odd.length > 0 ? { invalidFields: odd } : {}),
  };
}

function fieldsIn(message: Readonly<Record<string, unknown>>, odd: InvalidField[]): Fields {
  const found: Record<string, unknown> = {};
  for (const [field, [type, expected]] of Object.entries(FIELDS)) {
    if (!Object.hasOwn(message, field)) continue;
    const checked = type.safeParse(message[field]);
    if (checked.success) found[field] = checked.data;
    else odd.push({ field, why: english('expected-what', { what: expected }) });
  }
  return found;
}

/** Whether the device is there. */
export function decodeStatus(payload: Uint8Array): boolean {
  return readJson(payload, status, MAX_MESSAGE_BYTES).online;
}

/** Of the words with which a device refuses an order. */
const MAX_REASON_CHARS = 200;

/** What a device says on its topic of orders: what has become of one, or the id of a message that it has. */
export function decodeReply(
  payload: Uint8Array,
  device: string,
  at: Instant,
): { readonly answer: OrderAnswer } | { readonly received: Id } {
  try {
    return { received: readJson(payload, receipt, MAX_MESSAGE_BYTES).received };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { answer: decodeAnswer(payload, device, at) };
  }
}

export function decodeAnswer(payload: Uint8Array, device: string, at: Instant): OrderAnswer {
  const m = readJson(payload, answer, MAX_MESSAGE_BYTES);
  const reason = m.state === 'refused' ? plainText(m.reason ?? '', MAX_REASON_CHARS) : '';
  return { device, order: m.order, state: m.state, at, ...(reason === '' ? {} : { reason }) };
}

function placeIn(m: Fields, odd: InvalidField[]): Position | undefined {
  const { lat, lon } = m;
  const isOdd = (field: string): boolean => odd.some((o) => o.field === field);
  if ((lat === undefined) !== (lon === undefined) && !isOdd('lat') && !isOdd('lon'))
    odd.push({ field: 'lat, lon', why: english('field-both-or-neither') });
  return isOdd('crs') ? undefined : positionOf(m);
}

/** Undefined: its clock is not set, or counts otherwise. That is its own problem: the box has the time. */
function offsetOf(tst: unknown, at: Instant): number | undefined {
  if (typeof tst !== 'number') return undefined;
  const ms = Math.round(tst * 1000) - at;
  return Math.abs(ms) > MAX_OFFSET_MS ? undefined : ms;
}

// ---------------------------------------------------------------- to the device

/** The body of `bodycam/v1/ID/cmd`. */
export function encodeCommand(message: CrewMessage): Buffer {
  return writeJson({ v: 1, id: message.id, ...bodyOf(message) });
}

function bodyOf(message: CrewMessage): object {
  switch (message.kind) {
    case 'acknowledged':
      return { ack: message.sos };
    case 'sos': {
      const { state, device } = message;
      return {
        sos: { state, ...timeAndPlace(message), ...placeQuality(message), ...(device === undefined ? {} : { device }) },
      };
    }
    case 'order':
      return { order: { text: message.text, ...timeAndPlace(message) } };
    case 'alert': {
      const { hit, confirmed, oneOpinion, cancelled, what, instruction } = message;
      return { alert: { hit, confirmed, oneOpinion, cancelled, what, instruction, ...timeAndPlace(message) } };
    }
    case 'interval':
      return { interval: message.seconds };
  }
}

function timeAndPlace({ at, place }: { readonly at: Instant; readonly place?: GeoLocation }): object {
  const where = place && { lat: place.lat, lon: place.lon, ...(place.name ? { place: place.name } : {}) };
  return { tst: Math.floor(at / 1000), ...where };
}

/** That no place is known is said as well. */
function placeQuality({ state, place, doubtful }: Extract<CrewMessage, { kind: 'sos' }>): object {
  if (!place && state === 'cancelled') return {};
  return {
    origin: place ? place.origin : 'none',
    age: place?.ageS,
    trusted: place?.trusted,
    doubtful: doubtful && { lat: doubtful.lat, lon: doubtful.lon },
  };
}

const whereAndWhen = { tst: seconds, ...place, place: z.string().max(100).optional() };
const command = z.object({
  v,
  id: name,
  ack: z.union([z.string(), z.number()]).optional(),
  sos: z
    .object({
      state: z.enum(['raised', 'cancelled']),
      device: z.string().optional(),
      ...whereAndWhen,
      origin: z.enum(['own', 'last known', 'none']).optional(),
      age: z.number().int().min(0).optional(),
      trusted: z.literal(false).optional(),
      doubtful: z.object({ lat: place.lat, lon: place.lon }).optional(),
    })
    .optional(),
  order: z.object({ text: z.string().min(1).max(500), ...whereAndWhen }).optional(),
  alert: z
    .object({
      hit: name,
      confirmed: z.boolean(),
      oneOpinion: z.literal(true).optional(),
      cancelled: z.literal(true).optional(),
      what: z.string().optional(),
      instruction: z.string(),
      ...whereAndWhen,
    })
    .optional(),
  interval: z.number().int().min(1).optional(),
});

/** What a device makes of a command. */
export type DeviceCommand = z.infer<typeof command>;

/** As a device does it. */
export function decodeCommand(payload: Uint8Array): DeviceCommand {
  return readJson(payload, command, MAX_MESSAGE_BYTES);
}

// ---------------------------------------------------------------- as a device writes it

export interface Telemetry {
  /** Of the device's own clock. */
  readonly at: Instant;
  readonly sequence?: number;
  readonly position?: Omit<Position, 'trusted'>;
  readonly batteryPercent?: number;
  readonly charging?: boolean;
  readonly recording?: Recording;
  readonly signalDbm?: number;
  readonly everyS?: number;
}

export function encodeTelemetry(t: Telemetry): Buffer {
  return writeJson({
    v: 1,
    tst: Math.floor(t.at / 1000),
    seq: t.sequence,
    ...fieldsOf(t.position),
    crs: 'WGS84',
    batt: t.batteryPercent,
    bs: t.charging === undefined ? 0 : t.charging ? 2 : 1,
    sig: t.signalDbm,
    rec: t.recording,
    every: t.everyS,
    sos: false,
  });
}

export function encodeSos(given: Pick<SosReport, 'sos' | 'state' | 'at'> & Pick<Telemetry, 'position'>): Buffer {
  const { sos: sosId, state, at, position: where } = given;
  return writeJson({ v: 1, sosId, state, tst: Math.floor(at / 1000), ...fieldsOf(where) });
}

export function encodeStatus(online: boolean): Buffer {
  return writeJson({ v: 1, online });
}

export function encodeReceipt(message: Id): Buffer {
  return writeJson({ v: 1, received: message });
}

export function encodeAnswer(order: string, state: OrderAnswerState, at: Instant, reason?: string): Buffer {
  return writeJson({ v: 1, order, state, tst: Math.floor(at / 1000), reason });
}
