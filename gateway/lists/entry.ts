/** One entry of a list as the signed file has it, and its checks. Each entry must name its legal basis, its issuer and who authorised it. */
import { z } from 'zod';
import { iso } from '../contracts/time.ts';
import type { ListEntry, ListType } from '../contracts/list.ts';
import { checkNumber } from './number-check.ts';
import { timeText } from './json.ts';
import { normaliseNumber } from './number.ts';
import { checkDigitFits } from '../contracts/citizen-number.ts';
import { MAX_PHOTO_BYTES, PHOTO_TOO_BIG, photoProblem } from './photo.ts';
import { normalisePlate } from '../contracts/plate-text.ts';
import { english } from '../contracts/words/words.ts';

export const ENTRY_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const LANE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const CLOCK = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

const PLATE_TEXT = z
  .string()
  .max(32)
  .transform((text, context) => {
    const result = normalisePlate(text);
    if ('plate' in result) return result.plate;
    context.addIssue({ code: 'custom', message: english('expected-what', { what: result.expected }) });
    return z.NEVER;
  });

const NUMBER_TEXT = z
  .string({ error: (issue) => english(issue.input === undefined ? 'field-missing' : 'field-not-quoted') })
  .max(64, english('field-too-long', { most: 64 }))
  .transform((text, context) => {
    const result = normaliseNumber(new TextEncoder().encode(text));
    const problem = 'problem' in result ? result.problem : mistyped(result.number);
    if (problem === undefined && 'number' in result) return Buffer.from(result.number).toString('latin1');
    const rounded = /^\d+([.,]\d+)?E\+?\d+$/i.test(text.trim());
    const message = rounded ? english('field-rounded') : problem!;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

function mistyped(number: Uint8Array): string | undefined {
  if (number.length !== 18 || checkDigitFits(number)) return undefined;
  return english('field-check-digit');
}

const PHOTO_TEXT = z
  .string()
  .max(4 * Math.ceil(MAX_PHOTO_BYTES / 3), PHOTO_TOO_BIG)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/, english('field-base64'))
  .transform((text, context) => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    const message = photoProblem(bytes);
    if (message === undefined) return bytes;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** Refuses control characters, which a terminal would obey, characters that reorder text, and blank text. */
function shortText(most: number): z.ZodString {
  return z
    .string({ error: (issue) => english(issue.input === undefined ? 'field-missing' : 'field-not-text') })
    .max(most, english('field-too-long', { most }))
    .regex(/\S/u, english('field-empty'))
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, english('field-invisible'));
}

const common = {
  id: z.string({ error: english('field-missing') }).regex(ENTRY_ID, english('field-id-form')),
  category: shortText(64),
  legalBasis: shortText(300),
  issuer: shortText(120),
  authorisedBy: shortText(120),
  validFrom: timeText,
  validUntil: timeText,
  instruction: shortText(1000),
  lanes: z
    .array(z.string().regex(LANE_ID, english('field-lane-id')))
    .min(1)
    .max(64)
    .readonly()
    .exactOptional(),
  hours: z
    .strictObject({
      from: z.string().regex(CLOCK, english('field-clock')),
      to: z.string().regex(CLOCK, english('field-clock')),
    })
    .refine((h) => h.from !== h.to, english('field-hours-same'))
    .exactOptional(),
};

const isInOrder = (d: Pick<ListEntry, 'validFrom' | 'validUntil'>): boolean => d.validUntil > d.validFrom;
const OUT_OF_ORDER = {
  path: ['validUntil'],
  error: english('field-until-before-from'),
  // Only of times that are times.
  when: ({ issues }: z.core.ParsePayload) => issues.length === 0,
};

const plateEntry = z.strictObject({ ...common, plate: PLATE_TEXT }).refine(isInOrder, OUT_OF_ORDER);
const DIGEST = z.string({ error: english('field-missing') }).regex(/^[0-9a-f]{64}$/, english('field-digest'));
const documentEntry = z
  .strictObject({ ...common, digest: DIGEST, photo: PHOTO_TEXT.exactOptional() })
  .refine(isInOrder, OUT_OF_ORDER);
/** As the list office writes it: the number in clear, and the path of the photo. */
const documentDraft = z
  .strictObject({ ...common, number: NUMBER_TEXT, photo: shortText(1000).optional() })
  .refine(isInOrder, OUT_OF_ORDER);

/** As in the file: times as ISO 8601 text, `plate` or `digest` as the key, `photo` in base64. */
export type EntryText = z.input<typeof plateEntry> | z.input<typeof documentEntry>;

/** `plain` is the plate, or a document number in clear, which never leaves the memory of the list office. */
export type EntryDraft = Omit<ListEntry, 'key'> & { readonly plain: string };

/** The messages never repeat a value. */
type EntryMistakes = { readonly ok: false; readonly problems: readonly z.core.$ZodIssue[] };
type EntryCheck = { readonly ok: true; readonly entry: ListEntry } | EntryMistakes;
type DraftCheck =
  | { readonly ok: true; readonly draft: EntryDraft; readonly correction?: string; readonly suspicion?: string }
  | EntryMistakes;

/** Reads the photo at a path from a table. A problem does not repeat the path. */
export type ReadPhoto = (path: string) => { readonly bytes: Uint8Array } | { readonly problem: string };

export function checkEntry(type: ListType, value: unknown): EntryCheck {
  const parsed = type === 'plate-list' ? plateEntry.safeParse(value) : documentEntry.safeParse(value);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues };
  if ('plate' in parsed.data) {
    const { plate, ...fields } = parsed.data;
    return { ok: true, entry: { ...fields, key: plate } };
  }
  const { digest, ...fields } = parsed.data;
  return { ok: true, entry: { ...fields, key: digest } };
}

export function checkDraft(type: ListType, value: unknown, readPhoto: ReadPhoto): DraftCheck {
  const parsed = type === 'plate-list' ? plateEntry.safeParse(value) : documentDraft.safeParse(value);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues };
  if ('plate' in parsed.data) {
    const { plate, ...fields } = parsed.data;
    return { ok: true, draft: { ...fields, plain: plate } };
  }
  const { number, photo: path, ...fields } = parsed.data;
  const examined = checkNumber(number, String((value as { number: unknown }).number));
  if ('problem' in examined) return mistake('number', examined.problem);
  const { number: plain, ...remarks } = examined;
  if (path === undefined) return { ok: true, draft: { ...fields, plain }, ...remarks };
  const photo = readPhoto(path);
  if (!('bytes' in photo)) return mistake('photo', photo.problem);
  return { ok: true, draft: { ...fields, plain, photo: photo.bytes }, ...remarks };
}

function mistake(field: string, message: string): EntryMistakes {
  return { ok: false, problems: [{ code: 'custom', path: [field], message, input: undefined }] };
}

/** The entry in the form of the file. */
export function plateText(entry: ListEntry): z.input<typeof plateEntry> {
  return { ...commonText(entry), plate: entry.key };
}

export function documentText(entry: ListEntry): z.input<typeof documentEntry> {
  const photo = entry.photo ? { photo: Buffer.from(entry.photo).toString('base64') } : {};
  return { ...commonText(entry), digest: entry.key, ...photo };
}

function commonText({ key: _key, photo: _photo, ...rest }: ListEntry) {
  return { ...rest, validFrom: iso(rest.validFrom), validUntil: iso(rest.validUntil) };
}
