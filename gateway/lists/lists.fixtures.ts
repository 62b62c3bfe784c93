/** For tests of this folder: keys, roots and lists of nobody, made fresh in memory. */
import type { Instant } from '../contracts/base.ts';
import type { ListEntry } from '../contracts/list.ts';
import type { PlateRead } from '../contracts/plate.ts';
import { ActiveLists, type ListsOptions } from './in-force/active-lists.ts';
import { checkDraft, type EntryDraft, type EntryText } from './entry.ts';
import { loadStore } from './in-force/load-store.ts';
import { checkDigitFits } from '../contracts/citizen-number.ts';
import { openPacked, packEntries, type EntriesByKey } from './in-force/packed.ts';
import { documentEntries } from './office/draft-entries.ts';
import { addSignature, makeRoot, signBundle, type SignListOptions, type SecretKey } from './office/sign.ts';
import type { SignedFile } from './signature.ts';
import { openFirstRoot, type Root } from './trust.ts';

export const NOW = Date.parse('2026-11-21T12:00:00Z');
export const DAY_MS = 24 * 3600_000;
export const SITE = 'demo';
/** A document list of 133 bytes whose signature by the key of RFC 8032 test 1 is published. */
export const DOC_LIST =
  '{"_type":"doc-list","spec":1,"site":"demo","version":7,"issued":"2026-11-21T00:00:00Z","expires":"2026-11-28T00:00:00Z","entries":[]}';

export interface Office {
  readonly root: Root;
  readonly rootFile: SignedFile;
  readonly rootKeys: readonly SecretKey[];
  readonly listKeys: readonly SecretKey[];
}

export function office(keys = 3, threshold = 2, now = NOW): Office {
  const made = makeRoot({ now, keys, threshold });
  const root = openFirstRoot(made.file);
  if (!root.ok) throw new Error(root.detail);
  const of = (role: string) => made.newKeys.filter((key) => key.role === role);
  return { root: root.value, rootFile: made.file, rootKeys: of('root'), listKeys: of('list') };
}

export function entry(id: string, plate: string, more: Partial<EntryText> = {}): EntryText {
  return {
    id,
    plate,
    category: 'stolen vehicle',
    legalBasis: 'Order 12/2026',
    issuer: 'Demo command room',
    authorisedBy: 'Duty officer 7',
    validFrom: '2026-11-01T00:00:00Z',
    validUntil: '2026-12-01T00:00:00Z',
    instruction: 'Compare the picture, then ask the driver for the papers.',
    ...more,
  };
}

export function list(keys: readonly SecretKey[], plan: Partial<SignListOptions> = {}): SignedFile {
  const entries = [entry('E-1', '皖A12345')];
  return signBundle({ type: 'plate-list', site: SITE, version: 7, entries, now: NOW, ...plan }, keys);
}

/** Number `i` of nobody, with its check digit: no place has the code 99 99 99. */
export function nobody(i: number): string {
  const digits = `99999919000101${String(i).padStart(3, '0')}`;
  for (const check of '0123456789X') if (checkDigitFits(ascii(digits + check))) return digits + check;
  throw new Error('one of eleven check digits always fits');
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export const SALT = new Uint8Array(32).fill(7);
/** What stands before the pixels of a PNG: enough for everything that does not look at them. */
export const PNG_HEAD = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function draft(id: string, number: string, more: Record<string, unknown> = {}): EntryDraft {
  const { plate: _plate, ...fields } = { ...entry(id, ''), plate: '' };
  const checked = checkDraft('doc-list', { ...fields, number, ...more }, () => ({ bytes: PNG_HEAD }));
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.draft;
}

/** A signed document list of `drafts`. */
export async function documents(
  keys: readonly SecretKey[],
  drafts: readonly EntryDraft[],
  plan: Partial<SignListOptions> = {},
): Promise<SignedFile> {
  const { salt = SALT } = plan;
  const entries = await documentEntries(drafts, salt);
  return signBundle({ type: 'doc-list', site: SITE, version: 7, now: NOW, ...plan, entries, salt }, keys);
}

/** The list with its content changed by hand, and signed for all that: what an office with a faulty tool would send. */
export function forged(
  keys: readonly SecretKey[],
  change: (content: Record<string, unknown>) => void,
  file = list(keys),
): SignedFile {
  const content = JSON.parse(new TextDecoder().decode(file.bytes)) as Record<string, unknown>;
  change(content);
  const bare = { bytes: new TextEncoder().encode(JSON.stringify(content)), signatures: '' };
  return keys.reduce(addSignature, bare);
}

export function read(plate: string, more: Partial<PlateRead> = {}): PlateRead {
  const corners = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const;
  return {
    text: plate,
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    probability: 0.99,
    band: 'accept',
    characters: [...plate].map(() => 0.999),
    alternatives: [],
    corners,
    sharpness: 0.5,
    ...more,
  };
}

export function byKey(entries: readonly ListEntry[]): EntriesByKey {
  return openPacked(packEntries(entries));
}

/** The lists of the running box, loaded on this thread. */
export class LoadedLists extends ActiveLists {
  readonly #options: ListsOptions;

  constructor(options: ListsOptions, now: Instant) {
    super(options);
    this.#options = options;
    this.reload(now);
  }

  reload(now: Instant): void {
    this.take(loadStore(this.#options.db, this.#options), now);
  }
}

/** The same numbers for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
