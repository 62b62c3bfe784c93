/** What the API takes and answers about people and sessions. The OpenAPI document is made from these. */
import { z } from 'zod';
import { plainLines, plainText } from '../../contracts/text.ts';
import { iso } from '../../contracts/time.ts';
import type { Person } from '../../contracts/people.ts';
import type { Session } from '../../people/sessions.ts';

export const serviceNumber = z.string().min(1).max(40);
/** Longer ones are refused in words by the room of accounts. */
export const password = z.string().min(1).max(1_000);
export const laneId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
export const id = z.string().min(1).max(64);
/** What a person writes for others to read, without invisible characters: of one line, or of several. */
export const lineOf = (most: number) =>
  z
    .string()
    .overwrite((text) => plainText(text))
    .max(most);
export const linesOf = (most: number) =>
  z
    .string()
    .overwrite((text) => plainLines(text))
    .max(most);
export const proof = z.object({ serviceNumber, password });

export const newPerson = z.object({
  serviceNumber,
  name: lineOf(200).min(1),
  kind: z.enum(['police', 'auxiliary']),
  roles: z
    .array(z.enum(['officer', 'technician', 'auditor']))
    .min(1)
    .max(3),
});

export const personSchema = z.object({
  serviceNumber: z.string(),
  name: z.string(),
  kind: z.enum(['police', 'auxiliary']),
  roles: z.array(z.enum(['officer', 'technician', 'auditor'])),
  created: z.string(),
  /** Absent while the account can be used. */
  disabled: z.string().optional(),
  /** Gives no opinions before. */
  judgesFrom: z.string(),
});

export function personOf({ created, disabled, judgesFrom, ...person }: Person): z.infer<typeof personSchema> {
  const { serviceNumber, name, kind, roles } = person;
  return {
    serviceNumber,
    name,
    kind,
    roles: [...roles],
    created: iso(created),
    ...(disabled === undefined ? {} : { disabled: iso(disabled) }),
    judgesFrom: iso(judgesFrom),
  };
}

export const sessionSchema = z.object({
  id: z.string(),
  kind: z.enum(['personal', 'duty', 'lane', 'setup', 'recovery']),
  person: personSchema.optional(),
  lane: z.string().optional(),
  created: z.string(),
  isIdle: z.boolean(),
  isProved: z.boolean(),
});

export function sessionOf({
  id,
  kind,
  person,
  lane,
  created,
  isIdle,
  isProved,
}: Session): z.infer<typeof sessionSchema> {
  return {
    id,
    kind,
    ...(person ? { person: personOf(person) } : {}),
    ...(lane === undefined ? {} : { lane }),
    created: iso(created),
    isIdle,
    isProved,
  };
}

export const missingSchema = z.object({
  officers: z.int(),
  /** Auditors or technicians. */
  others: z.int(),
});
