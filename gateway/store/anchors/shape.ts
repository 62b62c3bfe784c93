/**
 * The valid content of `anchors.json` and `audit.head`. A correct checksum shows that a file is whole, not that this version could have written it.
 */
import { z } from 'zod';
import type { Instant, Sha256 } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import { english } from '../../contracts/words/words.ts';

export interface SignedVersion {
  readonly version: number;
  readonly sha256: Sha256;
}

/** Its versions only rise, until a named person restarts them. */
export type MonotonicVersion = 'root' | ListType;

export interface RevokedDevice {
  readonly id: string;
  readonly atMs: Instant;
  readonly by: string;
}

export interface Anchors {
  readonly anchors: 1;
  readonly root: SignedVersion | null;
  readonly lists: Readonly<Partial<Record<ListType, SignedVersion>>>;
  /**
   * How often a person has restarted its versions (`trust --replace`, lists dropped with it): earlier versions then no longer count. Absent in
   * older files.
   */
  readonly begun?: Readonly<Partial<Record<MonotonicVersion, number>>>;
  /** The highest trusted time, ms. */
  readonly clockMs: Instant;
  readonly revoked: readonly RevokedDevice[];
  readonly audit: AuditHead | null;
}

/** Event numbers continue from those read here, and must stay exact. */
const MAX_SEQUENCE = 2 ** 52;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
/** ms that a Date can hold. */
const instant = z.number().min(0).max(8e15);
const versioned = z.object({ version: count, sha256: digest });
const head = z.object({ seq: count, hash: digest, sequence: count.max(MAX_SEQUENCE) });

/** Unknown members are left to newer versions. */
const anchors = z.object({
  anchors: z.literal(1),
  root: versioned.nullable(),
  lists: z.object({ 'plate-list': versioned.optional(), 'doc-list': versioned.optional() }),
  begun: z.object({ root: count, 'plate-list': count, 'doc-list': count }).partial().optional(),
  clockMs: instant,
  revoked: z.array(z.object({ id: z.string(), atMs: instant, by: z.string() })),
  audit: head.nullable(),
});

/** Throws for anchors of the wrong shape; names the members that do not fit, and none of their values. */
export function checkAnchors(found: unknown): asserts found is Anchors {
  const { error } = anchors.safeParse(found);
  const members = new Set(error?.issues.map(({ path }) => String(path[0] ?? 'the whole')));
  if (error) throw new Error(english('file-not-as-expected', { members: [...members].join(', ') }));
}

export const isHead = (found: unknown): found is AuditHead => head.safeParse(found).success;

export interface AuditHead {
  readonly seq: number;
  readonly hash: Sha256;
  /** Number of the newest event. */
  readonly sequence: number;
}
