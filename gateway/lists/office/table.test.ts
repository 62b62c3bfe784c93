import { describe, expect, it } from 'vitest';
import { decodeCsv, formatCsv, parseCsv } from './csv.ts';
import { random } from '../lists.fixtures.ts';
import { columnsOf, draftsFromTable, tableFromEntries, type TableResult } from './table.ts';

const HEAD = columnsOf('plate-list').join(',');
const GOOD =
  'E-1,皖A·12345,stolen,"Order 12, 2026",Room,Officer 7,2026-11-21 08:00,2026/12/1 8:00,"Say ""stop"".",north south,9:00,17:30';
const table = (...rows: string[]) => [HEAD, ...rows].join('\r\n') + '\r\n';
const draftsOf = (text: string, offset?: string): TableResult =>
  draftsFromTable('plate-list', text, () => ({ problem: 'is not asked for' }), offset);
const problems = (text: string, offset = '+08:00') => {
  const result = draftsOf(text, offset);
  return result.ok ? [] : result.problems;
};
const changed = (column: string, value: string) => {
  const fields = parseCsv(GOOD);
  if (!fields.ok) throw new Error(fields.detail);
  const row = [...fields.value[0]!.fields];
  row[columnsOf('plate-list').indexOf(column)] = value;
  return formatCsv([row]).trimEnd();
};

describe('CSV (RFC 4180)', () => {
  it('reads quotes, doubled quotes, commas and line breaks in a field, CRLF and LF', () => {
    const parsed = parseCsv('a,"b, ""c""\nd",\r\n\n"",e,f\n"last"');
    expect(parsed).toEqual({
      ok: true,
      value: [
        { row: 1, fields: ['a', 'b, "c"\nd', ''] },
        { row: 3, fields: ['', 'e', 'f'] },
        { row: 4, fields: ['last'] },
      ],
    });
  });

  it('names the row of a quote that is never closed, of text after a closing one, and of a quote inside a plain field', () => {
    expect(parseCsv('a\n"b')).toMatchObject({ detail: expect.stringContaining('row 2') as string });
    expect(parseCsv('"a"b')).toMatchObject({ detail: expect.stringContaining('row 1') as string });
    // The opening quote is lost, or a space stands before it: the comma inside would be taken for the end of the field.
    expect(parseCsv('a\nb, c"')).toMatchObject({ detail: expect.stringContaining('row 2') as string });
    expect(parseCsv('a, "b, c"')).toMatchObject({ detail: expect.stringContaining('row 1') as string });
  });

  it('gives back any text that it wrote', () => {
    const rnd = random(3);
    const cell = () => Array.from({ length: 1 + rnd() * 5 }, () => 'ab,"\n\r皖 '[Math.floor(rnd() * 8)]).join('');
    for (let i = 0; i < 300; i++) {
      const rows = Array.from({ length: 3 }, () => ['x', cell(), cell()]);
      const parsed = parseCsv(formatCsv(rows));
      expect(parsed.ok && parsed.value.map((r) => r.fields)).toEqual(rows);
    }
  });

  it('says what to do about other encodings', () => {
    const gb = new Uint8Array([0xcd, 0xee]);
    expect(decodeCsv(gb, 'utf-8')).toMatchObject({ detail: expect.stringContaining('gb18030') as string });
    expect(decodeCsv(gb, 'gb18030')).toEqual({ ok: true, value: '皖' });
    expect(decodeCsv(new Uint8Array([0xff, 0xfe, 0x41, 0]), 'utf-8')).toMatchObject({
      detail: expect.stringContaining('UTF-16') as string,
    });
    expect(decodeCsv(new TextEncoder().encode('\ufeffid'), 'utf-8')).toEqual({ ok: true, value: 'id' });
  });
});

describe('a table', () => {
  it('becomes entries', () => {
    const result = draftsOf(table(GOOD), '+08:00');
    expect(result).toEqual({
      ok: true,
      drafts: [
        {
          id: 'E-1',
          plain: '皖A12345',
          category: 'stolen',
          legalBasis: 'Order 12, 2026',
          issuer: 'Room',
          authorisedBy: 'Officer 7',
          validFrom: Date.UTC(2026, 10, 21),
          validUntil: Date.UTC(2026, 11, 1),
          instruction: 'Say "stop".',
          lanes: ['north', 'south'],
          hours: { from: '09:00', to: '17:30' },
        },
      ],
    });
  });

  it('may name its columns in Chinese', () => {
    const header = '编号,车牌,类别,法律依据,发布单位,批准人,生效时间,失效时间,处置说明,车道,时段起,时段止';
    expect(draftsOf(`${header}\n${GOOD}\n`, '+08:00').ok).toBe(true);
  });

  it('names every bad row and column, all at once', () => {
    const text = table(
      GOOD,
      changed('plate', '皖O1234'),
      changed('legalBasis', ''),
      changed('validUntil', 'soon'),
      GOOD,
      'E-9,too,short',
      changed('hoursTo', ''),
    );
    expect(problems(text).map((p) => [p.row, p.column])).toEqual([
      [3, 'plate'],
      [4, 'legalBasis'],
      [5, 'validUntil'],
      [6, 'id'],
      [7, '-'],
      [8, 'hoursTo'],
    ]);
    expect(JSON.stringify(problems(text))).not.toContain('皖O1234');
  });

  it('asks for the zone of times without one', () => {
    const result = draftsOf(table(GOOD));
    expect(result.ok ? [] : result.problems[0]?.message).toContain('--offset +08:00');
    const zoned = changed('validFrom', '2026-11-21T08:00:00+08:00').replace('2026/12/1 8:00', '2026-12-01T00:00:00Z');
    expect(draftsOf(table(zoned)).ok).toBe(true);
  });

  it('refuses a header with missing, unknown or doubled columns, and no header at all', () => {
    expect(problems('')[0]?.message).toBe('the file is empty');
    expect(problems(`${HEAD.replace('legalBasis', 'legal basis')}\n`).map((p) => p.column)).toEqual([
      'legalBasis',
      '-',
    ]);
    expect(problems(`${HEAD},id\n`)).toMatchObject([{ column: 'id' }]);
    expect(JSON.stringify(problems(GOOD))).not.toContain('12345');
  });

  it('comes back from what it wrote', () => {
    const first = draftsOf(table(GOOD), '+08:00');
    if (!first.ok) throw new Error('bad');
    const entries = first.drafts.map(({ plain, ...fields }) => ({ ...fields, key: plain }));
    const text = decodeCsv(new TextEncoder().encode(tableFromEntries(entries)), 'utf-8');
    expect(text.ok && draftsOf(text.value)).toEqual(first);
  });
});
