/**
 * Notes unreadable rows: cut off, overwritten, or on a damaged page. Each is skipped where it is met, so that everything else goes on, and is
 * counted by table in /health and as an alarm, so that a person looks.
 */
import type { Status } from '../../contracts/status.ts';
import { problem } from '../../contracts/words/problem.ts';

export type DamagedTable =
  | 'outbox'
  | 'hits'
  | 'reviews'
  | 'judgings'
  | 'handovers'
  | 'tlsAuthority'
  | 'evidence'
  | 'sos'
  | 'orders'
  | 'devices'
  | 'tracks'
  | 'meta'
  | 'audit'
  | 'counts'
  | 'people';

/** A store damaged all over is not listed row by row. */
const MAX_ROWS_NAMED = 1_000;

export class DamageLog {
  readonly #rows = new Map<DamagedTable, Set<string>>();

  /** Notes an unreadable row; the same row counts once. */
  note(table: DamagedTable, row: string | number): void {
    const rows = this.#rows.get(table) ?? new Set<string>();
    this.#rows.set(table, rows);
    if (rows.size < MAX_ROWS_NAMED) rows.add(String(row));
  }

  /** Unreadable rows by table, since the start. */
  counts(): Readonly<Partial<Record<DamagedTable, number>>> {
    return Object.fromEntries([...this.#rows].map(([table, rows]) => [table, rows.size]));
  }

  /** The parsed `text` if it `fits`; otherwise undefined, and the row is noted. */
  read<T>(
    table: DamagedTable,
    row: string | number,
    text: string,
    fits: (value: unknown) => value is T,
  ): T | undefined {
    const found = this.readAny<unknown>(table, row, text);
    if (!found) return undefined;
    if (fits(found.value)) return found.value;
    this.note(table, row);
    return undefined;
  }

  /** The parsed list if each part `fits`; otherwise undefined, and the row is noted. */
  readList<T>(
    table: DamagedTable,
    row: string | number,
    text: string,
    fits: (part: unknown) => part is T,
  ): readonly T[] | undefined {
    return this.read(table, row, text, (list): list is readonly T[] => Array.isArray(list) && list.every(fits));
  }

  /** Like `read`, for values that may be null or not an object. */
  readAny<T>(table: DamagedTable, row: string | number, text: string): { readonly value: T } | undefined {
    try {
      return { value: JSON.parse(text) as T };
    } catch {
      // The error is dropped: a parser quotes its input, which may be personal.
      this.note(table, row);
      return undefined;
    }
  }

  readonly status: Status = {
    problems: () =>
      Object.entries(this.counts()).map(([table, rows]) =>
        problem(`damaged:${table}`, 'store-rows-unreadable', { rows, table }),
      ),
    health: () => ({ damagedRows: this.counts() }),
  };
}
