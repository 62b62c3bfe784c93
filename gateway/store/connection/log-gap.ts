/** Rows of the audit log that could not be written since the last one that could, as this process knows them (`audit-gap.ts`). */
import type { Instant } from '../../contracts/base.ts';

export interface Gap {
  readonly from: Instant;
  readonly to: Instant;
  readonly rows: number;
}

export class LogGap {
  #gap: Gap | undefined;

  count(at: Instant): void {
    const { from, rows } = this.#gap ?? { from: at, rows: 0 };
    this.#gap = { from, to: Math.max(at, this.#gap?.to ?? at), rows: rows + 1 };
  }

  /** Undefined while nothing is missing. */
  state(): Gap | undefined {
    return this.#gap;
  }

  /** One from before the start, in front of those counted since. */
  restore({ from, to, rows }: Gap): void {
    const since = this.#gap;
    this.#gap = { from, to: since?.to ?? to, rows: rows + (since?.rows ?? 0) };
  }

  clear(): void {
    this.#gap = undefined;
  }
}
