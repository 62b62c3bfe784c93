/** Accepted means: it will work. What spreadsheets and keyboards do to a table is refused, put right, or said, at signing and at import. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { ascii, nobody } from '../../lists/lists.fixtures.ts';
import { checkDigitFits } from '../../contracts/citizen-number.ts';
import { list } from '../cli.fixtures.ts';
import { onBox } from '../on-box.ts';
import { listsOf } from './box.ts';

const folder = tempFolder();
const before = process.cwd();
beforeAll(async () => {
  process.chdir(folder);
  const box = `site: demo
storage: { folder: store }
lists: { trust: trust/root.json }
readers: [{ id: desk, kind: sdt, device: /dev/null }]
lanes: [{ id: gate-1, kind: gate, readers: [desk] }]
`;
  writeFileSync('box.yaml', box);
  await list(['new-root', '--keys', '1']);
});
afterAll(() => {
  process.chdir(before);
});

const HEAD = 'id,number,category,legalBasis,issuer,authorisedBy,validFrom,validUntil,instruction,lanes';
const row = (id: string, number: string, lanes = '', from = '2026-01-01', until = '2099-01-01') =>
  `${id},${number},sought,Order 12/2026,Demo room,Officer 7,${from} 00:00,${until} 00:00,Ask.,${lanes}`;
const sign = (rows: readonly string[], ...more: string[]) => {
  rmSync('t.list.json', { force: true });
  writeFileSync('t.csv', [HEAD, ...rows, ''].join('\n'));
  const how = ['--type', 'doc-list', '--site', 'demo', '--offset', '+08:00', '--key', 'trust/list-1.key', '--yes'];
  return list(['sign', 't.csv', ...how, ...more]);
};
/** Of the 18 characters that end in 000, one that fits its check digit: the invented place 99 99 99. */
function rounded(): string {
  for (let day = 1; day < 29; day++) {
    for (let n = 0; n < 10; n++) {
      const number = `99999919900${1}${String(day).padStart(2, '0')}${n}000`;
      if (checkDigitFits(ascii(number))) return number;
    }
  }
  throw new Error('one in eleven fits');
}

it('L4: an old number of 15 digits is signed as its 18, which is said, and matches', async () => {
  const full = nobody(7);
  const signed = await sign([row('D-1', full.slice(0, 6) + full.slice(8, 17))], '--version', '1');
  expect(signed).toMatchObject({ code: 0, err: '' });
  expect(signed.out).toContain('row 2: the old number of 15 digits is signed as its 18 digits');
  expect((await list(['import', 't.list.json', '--config', 'box.yaml', '--yes'])).code).toBe(0);
  await onBox('box.yaml', async (box) => {
    const now = box.clock.trusted();
    expect((await listsOf(box, now).lookUpDocument(ascii(full), 'gate-1', now)).match?.entry.id).toBe('D-1');
  });
});

it('L4: what never holds here, from later, or no more, is said at signing and at import', async () => {
  const rows = [
    row('D-1', nobody(1)),
    row('D-2', nobody(2), 'gate-9'),
    row('D-3', nobody(3), '', '2036-01-01'),
    row('D-4', nobody(1)),
    row('D-5', nobody(5), '', '2026-01-01', '2026-01-02'),
  ];
  const signed = await sign(rows, '--version', '2');
  expect(signed.code).toBe(0);
  for (const text of [
    'D-2: holds on lanes gate-9 only: make sure',
    'D-3: never here: it begins at 2035-12-31T16:00:00.000Z, when this list has ended',
    'D-4: never here: the same number is under D-1',
    'D-5: over since 2026-01-01T16:00:00.000Z',
    '2 hold now, 0 from later, 1 over, 2 never here',
  ])
    expect(signed.out).toContain(text);
  const imported = await list(['import', 't.list.json', '--config', 'box.yaml', '--yes']);
  expect(imported.code).toBe(0);
  expect(imported.out).toContain('D-2: never here: gate-9 is no gate lane of this box');
  expect(imported.out).toContain('1 hold now, 0 from later, 1 over, 3 never here');
});

it('L4: an impossible site is wrong use', async () => {
  expect(await sign([row('D-1', nobody(1))], '--site', 'West Gate')).toMatchObject({ code: 64 });
});

it('L5: a number that a spreadsheet may have rounded is refused unless its row was compared', async () => {
  const rows = [row('D-1', nobody(1)), row('D-2', rounded())];
  const refused = await sign(rows);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('t.csv: row 3, number: ends in 000');
  expect(refused.err).toContain('--confirm-row 3');
  expect(refused.err).not.toContain(rounded());
  expect(() => statSync('t.list.json')).toThrow('ENOENT');
  expect((await sign(rows, '--confirm-row', '2')).code).toBe(1);
  expect(await sign(rows, '--confirm-row', '3')).toMatchObject({ code: 0, err: '' });
});

it.each([
  ['scientific notation', '1.1010119900307E+17', 'was rounded by the spreadsheet'],
  ['with a comma', '"1,1010119900307E+17"', 'was rounded by the spreadsheet'],
  ['zeros dropped', '123456', 'has few digits'],
  ['a digit dropped', '99999919000101123', 'has 17 digits'],
  ['a digit dropped before the X', '9999991900010112X', 'ends in X'],
  ['a date', '2026-01-05', 'looks like a date'],
  ['a month', '5-Mar', 'looks like a date'],
  ['the letter O', 'E1234O678', 'holds a letter O or I beside a digit'],
  ['a word', 'TRUE', 'holds no digit'],
  ['no birthday', '999999190013011', 'no birthday'],
  ['full-width digits', '９９９９９９１９００', 'full-width'],
])('L5: %s is refused by its row', async (_what, number, words) => {
  const refused = await sign([row('D-1', number)]);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('t.csv: row 2, number: ');
  expect(refused.err).toContain(words);
});

it('L5: apostrophes and blanks of a spreadsheet are no part of a number', async () => {
  expect(await sign([row('D-1', `'${nobody(1)}  `)])).toMatchObject({ code: 0, err: '' });
});
