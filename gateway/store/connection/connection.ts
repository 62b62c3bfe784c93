/**
 * The one door to the SQLite file. Each write passes `#guard`, which waits only shortly for a lock that another program holds, gives up the
 * ballast where the disk is full and tries once more, and says to `health` how it went. The file behind the door can be exchanged.
 */
import Database from 'better-sqlite3';
import { DamageLog } from '../damage/damage.ts';
import { StoreHealth, type StoreRefusalKind } from './health.ts';
import type { RunResult, Transaction } from './transaction.ts';

export interface ConnectionOptions {
  /** How long a write waits for the lock of another program, ms. On the event loop: everything else waits with it. */
  readonly waitMs: number;
  /** Gives up what is kept for a full disk; false when there is none. */
  readonly giveReserve?: () => boolean;
  /** Room on the disk, bytes: tells a full disk from another failure to write. */
  readonly freeBytes?: () => number;
  /** Mends what has SQLite say that it is full though the disk has room (`row-numbers.ts`); false where nothing was to mend. */
  readonly mendFull?: (db: Db) => boolean;
}

/** While another program holds the write lock it is asked this often, without waiting. */
const LOOK_EVERY_MS = 100;
/** With less room than this, a failure to write is a full disk. */
const NO_ROOM_BYTES = 2 ** 20;
/** Statements are texts of this code, so there are some hundreds at most. */
const MAX_STATEMENTS = 1_000;

export class Db {
  readonly health = new StoreHealth();
  readonly damage = new DamageLog();
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

  get inTransaction(): boolean {
    return this.#file.inTransaction;
  }

  prepare(sql: string): DbStatement {
    // Compiled at once, so that a mistake shows where it was made.
    this.compiled(sql);
    return new DbStatement(this, sql);
  }

  transaction<A extends unknown[], T>(work: (...args: A) => T): Transaction<A, T> {
    const run = (how: 'deferred' | 'immediate', args: A): T => this.#file.transaction(work)[how](...args);
    return Object.assign((...args: A): T => this.#committed(() => run('deferred', args)), {
      immediate: (...args: A): T => this.#committed(() => this.guard(() => run('immediate', args))),
      expendable: (...args: A): T => this.#committed(() => this.guard(() => run('immediate', args), true)),
    });
  }

  /** Runs `work` when the transaction that is open is committed and its lock is free, at once where none is. What it throws undoes nothing. */
  afterCommit(work: () => void): void {
    if (this.inTransaction) this.#after.push(work);
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

  /**
   * Goes on with the connection that `open` makes, where it makes one, or else as before. Connections of one process share what they have of a
   * file, so that the one that can only read has to be closed before; `again` opens it anew.
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

  /** Runs `work` before the next write, and before each until it throws no more. A write before which it throws is not done. */
  beforeWrites(work: () => void): void {
    this.#first = work;
  }

  /** Calls `writable` when the store takes writes again after it refused them; gives back how to end that. */
  onWritable(writable: () => void): () => void {
    this.#followers.add(writable);
    return () => void this.#followers.delete(writable);
  }

  /** All of a store that is in memory, for a thread that reads it with `openDbReader`; undefined where it lies in a file. */
  inMemory(): Uint8Array | undefined {
    return this.#file.memory ? this.#file.serialize() : undefined;
  }

  /** Tells those who follow. */
  writable(): void {
    for (const writable of [...this.#followers]) writable();
  }

  /** Of `Statement`: compiled once for each text. */
  compiled(sql: string, plucked = false): Database.Statement {
    const key = `${plucked ? 'pluck' : 'rows'} ${sql}`;
    const known = this.#statements.get(key);
    if (known) return known;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.fresh(sql, plucked);
    this.#statements.set(key, statement);
    return statement;
  }

  /** Of `Statement`: one that is walked through step by step must not be used by anybody else meanwhile. */
  fresh(sql: string, plucked: boolean): Database.Statement {
    const statement = this.#file.prepare(sql);
    return plucked ? statement.pluck() : statement;
  }

  /** Runs what needs room and is nobody's write: a full disk gives its reserve for it. False where there is no room; whoever writes next says so. */
  hasRoomFor(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (this.#kindOf(error) !== 'full') throw error;
      return this.#gaveReserve() && this.hasRoomFor(work);
    }
  }

  /** Runs a write. Inside a transaction it is part of it, and the whole is guarded. */
  guard<T>(work: () => T, expendable = false): T {
    if (this.inTransaction) return work();
    this.health.admit(expendable);
    this.#doFirst();
    try {
      return this.#wrote(work());
    } catch (error) {
      const kind = this.#kindOf(error);
      if (kind === undefined) throw error;
      if (kind === 'failed' && this.#mended(error)) return this.guard(work, expendable);
      if (kind === 'full' && !expendable && this.#gaveReserve()) return this.guard(work, expendable);
      this.health.refuse(kind, (error as Error).message);
      if (kind === 'busy') this.#lookAgain();
      throw error;
    }
  }

  #committed<T>(transact: () => T): T {
    if (this.inTransaction) return transact();
    // Of one that was rolled back.
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
    // What it writes itself waits for nothing.
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

  /** Undefined: no matter of the store. */
  #kindOf(error: unknown): StoreRefusalKind | undefined {
    if (!(error instanceof Database.SqliteError)) return undefined;
    const { code } = error;
    if (code.startsWith('SQLITE_BUSY')) return 'busy';
    if (code.startsWith('SQLITE_READONLY')) return 'read-only';
    if (code.startsWith('SQLITE_CONSTRAINT')) return undefined;
    const free = this.#options.freeBytes?.() ?? (code === 'SQLITE_FULL' ? 0 : Infinity);
    return free < NO_ROOM_BYTES ? 'full' : 'failed';
  }

  #wait(ms: number): void {
    this.#file.pragma(`busy_timeout = ${ms}`);
  }

  /** From the first write that had to wait in vain: the others do not wait at all, and the lock is asked for beside them. */
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

/** An SQL statement of a `Db`, whatever file stands behind it. */
export class DbStatement {
  readonly #db: Db;
  readonly #sql: string;
  readonly #plucked: boolean;

  constructor(db: Db, sql: string, plucked = false) {
    this.#db = db;
    this.#sql = sql;
    this.#plucked = plucked;
  }

  /** Rows come as the value of their first column. */
  pluck(): DbStatement {
    return new DbStatement(this.#db, this.#sql, true);
  }

  /** A write. */
  run(...values: unknown[]): RunResult {
    return this.#db.guard(() => this.#compiled().run(...values));
  }

  get(...values: unknown[]): unknown {
    return this.#compiled().get(...values);
  }

  all(...values: unknown[]): unknown[] {
    return this.#compiled().all(...values);
  }

  iterate(...values: unknown[]): IterableIterator<unknown> {
    return this.#db.fresh(this.#sql, this.#plucked).iterate(...values);
  }

  #compiled(): Database.Statement {
    return this.#db.compiled(this.#sql, this.#plucked);
  }
}
