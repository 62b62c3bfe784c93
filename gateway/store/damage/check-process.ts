/** The process that checks the store at the path of its argument: its own read-only connection, one check, one answer. */
import { causeOf } from '../../contracts/errors.ts';
import { checkStore, type CheckReport } from './check.ts';
import { openForReading } from '../db.ts';

/** A report, or why the file could not even be opened. */
export type CheckAnswer = { readonly report: CheckReport } | { readonly problem: string };

function check(path: string): CheckAnswer {
  try {
    using db = openForReading(path);
    return { report: checkStore(db) };
  } catch (error) {
    return { problem: causeOf(error) };
  }
}

process.send?.(check(process.argv[2] ?? ''));
