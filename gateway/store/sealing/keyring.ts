/** The master keys of a store, and the keys of each class that follow from them (HKDF-SHA256, RFC 5869). Keys are held by OpenSSL, never as text. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { KeyClass } from './columns.ts';

export const MASTER_BYTES = 32;
const ID_BYTES = 6;
const KEY_BYTES = 32;

export class SealKeys {
  readonly #masters = new Map<string, KeyObject>();
  readonly #derived = new Map<string, KeyObject>();
  readonly #current: string | undefined;

  /** `current` seals; it and `others` open. Their bytes are zeroed here. */
  constructor(current?: Buffer, others: readonly Buffer[] = []) {
    this.#current = current && this.#add(current);
    for (const master of others) this.#add(master);
  }

  /** Id of the key that seals; undefined if there is none. */
  get current(): string | undefined {
    return this.#current;
  }

  ids(): readonly string[] {
    return [...this.#masters.keys()];
  }

  has(id: string): boolean {
    return this.#masters.has(id);
  }

  /** Undefined: this master key is not here. */
  key(id: string, of: KeyClass): KeyObject | undefined {
    const name = `${id} ${of}`;
    const known = this.#derived.get(name);
    if (known) return known;
    const master = this.#masters.get(id);
    if (!master) return undefined;
    const key = derive(master, `sitebox seal ${of}`, KEY_BYTES);
    this.#derived.set(name, key);
    return key;
  }

  /** All master keys, in the order of `ids`; the caller zeroes them. */
  copyMasters(): Buffer[] {
    return [...this.#masters.values()].map((master) => master.export());
  }

  #add(master: Buffer): string {
    const id = idOf(master);
    this.#masters.set(id, createSecretKey(master));
    master.fill(0);
    return id;
  }
}

/** Twelve hex digits that name a master key and say nothing about it. */
export function idOf(master: Uint8Array): string {
  return Buffer.from(hkdfSync('sha256', master, '', 'sitebox seal id', ID_BYTES)).toString('hex');
}

export function derive(master: KeyObject | Uint8Array, info: string, bytes: number): KeyObject {
  const key = Buffer.from(hkdfSync('sha256', master, '', info, bytes));
  try {
    return createSecretKey(key);
  } finally {
    key.fill(0);
  }
}
