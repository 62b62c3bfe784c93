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

function open(roadCamera: string, gateCamera: string) {
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
  - { id: road-1, kind: road, cameras: [road-cam] }
  - { id: gate-1, kind: gate, readers: [desk-1], camera: gate-cam }
`,
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
