/**
 * Opens a signed list: checks its size, then the signatures over the raw bytes, and only then parses the JSON. The rules against rollback, freeze
 * and mix-and-match attacks follow The Update Framework; a list is valid for 7 days at most.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { iso } from '../contracts/time.ts';
import type { Instant } from '../contracts/base.ts';
import type { ListEntry, ListRef, ListType } from '../contracts/list.ts';
import { checkEntry, ENTRY_ID } from './entry.ts';
import { problemTexts, readJson, sentences, timeText } from './json.ts';
import { accept, refuse, type ListRefusal, type Result } from './result.ts';
import { checkSigned, signersOf, type SignedFile } from './signature.ts';
import { rootExpired, type Root } from './trust.ts';
import { english } from '../contracts/words/words.ts';

export interface Bundle {
  readonly ref: ListRef;
  readonly site: string;
  readonly issued: Instant;
  readonly expires: Instant;
  /** With which the digests of a document list were made; an empty list may lack it. */
  readonly salt?: Uint8Array;
  readonly entries: readonly ListEntry[];
}

export interface ListLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** 100,000 document entries with an instruction of one line take some 50 MB; the rest is for photos. */
export const DEFAULT_LIST_LIMITS: ListLimits = { maxBytes: 96 * 2 ** 20, maxEntries: 100_000 };
const MAX_LIFE_MS = 7 * 24 * 3600_000;
/** How far the list office's clock may run ahead of ours. */
export const CLOCK_TOLERANCE_MS = 10 * 60_000;

const TYPES: readonly string[] = ['plate-list', 'doc-list'] satisfies ListType[];

const envelope = z.strictObject({
  _type: z.string(),
  spec: z.literal(1),
  site: z.string(),
  version: z.int().min(1),
  issued: timeText,
  expires: timeText,
  salt: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, english('field-salt'))
    .optional(),
  entries: z.array(z.unknown()),
});

export interface BundleOptions {
  readonly root: Root;
  /** Absent: a list of any site is accepted (at the list office, not on a box). */
  readonly site?: string;
  readonly type?: ListType;
  readonly limits: ListLimits;
}

/** Verifies, then parses. `outOfTime` checks the times of the list, again at each look-up. */
export function openBundle(file: SignedFile, wanted: BundleOptions): Result<Bundle> {
  const { maxBytes } = wanted.limits;
  if (file.bytes.length > maxBytes) return tooBig(english('the-list'), file.bytes.length, maxBytes);
  return checkSigners(file, wanted.root) ?? parseBundle(file.bytes, wanted);
}

/** As `checkThreshold`, for the list keys of `root`. The refusal mentions signatures that another root may know. */
export function checkSigners(file: SignedFile, root: Root): ListRefusal | undefined {
  const signers = signersOf(file, root.listKeys);
  if (!signers.ok) return signers;
  const refused = checkSigned(signers.value, root.listKeys, english('whose-list-key'));
  const unknown = signers.value.unknown.size;
  if (refused?.why !== 'unsigned' || unknown === 0) return refused;
  return refuse(
    'unsigned',
    english('signatures-strange', { detail: refused.detail, strange: unknown, version: root.version }),
  );
}

/** Parses without verifying: call it directly only for the person who is about to sign. */
export function parseBundle(bytes: Uint8Array, wanted: Omit<BundleOptions, 'root'>): Result<Bundle> {
  const { limits } = wanted;
  const parsed = readJson(bytes, envelope, english('the-list'));
  if (!parsed.ok) return parsed;
  const { _type, site, version, issued, expires, salt } = parsed.value;
  if (!isListType(_type) || (wanted.type && _type !== wanted.type)) {
    const expected = wanted.type ?? TYPES.join(' / ');
    return refuse('unreadable', english('list-is-of-type', { type: quote(_type), expected }));
  }
  if (wanted.site !== undefined && site !== wanted.site) {
    return refuse('wrong site', english('list-of-other-site', { other: quote(site), site: wanted.site }));
  }
  if (expires <= issued || expires - issued > MAX_LIFE_MS) {
    return refuse('unreadable', english('list-life'));
  }
  if (_type === 'plate-list' && salt !== undefined) return refuse('unreadable', english('list-salt-not-here'));
  if (_type === 'doc-list' && salt === undefined && parsed.value.entries.length > 0) {
    return refuse('unreadable', english('list-salt-missing'));
  }
  const entries = openEntries(_type, parsed.value.entries, limits);
  if (!entries.ok) return entries;
  const ref = { type: _type, version, sha256: createHash('sha256').update(bytes).digest('hex') };
  const salted = salt === undefined ? {} : { salt: new Uint8Array(Buffer.from(salt, 'base64')) };
  return accept({ ref, site, issued, expires, ...salted, entries: entries.value });
}

/** Why the list is not valid at `now` (trusted time): it or its root has expired, or it begins later. */
export function outOfTime(
  bundle: Pick<Bundle, 'issued' | 'expires'>,
  root: Root,
  now: Instant,
): ListRefusal | undefined {
  const expired = rootExpired(root, now);
  if (expired) return expired;
  if (now >= bundle.expires) {
    return refuse('expired', english('list-ran-out', { at: iso(bundle.expires) }));
  }
  if (now < bundle.issued - CLOCK_TOLERANCE_MS) {
    return refuse('expired', english('list-begins-later', { at: iso(bundle.issued), now: iso(now) }));
  }
  return undefined;
}

/** An older version, or other content under the same version, would bring back withdrawn entries. */
export function rolledBack(
  next: ListRef,
  stored: Pick<ListRef, 'version' | 'sha256'> | undefined,
): ListRefusal | undefined {
  if (!stored || next.version > stored.version) return undefined;
  if (next.version < stored.version) {
    return refuse('rolled back', english('list-version-lower', { version: next.version, held: stored.version }));
  }
  if (next.sha256 === stored.sha256) return undefined;
  return refuse('rolled back', english('list-version-again', { version: next.version }));
}

export function tooBig(name: string, bytes: number, most: number): ListRefusal {
  return refuse('too big', english('file-too-big', { name, bytes, most }));
}

function openEntries(type: ListType, values: readonly unknown[], limits: ListLimits): Result<readonly ListEntry[]> {
  if (values.length > limits.maxEntries) {
    const most = limits.maxEntries;
    return refuse('too big', english('list-entries-most', { entries: values.length, most }));
  }
  const entries: ListEntry[] = [];
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const [i, value] of values.entries()) {
    const checked = checkEntry(type, value);
    const entry = `${i + 1}${idOf(value)}`;
    if (!checked.ok) {
      problems.push(
        ...problemTexts({ issues: checked.problems }).map((problem) => english('entry-problem', { entry, problem })),
      );
    } else if (ids.has(checked.entry.id)) {
      problems.push(english('entry-problem', { entry, problem: english('entry-twice') }));
    } else {
      ids.add(checked.entry.id);
      entries.push(checked.entry);
    }
  }
  if (problems.length === 0) return accept(entries);
  return refuse('unreadable', english('list-has-problems', { problems: sentences(problems) }));
}

function idOf(value: unknown): string {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' && ENTRY_ID.test(id) ? ` (${id})` : '';
}

function isListType(text: string): text is ListType {
  return TYPES.includes(text);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
