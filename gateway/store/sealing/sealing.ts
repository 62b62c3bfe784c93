/** Seals what a row holds of people and places before it is written, and opens it when it is read. Values of earlier versions are plain and stay readable. */
import { StoreRefused } from '../connection/health.ts';
import type { DamageLog } from '../damage/damage.ts';
import { english } from '../../contracts/words/words.ts';
import { fromText, isSealedText, keyIdOf, openBytes, sealBytes, toText } from './cipher.ts';
import { SEALED_COLUMNS, type SealedName } from './columns.ts';
import { NO_KEYS, type FolderKeys } from './keys.ts';

/** `plain`: not sealed. `lost`: its key is not here. `altered`: not as it was written, or moved from another row. */
export type OpenedValue =
  | { readonly state: 'open' | 'plain'; readonly bytes: Buffer }
  | { readonly state: 'lost'; readonly keyId: string }
  | { readonly state: 'altered' };

export class Sealing {
  #keys: FolderKeys = NO_KEYS;
  readonly #damage: DamageLog;
  readonly #missing = new Set<string>();

  constructor(damage: DamageLog) {
    this.#damage = damage;
  }

  /** The keys from now on. */
  use(keys: FolderKeys): void {
    this.#keys = keys;
  }

  get keys(): FolderKeys {
    return this.#keys;
  }

  /** Ids of keys that rows read since the start needed, and that are not here. */
  missing(): readonly string[] {
    return [...this.#missing].filter((id) => !this.#keys.keyring.has(id));
  }

  /** `row` names the row, as `SEALED_COLUMNS` has it. Throws StoreRefused where no key can seal. */
  sealBytes(name: SealedName, row: string, plain: Uint8Array): Buffer {
    const { keyring } = this.#keys;
    const id = keyring.current;
    const key = id === undefined ? undefined : keyring.key(id, SEALED_COLUMNS[name].class);
    if (id === undefined || !key) throw new StoreRefused('read-only', english('seal-no-key'));
    return sealBytes(key, id, `${name} ${row}`, plain);
  }

  seal(name: SealedName, row: string, text: string): string {
    return toText(this.sealBytes(name, row, Buffer.from(text)));
  }

  /** What can be read of a value, sealed or not. */
  look(name: SealedName, row: string, value: Buffer | string): OpenedValue {
    if (typeof value === 'string' && !isSealedText(value)) return { state: 'plain', bytes: Buffer.from(value) };
    const sealed = typeof value === 'string' ? fromText(value) : value;
    const keyId = keyIdOf(sealed);
    if (keyId === undefined) return typeof value === 'string' ? { state: 'altered' } : { state: 'plain', bytes: value };
    const key = this.#keys.keyring.key(keyId, SEALED_COLUMNS[name].class);
    if (!key) return { state: 'lost', keyId };
    const bytes = openBytes(key, `${name} ${row}`, sealed);
    return bytes ? { state: 'open', bytes } : { state: 'altered' };
  }

  /** Undefined if it cannot be opened: a lost key is counted here, an altered value is damage. */
  openBytes(name: SealedName, row: string, value: Buffer): Buffer | undefined {
    return this.#bytesOf(name, row, value);
  }

  /** Like `openBytes`, for a column of text. */
  open(name: SealedName, row: string, value: string): string | undefined {
    // The usual case of rows that earlier versions wrote.
    if (!isSealedText(value)) return value;
    return this.#bytesOf(name, row, value)?.toString('utf8');
  }

  #bytesOf(name: SealedName, row: string, value: Buffer | string): Buffer | undefined {
    const found = this.look(name, row, value);
    if ('bytes' in found) return found.bytes;
    if (found.state === 'lost') this.#missing.add(found.keyId);
    else this.#damage.note(SEALED_COLUMNS[name].table, row);
    return undefined;
  }
}
