/** Looks for plates, numbers and pictures in bytes, whatever the format around them. Pure but for `filesUnder`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plateCharacters } from '../scene/plate-text.ts';

export interface Needles {
  readonly byHead: ReadonlyMap<number, readonly Headed[]>;
  /** One bit for the first three bytes of each head: most places are dismissed by it. */
  readonly starts: Uint8Array;
}

export interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A needle and the place of the four bytes in it that it is found by. */
interface Headed extends Needle {
  readonly at: number;
}

/** Four bytes are looked up at once, so every needle is at least as long. */
const HEAD = 4;
const MANY = 1_000;

/**
 * Each plate without its province, because a text that holds all of it holds that too: in UTF-8, UTF-16 (either order) and
 * GB 18030. A plate's six remaining characters come about by chance once in some thousand million places.
 */
export function plateNeedles(plates: readonly string[]): Needles {
  const texts = textNeedles(plateCharacters.join(''));
  return indexed(plates.flatMap((plate) => texts(plate, [...plate].slice(1).join(''))));
}

/** Makes the needles of a text in UTF-8, UTF-16 (either order) and GB 18030. It may hold ASCII and what `alphabet` holds. */
export function textNeedles(alphabet: string): (name: string, text: string) => Needle[] {
  const codes = twoByteCodes(new Set([...alphabet].filter((c) => c > '\x7f')));
  return (name, text) => {
    const utf16 = Buffer.from(text, 'utf16le');
    const forms = [Buffer.from(text), utf16, Buffer.from(utf16).swap16(), gb18030(text, codes)];
    return [...new Map(forms.map((bytes) => [bytes.toString('hex'), { name, bytes }])).values()];
  };
}

/** How many bytes of a piece are looked for. */
const PIECE = 24;
const MIN_VARIETY = 6;

/** A piece with few different bytes may stand anywhere: it is empty, or a wall. */
export function isTelling(piece: Uint8Array): boolean {
  return new Set(piece).size >= MIN_VARIETY;
}

/** `count` pieces of `bytes`, spread evenly: whoever kept the whole, or one part in `count` of it, kept one of them. */
export function pieceNeedles(name: string, bytes: Uint8Array, count: number): Needle[] {
  const step = Math.floor((bytes.length - PIECE) / count);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i + 0.5) * step);
    return { name, bytes: Buffer.from(bytes.subarray(from, from + PIECE)) };
  }).filter((n) => isTelling(n.bytes));
}

/** How JPEG, PNG, WebP and GIF files begin. */
export const pictureNeedles: Needles = indexed([
  ...['e0', 'e1', 'e2', 'db', 'c0', 'c4', 'ee', 'fe'].map((marker) => needle('JPEG', `ffd8ff${marker}`)),
  needle('PNG', '89504e470d0a1a0a'),
  needle('WebP', '57454250565038'),
  needle('GIF', '474946383961'),
]);

/** Heads of the same, as long as they have to be where texts are taken for bytes: there are many more of these than of files. */
export const longPictureNeedles: Needles = indexed([
  needle('JPEG', 'ffd8ffe000104a464946'),
  needle('JPEG', 'ffd8ffdb004300'),
  needle('PNG', '89504e470d0a1a0a'),
  needle('WebP', '57454250565038'),
]);

function needle(name: string, hex: string): Needle {
  return { name, bytes: Buffer.from(hex, 'hex') };
}

export function indexed(needles: readonly Needle[]): Needles {
  const byHead = new Map<number, Headed[]>();
  const starts = new Uint8Array(2 ** 21);
  for (const { name, bytes } of needles) {
    const at = headOf(bytes, byHead);
    const head = bytes.readUInt32BE(at);
    const same = byHead.get(head);
    if (same) same.push({ name, bytes, at });
    else byHead.set(head, [{ name, bytes, at }]);
    starts[head >>> 11]! |= 1 << ((head >>> 8) & 7);
  }
  return { byHead, starts };
}

/** Where those four bytes of a needle begin by which it is found: few others have them, and they are not mostly the same, as empty space is. */
function headOf(bytes: Buffer, byHead: ReadonlyMap<number, readonly Headed[]>): number {
  let best = 0;
  let fewest = Infinity;
  for (let at = 0; at + HEAD <= bytes.length && fewest > 0; at++) {
    const plain = new Set(bytes.subarray(at, at + HEAD)).size < 3;
    const others = plain ? MANY : (byHead.get(bytes.readUInt32BE(at))?.length ?? 0);
    if (others < fewest) [best, fewest] = [at, others];
  }
  return best;
}

/** The names of all needles that stand in `bytes`, each once. */
export function findIn(bytes: Uint8Array, { byHead, starts }: Needles): Set<string> {
  const found = new Set<string>();
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i + HEAD <= view.length; i++) {
    const start = (view[i]! << 13) | (view[i + 1]! << 5) | (view[i + 2]! >> 3);
    if ((starts[start]! & (1 << (view[i + 2]! & 7))) === 0) continue;
    for (const n of byHead.get(view.readUInt32BE(i)) ?? []) {
      const from = i - n.at;
      const to = from + n.bytes.length;
      if (from >= 0 && to <= view.length && n.bytes.compare(view, from, to) === 0) found.add(n.name);
    }
  }
  return found;
}

/** Every file below `folder` with its bytes; a name may give something away too, so names count as bytes of their own. */
export function filesUnder(folder: string): { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = { path: `name of ${path}`, bytes: Buffer.from(entry.name) };
    return entry.isFile() ? [name, { path, bytes: readFileSync(path) }] : [name];
  });
}

/** ASCII is the same in GB 18030; the characters of plates beyond it have two bytes there. */
function gb18030(text: string, codes: ReadonlyMap<string, readonly number[]>): Buffer {
  return Buffer.from([...text].flatMap((c) => codes.get(c) ?? [c.charCodeAt(0)]));
}

/** Node decodes GB 18030 and does not encode it, so the codes are found by decoding all pairs of bytes. */
function twoByteCodes(characters: ReadonlySet<string>): Map<string, readonly number[]> {
  const decoder = new TextDecoder('gb18030');
  const codes = new Map<string, readonly number[]>();
  for (let high = 0x81; high <= 0xfe; high++) {
    for (let low = 0x40; low <= 0xfe; low++) {
      const character = decoder.decode(Uint8Array.of(high, low));
      if (characters.has(character)) codes.set(character, [high, low]);
    }
  }
  return codes;
}
