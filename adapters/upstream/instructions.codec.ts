/**
 * Instructions of the command room to a box, pure: CloudEvents 1.0 of four types, and the bodies of the poll that fetches them over
 * HTTPS. docs/upstream.md, "Instructions", describes them for the other side.
 */
import { z } from 'zod';
import { iso } from '../../gateway/contracts/time.ts';
import { plainLines, plainText } from '../../gateway/contracts/text.ts';
import type { GeoLocation, CrewRole } from '../../gateway/contracts/crew.ts';
import type { Instruction, Mode, NewOrder, RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Instant, Json } from '../../gateway/contracts/base.ts';
import { MAX_EVENT_BYTES } from './codec.ts';
import { expiryOf, type Validity } from './validity.codec.ts';

/** In one answer to a poll. */
export const MAX_INSTRUCTIONS = 16;

/** The box that an instruction has to be for. */
export interface Addressee {
  readonly site: string;
  readonly box: string;
}

/** Who tells what to whom; `expires`: the box refuses it from then on. */
export interface InstructionAddress {
  /** Of the command room; never a box. */
  readonly source: string;
  readonly box: string;
  readonly expires?: Instant;
}

const TYPE = {
  order: 'io.sitebox.down.order.v1',
  mode: 'io.sitebox.down.mode.v1',
  'sos acknowledged': 'io.sitebox.down.sos-acknowledged.v1',
  review: 'io.sitebox.down.review.v1',
} as const satisfies Readonly<Record<RoomMessage['kind'], string>>;

export function boxSource({ site, box }: Addressee): string {
  return `/sites/${site}/boxes/${box}`;
}

/** MQTT: without `kind`, the filter that a box subscribes to. */
export function downTopic({ site, box }: Addressee, kind?: RoomMessage['kind']): string {
  return `down/v1/${site}/${box}/${kind?.replace(' ', '-') ?? '#'}`;
}

// ---------------------------------------------------------------- instructions

const instructionIdSchema = z.string().regex(/^[\x21-\x7e]{1,64}$/, '1 to 64 visible ASCII characters');
const time = z.iso.datetime({ offset: true, error: 'an RFC 3339 time' });
const instructionSchema = z.looseObject({
  specversion: z.literal('1.0', 'the text 1.0'),
  id: instructionIdSchema,
  source: z.string('a text').min(1, 'a text').max(512, 'at most 512 characters'),
  type: z.string('a text'),
  subject: z.string('the id of the box'),
  time,
  expirytime: time.optional(),
  datacontenttype: z.literal('application/json', 'the text application/json'),
  data: z.json('JSON'),
});

/** Text that people read: visible, without control characters; invisible characters are left out. Line ends only with `lines`. */
const words = (most: number, lines = false) => {
  const expected = `1 to ${most} characters, no control characters`;
  const controls = lines ? /[^\P{Cc}\n]/u : /\p{Cc}/u;
  return z
    .string(expected)
    .refine((s) => s.length <= 2 * most && [...s].length <= most && !controls.test(s), expected)
    .transform((s) => (lines ? plainLines(s) : plainText(s)))
    .refine((s) => s !== '', expected);
};
const ulid = z.string('an id of this box').regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'an id of this box');
const placeSchema = z.strictObject(
  {
    lat: z.number('degrees, -90 to 90').min(-90, 'degrees, -90 to 90').max(90, 'degrees, -90 to 90'),
    lon: z.number('degrees, -180 to 180').min(-180, 'degrees, -180 to 180').max(180, 'degrees, -180 to 180'),
    name: words(100).optional(),
  },
  'lat and lon, and perhaps a name',
);
const IDS = 'a list of 1 to 100 different device ids, or nearest and perhaps a role';
const idsSchema = z
  .array(z.string('a device id').regex(/^[a-z0-9-]{1,32}$/, 'a device id: 1 to 32 of a-z, 0-9 and -'), IDS)
  .min(1, IDS)
  .max(100, IDS)
  .refine((ids) => new Set(ids).size === ids.length, IDS);
const COUNT = 'a whole number, 1 to 100';
const nearestSchema = z.strictObject(
  {
    nearest: z.int(COUNT).min(1, COUNT).max(100, COUNT),
    role: z.enum(['officer', 'guard', 'volunteer'] satisfies CrewRole[], 'officer, guard or volunteer').optional(),
  },
  IDS,
);
const by = words(100);

// Strict: a member that this box does not know could change what is meant.
const orderSchema = z.strictObject({ text: words(500, true), place: placeSchema.optional(), to: z.json(IDS), by });
const modeSchema = z.strictObject({
  mode: z.enum(['normal', 'heightened', 'emergency'] satisfies Mode[], 'normal, heightened or emergency'),
  reason: words(200),
  /** Of `normal`, which has no end, it is passed over. */
  until: time.optional(),
  by,
});
const sosSchema = z.strictObject({ sos: ulid, by });
const reviewSchema = z
  .strictObject({
    hit: ulid,
    outcome: z.enum(['confirmed', 'dismissed'], 'confirmed or dismissed'),
    by,
    second: words(100),
  })
  .refine((d) => sameName(d.by) !== sameName(d.second), { path: ['second'], error: 'another person than `by`' });

function sameName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** `message` as the command room sends it. */
export function encodeInstruction(message: RoomMessage, address: InstructionAddress): { readonly [key: string]: Json } {
  return {
    specversion: '1.0',
    id: message.id,
    source: address.source,
    type: TYPE[message.kind],
    subject: address.box,
    time: iso(message.at),
    ...(address.expires === undefined ? {} : { expirytime: iso(address.expires) }),
    datacontenttype: 'application/json',
    data: { ...dataOf(message), by: message.by },
  };
}

function dataOf(message: RoomMessage): { readonly [key: string]: Json } {
  switch (message.kind) {
    case 'order': {
      const { text, place, to } = message.order;
      const ids = 'nearest' in to ? { ...to } : [...to];
      return { text, ...(place === undefined ? {} : { place: { ...place } }), to: ids };
    }
    case 'mode': {
      const { mode, reason, until } = message;
      return { mode, reason, ...(mode === 'normal' ? {} : { until: iso(until) }) };
    }
    case 'sos acknowledged':
      return { sos: message.sos };
    case 'review':
      return { hit: message.hit, outcome: message.outcome, second: message.second };
  }
}

/** The JSON of one event; throws an Error where it is larger than 64 KiB or no JSON. */
export function parseEvent(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_EVENT_BYTES) throw new Error(`the instruction is larger than ${MAX_EVENT_BYTES} bytes`);
  return parsed(new TextDecoder().decode(bytes), 'the instruction');
}

/** The `id` of an event that may otherwise be anything; undefined where it has none that could be named. */
export function instructionId(event: unknown): string | undefined {
  const id = instructionIdSchema.safeParse((event as { id?: unknown } | null | undefined)?.id);
  return id.success ? id.data : undefined;
}

/**
 * Throws an Error that names the attribute and what was expected, and no value: where the form is wrong, the instruction is for another
 * box, comes from this one (it went in a circle), is of no known type, or is not in force at `now`: expired, not yet valid, or valid for longer
 * than its id would be remembered.
 */
export function decodeInstruction(event: unknown, to: Addressee, validity: Validity): Instruction {
  const e = checked(instructionSchema, event, "the instruction's ");
  if (e.source === boxSource(to)) throw new Error("the instruction's source is this box: it went in a circle");
  if (e.subject !== to.box) throw new Error("the instruction's subject is another box");
  const expires = expiryOf(e, validity);
  const message = contentOf(e.type, e.data, { id: e.id, at: Date.parse(e.time) });
  if (message.kind === 'mode' && message.mode !== 'normal' && message.until <= validity.now)
    throw new Error('the instruction has expired: data.until is over');
  return { ...message, expires };
}

function contentOf(type: string, data: Json, head: { readonly id: string; readonly at: Instant }): RoomMessage {
  const at = "the instruction's data.";
  switch (type) {
    case TYPE.order: {
      const d = checked(orderSchema, data, at);
      return { ...head, by: d.by, kind: 'order', order: orderOf(d) };
    }
    case TYPE.mode: {
      const { mode, reason, until, by } = checked(modeSchema, data, at);
      if (mode === 'normal') return { ...head, by, kind: 'mode', mode, reason, until: head.at };
      if (until === undefined) throw new Error(`${at}until is missing: expected when the mode ends`);
      return { ...head, by, kind: 'mode', mode, reason, until: Date.parse(until) };
    }
    case TYPE['sos acknowledged']: {
      const d = checked(sosSchema, data, at);
      return { ...head, by: d.by, kind: 'sos acknowledged', sos: d.sos };
    }
    case TYPE.review: {
      const d = checked(reviewSchema, data, at);
      return { ...head, by: d.by, kind: 'review', hit: d.hit, outcome: d.outcome, second: d.second };
    }
    default:
      throw new Error("the instruction's type is none that this box knows");
  }
}

function orderOf({ text, place, to }: z.infer<typeof orderSchema>): NewOrder {
  const at = "the instruction's data.to.";
  const order = { text, ...(place === undefined ? {} : { place: placeOf(place) }) };
  if (Array.isArray(to)) return { ...order, to: checked(idsSchema, to, at) };
  const { nearest, role } = checked(nearestSchema, to, at);
  if (!order.place) throw new Error("the instruction's data.place is missing: expected what `nearest` is meant from");
  return { ...order, to: { nearest, ...(role === undefined ? {} : { role }) } };
}

function placeOf({ lat, lon, name }: z.infer<typeof placeSchema>): GeoLocation {
  return { lat, lon, ...(name === undefined ? {} : { name }) };
}

// ---------------------------------------------------------------- the poll

/** The body of `POST BASE/down`. `took`: what the room may forget. */
export interface Poll {
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly took: readonly string[];
}

const pollSchema = z.looseObject({
  source: z.string('a text').min(1, 'a text').max(512, 'at most 512 characters'),
  took: z.array(instructionIdSchema, 'a list').max(MAX_INSTRUCTIONS, `at most ${MAX_INSTRUCTIONS}`),
});
const answerSchema = z.looseObject({
  messages: z.array(z.unknown(), 'a list').max(MAX_INSTRUCTIONS, `at most ${MAX_INSTRUCTIONS}`),
});

export function encodePoll({ source, took }: Poll): string {
  return JSON.stringify({ source, took });
}

/** Throws an Error that names the member. */
export function decodePoll(text: string): Poll {
  const { source, took } = checked(pollSchema, parsed(text, 'the poll'), "the poll's ");
  return { source, took };
}

/** As many of `events` as one answer may hold: 16, and 64 KiB. */
export function encodeAnswer(events: readonly Json[]): string {
  for (let n = Math.min(events.length, MAX_INSTRUCTIONS); ; n--) {
    const text = JSON.stringify({ messages: events.slice(0, n) });
    if (n <= 1 || Buffer.byteLength(text) <= MAX_EVENT_BYTES) return text;
  }
}

/** The events of an answer, not decoded yet; throws an Error that names the member. */
export function decodeAnswer(text: string): readonly unknown[] {
  return checked(answerSchema, parsed(text, 'the answer'), "the answer's ").messages;
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} is not JSON`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, prefix: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const at = issue.path.length > 0 ? prefix + issue.path.join('.') : prefix.replace(/('s )?\.?$/, '');
  if (issue.code === 'unrecognized_keys') throw new Error(`${at} has a member that is not known`);
  throw new Error(`${at} is not as expected: ${issue.message}`);
}
