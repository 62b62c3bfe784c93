/** One entry of a list as it stands in the signed file, and its checks. An entry that nobody answers for is refused. */
import { z } from 'zod';
import type { ListEntry, ListType } from '../types.ts';
import { timeText } from './json.ts';
import { normalisePlate } from './plate.ts';

export const ENTRY_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const LANE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const CLOCK = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

const PLATE_TEXT = z
  .string()
  .max(32)
  .transform((text, context) => {
    const result = normalisePlate(text);
    if ('plate' in result) return result.plate;
    context.addIssue({ code: 'custom', message: `expected ${result.expected}` });
    return z.NEVER;
  });

/** Characters that a terminal would obey or that reorder what is shown are refused; so is text that is all blanks. */
function words(most: number): z.ZodString {
  return z
    .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'is not text') })
    .max(most, `is longer than ${most} characters`)
    .regex(/\S/u, 'is empty')
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'holds a line break or another invisible character');
}

const common = {
  id: z.string({ error: 'is missing' }).regex(ENTRY_ID, 'is not 1 to 64 of A-Z a-z 0-9 . _ : -'),
  category: words(64),
  legalBasis: words(300),
  issuer: words(120),
  authorisedBy: words(120),
  validFrom: timeText,
  validUntil: timeText,
  instruction: words(1000),
  lanes: z.array(z.string().regex(LANE_ID, 'is not a lane id')).min(1).max(64).optional(),
  hours: z
    .strictObject({ from: z.string().regex(CLOCK, 'is not HH:MM'), to: z.string().regex(CLOCK, 'is not HH:MM') })
    .refine((h) => h.from !== h.to, 'has the same beginning and end; leave hours out for the whole day')
    .optional(),
};

const plateEntry = z.strictObject({ ...common, plate: PLATE_TEXT });
const documentEntry = z.strictObject({
  ...common,
  number: z.string({ error: 'is missing' }).regex(/^[0-9A-Z]{5,20}$/, 'is not 5 to 20 of 0-9 and A-Z'),
});

/** As written in the file: times as ISO 8601 text, `plate` or `number` for the key. */
export type EntryText = z.input<typeof plateEntry> | z.input<typeof documentEntry>;

/** Mistakes as `field what is wrong`; none of them repeats a value. */
export type EntryCheck =
  | { readonly ok: true; readonly entry: ListEntry }
  | { readonly ok: false; readonly problems: readonly z.core.$ZodIssue[] };

export function checkEntry(type: ListType, value: unknown): EntryCheck {
  const parsed = type === 'plate-list' ? plateEntry.safeParse(value) : documentEntry.safeParse(value);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues };
  const d = parsed.data;
  if (d.validUntil <= d.validFrom) {
    const message = 'does not lie after validFrom';
    return { ok: false, problems: [{ code: 'custom', path: ['validUntil'], message, input: undefined }] };
  }
  const entry: ListEntry = {
    id: d.id,
    key: 'plate' in d ? d.plate : d.number,
    category: d.category,
    legalBasis: d.legalBasis,
    issuer: d.issuer,
    authorisedBy: d.authorisedBy,
    validFrom: d.validFrom,
    validUntil: d.validUntil,
    instruction: d.instruction,
    ...(d.lanes ? { lanes: d.lanes } : {}),
    ...(d.hours ? { hours: d.hours } : {}),
  };
  return { ok: true, entry };
}

/** Back to the form of the file, for a signed list and for CSV. */
export function entryText(type: ListType, entry: ListEntry): EntryText {
  const { key, validFrom, validUntil, lanes, hours, ...rest } = entry;
  const fields = {
    ...rest,
    validFrom: new Date(validFrom).toISOString(),
    validUntil: new Date(validUntil).toISOString(),
    ...(lanes ? { lanes: [...lanes] } : {}),
    ...(hours ? { hours } : {}),
  };
  return type === 'plate-list' ? { ...fields, plate: key } : { ...fields, number: key };
}
