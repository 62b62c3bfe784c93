/**
 * The one door to the SQLite file. Each write passes `#guard`, which waits only briefly for another program's lock, gives up the ballast on a full
 * disk and tries once more, and reports the result to `health`. The file behind the door can be exchanged.
 */
import Database from 'better-sqlite3';
import { causeOf } from '../../contracts/errors.ts';
import { DamageLog } from '../damage/damage.ts';
import { hasNoRoom } from '../files/ballast.ts';
import { Sealing } from '../sealing/sealing.ts';
import { StoreHealth, type StoreRefusalKind } from './health.ts';
import { LogGap } from './log-gap.ts';

export interface ConnectionOptions {
  /** How long a write waits for another program's lock, ms. On the event loop everything else waits too. */
  readonly waitMs: number;
  /** Where the file lies: the free space there tells a full disk from another write failure. */
  readonly folder?: string;
  /** Frees the reserve kept for a full disk; false if there is none. */
  readonly giveReserve?: () => boolean;
  /** Repairs row numbers that make SQLite report a full disk (`row-numbers.ts`); false if none needed repair. */
  readonly mendFull?: (db: Db) => boolean;
}

/** How often a lock held by another program is tried again, without waiting. */
const LOOK_EVERY_MS = 100;
/** Statements are literals in this code, so there are a few hundred at most. */
const MAX_STATEMENTS = 1_000;

export class Db {
  readonly health = new StoreHealth();
  readonly damage = new DamageLog();
  readonly sealing = new Sealing(this.damage);
  readonly gap = new LogGap();
  readonly #options: ConnectionOptions;
  #file: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #followers = new Set<() => void>();
  #looking: NodeJS.Timeout | undefined;
  #first: (() => void) | undefined;
  #mending = false;
  #after: (() => void)[] = [];

  constructor(file: Database.Database, options: ConnectionOptions) {
    this.#file = file;
    this.#options = options;
    this.#wait(options.waitMs);
  }

  get open(): boolean {
    return this.#file.open;
  }

  prepare(sql: string, plucked = false): DbStatement {
    // Compiled at once, so that an error shows where it was made.
    this.#compiled(sql, plucked);
    return {
      pluck: () => this.prepare(sql, true),
      run: (...values) => this.guard(() => this.#compiled(sql, plucked).run(...values)),
      get: (...values) => this.#compiled(sql, plucked).get(...values),
      all: (...values) => this.#compiled(sql, plucked).all(...values),
      iterate: (...values) => this.#fresh(sql, plucked).iterate(...values),
    };
  }

  /** Runs `work` in one transaction that takes the write lock at its start. May run it twice, so `work` must change nothing but the store. */
  write<T>(work: () => T): T {
    return this.transaction(work).immediate();
  }

  /** Makes a function that runs `work` in a transaction, and inside an open one as a savepoint. Called as it is: one snapshot for all reads. */
  transaction<A extends unknown[], T>(work: (...args: A) => T) {
    const run = (how: 'deferred' | 'immediate', args: A): T => this.#file.transaction(work)[how](...args);
    return Object.assign((...args: A): T => this.#committed(() => run('deferred', args)), {
      /** For writes: as `write`. */
      immediate: (...args: A): T => this.#committed(() => this.guard(() => run('immediate', args))),
      /** Like `immediate`, for expendable writes (positions, tracks, counts): never uses the reserve. */
      expendable: (...args: A): T => this.#committed(() => this.guard(() => run('immediate', args), true)),
    });
  }

  /** Runs `work` once the open transaction is committed and its lock released, or at once if none is open. An error in it undoes nothing. */
  afterCommit(work: () => void): void {
    if (this.#file.inTransaction) this.#after.push(work);
    else work();
  }

  /** For the layout of the store; not guarded. */
  exec(sql: string): void {
    this.#file.exec(sql);
  }

  pragma(text: string, options?: { simple: boolean }): unknown {
    return this.#file.pragma(text, options);
  }

  close(): void {
    clearInterval(this.#looking);
    this.#statements.clear();
    this.#file.close();
  }

  readonly [Symbol.dispose] = (): void => this.close();

  /**
   * Switches to the connection that `open` returns, or returns to the old one if it throws. Connections of one process share the state of a file, so the
   * read-only one is closed first; `again` reopens it.
   */
  exchange(open: () => Database.Database, again: () => Database.Database): void {
    const inMemory = this.#file.memory;
    const close = (): void => {
      this.#statements.clear();
      this.#file.close();
    };
    if (!inMemory) close();
    try {
      const file = open();
      if (inMemory) close();
      this.#file = file;
    } catch (error) {
      if (!inMemory) this.#file = again();
      throw error;
    } finally {
      this.#wait(this.#options.waitMs);
    }
  }

  /** Runs `work` before the next write, and before each further one until it succeeds. While it throws, writes are refused. */
  beforeWrites(work: () => void): void {
    this.#first = work;
  }

  /** Calls `writable` when the store takes writes again after a refusal; returns a function that ends this. */
  onWritable(writable: () => void): () => void {
    this.#followers.add(writable);
    return () => void this.#followers.delete(writable);
  }

  /** The bytes of a store in memory, for a thread that reads it with `openDbReader`; undefined for a store in a file. */
  inMemory(): Uint8Array | undefined {
    return this.#file.memory ? this.#file.serialize() : undefined;
  }

  writable(): void {
    for (const follower of [...this.#followers]) follower();
  }

  /** Compiled once per text. */
  #compiled(sql: string, plucked: boolean): Database.Statement {
    const key = `${plucked ? 'pluck' : 'rows'} ${sql}`;
    const compiled = this.#statements.get(key);
    if (compiled) return compiled;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.#fresh(sql, plucked);
    this.#statements.set(key, statement);
    return statement;
  }

  /** A statement that is being iterated must not be shared. */
  #fresh(sql: string, plucked: boolean): Database.Statement {
    const statement = this.#file.prepare(sql);
    return plucked ? statement.pluck() : statement;
  }

  /** Runs work that needs space but is no write; a full disk gives its reserve. False if there is no space: the next write reports it. */
  hasRoomFor(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (this.#kindOf(error) !== 'full') throw error;
      return this.#gaveReserve() && this.hasRoomFor(work);
    }
  }

  /** Runs a write. Inside a transaction it is a part of it, and the whole is guarded. */
  guard<T>(work: () => T, expendable = false): T {
    if (this.#file.inTransaction) return work();
    this.health.admit(expendable);
    this.#doFirst();
    try {
      return this.#wrote(work());
    } catch (error) {
      const kind = this.#kindOf(error);
      if (kind === undefined) throw error;
      if (kind === 'failed' && this.#mended(error)) return this.guard(work, expendable);
      if (kind === 'full' && !expendable && this.#gaveReserve()) return this.guard(work, expendable);
      this.health.refuse(kind, causeOf(error));
      if (kind === 'busy') this.#lookAgain();
      throw error;
    }
  }

  #committed<T>(transact: () => T): T {
    if (this.#file.inTransaction) return transact();
    // Left by a transaction that was rolled back.
    this.#after = [];
    const result = transact();
    for (const work of this.#after.splice(0)) work();
    return result;
  }

  #gaveReserve(): boolean {
    const gave = this.#options.giveReserve?.() ?? false;
    if (gave) this.health.useReserve(true);
    return gave;
  }

  #doFirst(): void {
    const first = this.#first;
    if (!first) return;
    // Its own writes must not run it again.
    this.#first = undefined;
    try {
      first();
    } catch (error) {
      this.#first = first;
      throw error;
    }
  }

  #mended(error: unknown): boolean {
    if (this.#mending || (error as { code?: unknown }).code !== 'SQLITE_FULL') return false;
    this.#mending = true;
    try {
      return this.#options.mendFull?.(this) ?? false;
    } finally {
      this.#mending = false;
    }
  }

  #wrote<T>(result: T): T {
    if (this.health.state().refusal) {
      this.health.wrote();
      this.#wait(this.#options.waitMs);
    }
    return result;
  }

  /** Undefined: not an error of the store. */
  #kindOf(error: unknown): StoreRefusalKind | undefined {
    if (!(error instanceof Database.SqliteError)) return undefined;
    const { code } = error;
    if (code.startsWith('SQLITE_BUSY')) return 'busy';
    if (code.startsWith('SQLITE_READONLY')) return 'read-only';
    if (code.startsWith('SQLITE_CONSTRAINT')) return undefined;
    const { folder } = this.#options;
    const full = folder === undefined ? code === 'SQLITE_FULL' : hasNoRoom(folder);
    return full ? 'full' : 'failed';
  }

  #wait(ms: number): void {
    this.#file.pragma(`busy_timeout = ${ms}`);
  }

  /** After one write has waited in vain the others do not wait at all; the lock is tried from a timer. */
  #lookAgain(): void {
    this.#wait(0);
    this.#looking ??= setInterval(() => {
      if (!this.#free()) return;
      clearInterval(this.#looking);
      this.#looking = undefined;
      this.#wait(this.#options.waitMs);
      this.writable();
    }, LOOK_EVERY_MS).unref();
  }

  #free(): boolean {
    try {
      this.#file.transaction(() => undefined).immediate();
      this.health.wrote();
      return true;
    } catch (error) {
      return this.#kindOf(error) !== 'busy';
    }
  }
}

/** An SQL statement of a `Db`, independent of the file behind it. */
export interface DbStatement {
  /** Returns only the first column of each row. */
  pluck(): DbStatement;
  run(...values: unknown[]): Database.RunResult;
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  iterate(...values: unknown[]): IterableIterator<unknown>;
}
