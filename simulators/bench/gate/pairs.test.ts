import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { encodeBmp, openFacePainter, type FaceShot } from '../../scene/face.ts';
import { emptyShot, laneShot, portraitShot, VARIATIONS } from '../../scene/face-shots.ts';
import { people } from '../../devices/gate/people.ts';
import { measurePairs, pairMeasures, readPairs } from './pairs.ts';

it('a file of pairs is read, its paths from its own folder on; a bad line is named', () => {
  expect(readPairs('a.jpg, b.jpg ,same\r\n/x/c.png,d.png,different\n', '/set/pairs.csv')).toEqual([
    { a: '/set/a.jpg', b: '/set/b.jpg', label: 'same' },
    { a: '/x/c.png', b: '/set/d.png', label: 'different' },
  ]);
  for (const bad of ['a.jpg,b.jpg', 'a.jpg,b.jpg,alike', ',b.jpg,same', 'a.jpg,b.jpg,same,more']) {
    expect(() => readPairs(`a,b,same\n${bad}`, 'pairs.csv')).toThrow('pairs.csv: line 2: expected two paths');
  }
});

it('what is not compared is neither accepted nor refused', () => {
  const labels = ['same', 'same', 'same', 'different', 'different', 'different'] as const;
  const pairs = labels.map((label) => ({ a: 'a', b: 'b', label }));
  const outcomes = ['same', 'different', 'not compared', 'different', 'same', 'not compared'] as const;
  expect(pairMeasures(pairs, outcomes).map(({ value, n }) => [value, n])).toEqual([
    [50, 2],
    [1, 2],
    [2, 6],
  ]);
});

it('pairs go through the command line', async () => {
  const folder = tempFolder();
  const painter = openFacePainter();
  const [one, other] = [people[0]!.seed, people[1]!.seed];
  const size = { width: 240, height: 300 };
  const shots: Record<string, FaceShot> = {
    one: portraitShot(one, size),
    again: laneShot(one, VARIATIONS[0]!),
    other: portraitShot(other, size),
    nobody: emptyShot(),
  };
  for (const [name, shot] of Object.entries(shots)) {
    writeFileSync(join(folder, `${name}.bmp`), encodeBmp(await painter.draw(shot)));
  }
  const rows = ['one,again,same', 'one,other,different', 'other,nobody,same'];
  const file = join(folder, 'pairs.csv');
  writeFileSync(file, rows.map((row) => row.replace(/^(.*),(.*),/, '$1.bmp,$2.bmp,')).join('\n'));
  const measures = await measurePairs(file);
  expect(measures.map(({ value, n }) => [value, n])).toEqual([
    [100, 1],
    [0, 1],
    [1, 3],
  ]);
});
