/** A list brought in as `sitebox list import` does it, without a person to ask. */
import type { Db } from '../../store/db.ts';
import type { Result } from '../result.ts';
import { commitBundle, noteRefusal, stageBundle, type ImportRequest, type StagedList } from './import.ts';

/** Verifies the list and stores it; a refused one leaves an audit row and an alarm. */
export function importBundle(db: Db, request: ImportRequest, notes = {}): Result<StagedList> {
  const staged = stageBundle(db, request);
  if (staged.ok) commitBundle(db, request, staged.value, notes);
  else noteRefusal(db, staged, request);
  return staged;
}
