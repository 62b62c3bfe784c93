/**
 * The entries of a list in a few buffers, which a thread transfers without a copy; a look-up decodes only the entries that it finds.
 * Posting 100,000 entries as objects would block the event loop for most of a second.
 */
import type { ListEntry } from '../../contracts/list.ts';

export interface PackedEntries {
  readonly entries: number;
  /** Hash table with open addressing: 1 + the number of the first entry of a key; 0 = free. Its length is a power of two. */
  readonly slots: Uint32Array<ArrayBuffer>;
  /** For each entry: the hash of its key, and 1 + the number of the next entry of the same key; 0 = none. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly next: Uint32Array<ArrayBuffer>;
  /** Each entry but its photo as JSON in UTF-8; entry i lies from `textEnds[i - 1]` to `textEnds[i]`. */
  readonly text: Uint8Array<ArrayBuffer>;
  readonly textEnds: Uint32Array<ArrayBuffer>;
  /** The photos in the same way; of no length where an entry has none. */
  readonly photos: Uint8Array<ArrayBuffer>;
  readonly photoEnds: Uint32Array<ArrayBuffer>;
}

/** Entries of the same key come in the order of the list. */
export interface EntriesByKey {
  get(key: string): readonly ListEntry[] | undefined;
}

export interface ListEntries extends EntriesByKey {
  /** Without its photo. Searches the whole text, which takes milliseconds for the longest list. */
  withId(id: string): ListEntry | undefined;
}

export function packEntries(entries: readonly ListEntry[]): PackedEntries {
  const n = entries.length;
  const text = joined(entries.map(({ photo: _photo, ...fields }) => Buffer.from(JSON.stringify(fields))));
  const photos = joined(entries.map(({ photo }) => photo ?? NOTHING));
  const hashes = Uint32Array.from(entries, ({ key }) => hashOf(key));
  const next = new Uint32Array(n);
  // At most half full, so that a missing key is found out after a step or two.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, 2 * n))));
  const lastOf = new Uint32Array(n);
  for (const [i, { key }] of entries.entries()) {
    const hash = hashes[i]!;
    const slot = slotOf(slots, hash, (first) => hashes[first] === hash && entries[first]!.key === key);
    if (slots[slot] === 0) slots[slot] = i + 1;
    else next[lastOf[slots[slot]! - 1]!] = i + 1;
    lastOf[slots[slot]! - 1] = i;
  }
  const [textEnds, photoEnds] = [text.ends, photos.ends];
  return { entries: n, slots, hashes, next, text: text.bytes, textEnds, photos: photos.bytes, photoEnds };
}

/** The transfer list for posting `packed` to another thread. */
export function buffersOf({ entries: _entries, ...arrays }: PackedEntries): ArrayBuffer[] {
  return Object.values(arrays).map((array) => array.buffer);
}

export function openPacked(packed: PackedEntries): ListEntries {
  const { slots, hashes, next, text, textEnds, photos, photoEnds } = packed;
  const entryAt = (i: number): ListEntry => {
    const fields = JSON.parse(Buffer.from(part(text, textEnds, i)).toString('utf8')) as ListEntry;
    // A copy, because the photo may be transferred to another thread.
    const photo = part(photos, photoEnds, i).slice();
    return photo.length === 0 ? fields : { ...fields, photo };
  };
  return {
    get(key) {
      const hash = hashOf(key);
      const slot = slotOf(slots, hash, (first) => hashes[first] === hash && entryAt(first).key === key);
      let at = slots[slot]!;
      if (at === 0) return undefined;
      const ofKey: ListEntry[] = [];
      for (; at !== 0; at = next[at - 1]!) ofKey.push(entryAt(at - 1));
      return ofKey;
    },
    withId(id) {
      const all = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
      const wanted = `"id":${JSON.stringify(id)}`;
      for (let at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + 1)) {
        const i = textEnds.findIndex((end) => end > at);
        const entry = JSON.parse(Buffer.from(part(text, textEnds, i)).toString('utf8')) as ListEntry;
        // Another member may hold the same words.
        if (entry.id === id) return entry;
      }
      return undefined;
    },
  };
}

/** The slot whose first entry `is` accepts, or the free slot where it belongs. */
function slotOf(slots: Uint32Array, hash: number, is: (first: number) => boolean): number {
  const mask = slots.length - 1;
  let slot = hash & mask;
  while (slots[slot] !== 0 && !is(slots[slot]! - 1)) slot = (slot + 1) & mask;
  return slot;
}

/** FNV-1a over the UTF-16 units, mixed once more because plates differ only in their last characters. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const NOTHING = new Uint8Array(0);

function part(all: Uint8Array<ArrayBuffer>, ends: Uint32Array, i: number): Uint8Array<ArrayBuffer> {
  return all.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
}

/** All parts in one buffer, and where each ends. */
function joined(parts: readonly Uint8Array[]) {
  let end = 0;
  const ends = Uint32Array.from(parts, (part) => (end += part.length));
  const bytes = new Uint8Array(end);
  for (const [i, each] of parts.entries()) bytes.set(each, ends[i]! - each.length);
  return { bytes, ends };
}
