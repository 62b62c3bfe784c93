/** `audit.head`, beside the store: how far its audit log and event numbers had come. Written with each event, without waiting for the disk. */
import { hash } from 'node:crypto';
import { closeSync, constants, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Status } from '../../contracts/status.ts';
import { NoFileError, openRegular, readRegular } from '../../contracts/regular-file.ts';
import type { Log } from '../../contracts/base.ts';
import { isHead, MAX_SEQUENCE, type AuditHead } from './shape.ts';
import { readHead } from '../audit.ts';
import type { Db } from '../connection/connection.ts';
import { getMeta, setMeta, unlessDamaged } from '../db.ts';
import { HEAD_FILE } from '../files/names.ts';
import { problem } from '../../contracts/words/problem.ts';

const HEAD_BYTES = 160;
/** A number in a row or file is plausible up to here, so that numbers continuing from it stay far from the end. The SQL repeats this value. */
const MAX_PLAUSIBLE = 2 ** 51;
/** More than the events that may have left since `audit.head` or the anchors were written. */
export const SEQUENCE_MARGIN = 100_000;

/** Folder of the open store; undefined for a copy in memory. */
export function folderOf(db: Db): string | undefined {
  const [main] = db.pragma('database_list') as { file: string }[];
  return main?.file ? dirname(main.file) : undefined;
}

/** Undefined if the file is missing, torn or holds values that no log has: only `anchors.json` then counts. */
export function readHeadFile(folder: string): AuditHead | undefined {
  try {
    const [seq, sequence, hash, check] = readRegular(join(folder, HEAD_FILE)).trim().split(' ');
    if (!seq || !sequence || !hash || check !== shortDigest(`${seq} ${sequence} ${hash}`)) return undefined;
    const head = { seq: Number(seq), hash, sequence: Number(sequence) };
    return isHead(head) ? { ...head, sequence: plausibleSequence(head.sequence) } : undefined;
  } catch {
    return undefined;
  }
}

/** The later of `audit.head` and the anchors. */
export function lastHead(
  folder: string,
  anchors: { readonly audit: AuditHead | null } | undefined,
): AuditHead | undefined {
  const heads = [anchors?.audit ?? undefined, readHeadFile(folder)].filter((h) => h !== undefined);
  return heads.sort((a, b) => b.seq - a.seq)[0];
}

/**
 * Writes `audit.head` after each commit, once for all commits of one turn of the event loop. A failed write is left to the next one, because the
 * file only adds to the anchors. Until the store is `settled` the file stays as it is: it may know of rows that this store has lost.
 */
export function openHeadFile(db: Db, settled: () => boolean = () => true, log?: Log) {
  let folder: string | undefined;
  let fd: number | undefined;
  let due = false;
  let inTheWay: string | undefined;
  const write = (): void => {
    due = false;
    if (!db.open || !settled()) return;
    try {
      folder ??= folderOf(db);
      if (folder === undefined) return;
      const head = headOf(db);
      if (!head) return;
      fd ??= openHead(join(folder, HEAD_FILE), log);
      inTheWay = undefined;
      const text = `${head.seq} ${head.sequence} ${head.hash}`;
      writeSync(fd, `${text} ${shortDigest(text)}`.padEnd(HEAD_BYTES - 1) + '\n', 0);
    } catch (error) {
      // A full disk or a missing folder is reported by the store.
      if (error instanceof NoFileError) inTheWay = error.message;
    }
  };
  const status: Status = {
    problems: () => (inTheWay === undefined ? [] : [problem('store:head', 'audit-head-blocked', { cause: inTheWay })]),
  };
  return {
    status,
    touch(): void {
      if (due) return;
      due = true;
      // Runs after the open transaction.
      queueMicrotask(write);
    },
    close(): void {
      write();
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

export type HeadFile = ReturnType<typeof openHeadFile>;

/** Moves aside an obstacle that is not a file and makes the file anew; if that fails, the next commit tries again. */
function openHead(path: string, log: Log | undefined): number {
  const flags = constants.O_WRONLY | constants.O_CREAT;
  try {
    return openRegular(path, flags);
  } catch (error) {
    if (!(error instanceof NoFileError)) throw error;
    try {
      renameSync(path, `${path}.damaged`);
    } catch {
      throw error;
    }
    log?.error({ why: error.message }, `${HEAD_FILE} was moved aside as ${HEAD_FILE}.damaged and made anew`);
    return openRegular(path, flags);
  }
}

/** The head of the current store. */
export function headOf(db: Db): AuditHead | undefined {
  const head = readHead(db);
  return head && { ...head, sequence: lastSequence(db) };
}

/** Returns the number of the next event, in the open transaction: sendable, and never used before. */
export function nextSequence(db: Db): number {
  const next = lastSequence(db) + 1;
  setMeta(db, 'sequence', String(next));
  return next;
}

/** The number of the last event. An implausible stored number is noted as damage and replaced by the highest of waiting rows and `audit.head`. */
export function lastSequence(db: Db): number {
  const text = getMeta(db, 'sequence');
  const stored = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  const newest = db.prepare('SELECT sequence FROM outbox WHERE seq = (SELECT max(seq) FROM outbox)').pluck();
  const least = unlessDamaged(() => plausibleSequence(newest.get() as number | undefined), 0);
  if (stored !== undefined && stored >= least && stored < MAX_SEQUENCE) return stored;
  const recomputed = lostSequence(db);
  // A new store has no events and has lost nothing.
  if (text !== undefined || recomputed > 0) db.damage.note('meta', 'sequence');
  return recomputed;
}

function lostSequence(db: Db): number {
  const highest = db.prepare('SELECT max(sequence) FROM outbox WHERE sequence BETWEEN 0 AND 2251799813685248').pluck();
  const waiting = unlessDamaged(() => highest.get() as number | null, 0) ?? 0;
  const folder = folderOf(db);
  const head = folder === undefined ? undefined : readHeadFile(folder);
  return Math.max(waiting, head && head.sequence > 0 ? head.sequence + SEQUENCE_MARGIN : 0);
}

/** `sequence`, or 0 if no box can have come that far. */
export function plausibleSequence(sequence: number | undefined): number {
  return sequence !== undefined && Number.isInteger(sequence) && sequence > 0 && sequence <= MAX_PLAUSIBLE
    ? sequence
    : 0;
}

const shortDigest = (text: string): string => hash('sha256', text).slice(0, 8);
