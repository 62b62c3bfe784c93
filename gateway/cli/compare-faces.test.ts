import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { openFacePainter, snapshot } from '../../simulators/scene/face.ts';
import { farShot, laneShot, VARIATIONS } from '../../simulators/scene/face-shots.ts';
import { seeded } from '../../simulators/scene/random.ts';

let folder: string;
let script: string;
beforeAll(async () => {
  folder = tempFolder();
  const painter = openFacePainter();
  const drawn = {
    'a1.jpg': laneShot(3, VARIATIONS[0]!),
    'a2.jpg': laneShot(3, VARIATIONS[3]!),
    'b, left.jpg': laneShot(13, VARIATIONS[0]!),
    'far.jpg': farShot(3),
  };
  for (const [name, shot] of Object.entries(drawn)) {
    const picture = await painter.draw(shot);
    writeFileSync(join(folder, name), await snapshot(picture, { noise: 2, quality: 88, random: seeded(1) }));
  }
  // A picture that lies on its side, and says so.
  await sharp(join(folder, 'a1.jpg')).rotate(270).withMetadata({ orientation: 6 }).toFile(join(folder, 'side.jpg'));
  writeFileSync(join(folder, 'page.jpg'), '<html>Login</html>');
  script = join(folder, 'run.mjs');
  const module = new URL('./compare-faces.ts', import.meta.url).href;
  const worker = new URL('../../models/worker.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { compareFacesCommand } from ${JSON.stringify(module)};\nawait compareFacesCommand(new URL(${JSON.stringify(worker)})).parseAsync();\n`,
  );
});

/** Runs the command in the folder, in a process of its own, as the operator does. */
async function compareFaces(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const lines = (text: string) => text.split('\n').filter((l) => l !== '');
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: folder });
    return { code: 0, out: lines(stdout), err: lines(stderr) };
  } catch (e) {
    const { code, stdout, stderr } = e as { code: number; stdout: string; stderr: string };
    return { code, out: lines(stdout), err: lines(stderr) };
  }
}

test('--pairs --json: one line per pair, in order; a bad pair costs its own line and the exit code only', async () => {
  const csv = ['\uFEFFa1.jpg,a2.jpg', '', 'a1.jpg,"b, left.jpg"', 'far.jpg, a1.jpg', 'a1.jpg,page.jpg', 'a1.jpg,.'];
  writeFileSync(join(folder, 'pairs.csv'), [...csv, 'none.jpg,a1.jpg', 'alone.jpg', 'side.jpg,a2.jpg\r\n'].join('\n'));
  const { code, out, err } = await compareFaces('--json', '--pairs', 'pairs.csv');
  expect(code).toBe(1);
  const [score, threshold] = [expect.any(Number) as number, 0.49];
  const bad = { outcome: 'not compared', score: null, threshold };
  expect(out.map((l) => JSON.parse(l) as unknown)).toEqual([
    { a: 'a1.jpg', b: 'a2.jpg', outcome: 'same', score, threshold, why: null },
    { a: 'a1.jpg', b: 'b, left.jpg', outcome: 'different', score, threshold, why: null },
    { a: 'far.jpg', b: 'a1.jpg', ...bad, why: 'too small' },
    { a: 'a1.jpg', b: 'page.jpg', ...bad, why: 'page.jpg: is not a picture; expected JPEG, PNG, WebP or BMP' },
    { a: 'a1.jpg', b: '.', ...bad, why: '.: is not a file' },
    { a: 'none.jpg', b: 'a1.jpg', ...bad, why: 'none.jpg: cannot be opened (ENOENT)' },
    { a: 'alone.jpg', b: '', ...bad, why: 'pairs.csv, line 8: expected two paths with a comma between them' },
    { a: 'side.jpg', b: 'a2.jpg', outcome: 'same', score, threshold, why: null },
  ]);
  expect(err).toEqual([
    'sitebox: page.jpg: is not a picture; expected JPEG, PNG, WebP or BMP',
    'sitebox: .: is not a file',
    'sitebox: none.jpg: cannot be opened (ENOENT)',
    'sitebox: pairs.csv, line 8: expected two paths with a comma between them',
  ]);
});

test('for people: one line with the score, or what to do about it; the threshold can be set', async () => {
  const [far, strict] = await Promise.all([
    compareFaces('a1.jpg', 'far.jpg'),
    compareFaces('--threshold', '0.99', 'a1.jpg', 'a2.jpg'),
  ]);
  expect([far.code, far.out.length, strict.code, strict.out.length]).toEqual([0, 1, 0, 1]);
  expect(far.out[0]).toMatch(
    /^a1\.jpg far\.jpg: not compared \(too small\) {2}far\.jpg: the face is 4\d pixels wide: at least 64 are expected\. Bring the camera nearer, or zoom in\. {2}\d+ ms$/,
  );
  expect(strict.out[0]).toMatch(
    /^a1\.jpg a2\.jpg: different {2}0\.[5-9]\d* \(same from 0\.99\) {2}If it is one person: light the face/,
  );
});

test('one picture, a threshold that is none, or a list that is not there, is an error that says so', async () => {
  const [one, odd, missing] = await Promise.all([
    compareFaces('a1.jpg'),
    compareFaces('--threshold', 'high', 'a1.jpg', 'a2.jpg'),
    compareFaces('--pairs', 'none.csv'),
  ]);
  expect([one.code, one.err[0]]).toEqual([64, 'error: name two pictures, or a file of pairs with --pairs FILE']);
  expect(odd.err[0]).toMatch(/--threshold .*'high' is invalid\. Expected a number between -1 and 1/);
  expect([missing.code, missing.err]).toEqual([
    1,
    ['sitebox: --pairs: none.csv does not exist; check how none.csv is written, or create it first'],
  ]);
});
