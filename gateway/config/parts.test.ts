import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { ConfigError } from '../contracts/errors.ts';
import { LoginThrottles } from '../people/login-throttle.ts';
import { onvif } from '../../adapters/index.ts';
import { openParts } from './parts.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import type { Source } from '../contracts/source.ts';

const SHOWS: Source = { run: () => Promise.resolve() };
const ADAPTERS = {
  cameras: { shows: () => SHOWS, pushes: (): Source => ({ ...SHOWS, pushes: true }) },
  readers: { desk: () => SHOWS },
  photoDecoders: {},
  relays: {},
  equipment: {},
  onvif,
};

function open(roadCamera: string, gateCamera: string, more = '') {
  const folder = tempFolder();
  const file = join(folder, 'sitebox.yaml');
  writeFileSync(
    file,
    `site: demo
storage: { folder: data }
lists: { trust: root.json }
cameras:
  - { id: road-cam, kind: ${roadCamera} }
  - { id: gate-cam, kind: ${gateCamera} }
readers:
  - { id: desk-1, kind: desk }
lanes:
  - { id: road-1, kind: road, cameras: [road-cam], regions: { road-cam: [[0, 0], [0.5, 0], [0.5, 1]] } }
  - { id: gate-1, kind: gate, readers: [desk-1], camera: gate-cam }
${more}`,
  );
  return openParts(file, ADAPTERS, new LoginThrottles(SILENT_LOG), SILENT_LOG);
}

test('a road lane takes cameras that show and cameras that push', () => {
  expect(open('shows', 'shows').cameras.map((c) => c.pushes)).toEqual([false, false]);
  expect(open('pushes', 'shows').cameras.map((c) => [c.id, c.lane, c.pushes])).toEqual([
    ['road-cam', 'road-1', true],
    ['gate-cam', 'gate-1', false],
  ]);
});

test('a gate lane with a camera that pushes is a mistake, named with its line and what to do', () => {
  try {
    open('shows', 'pushes');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems).toMatchObject([
      { path: ['lanes', 1, 'camera'], line: 11, hint: expect.stringContaining('kind: rtsp, jpeg or folder') as string },
    ]);
    expect(error.problems[0]!.message).toContain('camera `gate-cam` reads plates by itself');
    return;
  }
  expect.fail('it was accepted');
});

const SECOND =
  '  - { id: road-2, kind: road, cameras: [road-cam], regions: { road-cam: [[0.5, 0], [1, 0], [1, 1]] } }\n';

test('a camera of two road lanes is opened once, with the region of each', () => {
  const { cameras } = open('shows', 'shows', SECOND);
  expect(cameras.map((c) => [c.id, c.lane, c.views.map((view) => [view.lane, view.region?.[0]])])).toEqual([
    [
      'road-cam',
      'road-1, road-2',
      [
        ['road-1', [0, 0]],
        ['road-2', [0.5, 0]],
      ],
    ],
    ['gate-cam', 'gate-1', []],
  ]);
});

test('one that pushes has no parts of a picture, and belongs to one lane', () => {
  const problems = (): readonly string[] => {
    try {
      open('pushes', 'shows', SECOND);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map((p) => `${p.path.join('.')}: ${p.message}`);
    }
    return [];
  };
  expect(problems()).toEqual([
    expect.stringMatching(/^lanes\.0\.cameras\.0: camera `road-cam` reads plates by itself/),
    expect.stringMatching(/^lanes\.2\.cameras\.0: camera `road-cam` reads plates by itself/),
  ]);
});
