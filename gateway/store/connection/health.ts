/** Health of the store: whether it takes writes, why not, and since when. Every write reports here (`connection.ts`), so no probing is needed. */
import { english } from '../../contracts/words/words.ts';

/**
 * `full`: no space on the disk. `busy`: another program holds the write lock. `read-only`: opened for reading only. `moved`: the file at its path
 * is missing or another one. `damaged`: the box runs without it (`damage/fallback.ts`). `failed`: any other error of disk or SQLite.
 */
export type StoreRefusalKind = 'full' | 'busy' | 'read-only' | 'moved' | 'damaged' | 'failed';

export interface StoreRefusal {
  readonly kind: StoreRefusalKind;
  /** In words, without personal data. */
  readonly why: string;
  /** Monotonic, ms. */
  readonly since: number;
}

/** Thrown for a write that is refused before it reaches SQLite. */
export class StoreRefused extends Error {
  readonly kind: StoreRefusalKind;
  constructor(kind: StoreRefusalKind, why: string) {
    super(why);
    this.name = 'StoreRefused';
    this.kind = kind;
  }
}

/** Whether `error` means that the store refused a write. */
export function isRefusal(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: unknown };
  return (
    error instanceof StoreRefused ||
    /^SQLITE_(FULL|BUSY|LOCKED|READONLY|IOERR|CANTOPEN|NOMEM|PROTOCOL|INTERRUPT)/.test(String(code))
  );
}

export class StoreHealth {
  /** Undefined while writes are taken. */
  #refusal: StoreRefusal | undefined;
  #closed: { readonly kind: StoreRefusalKind; readonly why: string } | undefined;
  /** Refused writes since the start. */
  #refused = 0;
  /** The disk is full and the ballast was given up: only writes that must not be lost are taken. */
  #onReserve = false;

  /** Throws if a write need not be tried: the file is no longer the right one, or an expendable write would use up the reserve. */
  admit(expendable: boolean): void {
    if (this.#closed) {
      this.#refused++;
      throw new StoreRefused(this.#closed.kind, this.#closed.why);
    }
    if (expendable && this.#onReserve) throw new StoreRefused('full', english('store-reserve-only'));
  }

  refuse(kind: StoreRefusalKind, why: string): void {
    this.#refused++;
    const since = this.#refusal?.kind === kind ? this.#refusal.since : performance.now();
    this.#refusal = { kind, why, since };
  }

  wrote(): void {
    if (!this.#closed) this.#refusal = undefined;
  }

  /** Refuses writes from now on, until `reopen`. */
  shut(kind: 'full' | 'read-only' | 'moved' | 'damaged', why: string): void {
    this.#closed = { kind, why };
    this.#refusal = { kind, why, since: this.#refusal?.kind === kind ? this.#refusal.since : performance.now() };
  }

  reopen(): void {
    this.#closed = undefined;
    this.#refusal = undefined;
  }

  useReserve(used: boolean): void {
    this.#onReserve = used;
  }

  state() {
    return { refusal: this.#refusal, refused: this.#refused, onReserve: this.#onReserve };
  }
}

export type StoreState = Readonly<ReturnType<StoreHealth['state']>>;
