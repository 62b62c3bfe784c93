/** What was refused or left out of what each device sent, the newest of each kind: kept as long as its registration, so that the command line can say it. */
import type { CrewRefusal } from '../contracts/crew.ts';
import type { Instant } from '../contracts/base.ts';
import { setMeta, type Db } from './db.ts';
import { readMetaList } from './damage/readable-meta.ts';
import { isInstant, isOptional, isWord, membersOf } from './shapes.ts';

/** Repeats nothing of what was sent. */
export interface DeviceFault {
  readonly why: CrewRefusal | 'clock wrong';
  /** A name of the codec's own. */
  readonly field?: string;
  /** What was expected there; how far the clock is off. */
  readonly hint?: string;
  /** The last time. */
  readonly at: Instant;
  readonly times: number;
}

/** Newest first. */
export function readFaults(db: Db, device: string): readonly DeviceFault[] {
  return readMetaList(db, keyOf(device), isFault);
}

export function writeFaults(db: Db, device: string, faults: readonly DeviceFault[]): void {
  setMeta(db, keyOf(device), JSON.stringify(faults));
}

/** It is registered anew: what another device had under its id is nothing of its own. */
export function dropFaults(db: Db, device: string): void {
  db.prepare('DELETE FROM meta WHERE key = ?').run(keyOf(device));
}

function isFault(part: unknown): part is DeviceFault {
  const { why, field, hint, at, times } = membersOf(part);
  const isNamed = isWord(why) && isOptional(field, isWord) && isOptional(hint, isWord);
  return isNamed && isInstant(at) && Number.isSafeInteger(times);
}

function keyOf(device: string): string {
  return `faults of ${device}`;
}
