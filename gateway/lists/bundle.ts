/**
 * A signed list: size cap first, then the signatures over the raw bytes, only then JSON. Rules after The Update Framework
 * (rollback, freeze, mix-and-match) with a life of at most 7 days.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Instant } from '../contracts/base.ts';
import type { ListEntry, ListRef, ListType } from '../contracts/list.ts';
import { checkEntry, ENTRY_ID } from './entry.ts';
import { problemTexts, readJson, sentences, timeText } from './json.ts';
import { accept, refuse, type Refusal, type Result } from './result.ts';
import { checkSigned, signersOf, type SignedFile } from './signature.ts';
import { rootExpired, type Root } from './trust.ts';

export interface Bundle {
  readonly ref: ListRef;
  readonly site: string;
  readonly issued: Instant;
  readonly expires: Instant;
  /** Of the digests of a document list; an empty one may go without. */
  readonly salt?: Uint8Array;
  readonly entries: readonly ListEntry[];
}

export interface Limits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** 100,000 entries with a document's digest and an instruction of a line have some 50 MB; the rest is for photos. */
export const DEFAULT_LIMITS: Limits = { maxBytes: 96 * 2 ** 20, maxEntries: 100_000 };
export const MAX_LIFE_MS = 7 * 24 * 3600_000;
/** How far the list office's clock may run ahead of ours. */
const CLOCK_TOLERANCE_MS = 10 * 60_000;

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
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'is not 32 bytes in base64')
    .optional(),
  entries: z.array(z.unknown()),
});

export interface Wanted {
  readonly root: Root;
  /** Absent where the caller wants to read a list of any site (the list office, not a box). */
  readonly site?: string;
  readonly type?: ListType;
  readonly limits: Limits;
}

/** Verifies, then parses. Whether the list is in its time is another question, asked again at every look-up: `outOfTime`. */
export function openBundle(file: SignedFile, wanted: Wanted): Result<Bundle> {
  const { maxBytes } = wanted.limits;
  if (file.bytes.length > maxBytes) return tooBig('the list', file.bytes.length, maxBytes);
  return checkSigners(file, wanted.root) ?? parseBundle(file.bytes, wanted);
}

/** As `checkThreshold`, for the list keys of `root`; says so where the signatures are those of another root. */
export function checkSigners(file: SignedFile, root: Root): Refusal | undefined {
  const signers = signersOf(file, root.listKeys);
  if (!signers.ok) return signers;
  const refused = checkSigned(signers.value, root.listKeys, 'list key');
  const strange = signers.value.strange.size;
  if (refused?.why !== 'unsigned' || strange === 0) return refused;
  return refuse(
    'unsigned',
    `${refused.detail}. ${strange === 1 ? 'One signature is' : `${strange} signatures are`} by keys that this root (version ${root.version}) does not know: is a newer root.json due, or is it the list of another office?`,
  );
}

/** The content without its signatures: on its own only for the person who is about to sign it. */
export function parseBundle(bytes: Uint8Array, wanted: Omit<Wanted, 'root'>): Result<Bundle> {
  const { limits } = wanted;
  const parsed = readJson(bytes, envelope, 'the list');
  if (!parsed.ok) return parsed;
  const { _type, site, version, issued, expires, salt } = parsed.value;
  if (!isListType(_type) || (wanted.type && _type !== wanted.type)) {
    const expected = wanted.type ?? TYPES.join(' or ');
    return refuse('unreadable', `the list is of type ${JSON.stringify(_type.slice(0, 40))}, expected ${expected}`);
  }
  if (wanted.site !== undefined && site !== wanted.site) {
    return refuse('wrong site', `the list was signed for site ${quote(site)}, this is ${wanted.site}; ask for our own`);
  }
  if (expires <= issued || expires - issued > MAX_LIFE_MS) {
    return refuse('unreadable', 'the list must end after it begins and live 7 days at most; have it signed again');
  }
  if (_type === 'plate-list' && salt !== undefined) return refuse('unreadable', 'the list: salt is for doc-list only');
  if (_type === 'doc-list' && salt === undefined && parsed.value.entries.length > 0) {
    return refuse('unreadable', 'the list: salt is missing; have the list made again');
  }
  const entries = openEntries(_type, parsed.value.entries, limits);
  if (!entries.ok) return entries;
  const ref = { type: _type, version, sha256: createHash('sha256').update(bytes).digest('hex') };
  const salted = salt === undefined ? {} : { salt: new Uint8Array(Buffer.from(salt, 'base64')) };
  return accept({ ref, site, issued, expires, ...salted, entries: entries.value });
}

/** `now` is trusted time, fixed once by the caller. Undefined while the list and the root behind it hold. */
export function outOfTime(bundle: Pick<Bundle, 'issued' | 'expires'>, root: Root, now: Instant): Refusal | undefined {
  const expired = rootExpired(root, now);
  if (expired) return expired;
  if (now >= bundle.expires) {
    return refuse('expired', `the list ran out at ${iso(bundle.expires)}; import a newer one`);
  }
  if (now < bundle.issued - CLOCK_TOLERANCE_MS) {
    return refuse(
      'expired',
      `the list begins at ${iso(bundle.issued)}, and the clock of this box says ${iso(now)}: check the clock`,
    );
  }
  return undefined;
}

/** A list older than the one before it, or another one under the same version, is somebody turning time back. */
export function rolledBack(
  next: ListRef,
  stored: Pick<ListRef, 'version' | 'sha256'> | undefined,
): Refusal | undefined {
  if (!stored || next.version > stored.version) return undefined;
  if (next.version < stored.version) {
    return refuse(
      'rolled back',
      `the list has version ${next.version}, this box already holds ${stored.version}; have it signed with a higher version`,
    );
  }
  if (next.sha256 === stored.sha256) return undefined;
  return refuse(
    'rolled back',
    `version ${next.version} is already here with other content; have the list signed with a higher version`,
  );
}

export function tooBig(name: string, bytes: number, most: number): Refusal {
  return refuse('too big', `${name} has ${bytes} bytes, at most ${most} are read; check that it is the right file`);
}

function openEntries(type: ListType, values: readonly unknown[], limits: Limits): Result<readonly ListEntry[]> {
  if (values.length > limits.maxEntries) {
    const most = limits.maxEntries;
    return refuse(
      'too big',
      `the list has ${values.length} entries, at most ${most} are taken; leave out what is over, or divide it`,
    );
  }
  const entries: ListEntry[] = [];
  const ids = new Set<string>();
  const problems: string[] = [];
  for (const [i, value] of values.entries()) {
    const checked = checkEntry(type, value);
    const name = `entry ${i + 1}${idOf(value)}`;
    if (!checked.ok) {
      problems.push(...problemTexts({ issues: checked.problems }).map((text) => `${name}: ${text}`));
    } else if (ids.has(checked.entry.id)) {
      problems.push(`${name}: id stands in the list twice`);
    } else {
      ids.add(checked.entry.id);
      entries.push(checked.entry);
    }
  }
  if (problems.length === 0) return accept(entries);
  return refuse('unreadable', `${sentences(problems)}. Have the list office correct and sign it again`);
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

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
