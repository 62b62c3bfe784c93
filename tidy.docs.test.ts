/** The documents that list files are true of the repository, and a planted violation is found. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDecisions, checkLibraries } from './tidy.docs.ts';

const root = import.meta.dirname;
const table = 'docs/libraries.md';

it('every codec has a row in docs/libraries.md, and every path there exists', () => {
  const code = globSync('{adapters,gateway,models,simulators}/**/*.ts', { cwd: root });
  const files = new Map(code.map((path) => [path, '']));
  expect(files.size).toBeGreaterThan(300);
  expect(checkLibraries(files.set(table, readFileSync(join(root, table), 'utf8')))).toEqual([]);
});

const head = '| Written here | Library | Why |\n|---|---|---|\n';
const sound = new Map([
  ['adapters/a/codec.ts', ''],
  ['adapters/b/c.codec.ts', ''],
  ['adapters/b/c.codec.test.ts', ''],
  [
    table,
    `Text with \`no/path.ts\`.\n\n${head}| A: \`adapters/a/codec.ts\` | none | \`z.ts\` |\n| C: \`adapters/b/\`, \`adapters/b/c.codec.ts\` | c | |\n`,
  ],
]);

it.each<[string, [string, string], string[]]>([
  ['nothing', ['gateway/codec.ts', ''], []],
  [
    'a codec without a row',
    ['adapters/b/d.codec.ts', ''],
    ['adapters/b/d.codec.ts: has no row in docs/libraries.md; say which library could do it, and why not'],
  ],
  [
    'a path that is not there',
    [table, `${sound.get(table)!}| D: \`adapters/d.ts\`, \`adapters/e/\` | d | |\n`],
    ['docs/libraries.md:7: adapters/d.ts is not there', 'docs/libraries.md:7: adapters/e/ is not there'],
  ],
  [
    'a row without a path',
    [table, `${sound.get(table)!}| D | d | |\n`],
    ['docs/libraries.md:7: names no path of what is written here'],
  ],
])('%s', (_, planted, problems) => {
  expect(checkLibraries(new Map([...sound, planted]))).toEqual(problems);
});

describe('the index of decisions', () => {
  const index = 'docs/decisions/README.md';
  const row = (number: string, title: string): string =>
    `| [${number}](${number}-a.md) | ${title} | why | in force |\n`;
  const records = (...numbers: string[]): [string, string][] =>
    numbers.map((number) => [`docs/decisions/${number}-a.md`, `# ${number}: a title\n`]);

  it('names every record and no other', () => {
    const paths = globSync('docs/decisions/*.md', { cwd: root });
    expect(paths.length).toBeGreaterThan(15);
    expect(checkDecisions(new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')])))).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    ['nothing', row('001', 'A title') + row('002', 'A title'), []],
    ['a record without a row', row('001', 'A title'), [`${index}: has no row for 002-a.md`]],
    [
      'a row without a record',
      row('001', 'A title') + row('002', 'A title') + row('003', 'A title'),
      [`${index}: row 003 is not the number and title of 003-a.md`],
    ],
    [
      'another title',
      row('001', 'Another') + row('002', 'A title'),
      [`${index}: row 001 is not the number and title of 001-a.md`],
    ],
    [
      'rows out of order',
      row('002', 'A title') + row('001', 'A title'),
      [`${index}: rows are out of order, or there twice`],
    ],
  ])('%s', (_, text, problems) =>
    expect(checkDecisions(new Map([[index, text], ...records('001', '002')]))).toEqual(problems),
  );
});
