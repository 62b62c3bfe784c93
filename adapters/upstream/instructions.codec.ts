/**
 * Instructions of the command room to a box, pure: CloudEvents 1.0 of six types. docs/upstream.md, "Instructions", describes them for the other side.
 */
import { z } from 'zod';
import { iso } from '../../gateway/contracts/time.ts';
import { plainLines, plainText } from '../../gateway/contracts/text.ts';
import type { GeoLocation, CrewRole } from '../../gateway/contracts/crew.ts';
import type { Instruction, Mode, NewOrder, RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Instant, Json } from '../../gateway/contracts/base.ts';
import type { PersonKind } from '../../gateway/contracts/people.ts';
import type { OpinionReason, OpinionVerdict } from '../../gateway/contracts/review.ts';
import { english } from '../../gateway/contracts/words/words.ts';
import { MAX_EVENT_BYTES } from './codec.ts';
import { expiryOf, type Validity } from './validity.codec.ts';

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
  opinion: 'io.sitebox.down.review.v2',
  erased: 'io.sitebox.down.erased.v1',
} as const satisfies Readonly<Record<RoomMessage['kind'], string>>;

export function boxSource({ site, box }: Addressee): string {
  return `/sites/${site}/boxes/${box}`;
}

/** MQTT: without `kind`, the filter that a box subscribes to. */
export function downTopic({ site, box }: Addressee, kind?: RoomMessage['kind']): string {
  return `down/v1/${site}/${box}/${kind?.replace(' ', '-') ?? '#'}`;
}

export const instructionIdSchema = z.string().regex(/^[\x21-\x7e]{1,64}$/, english('expected-id'));
const time = z.iso.datetime({ offset: true, error: english('expected-time') });
export const sourceSchema = z
  .string(english('expected-text'))
  .min(1, english('expected-text'))
  .max(512, english('expected-text-most', { most: 512 }));
const instructionSchema = z.looseObject({
  specversion: z.literal('1.0', english('expected-exact-text', { text: '1.0' })),
  id: instructionIdSchema,
  source: sourceSchema,
  type: z.string(english('expected-text')),
  subject: z.string(english('expected-box-id')),
  time,
  expirytime: time.optional(),
  datacontenttype: z.literal('application/json', english('expected-exact-text', { text: 'application/json' })),
  data: z.json('JSON'),
});

/** Text that people read: visible, without control characters; invisible characters are left out. Line ends only with `lines`. */
const words = (most: number, lines = false) => {
  const expected = english('expected-words', { most });
  const controls = lines ? /[^\P{Cc}\n]/u : /\p{Cc}/u;
  return z
    .string(expected)
    .refine((s) => s.length <= 2 * most && [...s].length <= most && !controls.test(s), expected)
    .transform((s) => (lines ? plainLines(s) : plainText(s)))
    .refine((s) => s !== '', expected);
};
const ulid = z.string(english('expected-ulid')).regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, english('expected-ulid'));
const degrees = (most: number) => {
  const expected = english('range-degrees', { least: -most, most });
  return z.number(expected).min(-most, expected).max(most, expected);
};
const placeSchema = z.strictObject(
  {
    lat: degrees(90),
    lon: degrees(180),
    name: words(100).optional(),
  },
  english('expected-place'),
);
const IDS = english('expected-device-ids');
const ID = english('expected-device-id');
const idsSchema = z
  .array(z.string(ID).regex(/^[a-z0-9-]{1,32}$/, ID), IDS)
  .min(1, IDS)
  .max(100, IDS)
  .refine((ids) => new Set(ids).size === ids.length, IDS);
const COUNT = english('range-whole-number', { least: 1, most: 100 });
const nearestSchema = z.strictObject(
  {
    nearest: z.int(COUNT).min(1, COUNT).max(100, COUNT),
    role: z.enum(['officer', 'guard', 'volunteer'] satisfies CrewRole[], english('expected-role')).optional(),
  },
  IDS,
);
const by = words(100);

// Strict: a member that this box does not know could change what is meant.
const orderSchema = z.strictObject({ text: words(500, true), place: placeSchema.optional(), to: z.json(IDS), by });
const modeSchema = z.strictObject({
  mode: z.enum(['normal', 'heightened', 'emergency'] satisfies Mode[], english('expected-mode')),
  reason: words(200),
  /** Of `normal`, which has no end, it is passed over. */
  until: time.optional(),
  by,
});
const NUMBER = english('expected-service-number');
/** As the box compares them: another way to write the same number is the same person. */
const serviceNumber = z
  .string(NUMBER)
  .transform((text) => text.normalize('NFKC').trim().toUpperCase())
  .refine((number) => /^[0-9A-Z]{3,20}$/.test(number), NUMBER);
const REASON = english('expected-reason');
const DIGESTS = english('expected-digests');
const sosSchema = z.strictObject({ sos: ulid, by });
const reviewSchema = z
  .strictObject({
    hit: ulid,
    outcome: z.enum(['confirmed', 'dismissed'], english('expected-outcome')),
    by,
    second: words(100),
  })
  .refine((d) => sameName(d.by) !== sameName(d.second), { path: ['second'], error: english('expected-other-person') });

const opinionSchema = z.strictObject({
  hit: ulid,
  verdict: z.enum(['confirm', 'dismiss'] satisfies OpinionVerdict[], english('expected-verdict')),
  /** The box refuses one that it does not know in words, as it does one that does not belong to the verdict. */
  reason: z
    .string(REASON)
    .regex(/^[a-z-]{1,40}$/, REASON)
    .transform((code) => code as OpinionReason),
  serviceNumber,
  kind: z.enum(['police', 'auxiliary'] satisfies PersonKind[], english('expected-person-kind')),
  opened: z
    .array(z.string(DIGESTS).regex(/^[0-9a-f]{64}$/, DIGESTS), DIGESTS)
    .max(16, DIGESTS)
    .optional(),
  characters: words(12).optional(),
  by,
});
const erasedSchema = z.strictObject({ hit: ulid, by });

function sameName(name: string): string {
  return name.normalize('NFKC').replace(/\s/g, '').toLowerCase();
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
    case 'opinion': {
      const { judge, content } = message;
      return { hit: message.hit, ...judge, ...content, opened: [...content.opened] };
    }
    case 'erased':
      return { hit: message.hit };
  }
}

/** The JSON of one event; throws an Error where it is larger than 64 KiB or no JSON. */
export function parseEvent(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_EVENT_BYTES) throw new Error(english('instruction-too-large', { most: MAX_EVENT_BYTES }));
  return parsed(new TextDecoder().decode(bytes), 'instruction');
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
  const e = checked(instructionSchema, event, 'instruction');
  if (e.source === boxSource(to)) throw new Error(english('instruction-in-a-circle'));
  if (e.subject !== to.box) throw new Error(english('instruction-other-box'));
  const expires = expiryOf(e, validity);
  const message = contentOf(e.type, e.data, { id: e.id, at: Date.parse(e.time) });
  if (message.kind === 'mode' && message.mode !== 'normal' && message.until <= validity.now)
    throw new Error(english('instruction-until-over'));
  return { ...message, expires };
}

function contentOf(type: string, data: Json, head: { readonly id: string; readonly at: Instant }): RoomMessage {
  switch (type) {
    case TYPE.order: {
      const d = checked(orderSchema, data, 'instruction', 'data');
      return { ...head, by: d.by, kind: 'order', order: orderOf(d) };
    }
    case TYPE.mode: {
      const { mode, reason, until, by } = checked(modeSchema, data, 'instruction', 'data');
      if (mode === 'normal') return { ...head, by, kind: 'mode', mode, reason, until: head.at };
      if (until === undefined) throw new Error(english('instruction-until-missing'));
      return { ...head, by, kind: 'mode', mode, reason, until: Date.parse(until) };
    }
    case TYPE['sos acknowledged']: {
      const d = checked(sosSchema, data, 'instruction', 'data');
      return { ...head, by: d.by, kind: 'sos acknowledged', sos: d.sos };
    }
    case TYPE.review: {
      const d = checked(reviewSchema, data, 'instruction', 'data');
      return { ...head, by: d.by, kind: 'review', hit: d.hit, outcome: d.outcome, second: d.second };
    }
    case TYPE.opinion: {
      const {
        hit,
        verdict,
        reason,
        opened = [],
        characters,
        by,
        ...judge
      } = checked(opinionSchema, data, 'instruction', 'data');
      const content = { verdict, reason, opened, ...(characters === undefined ? {} : { characters }) };
      return { ...head, by, kind: 'opinion', hit, judge, content };
    }
    case TYPE.erased: {
      const d = checked(erasedSchema, data, 'instruction', 'data');
      return { ...head, by: d.by, kind: 'erased', hit: d.hit };
    }
    default:
      throw new Error(english('instruction-unknown-type'));
  }
}

function orderOf({ text, place, to }: z.infer<typeof orderSchema>): NewOrder {
  const order = { text, ...(place === undefined ? {} : { place: placeOf(place) }) };
  if (Array.isArray(to)) return { ...order, to: checked(idsSchema, to, 'instruction', 'data', 'to') };
  const { nearest, role } = checked(nearestSchema, to, 'instruction', 'data', 'to');
  if (!order.place) throw new Error(english('instruction-place-missing'));
  return { ...order, to: { nearest, ...(role === undefined ? {} : { role }) } };
}

function placeOf({ lat, lon, name }: z.infer<typeof placeSchema>): GeoLocation {
  return { lat, lon, ...(name === undefined ? {} : { name }) };
}

type Whole = 'instruction' | 'poll' | 'answer';

export function parsed(text: string, whole: Whole): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(english('message-no-json', { what: english(`the-${whole}`) }));
  }
}

/** `inside`: the path of `value` in the whole, where it is a part of it. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, whole: Whole, ...inside: string[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = [...inside, ...issue.path].join('.');
  const what = path === '' ? english(`the-${whole}`) : english(`member-of-${whole}`, { path });
  if (issue.code === 'unrecognized_keys') throw new Error(english('message-unknown-member', { what }));
  throw new Error(english('message-not-as-expected', { what, expected: issue.message }));
}
