/** Looks for plates and pictures in bytes, whatever the format around them. Pure but for `filesUnder`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plateCharacters } from '../scene/plate-text.ts';

export interface Needles {
  readonly byHead: ReadonlyMap<number, readonly Needle[]>;
}

interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Four bytes are looked up at once, so every needle is at least as long. */
const HEAD = 4;

/**
 * Each plate without its province, because a text that holds all of it holds that too: in UTF-8, UTF-16 (either order) and
 * GB 18030. A plate's six remaining characters come about by chance once in some thousand million places.
 */
export function plateNeedles(plates: readonly string[]): Needles {
  const codes = twoByteCodes(plateCharacters.filter((c) => c > '\x7f'));
  return indexed(
    plates.flatMap((plate) => {
      const tail = [...plate].slice(1).join('');
      const utf16 = Buffer.from(tail, 'utf16le');
      const forms = [Buffer.from(tail), utf16, Buffer.from(utf16).swap16(), gb18030(tail, codes)];
      return [...new Map(forms.map((bytes) => [bytes.toString('hex'), { name: plate, bytes }])).values()];
    }),
  );
}

/** How JPEG, PNG, WebP and GIF files begin. */
export const pictureNeedles: Needles = indexed([
  ...['e0', 'e1', 'e2', 'db', 'c0', 'c4', 'ee', 'fe'].map((marker) => needle('JPEG', `ffd8ff${marker}`)),
  needle('PNG', '89504e470d0a1a0a'),
  needle('WebP', '57454250565038'),
  needle('GIF', '474946383961'),
]);

function needle(name: string, hex: string): Needle {
  return { name, bytes: Buffer.from(hex, 'hex') };
}

function indexed(needles: readonly Needle[]): Needles {
  const byHead = new Map<number, Needle[]>();
  for (const n of needles) {
    const head = n.bytes.readUInt32BE(0);
    byHead.set(head, [...(byHead.get(head) ?? []), n]);
  }
  return { byHead };
}

/** The names of all needles that stand in `bytes`, each once. */
export function findIn(bytes: Uint8Array, { byHead }: Needles): Set<string> {
  const found = new Set<string>();
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Most places are dismissed by two bytes, without a look into the map.
  const starts = new Uint8Array(65_536);
  for (const head of byHead.keys()) starts[head >>> 16] = 1;
  for (let i = 0; i + HEAD <= view.length; i++) {
    if (starts[(view[i]! << 8) | view[i + 1]!] === 0) continue;
    for (const n of byHead.get(view.readUInt32BE(i)) ?? []) {
      if (view.compare(n.bytes, 0, n.bytes.length, i, Math.min(view.length, i + n.bytes.length)) === 0)
        found.add(n.name);
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
function twoByteCodes(characters: readonly string[]): Map<string, readonly number[]> {
  const decoder = new TextDecoder('gb18030');
  const codes = new Map<string, readonly number[]>();
  for (let high = 0x81; high <= 0xfe; high++) {
    for (let low = 0x40; low <= 0xfe; low++) {
      const character = decoder.decode(Uint8Array.of(high, low));
      if (characters.includes(character)) codes.set(character, [high, low]);
    }
  }
  return codes;
}
