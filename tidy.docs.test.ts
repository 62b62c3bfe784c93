/** The documents that list files are true of the repository, and a planted violation is found. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCommands, checkDecisions, checkLibraries, checkLinks, checkMap } from './tidy.docs.ts';

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

describe('the map', () => {
  const map = 'ARCHITECTURE.md';
  const tableOf = (...rows: string[]): [string, string] => [
    map,
    `## Rooms, top down\n\n| room | what |\n|---|---|\n${rows.join('\n')}\n\n## Rules\n\n[hits](gateway/hits)\n`,
  ];
  const rooms = ['gateway/hits/hits.ts', 'gateway/web/client/page.js', 'adapters/readers/sdt/codec.ts'].map(
    (path): [string, string] => [path, ''],
  );
  const rows = [
    '| [gateway/hits/](gateway/hits) | hits |',
    '| [gateway/web/](gateway/web) (`client/`) | pages |',
    '| [adapters/](adapters/README.md) (`readers/`) | devices |',
  ];

  it('has every room of the repository', () => {
    const paths = globSync('{adapters,gateway,models,simulators}/**/*.{ts,js}', { cwd: root });
    const files = new Map(paths.map((path) => [path, '']));
    expect(checkMap(files.set(map, readFileSync(join(root, map), 'utf8')))).toEqual([]);
  });

  it.each<[string, string[], string[]]>([
    ['nothing', rows, []],
    ['a row that was removed', rows.slice(1), [`${map}: has no row for gateway/hits/`]],
    ['a row that was removed, of a house', rows.slice(0, 2), [`${map}: has no row for adapters/`]],
    [
      'a folder that its row does not name',
      rows.map((row) => row.replace('(`client/`)', '')),
      [`${map}: the row of gateway/web/ has no client/`],
    ],
  ])('%s', (_, given, problems) => expect(checkMap(new Map([...rooms, tableOf(...given)]))).toEqual(problems));
});

describe('links', () => {
  const b = '# The Top\n\n[up](../README.md) [self](b.md)\n\n## `box.yaml`, and 第 7 节\n\n## Twice\n\n## Twice\n';
  const check = (readme: string): string[] =>
    checkLinks(
      new Map([
        ['README.md', readme],
        ['docs/b.md', b],
      ]),
    );

  it.each([
    '[a](docs/b.md) [f](docs/) [i](https://x.org/y.md#z)\n```\n[z](gone)\n# Code\n```\n`[z](gone)`',
    '# Here [we](docs/) are\n\n[h](#here-we-are) [g](docs/b.md#the-top) [t](docs/b.md#twice-1)',
    '[s](docs/b.md#boxyaml-and-第-7-节) [e](docs/b.md#boxyaml-and-%E7%AC%AC-7-%E8%8A%82)',
  ])('to what is there: %s', (readme) => expect(check(readme)).toEqual([]));

  it.each([
    ['x\n![p](docs/gone.png)', 'README.md:2: links to docs/gone.png, which is not there'],
    ['[b](b.md)', 'README.md:1: links to b.md, which is not there'],
    ['[g](docs/b.md#no-such-anchor)', 'README.md:1: links to docs/b.md#no-such-anchor, which is no heading there'],
    ['\n[h](#here)', 'README.md:2: links to #here, which is no heading there'],
    ['```\n# Code\n```\n[c](#code)', 'README.md:4: links to #code, which is no heading there'],
    ['[t](docs/b.md#twice-2)', 'README.md:1: links to docs/b.md#twice-2, which is no heading there'],
  ])('to what is not there: %s', (readme, problem) => expect(check(readme)).toEqual([problem]));
});

it.each([
  [
    '`node simulators/command-room/main.ts` starts it',
    ['docs/a.md:2: node simulators/command-room/main.ts: write npx node, which is the one that ./setup brought'],
  ],
  [
    '    P=… node models/plate/a.ts --x',
    ['docs/a.md:2: node models/plate/a.ts: write npx node, which is the one that ./setup brought'],
  ],
  ['`npx node simulators/a.ts`, `node_modules/.bin/node models/a.ts`, a node of gateway/', []],
])('commands: %s', (line, problems) => expect(checkCommands(new Map([['docs/a.md', `x\n${line}`]]))).toEqual(problems));
