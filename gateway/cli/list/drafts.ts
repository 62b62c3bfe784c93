/** Reads what the list office wrote, a table or a JSON array, into drafts of entries. Every mistake is named, and then nothing is signed. */
import { dirname } from 'node:path';
import { DEFAULT_LIMITS } from '../../lists/bundle.ts';
import { decodeCsv, type Encoding } from '../../lists/office/csv.ts';
import { checkDraft, type Draft, type ReadPhoto } from '../../lists/entry.ts';
import { photosIn, readCapped } from '../../lists/files.ts';
import { problemTexts } from '../../lists/json.ts';
import { draftsFromTable } from '../../lists/office/table.ts';
import type { ListType } from '../../contracts/list.ts';
import { Stop } from '../exit.ts';
import { must } from './common.ts';

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
): readonly Draft[] {
  const { maxBytes, maxEntries } = DEFAULT_LIMITS;
  // Base64 makes four bytes of three.
  const readPhoto = photosIn(dirname(file), (maxBytes * 3) / 4);
  const drafts = value ? jsonDrafts(file, value, options, readPhoto) : tableDrafts(file, options, readPhoto);
  // Before any digest is made, which takes a while.
  if (drafts.length > maxEntries) {
    throw new Stop(`${file} has ${drafts.length} entries, a list has at most ${maxEntries}; nothing was signed`);
  }
  return drafts;
}

function tableDrafts(file: string, options: DraftOptions, readPhoto: ReadPhoto): readonly Draft[] {
  const text = must(decodeCsv(must(readCapped(file, DEFAULT_LIMITS.maxBytes)), options.encoding));
  const table = draftsFromTable(options.type, text, readPhoto, options.offset, options.confirmRow);
  if (table.ok) {
    for (const note of table.notes ?? []) console.log(`${file}: ${note}`);
    return table.drafts;
  }
  for (const { row, column, message } of table.problems) console.error(`${file}: row ${row}, ${column}: ${message}`);
  throw new Stop(`${table.problems.length} mistakes; nothing was signed`);
}

function jsonDrafts(
  file: string,
  values: readonly unknown[],
  { type, confirmRow = [] }: DraftOptions,
  readPhoto: ReadPhoto,
): readonly Draft[] {
  const drafts: Draft[] = [];
  const problems: string[] = [];
  for (const [i, value] of values.entries()) {
    const checked = checkDraft(type, value, readPhoto);
    if (checked.ok) {
      drafts.push(checked.draft);
      if (checked.note !== undefined) console.log(`${file}: entry ${i + 1}: ${checked.note}`);
      if (checked.doubt !== undefined && !confirmRow.includes(i + 1)) {
        const how = `Compare it with the paper; if it is right: --confirm-row ${i + 1}`;
        problems.push(`entry ${i + 1}: number ${checked.doubt}. ${how}`);
      }
    } else problems.push(...problemTexts({ issues: checked.problems }).map((text) => `entry ${i + 1}: ${text}`));
  }
  for (const problem of problems) console.error(`${file}: ${problem}`);
  if (problems.length > 0) throw new Stop(`${problems.length} mistakes; nothing was signed`);
  return drafts;
}

export function parseJson(file: string): unknown {
  const bytes = must(readCapped(file, DEFAULT_LIMITS.maxBytes));
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    throw new Stop(`${file} is neither NAME.csv nor JSON`);
  }
}
