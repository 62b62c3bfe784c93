/** The result of a write, and transactions (`connection.ts`). */

export interface RunResult {
  readonly changes: number;
  readonly lastInsertRowid: number | bigint;
}

/** A function that runs in a transaction; inside an open one it runs as a savepoint. */
export interface Transaction<A extends unknown[], T> {
  /** For reads: one snapshot for all of them. */
  (...args: A): T;
  /** For writes: takes the write lock at the start. May run `work` twice, so `work` must change nothing but the store. */
  immediate(...args: A): T;
  /** Like `immediate`, for expendable writes (positions, tracks, counts): never uses the reserve. */
  expendable(...args: A): T;
}
