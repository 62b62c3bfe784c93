/** What a write to the store gives back, and how several are made one (`connection.ts`). */

export interface RunResult {
  readonly changes: number;
  readonly lastInsertRowid: number | bigint;
}

/** A function that runs in a transaction; where one is open already, it joins it as a savepoint. */
export interface Transaction<A extends unknown[], T> {
  /** For reads: one view of the data from the first to the last. */
  (...args: A): T;
  /** For writes: takes the write lock at its beginning. May run `work` twice, so `work` changes nothing but the store. */
  immediate(...args: A): T;
  /** As `immediate`, for what may be lost (positions, tracks, counts): never uses the reserve. */
  expendable(...args: A): T;
}
