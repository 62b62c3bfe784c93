import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { cutJpeg } from '../../models/picture.ts';
import { drawCrop, drawScene } from '../../models/plate/drawn-plate.fixtures.ts';

let folder: string;
let road: string;
let crop: string;
let page: string;
let script: string;
beforeAll(async () => {
  folder = tempFolder();
  const plate = { left: 400, top: 380, width: 150, ground: '#1b49b5', ink: '#fff' };
  const scene = await drawScene(960, 540, [{ ...plate, text: '苏B7K29M' }]);
  const one = await drawCrop('皖A12345', plate.ground, plate.ink);
  [road, crop, page] = ['road.jpg', 'crop.jpg', 'page.jpg'].map((n) => join(folder, n)) as [string, string, string];
  writeFileSync(road, await cutJpeg(scene, { left: 0, top: 0, width: 960, height: 540 }, 90));
  writeFileSync(crop, await cutJpeg(one, { left: 0, top: 0, width: one.width, height: one.height }, 90));
  writeFileSync(page, '<html>Login</html>');
  script = join(folder, 'run.mjs');
  const module = new URL('./read-plates.ts', import.meta.url).href;
  const worker = new URL('../../models/worker.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { readPlatesCommand } from ${JSON.stringify(module)};\nawait readPlatesCommand(new URL(${JSON.stringify(worker)})).parseAsync();\n`,
  );
});

/** Runs the command in a process of its own, as the operator does. */
async function readPlates(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const lines = (text: string) => text.split('\n').filter((l) => l !== '');
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args]);
    return { code: 0, out: lines(stdout), err: lines(stderr) };
  } catch (e) {
    const { code, stdout, stderr } = e as { code: number; stdout: string; stderr: string };
    return { code, out: lines(stdout), err: lines(stderr) };
  }
}

test('--json gives one line per picture, best plate first; a bad picture costs its own line and the exit code only', async () => {
  const { code, out, err } = await readPlates('--json', page, road);
  expect(code).toBe(1);
  expect(err).toEqual([`sitebox: ${page}: is not a picture; expected JPEG, PNG, WebP or BMP`]);
  const [bad, good] = out.map((l) => JSON.parse(l) as unknown);
  expect(bad).toEqual({ file: page, error: 'is not a picture; expected JPEG, PNG, WebP or BMP' });
  expect(good).toEqual({
    file: road,
    plates: [
      {
        text: '苏B7K29M',
        kind: 'standard',
        colour: 'blue',
        lines: 1,
        probability: expect.any(Number) as number,
        band: 'accept',
        corners: Array.from({ length: 4 }, () => [expect.any(Number) as number, expect.any(Number) as number]),
      },
    ],
    ms: expect.any(Number) as number,
  });
});

test('--crop takes each picture for one plate, --from takes paths from a file', async () => {
  const list = join(folder, 'list.txt');
  writeFileSync(list, `${crop}\r\n\n`);
  const { code, out } = await readPlates('--crop', '--from', list);
  expect(code).toBe(0);
  expect(out).toHaveLength(1);
  expect(out[0]).toMatch(/crop\.jpg: 皖A12345 {2}standard blue {2}accept 0\.\d{3} {2}0,0 220,0 220,70 0,70 {2}\d+ ms/);
});

test('no picture, or a list that is not there, is an error that says so', async () => {
  const [none, missing, other] = await Promise.all([
    readPlates(),
    readPlates('--from', join(folder, 'none.txt')),
    readPlates('--from', folder),
  ]);
  expect([none.code, none.err[0]]).toEqual([
    64,
    'error: name at least one picture, or a file of paths with --from FILE',
  ]);
  expect(missing.code).toBe(1);
  expect(missing.err.join()).toMatch(/--from: .*none\.txt does not exist; check how/);
  expect([other.code, other.err.join()]).toEqual([1, expect.stringContaining('is a folder, expected a file')]);
});
