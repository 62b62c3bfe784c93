/** Time, ids, digests, JSON, and what every adapter is given. What the types of this folder have no room for (a face template, data of a non-match) cannot leak. */
import type { LoginContext } from './logins.ts';

/** Milliseconds since the Unix epoch, UTC, by the box's own clock. */
export type Instant = number;
/** 26 characters, Crockford base 32, sortable by time of creation (ULID layout); made by `newId` of clock.ts. */
export type Id = string;
/** 64 lower-case hexadecimal digits. */
export type Sha256 = string;
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What an adapter is opened with. Opening checks its part of the configuration and touches no device.
 * @example
 * const open: OpenSource = (config, context) => {
 *   const { host, password } = context.check(z.strictObject({ host: z.string(), password: z.string() }), config);
 *   return openCamera(host, context.secret(password, 'password'), context.log);
 * };
 */
export interface Context extends LoginContext {
  /** Camera, reader or relay id of the configuration. */
  readonly id: string;
  readonly site: string;
  readonly box: string;
  readonly log: Log;
  /** Checks `value` with a zod schema; every mistake becomes part of one ConfigError with line, path and hint. */
  check<T>(schema: Schema<T>, value: unknown): T;
  /** Resolves `file:PATH` or `env:NAME`; the value never appears in an error. `path` names the key for the message. */
  secret(reference: string, path: string): string;
  /** Absolute path of a file or folder that the configuration names; relative ones count from the configuration's own folder. */
  file(path: string): string;
}

/** The part of a zod schema that `check` uses; it keeps zod out of this file. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown };
}

/** The part of pino that the product uses. Log once, at the place that decides. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Drops all it is given. */
export const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };
