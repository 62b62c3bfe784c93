/** CSV against csv-parse: what people type into a spreadsheet, and what happens to a file on its way. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCsv, formatCsv, parseCsv } from './csv.ts';

/** Characters that mean something in CSV, and some that do not. */
const text = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ' ', 'a', '1', '鄂'), maxLength: 24 });
const tables = fc.array(fc.array(text, { minLength: 1, maxLength: 5 }), { maxLength: 6 });

/** A file with one character lost, doubled or replaced. */
const damaged = fc.tuple(tables, fc.nat(), text).map(([rows, at, put]) => {
  const whole = formatCsv(rows);
  const from = at % (whole.length + 1);
  return whole.slice(0, from) + put.slice(0, 2) + whole.slice(from + 1);
});

interface CsvRow {
  readonly row: number;
  readonly fields: readonly string[];
}

/** Undefined: refused. */
function byUs(csv: string): readonly CsvRow[] | undefined {
  const decoded = decodeCsv(Buffer.from(csv), 'utf-8');
  const parsed = decoded.ok ? parseCsv(decoded.value) : decoded;
  return parsed.ok ? parsed.value : undefined;
}

function byOracle(csv: string): readonly CsvRow[] | undefined {
  try {
    const options = { bom: true, relax_column_count: true, record_delimiter: ['\r\n', '\n'] };
    return parse(Buffer.from(csv), options)
      .map((fields, i) => ({ row: i + 1, fields }))
      .filter(({ fields }) => fields.some((field) => field.trim() !== ''));
  } catch {
    return undefined;
  }
}

describe('CSV and csv-parse', () => {
  it('read what is written here as it was', () => {
    fc.assert(
      fc.property(tables, (rows) => {
        const csv = formatCsv(rows);
        const written = rows
          .map((fields, i) => ({ row: i + 1, fields }))
          .filter(({ fields }) => fields.some((field) => field.trim() !== ''));
        expect(byOracle(csv)).toEqual(written);
        expect(byUs(csv)).toEqual(written);
      }),
    );
  });

  it.each([
    ['any text', text],
    ['a damaged file', damaged],
    ['a file with a byte order mark', damaged.map((csv) => `\ufeff${csv}`)],
  ])('accept and refuse %s alike, and read the same rows', (_, files) => {
    fc.assert(
      fc.property(files, (csv) => {
        expect(byUs(csv)).toEqual(byOracle(csv));
      }),
      { numRuns: 1000 },
    );
  });
});
