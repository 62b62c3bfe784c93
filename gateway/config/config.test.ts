import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { z } from 'zod';
import { loadConfig, readConfig } from './config.ts';
import { explainConfigError } from './explain.ts';
import { ConfigError, type ConfigProblem } from '../contracts/errors.ts';
import { SILENT_LOG } from '../contracts/base.ts';

const GOOD = `site: demo
storage:
  folder: data
lists:
  trust: root.json
cameras:
  - id: cam-1
    kind: rtsp
    password: env:CAM
lanes:
  - id: lane-1
    kind: road
    cameras: [cam-1]
`;
function file(text: string): string {
  const path = join(tempFolder(), 'sitebox.yaml');
  writeFileSync(path, text);
  return path;
}
function problems(run: () => unknown): readonly ConfigProblem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
const brief = (p: ConfigProblem) => `${p.line} ${p.path.join('.')}: ${p.message}${p.hint ? ` (${p.hint})` : ''}`;

test('a small file is enough; paths become absolute and everything else has a default', () => {
  const path = file(GOOD);
  const config = loadConfig(path);
  expect(config).toMatchObject({
    site: 'demo',
    listen: { port: 8420 },
    hits: { windowS: 60 },
    inference: { threads: 2 },
  });
  expect(config.storage.folder).toBe(join(path, '..', 'data'));
  expect(config.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('the commented example is a valid file', () => {
  const example = join(import.meta.dirname, '../..', 'sitebox.example.yaml');
  expect(loadConfig(example).lanes.map((l) => l.id)).toEqual(['north', 'south', 'gate-1']);
});

test('the example names every key that the schema knows', () => {
  const example = readFileSync(join(import.meta.dirname, '../..', 'sitebox.example.yaml'), 'utf8');
  const keys = (value: unknown): string[] =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).flatMap(([k, v]) => [k, ...keys(v)])
      : [];
  const { file: _file, sha256: _sha256, ...config } = loadConfig(file(GOOD));
  const known = [...keys(config), 'region'];
  expect(known.length).toBeGreaterThan(15);
  expect(known.filter((k) => !new RegExp(`\\b${k}:`).test(example))).toEqual([]);
});

test('every mistake is reported at once, with line, path, what was expected and a hint', () => {
  const text = `site: Demo Site
storage:
  foldr: data
lists: { trust: root.json }
listen:
  port: eighty
cameras:
  - id: cam-1
    kind: rtsp
  - id: cam-1
    kind: rtsp
lanes:
  - id: lane-1
    kind: road
    cameras: [cam-1]
    speed: 30
`;
  expect(problems(() => loadConfig(file(text))).map(brief)).toEqual([
    '1 site: expected 1 to 32 of a-z, 0-9 and -, starting with a letter or digit',
    '3 storage.folder: expected string, received undefined',
    '3 storage.foldr: unknown key (did you mean `folder`?)',
    '6 listen.port: expected number, received string',
    '16 lanes.0.speed: unknown key (known keys: id, kind, cameras, regions)',
  ]);
});

test('the certificate of the web server is checked with its key', () => {
  const text = `${GOOD}listen: { tls: { certificate: box.crt, key: box.key } }\n`;
  const found = problems(() => loadConfig(file(text))).map(brief);
  expect(found).toEqual([
    expect.stringMatching(/^14 listen\.tls\.certificate: no certificate with its key: .*box\.crt/),
  ]);
});

test('a key of 0.1.0 is named with what it is called since', () => {
  const text = `${GOOD}crew:
  equipment:
    - { id: broker, kind: broker }
  relayS: 10
  modes:
    normal: { reportS: 30 }
    emergency: { unconfirmed: [stolen] }
limits:
  freeDiskBytes: 1
hits:
  relayS: 1
`;
  expect(problems(() => loadConfig(file(text))).map(brief)).toEqual([
    '17 crew.relayS: `relayS` is called `relayIntervalS` since 0.2.0',
    '19 crew.modes.normal.reportS: `reportS` is called `reportIntervalS` since 0.2.0',
    '20 crew.modes.emergency.unconfirmed: `unconfirmed` is called `alertUnconfirmed` since 0.2.0',
    '22 limits.freeDiskBytes: `freeDiskBytes` is called `minFreeDiskBytes` since 0.2.0',
    '24 hits.relayS: unknown key (known keys: windowS)',
  ]);
});

test('repeated ids, unknown cameras and cameras without a lane are named together', () => {
  const text =
    GOOD.replace('lanes:', '  - id: cam-2\n    kind: rtsp\n  - id: cam-2\n    kind: rtsp\nlanes:') +
    '  - id: lane-1\n    kind: road\n    cameras: [cam-11]\n';
  expect(problems(() => loadConfig(file(text))).map(brief)).toEqual([
    '10 cameras.1.id: no lane uses camera `cam-2`',
    '12 cameras.2.id: the id `cam-2` is already used by cameras.1 (every id of this block must differ)',
    '12 cameras.2.id: no lane uses camera `cam-2`',
    '18 lanes.1.id: the id `lane-1` is already used by lanes.0 (every id of this block must differ)',
    '20 lanes.1.cameras.0: no camera has the id `cam-11` (did you mean `cam-1`?)',
  ]);
});

const shared = (first: string, second: string): string =>
  `${GOOD}${first}  - id: lane-2\n    kind: road\n    cameras: [cam-1]\n${second}`;
const REGION = '    regions: { cam-1: [[0, 0], [0.5, 0], [0.5, 1]] }\n';

test('several road lanes may look at one camera, each at a part of its picture', () => {
  const { lanes } = loadConfig(file(shared(REGION, REGION)));
  expect(lanes.map((l) => l.id)).toEqual(['lane-1', 'lane-2']);
  for (const text of [shared('', ''), shared(REGION, ''), shared('', REGION)]) {
    const [problem, ...more] = problems(() => loadConfig(file(text))).map(brief);
    expect(more).toEqual([]);
    expect(problem).toMatch(
      /lanes\.1\.cameras\.0: camera `cam-1` already belongs to lane `lane-1` \(several road lanes may .*regions/,
    );
  }
});

test('a region of a camera that is not of the lane is named', () => {
  expect(problems(() => loadConfig(file(`${GOOD}${REGION.replace('cam-1', 'cam-2')}`))).map(brief)).toEqual([
    '14 lanes.0.regions.cam-2: this lane has no camera `cam-2` (did you mean `cam-1`?)',
  ]);
});

test('tabs, duplicate keys and broken YAML name the line and never quote it', () => {
  const secret = 'hunter2secret';
  const cases: [string, RegExp][] = [
    [GOOD.replace('  folder', '\tfolder'), /:3 a tab is used for indentation \(YAML is indented with spaces only\)/],
    [GOOD.replace('site: demo', `site: demo\nsite: ${secret}`), /:2 this key appears twice/],
    [GOOD.replace('env:CAM', `"${secret}`), /not valid YAML/],
    [GOOD + `\n${secret}`, /not valid YAML/],
    ['', /site: expected string/],
    ['- a\n- b\n', /expected object/],
    ['a: &x [1]\nb: *x\n', /unknown key/],
  ];
  for (const [text, expected] of cases) {
    const path = file(text);
    let shown = '';
    try {
      loadConfig(path);
    } catch (error) {
      shown = explainConfigError(error as ConfigError);
    }
    expect(shown).toMatch(expected);
    expect(shown).not.toContain(secret);
  }
});

test('a missing file, and a folder in its place, are named', () => {
  expect(problems(() => loadConfig('/nonexistent/sitebox.yaml')).map((p) => p.message)).toEqual([
    'cannot be read (ENOENT)',
  ]);
  expect(problems(() => loadConfig(tmpdir()))[0]?.message).toContain('EISDIR');
});

test('an adapter checks its own part; its mistakes carry the line in the file, secrets included and never shown', () => {
  const path = file(GOOD.replace('env:CAM', 'hunter2secret').replace('kind: rtsp', 'kind: rtsp\n    usr: x'));
  const loaded = readConfig(path);
  const context = loaded.context(['cameras', 0], 'cam-1', SILENT_LOG);
  const part = z.strictObject({ id: z.string(), kind: z.string(), user: z.string().optional(), password: z.string() });
  expect(() => context.check(part, loaded.config.cameras[0])).toThrow(ConfigError);
  expect(context.secret('hunter2secret', 'password')).toBe('');
  const found = problems(() => loaded.throwProblems()).map(brief);
  expect(found).toEqual([
    '9 cameras.0.usr: unknown key (did you mean `user`?)',
    '10 cameras.0.password: expected a reference to a secret (write file:PATH or env:NAME, never the secret itself)',
  ]);
});

test('secrets come from files and the environment; missing and empty ones say what to do', () => {
  const path = file(GOOD);
  writeFileSync(join(path, '..', 'cam.secret'), 'p4ss\n');
  writeFileSync(join(path, '..', 'empty.secret'), '\n');
  process.env.SITEBOX_TEST_SECRET = 'from-env';
  const loaded = readConfig(path);
  const context = loaded.context(['cameras', 0], 'cam-1', SILENT_LOG);
  expect(context.secret('file:cam.secret', 'password')).toBe('p4ss');
  expect(context.secret('env:SITEBOX_TEST_SECRET', 'password')).toBe('from-env');
  expect(context.secret('file:gone.secret', 'password')).toBe('');
  expect(context.secret('file:empty.secret', 'password')).toBe('');
  expect(context.secret('env:SITEBOX_TEST_NOT_SET', 'password')).toBe('');
  expect(problems(() => loaded.throwProblems()).map((p) => `${p.message} (${p.hint})`)).toEqual([
    expect.stringMatching(/^secret file .*gone\.secret cannot be read \(ENOENT\) \(create it with mode 0600\)$/),
    expect.stringMatching(/^secret file .*empty\.secret is empty/),
    expect.stringMatching(/^environment variable SITEBOX_TEST_NOT_SET is not set/),
  ]);
});

const GATE = `${GOOD}  - id: gate-1
    kind: gate
    readers: [desk-1, desk-2]
    camera: cam-1
readers:
  - id: desk-1
    kind: sdt
  - id: desk-3
    kind: sdt
`;

test('a reader that no lane uses, one that is not there, and a camera of two lanes are named', () => {
  expect(problems(() => loadConfig(file(GATE))).map(brief)).toEqual([
    '16 lanes.1.readers.1: no reader has the id `desk-2` (did you mean `desk-1`?)',
    '17 lanes.1.camera: camera `cam-1` already belongs to lane `lane-1`',
    '21 readers.1.id: no lane uses reader `desk-3`',
  ]);
});

test('a comparison without the text of its sign is refused', () => {
  const text = `${GOOD}comparison:\n  sign: " "\n`;
  expect(problems(() => loadConfig(file(text))).map(brief)).toEqual([
    '15 comparison.sign: expected the text of the sign that tells visitors about the comparison',
  ]);
});
