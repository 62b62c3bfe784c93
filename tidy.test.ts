/** The whole repository is tidy, and each rule catches a planted violation. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkCycles,
  checkFolders,
  checkImports,
  checkLengths,
  checkLinks,
  checkWords,
  importsOf,
  MAX_FILE_LINES,
  MAX_FUNCTION_LINES,
} from './tidy.ts';

const root = import.meta.dirname;

/** Files that git tracks or would track; pictures and the like are kept by name, so that links to them resolve. */
function repository(): Map<string, string> {
  const out = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = new Map<string, string>();
  for (const path of new Set(out.split('\0'))) {
    if (path === '' || !existsSync(join(root, path))) continue;
    const bytes = readFileSync(join(root, path));
    files.set(path, bytes.includes(0) ? '' : bytes.toString('utf8'));
  }
  return files;
}

describe('the repository', () => {
  const files = repository();

  it('is read', () => {
    expect([...files.keys()]).toEqual(expect.arrayContaining(['tidy.ts', 'gateway/types.ts', 'package.json', 'setup']));
  });
  it('keeps the import rules', () => expect(checkImports(files)).toEqual([]));
  it('has no import cycles', () => expect(checkCycles(files)).toEqual([]));
  it('keeps files and functions short', () => expect(checkLengths(files)).toEqual([]));
  it('names no machine and no package host', () => expect(checkWords(files)).toEqual([]));
  it('has only the folders of the layout', () => expect(checkFolders(files)).toEqual([]));
  it('has no dead links between its documents', () => expect(checkLinks(files)).toEqual([]));
});

/** A small tree in which everything is allowed; planted violations stand beside it. */
const sound: Record<string, string> = {
  'gateway/types.ts': 'export interface Frame {}\nexport class Rejected extends Error {}',
  'gateway/main.ts': "import { cameras } from '../adapters/index.ts';\nimport { openDb } from './store/db.ts';",
  'gateway/store/db.ts': "import Database from 'better-sqlite3';\nexport const openDb = () => Database;",
  'gateway/infer/pool.ts': "const url = new URL('./worker.ts', import.meta.url);",
  'gateway/infer/worker.ts': "import { openReader } from '../../models/plate/index.ts';",
  'gateway/cli/index.ts': "import { Command } from 'commander';\nimport { cameras } from '../../adapters/index.ts';",
  'gateway/lists/match.ts': "import { z } from 'zod';\nimport { createHash } from 'node:crypto';",
  'gateway/lists/match.test.ts': "import { it } from 'vitest';\nimport { scene } from '../../simulators/scene.ts';",
  'gateway/ops/metrics.ts': "import { Registry } from 'prom-client';",
  'gateway/page/server.ts': "import Fastify from 'fastify';",
  'adapters/index.ts': "import { openRtsp } from './cameras/rtsp/source.ts';",
  'adapters/cameras/rtsp/source.ts':
    "import { Rejected } from '../../../gateway/types.ts';\nimport { args } from './command.ts';",
  'adapters/cameras/rtsp/command.ts': "import { z } from 'zod';",
  'adapters/cameras/jpeg/source.ts': "import sharp from 'sharp';",
  'adapters/cameras/conformance.ts': "import { it } from 'vitest';",
  'adapters/upstream/codec.ts': "import type { Frame } from '../../gateway/types.ts';\nimport { z } from 'zod';",
  'adapters/upstream/mqtt/relay.ts': "import mqtt from 'mqtt';\nimport { write } from '../codec.ts';",
  'adapters/upstream/mqtt/relay.test.ts': "import { startRoom } from '../../../simulators/room/server.ts';",
  'models/plate/index.ts': "import ort from 'onnxruntime-node';\nimport sharp from 'sharp';",
  'simulators/scene.ts': "import sharp from 'sharp';\nimport type { Frame } from '../gateway/types.ts';",
  'simulators/room/server.ts': "import { read } from '../../adapters/upstream/codec.ts';",
  'simulators/demo.test.ts': "import { run } from '../gateway/main.ts';",
  'simulators/bench/main.ts': "import { openReader } from '../../models/plate/index.ts';",
  'systemd/unit.test.ts': "import { it } from 'vitest';",
  'vitest.config.ts': "import { defineConfig } from 'vitest/config';",
};
const plant = (more: Record<string, string>): Map<string, string> => new Map(Object.entries({ ...sound, ...more }));

describe('importsOf', () => {
  it('sees every way in, and tells types from values', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "import { type C } from 'c';",
      "export * from 'd';",
      "export type { E } from 'e';",
      "const f = await import('f');",
      "type G = import('g').G;",
      "new Worker(new URL('./h.ts', import.meta.url));",
      'const i = await import(a);',
      "// import x from 'comment';",
    ].join('\n');
    expect(importsOf('x.ts', text).map((i) => [i.specifier, i.typeOnly, i.line])).toEqual([
      ['a', false, 1],
      ['b', true, 2],
      ['c', false, 3],
      ['d', false, 4],
      ['e', true, 5],
      ['f', false, 6],
      ['g', true, 7],
      ['./h.ts', false, 8],
      ['?', false, 9],
    ]);
  });
});

describe('checkImports', () => {
  it('accepts the sound tree', () => expect(checkImports(plant({}))).toEqual([]));

  const planted: [string, string, string][] = [
    ['gateway/types.ts', "import { z } from 'node:fs';", 'may not import node:fs'],
    ['gateway/types.ts', "import type { M } from './main.ts';", 'may not import gateway/main.ts (type)'],
    [
      'gateway/lists/match.ts',
      "import { cameras } from '../../adapters/index.ts';",
      'may not import adapters/index.ts',
    ],
    [
      'gateway/lists/match.ts',
      "import type { X } from '../../adapters/upstream/codec.ts';",
      'may not import adapters/',
    ],
    ['gateway/lists/match.ts', "import { r } from '../../models/plate/index.ts';", 'may not import models/'],
    ['gateway/lists/match.ts', "const s = await import('../../simulators/scene.ts');", 'may not import simulators/'],
    ['gateway/lists/match.ts', "new URL('../../simulators/scene.ts', import.meta.url);", 'may not import simulators/'],
    ['gateway/lists/match.ts', "export * from 'better-sqlite3';", 'may not import npm:better-sqlite3'],
    ['gateway/store/hits.ts', "import Database from 'better-sqlite3';", 'may not import npm:better-sqlite3'],
    ['gateway/main.ts', "import { o } from '../adapters/cameras/rtsp/source.ts';", 'may not import adapters/cameras'],
    ['gateway/main.ts', "import { r } from '../models/plate/index.ts';", 'may not import models/'],
    ['gateway/main.ts', "import { Command } from 'commander';", 'may not import npm:commander'],
    ['gateway/cli/index.ts', "import Fastify from 'fastify';", 'may not import npm:fastify'],
    ['gateway/health.ts', "import { Registry } from 'prom-client';", 'may not import npm:prom-client'],
    ['gateway/infer/pool.ts', "import { r } from '../../models/plate/index.ts';", 'may not import models/'],
    ['gateway/lists/match.ts', 'const s = await import(name);', 'computed path'],
    ['gateway/lists/match.ts', "import { x } from './gone.js';", 'gateway/lists/gone.js, which is not there'],
    ['gateway/lists/match.ts', "import { it } from 'vitest';", 'imports vitest outside a test'],
    ['gateway/lists/match.ts', "import { x } from './match.test.ts';", 'only tests may import tests'],
    ['gateway/lists/match.test.ts', "import { r } from '../../models/plate/index.ts';", 'may not import models/'],
    [
      'adapters/upstream/codec.ts',
      "import { Rejected } from '../../gateway/types.ts';",
      'may not import gateway/types.ts',
    ],
    ['adapters/upstream/codec.ts', "import mqtt from 'mqtt';", 'may not import npm:mqtt'],
    [
      'adapters/upstream/codec.ts',
      "import { x } from './mqtt/relay.ts';",
      'may not import adapters/upstream/mqtt/relay.ts',
    ],
    [
      'adapters/upstream/mqtt/relay.ts',
      "import type { M } from '../../../gateway/main.ts';",
      'may not import gateway/main.ts',
    ],
    ['adapters/upstream/mqtt/relay.ts', "import sharp from 'sharp';", 'may not import npm:sharp'],
    [
      'adapters/upstream/mqtt/relay.ts',
      "import { s } from '../../../simulators/scene.ts';",
      'may not import simulators/',
    ],
    [
      'adapters/cameras/rtsp/source.ts',
      "import { s } from '../jpeg/source.ts';",
      'may not import adapters/cameras/jpeg',
    ],
    ['adapters/cameras/rtsp/source.ts', "import { c } from '../../index.ts';", 'may not import adapters/index.ts'],
    [
      'adapters/cameras/rtsp/source.ts',
      "import { r } from '../../../models/plate/index.ts';",
      'may not import models/',
    ],
    ['adapters/cameras/rtsp/source.ts', "import { c } from '../conformance.ts';", 'only tests may import tests'],
    ['models/plate/index.ts', "import { m } from '../../gateway/main.ts';", 'may not import gateway/main.ts'],
    ['models/plate/index.ts', "import { c } from '../../adapters/upstream/codec.ts';", 'may not import adapters/'],
    ['simulators/scene.ts', "import { Rejected } from '../gateway/types.ts';", 'may not import gateway/types.ts'],
    ['simulators/scene.ts', "import type { M } from '../gateway/main.ts';", 'may not import gateway/main.ts (type)'],
    [
      'simulators/scene.ts',
      "import { r } from '../adapters/upstream/mqtt/relay.ts';",
      'may not import adapters/upstream',
    ],
    ['simulators/scene.ts', "import { r } from '../models/plate/index.ts';", 'may not import models/'],
    ['systemd/unit.test.ts', "import { m } from '../gateway/main.ts';", 'may not import gateway/main.ts'],
    ['scratch.ts', 'export const a = 1;', 'no rule names this file'],
    ['tools/x.ts', 'export const a = 1;', 'no rule names this file'],
  ];
  it.each(planted)('reports in %s: %s', (path, text, message) => {
    const problems = checkImports(plant({ 'gateway/health.ts': '', 'gateway/store/hits.ts': '', [path]: text }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(path);
    expect(problems[0]).toContain(message);
  });
});

describe('checkCycles', () => {
  const ring = (way: string): string[] =>
    checkCycles(
      plant({
        'gateway/a.ts': "import { b } from './b.ts';",
        'gateway/b.ts': "export * from './c.ts';",
        'gateway/c.ts': way,
      }),
    );
  it('accepts the sound tree and rings of types', () => {
    expect(checkCycles(plant({}))).toEqual([]);
    expect(ring("import type { A } from './a.ts';")).toEqual([]);
  });
  it('reports a ring of values, a file that imports itself, and a ring by import()', () => {
    const found = ['import cycle: gateway/a.ts -> gateway/b.ts -> gateway/c.ts -> gateway/a.ts'];
    expect(ring("import { a } from './a.ts';")).toEqual(found);
    expect(ring("const a = await import('./a.ts');")).toEqual(found);
    expect(ring("import { c } from './c.ts';")).toEqual(['import cycle: gateway/c.ts -> gateway/c.ts']);
  });
});

describe('checkLengths', () => {
  const fn = (lines: number): string => `export const f = () => {\n${'x();\n'.repeat(lines - 2)}};\n`;
  it('accepts the longest allowed', () => {
    expect(checkLengths(new Map([['gateway/a.ts', fn(MAX_FUNCTION_LINES)]]))).toEqual([]);
    expect(checkLengths(new Map([['gateway/a.ts', 'x();\n'.repeat(MAX_FILE_LINES)]]))).toEqual([]);
    expect(checkLengths(new Map([['gateway/a.test.ts', fn(MAX_FUNCTION_LINES + 1)]]))).toEqual([]);
  });
  it('measures named inner functions by themselves, and callbacks with the function they stand in', () => {
    const inner = (head: string, tail: string): Map<string, string> =>
      new Map([
        ['gateway/a.ts', `export function f() {\n${head}${'x();\n'.repeat(58)}${tail}${'x();\n'.repeat(10)}}\n`],
      ]);
    expect(checkLengths(inner('const g = () => {\n', '};\n'))).toEqual([]);
    expect(checkLengths(inner('function g() {\n', '}\n'))).toEqual([]);
    expect(checkLengths(inner('return { g() {\n', '} };\n'))).toEqual([]);
    expect(checkLengths(inner('list.map(() => {\n', '});\n'))).toEqual([
      expect.stringContaining('function f has 72 lines'),
    ]);
    const long = checkLengths(inner('const g = () => {\nx();\n', '};\n'));
    expect(long).toEqual([expect.stringContaining('function g has 61 lines')]);
  });
  it('reports one line more', () => {
    expect(checkLengths(new Map([['gateway/a.ts', fn(MAX_FUNCTION_LINES + 1)]]))).toHaveLength(1);
    expect(checkLengths(new Map([['gateway/a.ts', 'x();\n'.repeat(MAX_FILE_LINES + 1)]]))).toHaveLength(1);
    expect(checkLengths(new Map([['gateway/a.test.ts', 'x();\n'.repeat(MAX_FILE_LINES + 1)]]))).toHaveLength(1);
    expect(checkLengths(new Map([['setup', 'x\n'.repeat(MAX_FILE_LINES + 1)]]))).toHaveLength(1);
  });
});

describe('checkWords, checkFolders, checkLinks', () => {
  // Written in pieces, so that this file passes the check itself.
  it.each([
    ['/wo', 'rk/main/x'],
    ['/ho', 'me/li/x'],
    ['https://regis', 'try.npmjs.org/x'],
    ['"resol', 'ved": "https://x"'],
  ])('reports %s%s', (a, b) =>
    expect(checkWords(new Map([['docs/x.md', `fine\nsee ${a}${b}`]]))).toEqual([
      expect.stringMatching(/^docs\/x\.md:2: /),
    ]),
  );
  it('accepts ordinary text', () => {
    expect(
      checkWords(
        new Map([['README.md', 'the registry; registry.metrics(); /var/lib/sitebox; a network; ProtectHome']]),
      ),
    ).toEqual([]);
  });
  it('reports a folder that the layout does not know', () => {
    expect(checkFolders(plant({}))).toEqual([]);
    expect(checkFolders(plant({ 'misc/x.md': '' }))).toEqual([expect.stringContaining('misc/: not in the layout')]);
  });
  it('reports dead links and passes over outside ones, anchors and code', () => {
    const good =
      '[a](docs/b.md) [f](docs/) [g](docs/b.md#top) [h](#here) [i](https://x.org/y.md)\n```\n[z](gone)\n```\n`[z](gone)`';
    expect(
      checkLinks(
        new Map([
          ['README.md', good],
          ['docs/b.md', '[up](../README.md) [self](b.md)'],
        ]),
      ),
    ).toEqual([]);
    expect(checkLinks(new Map([['README.md', 'x\n![p](docs/gone.png)']]))).toEqual([
      'README.md:2: links to docs/gone.png, which is not there',
    ]);
    expect(
      checkLinks(
        new Map([
          ['docs/b.md', '[r](README.md)'],
          ['README.md', ''],
        ]),
      ),
    ).toHaveLength(1);
  });
});
