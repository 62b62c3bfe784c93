/**
 * The valid content of `anchors.json` and `audit.head`. A correct checksum shows that a file is whole, not that this version could have written it.
 */
import { z } from 'zod';
import { english } from '../../contracts/words/words.ts';

/** Event numbers from here to the last exact integer of JSON (RFC 8259, 6) last for ages. A box counts its events from 0. */
export const MAX_SEQUENCE = 2 ** 52;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
/** ms that a Date can hold. */
const instant = z.number().min(0).max(8e15);
const versioned = z.object({ version: count, sha256: digest });
/** `sequence`: number of the newest event. */
const head = z.object({ seq: count, hash: digest, sequence: count.max(MAX_SEQUENCE) });

const revoked = z.object({ id: z.string(), atMs: instant, by: z.string() });
/** By service number. */
const disabled = z.object({ id: z.string(), atMs: instant });

/** Unknown members are left to newer versions. */
const anchors = z.object({
  anchors: z.literal(1),
  root: versioned.nullable(),
  lists: z.object({ 'plate-list': versioned, 'doc-list': versioned }).partial(),
  /** The policy of the site. Absent where there was none, and in older files. */
  policy: versioned.optional(),
  /**
   * How often a person has restarted its versions (`trust --replace`, lists dropped with it): earlier versions then no longer count. Absent in
   * older files.
   */
  begun: z.object({ root: count, 'plate-list': count, 'doc-list': count, policy: count }).partial().optional(),
  /** The highest trusted time. */
  clockMs: instant,
  revoked: z.array(revoked),
  /** Accounts of people. Absent where there are none, and in older files. */
  disabled: z.array(disabled).optional(),
  audit: head.nullable(),
});

export type SignedVersion = z.infer<typeof versioned>;
export type RevokedDevice = z.infer<typeof revoked>;
export type DisabledPerson = z.infer<typeof disabled>;
export type Anchors = z.infer<typeof anchors>;
export type AuditHead = z.infer<typeof head>;
/** Its versions only rise, until a named person restarts them. */
export type MonotonicVersion = keyof NonNullable<Anchors['begun']>;

export const NO_ANCHORS: Anchors = { anchors: 1, root: null, lists: {}, clockMs: 0, revoked: [], audit: null };

/** Throws for anchors of the wrong shape; names the members that do not fit, and none of their values. */
export function checkAnchors(found: unknown): asserts found is Anchors {
  const { error } = anchors.safeParse(found);
  const members = new Set(error?.issues.map(({ path }) => String(path[0] ?? 'the whole')));
  if (error) throw new Error(english('file-not-as-expected', { members: [...members].join(', ') }));
}

export const isHead = (found: unknown): found is AuditHead => head.safeParse(found).success;
