/** Reads what the list office wrote, a table or a JSON array, into drafts of entries. Every mistake is named, and then nothing is signed. */
import { dirname } from 'node:path';
import { DEFAULT_LIST_LIMITS } from '../../lists/bundle.ts';
import { decodeCsv, type Encoding } from '../../lists/office/csv.ts';
import { checkDraft, type EntryDraft, type ReadPhoto } from '../../lists/entry.ts';
import { photosIn, readCapped } from '../../lists/files.ts';
import { problemTexts } from '../../lists/json.ts';
import { columnName, draftsFromTable } from '../../lists/office/table.ts';
import type { ListType } from '../../contracts/list.ts';
import { Stop } from '../exit.ts';
import { must } from './common.ts';
import { say } from '../language.ts';
import { words, type Value } from '../../contracts/words/words.ts';

export interface DraftOptions {
  readonly type: ListType;
  readonly offset?: string;
  readonly encoding: Encoding;
  /** Rows of the table, or entries of the array, whose number somebody has compared. */
  readonly confirmRow?: readonly number[];
}

/** `value`: of a file that is JSON. */
export function readDrafts(
  file: string,
  value: readonly unknown[] | undefined,
  options: DraftOptions,
): readonly EntryDraft[] {
  const { maxBytes, maxEntries } = DEFAULT_LIST_LIMITS;
  // Base64 makes four bytes of three.
  const readPhoto = photosIn(dirname(file), (maxBytes * 3) / 4);
  const drafts = value ? jsonDrafts(file, value, options, readPhoto) : tableDrafts(file, options, readPhoto);
  // Before any digest is made, which takes a while.
  if (drafts.length > maxEntries)
    throw new Stop(say('list-too-many-entries', { file, entries: drafts.length, most: maxEntries }));
  return drafts;
}

function tableDrafts(file: string, options: DraftOptions, readPhoto: ReadPhoto): readonly EntryDraft[] {
  const text = must(decodeCsv(must(readCapped(file, DEFAULT_LIST_LIMITS.maxBytes)), options.encoding));
  const table = draftsFromTable(options.type, text, readPhoto, options.offset, options.confirmRow);
  if (table.ok) {
    for (const note of table.notes ?? []) console.log(say('list-note', { file, note }));
    return table.drafts;
  }
  for (const { row, column, message } of table.problems)
    console.error(say('list-row-problem', { file, row, column: columnName(column), problem: message }));
  throw new Stop(say('list-mistakes', { n: table.problems.length }));
}

function jsonDrafts(
  file: string,
  values: readonly unknown[],
  { type, confirmRow = [] }: DraftOptions,
  readPhoto: ReadPhoto,
): readonly EntryDraft[] {
  const drafts: EntryDraft[] = [];
  const problems: Value[] = [];
  for (const [i, value] of values.entries()) {
    const entry = i + 1;
    const checked = checkDraft(type, value, readPhoto);
    if (checked.ok) {
      drafts.push(checked.draft);
      if (checked.correction !== undefined)
        console.log(say('list-note', { file, note: words('list-entry-note', { entry, note: checked.correction }) }));
      if (checked.suspicion !== undefined && !confirmRow.includes(i + 1)) {
        problems.push(words('list-entry-doubt', { entry, doubt: checked.suspicion }));
      }
    } else
      problems.push(
        ...problemTexts({ issues: checked.problems }).map((problem) => words('entry-problem', { entry, problem })),
      );
  }
  for (const problem of problems) console.error(say('list-note', { file, note: problem }));
  if (problems.length > 0) throw new Stop(say('list-mistakes', { n: problems.length }));
  return drafts;
}

export function parseJson(file: string): unknown {
  const bytes = must(readCapped(file, DEFAULT_LIST_LIMITS.maxBytes));
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    throw new Stop(say('list-neither', { file }));
  }
}
