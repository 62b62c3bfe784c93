/** How the store is: whether it takes writes, why not, and since when. Every write goes past it (`connection.ts`), so it needs no probing. */
import { english } from '../../contracts/words/words.ts';

/**
 * `full`: no room on the disk. `busy`: another program holds the write lock. `read-only`: opened for reading only. `moved`: the file at its
 * path is another one, or none. `damaged`: the box goes on without it (`damage/fallback.ts`). `failed`: anything else that the disk or SQLite says.
 */
export type StoreRefusalKind = 'full' | 'busy' | 'read-only' | 'moved' | 'damaged' | 'failed';

export interface StoreRefusal {
  readonly kind: StoreRefusalKind;
  /** In words, without personal data. */
  readonly why: string;
  /** Monotonic, ms. */
  readonly since: number;
}

export interface StoreState {
  /** Undefined while writes are taken. */
  readonly refusal: StoreRefusal | undefined;
  /** Writes that were refused since the start. */
  readonly refused: number;
  /** The disk is full and the ballast was given up: only what must not be lost is written. */
  readonly onReserve: boolean;
}

/** Thrown where a write is refused before SQLite is asked. */
export class StoreRefused extends Error {
  readonly kind: StoreRefusalKind;
  constructor(kind: StoreRefusalKind, why: string) {
    super(why);
    this.name = 'StoreRefused';
    this.kind = kind;
  }
}

/** Whether `error` says that the store did not take a write, rather than that something else went wrong. */
export function isRefusal(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: unknown };
  return (
    error instanceof StoreRefused ||
    /^SQLITE_(FULL|BUSY|LOCKED|READONLY|IOERR|CANTOPEN|NOMEM|PROTOCOL|INTERRUPT)/.test(String(code))
  );
}

export class StoreHealth {
  #refusal: StoreRefusal | undefined;
  #closed: { readonly kind: StoreRefusalKind; readonly why: string } | undefined;
  #refused = 0;
  #onReserve = false;

  /** Throws where a write need not be tried: the file is not ours any more, or what may be lost would use up the reserve. */
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

  /** Nothing is written from now on, until `reopen`. */
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

  state(): StoreState {
    return { refusal: this.#refusal, refused: this.#refused, onReserve: this.#onReserve };
  }
}
