/**
 * Rows that cannot be read any more: cut off, overwritten, on a damaged page. Each is passed over where it is met, so that it stops nothing else,
 * and is said by table in /health and as an alarm, so that somebody looks.
 */
import type { Status } from '../../contracts/status.ts';
import { problem } from '../../contracts/words/problem.ts';

export type DamagedTable =
  'outbox' | 'hits' | 'evidence' | 'sos' | 'orders' | 'devices' | 'tracks' | 'meta' | 'audit' | 'counts';

/** A store that is damaged all over is not listed row by row. */
const MAX_ROWS_NAMED = 1_000;

export class DamageLog {
  readonly #rows = new Map<DamagedTable, Set<string>>();

  /** A row was met that cannot be read. The same one counts once. */
  note(table: DamagedTable, row: string | number): void {
    const rows = this.#rows.get(table) ?? new Set<string>();
    this.#rows.set(table, rows);
    if (rows.size < MAX_ROWS_NAMED) rows.add(String(row));
  }

  /** Rows by table, since the start. */
  counts(): Readonly<Partial<Record<DamagedTable, number>>> {
    return Object.fromEntries([...this.#rows].map(([table, rows]) => [table, rows.size]));
  }

  /** What `text` says, where it `fits`; undefined, and noted, where it says anything else. */
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

  /** The list that `text` says, each part of which `fits`; undefined, and noted, where it says anything else. */
  readList<T>(
    table: DamagedTable,
    row: string | number,
    text: string,
    fits: (part: unknown) => part is T,
  ): readonly T[] | undefined {
    return this.read(table, row, text, (list): list is readonly T[] => Array.isArray(list) && list.every(fits));
  }

  /** As `read`, where `null` or a word is as good as an object. */
  readAny<T>(table: DamagedTable, row: string | number, text: string): { readonly value: T } | undefined {
    try {
      return { value: JSON.parse(text) as T };
    } catch {
      // Not said: a parser quotes what it read, and that may be anybody's.
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
