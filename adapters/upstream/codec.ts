/**
 * Upstream wire forms, pure: CloudEvents 1.0 in structured JSON (github.com/cloudevents/spec), topics, and the acknowledgement
 * that a command room answers with. docs/upstream.md describes them for the other side.
 */
import { z } from 'zod';
import { iso } from '../../gateway/contracts/time.ts';
import { plainText } from '../../gateway/contracts/text.ts';
import type { Instant, Json, Sha256 } from '../../gateway/contracts/base.ts';
import type { Envelope, EventType } from '../../gateway/contracts/relay.ts';
import type { Evidence } from '../../gateway/contracts/picture.ts';

export const EVENT_MEDIA_TYPE = 'application/cloudevents+json';
/** CloudEvents: intermediaries have to forward events up to this size, and need not forward larger ones. */
export const MAX_EVENT_BYTES = 64 * 1024;
/** Of a refusal. */
const MAX_WHY_CHARS = 200;
/** Enough for 10^16 events; as a string of fixed length it sorts as CloudEvents' `sequence` extension wants. */
const SEQUENCE_DIGITS = 16;

/** How an event names a picture; the bytes travel apart from it, under their digest. */
export interface EvidenceRef {
  /** `scene` is what 0.1.0 calls the picture of the vehicle. */
  readonly what: Evidence['what'] | 'scene';
  readonly sha256: Sha256;
  readonly mediaType: string;
  readonly bytes: number;
}

/** An event as it came in. `data` still holds `evidence`, if the event names pictures. */
export interface ReceivedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: Instant;
  readonly subject: string;
  /** Absent for presence messages, which are not in the outbox. */
  readonly sequence: number | undefined;
  readonly data: Json;
  readonly evidence: readonly EvidenceRef[];
}

/** Structured mode; `data.evidence` names the pictures where there are any. */
export function encodeEvent(e: Envelope): string {
  const sequence = String(e.sequence).padStart(SEQUENCE_DIGITS, '0');
  return JSON.stringify({ ...attributesOf(e), sequence, data: withEvidence(e.data, e.evidence) });
}

type Attributes = Pick<Envelope, 'id' | 'source' | 'type' | 'time' | 'subject'>;

function attributesOf({ id, source, type, time, subject }: Attributes) {
  return { specversion: '1.0', id, source, type, time: iso(time), subject, datacontenttype: 'application/json' };
}

function withEvidence(data: Json, evidence: readonly Evidence[]): Json {
  if (evidence.length === 0 || data === null || typeof data !== 'object' || Array.isArray(data)) return data;
  const refs = evidence.map((e) => ({ what: e.what, sha256: e.sha256, mediaType: e.mediaType, bytes: e.bytes.length }));
  return { ...data, evidence: refs };
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const wireEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(128),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(128),
  time: z.iso.datetime({ offset: true }),
  subject: z.string().max(128),
  datacontenttype: z.literal('application/json'),
  sequence: z
    .string()
    .regex(/^\d{1,16}$/)
    .optional(),
  data: z.json(),
});
const wireEvidence = z.looseObject({
  evidence: z
    .array(
      z.object({
        what: z.enum(['plate', 'vehicle', 'lane', 'scene']),
        sha256,
        mediaType: z.string().max(64),
        bytes: z.number().int().min(0),
      }),
    )
    .max(16)
    .default([]),
});

/** Throws an Error that says which attribute is wrong, without its value. */
export function decodeEvent(text: string): ReceivedEvent {
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) throw new Error(`the event is larger than ${MAX_EVENT_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the event is not JSON');
  }
  const e = checked(wireEvent, json, '');
  const { id, source, type, subject, data } = e;
  const isObject = data !== null && typeof data === 'object' && !Array.isArray(data);
  const { evidence } = checked(wireEvidence, isObject ? data : {}, 'data.');
  const sequence = e.sequence === undefined ? undefined : Number(e.sequence);
  return { id, source, type, time: Date.parse(e.time), subject, sequence, data, evidence };
}

function checked<T>(schema: z.ZodType<T>, value: unknown, prefix: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Error(`the event's ${prefix}${issue.path.join('.') || 'form'} is not as expected`);
}

/** A room says by name what it has stored: `{"stored":"ID"}`. Anything else, whatever its status, is not our room. */
export function encodeAck(stored: string): string {
  return JSON.stringify({ stored });
}

export function acknowledges(body: string, stored: string): boolean {
  return memberOf(body, 'stored') === stored;
}

/** A room says by name, too, what it will never store: `{"refused":"ID","why":"…"}`. Without it no refusal is final. */
export function encodeRefusal(refused: string, why: string): string {
  return JSON.stringify({ refused, why });
}

/** Why the room refuses `name` for good, in its own words; undefined where the body does not say so. */
export function refusalOf(body: string, name: string): string | undefined {
  if (memberOf(body, 'refused') !== name) return undefined;
  const why = memberOf(body, 'why');
  return typeof why === 'string' ? plainText(why, MAX_WHY_CHARS) : '';
}

function memberOf(body: string, member: string): unknown {
  try {
    return (JSON.parse(body) as Readonly<Record<string, unknown>> | null)?.[member];
  } catch {
    return undefined;
  }
}

/** MQTT: one topic per kind of event. Alarms share the health topic, which is what a duty officer's display subscribes to. */
const TOPIC: Readonly<Record<EventType, string>> = {
  'io.sitebox.plate.hit.v2': 'plate-hit',
  'io.sitebox.document.hit.v2': 'document-hit',
  'io.sitebox.review.v1': 'review',
  'io.sitebox.alarm.v1': 'health',
  'io.sitebox.health.v1': 'health',
  'io.sitebox.audit.v1': 'audit',
  'io.sitebox.counts.v1': 'counts',
  'io.sitebox.sos.v1': 'sos',
  'io.sitebox.alert.v1': 'alert',
  'io.sitebox.order.v1': 'order',
  'io.sitebox.mode.v1': 'mode',
  'io.sitebox.instruction.v1': 'instruction',
  'io.sitebox.account.v1': 'account',
  'io.sitebox.handover.v1': 'handover',
  'io.sitebox.device.v2': 'device',
  'io.sitebox.crew.v1': 'crew',
};

export function topicOf(site: string, box: string, type: EventType): string {
  return `up/v1/${site}/${box}/${TOPIC[type]}`;
}

/**
 * Presence, the retained message of the health topic on MQTT: online when the connection opens, offline as its last will and at the end.
 * It is made outside the outbox, so it has no sequence; `at` is when the connection was opened, for the last will too.
 */
export function encodePresence(source: string, online: boolean, id: string, at: Instant): string {
  const attributes = attributesOf({ id, source, type: 'io.sitebox.health.v1', time: at, subject: 'box' });
  return JSON.stringify({ ...attributes, data: { online } });
}
