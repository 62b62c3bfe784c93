/** Converts a list from and to a spreadsheet table with one row per entry. Column names are English or Chinese. */
import type { ListEntry, ListType } from '../../contracts/list.ts';
import { formatCsv, parseCsv } from './csv.ts';
import { checkDraft, plateText, type EntryDraft, type ReadPhoto } from '../entry.ts';
import type { Words } from '../../contracts/words/area.ts';
import { english } from '../../contracts/words/words.ts';

/** One mistake. `row` is the number that the spreadsheet shows; the first row holds the column names. */
interface RowProblem {
  readonly row: number;
  readonly column: string;
  /** What was expected; never repeats what stood there. */
  readonly message: string;
}

export type TableResult =
  | { readonly ok: true; readonly drafts: readonly EntryDraft[]; readonly notes?: readonly string[] }
  | { readonly ok: false; readonly problems: readonly RowProblem[] };

const CHINESE: Readonly<Record<string, string>> = {
  编号: 'id',
  车牌: 'plate',
  证件号: 'number',
  类别: 'category',
  法律依据: 'legalBasis',
  发布单位: 'issuer',
  批准人: 'authorisedBy',
  生效时间: 'validFrom',
  失效时间: 'validUntil',
  处置说明: 'instruction',
  车道: 'lanes',
  时段起: 'hoursFrom',
  时段止: 'hoursTo',
  照片: 'photo',
};

const CHINESE_OF = Object.fromEntries(Object.entries(CHINESE).map(([zh, en]) => [en, zh]));

/** A column as the heading of a table names it. */
export function columnName(column: string): Words {
  return { en: column, zh: CHINESE_OF[column] ?? column };
}

const OPTIONAL = ['lanes', 'hoursFrom', 'hoursTo', 'photo'];
/** Columns whose cell is parsed further. */
const COMPOSED = ['lanes', 'hoursFrom', 'hoursTo'];

export function columnsOf(type: ListType): readonly string[] {
  const key = type === 'plate-list' ? 'plate' : 'number';
  const texts = ['category', 'legalBasis', 'issuer', 'authorisedBy', 'validFrom', 'validUntil', 'instruction'];
  return ['id', key, ...texts, ...OPTIONAL.filter((column) => column !== 'photo' || type === 'doc-list')];
}

/**
 * Parses the rows to drafts, all or nothing, and names every bad row. `offset` (`+08:00`) is the time zone of times without one.
 */
export function draftsFromTable(
  type: ListType,
  text: string,
  readPhoto: ReadPhoto,
  offset?: string,
  confirmed: readonly number[] = [],
): TableResult {
  const parsed = parseCsv(text);
  if (!parsed.ok) return { ok: false, problems: [{ row: 1, column: '-', message: parsed.detail }] };
  const [header, ...records] = parsed.value;
  if (!header) return { ok: false, problems: [{ row: 1, column: '-', message: english('table-empty') }] };
  const names = header.fields.map((name) => CHINESE[name.trim()] ?? name.trim());
  const wrong = headerProblems(type, names, header.row);
  if (wrong.length > 0) return { ok: false, problems: wrong };

  const drafts: EntryDraft[] = [];
  const problems: RowProblem[] = [];
  const notes: string[] = [];
  const rowOfId = new Map<string, number>();
  for (const { row, fields } of records) {
    if (fields.length !== names.length) {
      const message = english('table-columns', { expected: names.length, found: fields.length });
      problems.push({ row, column: '-', message });
      continue;
    }
    const cells = new Map(names.map((name, i) => [name, cellText(name, fields[i]!.trim())]));
    const value = entryFromCells(cells, offset);
    const checked = checkDraft(type, value, readPhoto);
    if (!checked.ok) {
      for (const issue of checked.problems)
        problems.push({ row, ...explain(issue.path, issue.message, cells, offset) });
      continue;
    }
    if (checked.correction !== undefined) notes.push(english('table-note', { row, note: checked.correction }));
    if (checked.suspicion !== undefined && !confirmed.includes(row)) {
      const message = english('table-doubt', { doubt: checked.suspicion, row });
      problems.push({ row, column: 'number', message });
    }
    const { id } = checked.draft;
    const before = rowOfId.get(id);
    if (before !== undefined) problems.push({ row, column: 'id', message: english('table-same-as', { row: before }) });
    rowOfId.set(id, row);
    drafts.push(checked.draft);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, drafts, ...(notes.length > 0 ? { notes } : {}) };
}

/** The table of a plate list. A document list has none: its digests do not lead back to the numbers. */
export function tableFromEntries(entries: readonly ListEntry[]): string {
  const columns = columnsOf('plate-list');
  const rows = entries.map((entry) => {
    const { hours, lanes, ...rest } = plateText(entry);
    const cells: Record<string, string> = {
      ...rest,
      lanes: lanes?.join(' ') ?? '',
      hoursFrom: hours?.from ?? '',
      hoursTo: hours?.to ?? '',
    };
    return columns.map((column) => cells[column] ?? '');
  });
  // The byte order mark makes a spreadsheet read the file as UTF-8.
  return '\ufeff' + formatCsv([columns, ...rows]);
}

/** Removes the apostrophe that makes a spreadsheet treat a number as text. */
function cellText(name: string, text: string): string {
  return name === 'number' || name === 'plate' ? text.replace(/^['’‘`]+/, '').trim() : text;
}

function headerProblems(type: ListType, names: readonly string[], row: number): RowProblem[] {
  const columns = columnsOf(type);
  const missing = columns
    .filter((column) => !OPTIONAL.includes(column) && !names.includes(column))
    .map((column) => ({ row, column, message: english('table-column-missing') }));
  const unknown = names
    .filter((name) => !columns.includes(name))
    // The name is not repeated: in a file without a header it would be part of an entry.
    .map(() => ({ row, column: '-', message: english('table-column-unknown', { columns: columns.join(', ') }) }));
  const twice = names
    .filter((name, i) => columns.includes(name) && names.indexOf(name) !== i)
    .map((column) => ({ row, column, message: english('table-column-twice') }));
  return [...missing, ...unknown.slice(0, 1), ...twice];
}

function entryFromCells(cells: ReadonlyMap<string, string>, offset: string | undefined): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, text] of cells) {
    if (text === '' || COMPOSED.includes(name)) continue;
    value[name] = name === 'validFrom' || name === 'validUntil' ? isoTime(text, offset) : text;
  }
  const lanes = (cells.get('lanes') ?? '').split(/[\s;；、]+/).filter((lane) => lane !== '');
  if (lanes.length > 0) value['lanes'] = lanes;
  const [from, to] = [cells.get('hoursFrom') ?? '', cells.get('hoursTo') ?? ''];
  if (from !== '' || to !== '') value['hours'] = { from: clockText(from), to: clockText(to) };
  return value;
}

/** Adds the offset to `2026-11-21 08:00` or `2026/11/21 8:00`; leaves times with a zone, and wrong ones, as they are. */
function isoTime(text: string, offset: string | undefined): string {
  const parts = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!parts || offset === undefined) return text;
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => (part ?? '0').padStart(2, '0'));
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
}

function clockText(text: string): string {
  return /^\d:\d\d$/.test(text) ? `0${text}` : text;
}

/** The column of the table for the path of a mistake in the entry. */
function explain(
  path: readonly PropertyKey[],
  message: string,
  cells: ReadonlyMap<string, string>,
  offset: string | undefined,
): { column: string; message: string } {
  const field = String(path[0] ?? '-');
  if (field === 'hours') return { column: path[1] === 'to' ? 'hoursTo' : 'hoursFrom', message };
  const isTime = (field === 'validFrom' || field === 'validUntil') && message === english('field-time');
  if (isTime && offset === undefined && !/(Z|[+-]\d\d:\d\d)$/.test(cells.get(field) ?? '')) {
    return { column: field, message: english('table-time-zone', { problem: message }) };
  }
  return { column: field, message };
}
