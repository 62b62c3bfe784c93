/** Faults in what each device sent, the newest of each kind, for the command line; kept as long as the device's registration. */
import type { CrewRefusal } from '../contracts/crew.ts';
import type { Instant } from '../contracts/base.ts';
import { setMeta, type Db } from './db.ts';
import { readMetaList } from './damage/readable-meta.ts';
import { isInstant, isOptional, isWord, membersOf } from './shapes.ts';

/** Holds nothing of the message itself. */
export interface DeviceFault {
  readonly why: CrewRefusal | 'clock wrong';
  /** The codec's name for the field. */
  readonly field?: string;
  /** What was expected there, or by how much the clock is wrong. */
  readonly hint?: string;
  /** When it last happened. */
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

/** Called when an id is registered anew: the faults belong to another device. */
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
