/** The rooms: a small tree in which everything is allowed, and violations planted in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, DRAWING, drawRooms } from './tidy.drawing.ts';
import { GATEWAY_ROOMS, SIMULATOR_ROOMS } from './tidy.rooms.ts';
import { checkCycles, checkImports } from './tidy.ts';

/** A small tree in which everything is allowed; planted violations stand beside it. */
const sound: Record<string, string> = {
  'sitebox.ts':
    "import * as adapters from './adapters/index.ts';\nimport { main } from './gateway/cli/index.ts';\nimport { openModels } from './models/index.ts';",
  'gateway/contracts/base.ts': 'export interface Log {}\nexport class Rejected extends Error {}',
  'gateway/contracts/picture.ts': "import type { Log } from './base.ts';\nexport interface Frame {}",
  'gateway/clock/clock.ts': "import type { Log } from '../contracts/base.ts';",
  'gateway/start/start.ts': "import { openDb } from '../store/db.ts';\nimport { health } from '../monitor/health.ts';",
  'gateway/monitor/health.ts': "import { openDb } from '../store/db.ts';\nimport { Registry } from '../metrics.ts';",
  'gateway/store/db.ts': "import Database from 'better-sqlite3';\nexport const openDb = () => Database;",
  'gateway/store/hits.ts': "import { openDb } from './db.ts';",
  'gateway/hits/commit.ts': "import { openDb } from '../store/db.ts';",
  'gateway/inference/pool.ts': "import { serve } from './serve.ts';",
  'gateway/inference/serve.ts': "import { parentPort } from 'node:worker_threads';",
  'gateway/cli/index.ts': "import { Command } from 'commander';\nimport { start } from '../start/start.ts';",
  'gateway/lists/match.ts': "import { z } from 'zod';\nimport { createHash } from 'node:crypto';",
  'gateway/lists/match.test.ts':
    "import { it } from 'vitest';\nimport { scene } from '../../simulators/scene/scene.ts';",
  'gateway/lists/match.fixtures.ts': "import { match } from './match.ts';",
  'gateway/metrics.ts': "import { Registry } from 'prom-client';",
  'gateway/web/server.ts': "import Fastify from 'fastify';",
  'adapters/index.ts': "import { openRtsp } from './cameras/rtsp/source.ts';",
  'adapters/cameras/rtsp/source.ts':
    "import { Rejected } from '../../../gateway/contracts/base.ts';\nimport { args } from './command.ts';",
  'adapters/cameras/rtsp/command.ts': "import { z } from 'zod';",
  'adapters/cameras/jpeg/source.ts': "import sharp from 'sharp';",
  'adapters/upstream/codec.ts':
    "import type { Frame } from '../../gateway/contracts/picture.ts';\nimport { z } from 'zod';\nimport { sign } from './webhook.codec.ts';",
  'adapters/upstream/webhook.codec.ts': "import { z } from 'zod';",
  'adapters/upstream/mqtt/relay.ts': "import mqtt from 'mqtt';\nimport { write } from '../codec.ts';",
  'adapters/upstream/mqtt/relay.test.ts': "import { startRoom } from '../../../simulators/command-room/room.ts';",
  'models/index.ts': "import type { Frame } from '../gateway/contracts/picture.ts';",
  'models/plate/index.ts': "import ort from 'onnxruntime-node';\nimport sharp from 'sharp';",
  'models/worker.ts':
    "import { openReader } from './plate/index.ts';\nimport { serve } from '../gateway/inference/serve.ts';",
  'simulators/scene/scene.ts':
    "import sharp from 'sharp';\nimport type { Frame } from '../../gateway/contracts/picture.ts';",
  'simulators/command-room/room.ts': "import { read } from '../../adapters/upstream/codec.ts';",
  'simulators/rigs/road.test.ts': "import { run } from '../../gateway/start/start.ts';",
  'simulators/conformance/source.ts': "import { it } from 'vitest';",
  'simulators/bench/main.ts': "import { openReader } from '../../models/plate/index.ts';",
  'systemd/unit.test.ts': "import { it } from 'vitest';",
  'vitest.config.ts': "import { defineConfig } from 'vitest/config';",
};
const plant = (more: Record<string, string>): Map<string, string> => new Map(Object.entries({ ...sound, ...more }));

describe('checkImports', () => {
  it('accepts the sound tree', () => expect(checkImports(plant({}))).toEqual([]));

  const planted: [string, string, string][] = [
    ['gateway/contracts/base.ts', "import { z } from 'zod';", 'may not import npm:zod'],
    [
      'gateway/contracts/base.ts',
      "import type { Db } from '../store/db.ts';",
      'may not import gateway/store/db.ts (type)',
    ],
    ['gateway/clock/clock.ts', "import { openDb } from '../store/db.ts';", 'may not import gateway/store/db.ts'],
    ['gateway/metrics.ts', "import type { Db } from './store/db.ts';", 'may not import gateway/store/db.ts (type)'],
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
    [
      'gateway/lists/match.ts',
      "const s = await import('../../simulators/scene/scene.ts');",
      'may not import simulators/',
    ],
    [
      'gateway/lists/match.ts',
      "new URL('../../simulators/scene/scene.ts', import.meta.url);",
      'may not import simulators/',
    ],
    ['gateway/lists/match.ts', "export * from 'better-sqlite3';", 'may not import npm:better-sqlite3'],
    ['gateway/lists/match.ts', "import { commit } from '../hits/commit.ts';", 'may not import gateway/hits/commit.ts'],
    [
      'gateway/hits/commit.ts',
      "import type { P } from '../monitor/health.ts';",
      'may not import gateway/monitor/health.ts (type)',
    ],
    [
      'gateway/monitor/health.ts',
      "import { start } from '../start/start.ts';",
      'may not import gateway/start/start.ts',
    ],
    ['gateway/store/hits.ts', "import Database from 'better-sqlite3';", 'may not import npm:better-sqlite3'],
    ['gateway/store/hits.ts', "import { commit } from '../hits/commit.ts';", 'may not import gateway/hits/commit.ts'],
    ['gateway/start/start.ts', "import { o } from '../../adapters/index.ts';", 'may not import adapters/index.ts'],
    [
      'gateway/start/start.ts',
      "new URL('../../models/worker.ts', import.meta.url);",
      'may not import models/worker.ts',
    ],
    ['gateway/start/start.ts', "import { Command } from 'commander';", 'may not import npm:commander'],
    ['gateway/cli/index.ts', "import Fastify from 'fastify';", 'may not import npm:fastify'],
    ['gateway/cli/index.ts', "import { cameras } from '../../adapters/index.ts';", 'may not import adapters/index.ts'],
    ['gateway/monitor/health.ts', "import { Registry } from 'prom-client';", 'may not import npm:prom-client'],
    ['gateway/inference/pool.ts', "new URL('../../models/worker.ts', import.meta.url);", 'may not import models/'],
    ['gateway/lists/match.ts', 'const s = await import(name);', 'computed path'],
    ['gateway/lists/match.ts', "import { x } from './gone.js';", 'gateway/lists/gone.js, which is not there'],
    ['gateway/lists/match.ts', "import { it } from 'vitest';", 'imports vitest outside a test'],
    ['gateway/lists/match.ts', "import { x } from './match.test.ts';", 'only tests may import tests'],
    ['gateway/lists/match.ts', "import { x } from './match.fixtures.ts';", 'only tests may import tests'],
    [
      'adapters/upstream/codec.ts',
      "import { Rejected } from '../../gateway/contracts/base.ts';",
      'may not import gateway/contracts/base.ts',
    ],
    ['adapters/upstream/webhook.codec.ts', "import mqtt from 'mqtt';", 'may not import npm:mqtt'],
    [
      'adapters/upstream/codec.ts',
      "import { x } from './mqtt/relay.ts';",
      'may not import adapters/upstream/mqtt/relay.ts',
    ],
    [
      'adapters/upstream/mqtt/relay.ts',
      "import type { M } from '../../../gateway/start/start.ts';",
      'may not import gateway/start/start.ts',
    ],
    ['adapters/upstream/mqtt/relay.ts', "import sharp from 'sharp';", 'may not import npm:sharp'],
    [
      'adapters/upstream/mqtt/relay.ts',
      "import { s } from '../../../simulators/scene/scene.ts';",
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
    [
      'adapters/cameras/rtsp/source.ts',
      "import { c } from '../../../simulators/conformance/source.ts';",
      'only tests may import tests',
    ],
    [
      'models/plate/index.ts',
      "import { m } from '../../gateway/start/start.ts';",
      'may not import gateway/start/start.ts',
    ],
    [
      'models/plate/index.ts',
      "import { m } from '../../gateway/inference/pool.ts';",
      'may not import gateway/inference/pool.ts',
    ],
    ['models/plate/index.ts', "import { c } from '../../adapters/upstream/codec.ts';", 'may not import adapters/'],
    [
      'simulators/scene/scene.ts',
      "import { Rejected } from '../../gateway/contracts/base.ts';",
      'may not import gateway/contracts/base.ts',
    ],
    [
      'simulators/scene/scene.ts',
      "import type { M } from '../../gateway/start/start.ts';",
      'may not import gateway/start/start.ts (type)',
    ],
    [
      'simulators/scene/scene.ts',
      "import { r } from '../../adapters/upstream/mqtt/relay.ts';",
      'may not import adapters/upstream',
    ],
    ['simulators/scene/scene.ts', "import { r } from '../../models/plate/index.ts';", 'may not import models/'],
    [
      'simulators/scene/scene.ts',
      "import { r } from '../command-room/room.ts';",
      'may not import simulators/command-room/room.ts',
    ],
    ['sitebox.ts', "import { openDb } from './gateway/store/db.ts';", 'may not import gateway/store/db.ts'],
    ['systemd/unit.test.ts', "import { m } from '../gateway/start/start.ts';", 'may not import gateway/start/start.ts'],
    ['scratch.ts', 'export const a = 1;', 'no rule names this file'],
    ['gateway/loose.ts', 'export const a = 1;', 'no rule names this file'],
    ['gateway/shed/x.ts', 'export const a = 1;', 'no rule names this file'],
    ['simulators/loose.ts', 'export const a = 1;', 'no rule names this file'],
    ['tools/x.ts', 'export const a = 1;', 'no rule names this file'],
  ];
  it.each(planted)('reports in %s: %s', (path, text, message) => {
    const problems = checkImports(plant({ [path]: text }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(path);
    expect(problems[0]).toContain(message);
  });
});

it('the tables of rooms have no circle: each room names rooms below it only', () => {
  for (const table of [GATEWAY_ROOMS, SIMULATOR_ROOMS]) {
    const order = Object.keys(table);
    for (const [room, below] of Object.entries(table))
      for (const one of below.split(' ').filter(Boolean))
        expect(order.indexOf(one), `${room} > ${one}`).toBeGreaterThan(order.indexOf(room));
  }
});

describe('the drawing of the rooms', () => {
  const root = import.meta.dirname;
  it('shows the imports of today', () =>
    expect(
      readFileSync(join(root, DRAWING), 'utf8') === drawRooms(codeOf(root)),
      `${DRAWING} is not what the imports say: npm run rooms`,
    ).toBe(true));
  it('changes with an arrow between two rooms, and not with one that another way makes needless', () => {
    const drawn = drawRooms(plant({}));
    expect(drawRooms(plant({ 'gateway/monitor/x.ts': "import { it } from '../hits/commit.ts';" }))).not.toBe(drawn);
    expect(drawRooms(plant({ 'gateway/cli/x.ts': "import type { Db } from '../store/db.ts';" }))).toBe(drawn);
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
  it('accepts the sound tree', () => expect(checkCycles(plant({}))).toEqual([]));
  it('reports a ring of values, of types, by import(), and a file that imports itself', () => {
    const found = ['import cycle: gateway/a.ts -> gateway/b.ts -> gateway/c.ts -> gateway/a.ts'];
    expect(ring("import { a } from './a.ts';")).toEqual(found);
    expect(ring("import type { A } from './a.ts';")).toEqual(found);
    expect(ring("const a = await import('./a.ts');")).toEqual(found);
    expect(ring("import { c } from './c.ts';")).toEqual(['import cycle: gateway/c.ts -> gateway/c.ts']);
  });
});
