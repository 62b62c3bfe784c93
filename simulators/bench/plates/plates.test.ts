import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { loadPictureFile } from '../../../models/picture.ts';
import { OURS, type PlateAnswer, type Contender } from './contender.ts';
import { openPackageApi, PACKAGE_API, platesIn } from './package-api.ts';
import { drawPictures, type DrawOptions, type Labelled } from './plate-pictures.ts';
import { courseMeasures, race, type Course } from './race.ts';
import { isMet, type Measure } from '../report.ts';

it('of the lines that the package reads, those count that look like a plate, dot and spaces or not', () => {
  expect(platesIn(['皖A·12345', '出口 EXIT', '粤B98K61 P', '苏B 7K29M'])).toEqual(['皖A12345', '粤B98K61', '苏B7K29M']);
  expect(platesIn(['粤BD12345', '京A1234警', 'WJ京12345', '皖a12345'])).toEqual([
    ...['粤BD12345', '京A1234警', 'WJ京12345', '皖A12345'],
  ]);
  expect(platesIn(['皖A1234', '12345', '', 'A12345皖'])).toEqual([]);
});

let folder: string;
beforeAll(() => {
  folder = tempFolder();
});

it('drawn pictures come out the same for the same seed, in the promised sizes, and the package reads them', async () => {
  const options: DrawOptions = { seed: 5, each: 1, empty: 1, styles: ['standard'] };
  const { frames, empty, crops } = await drawPictures(folder, options);
  expect([frames, empty, crops].map((l) => l.length)).toEqual([1, 1, 1]);
  const [frame, crop] = [frames[0]!, crops[0]!];
  expect([crop.plates, empty[0]!.plates]).toEqual([frame.plates, []]);
  expect(await loadPictureFile(frame.file)).toMatchObject({ width: 1920, height: 1080 });
  const raster = await loadPictureFile(crop.file);
  // 440 × 140 mm and the margin around.
  expect(raster.width / raster.height).toBeCloseTo(466.4 / 166.4, 1);
  expect(raster.width).toBeGreaterThan(110);
  const api = await openPackageApi();
  const answer = await api.crop!({ file: crop.file, raster });
  expect(answer.texts).toEqual(crop.plates);
  expect(answer.decodeMs).toBeGreaterThan(0);
  const before = readFileSync(crop.file);
  await drawPictures(folder, options);
  expect(readFileSync(crop.file).equals(before)).toBe(true);
});

it('every contender sees every picture, in turn first, and those without a detector no frames', async () => {
  const pictures: Labelled[] = [];
  for (const width of [30, 31, 32, 33]) {
    const file = join(folder, `${width}.png`);
    await sharp({ create: { width, height: 20, channels: 3, background: '#777' } }).toFile(file);
    pictures.push({ file, plates: [] });
  }
  const order: string[] = [];
  const contender = (name: string): Contender => ({
    name,
    crop: async ({ raster }) => {
      order.push(`${name}${raster.width}`);
      return { texts: [`${raster.width}`], ms: 1 };
    },
  });
  const both = [contender('a'), contender('b')];
  const runs = await race({ name: 'crops', kind: 'crop', pictures }, both);
  // Three come before, uncounted.
  expect(order.slice(0, 6)).toEqual(['a30', 'b30', 'b31', 'a31', 'a32', 'b32']);
  expect(order.slice(6)).toEqual(['b30', 'a30', 'a31', 'b31', 'b32', 'a32', 'a33', 'b33']);
  expect(runs.map((r) => [r.name, r.answers.map((a) => a.texts[0])])).toEqual([
    ['a', ['30', '31', '32', '33']],
    ['b', ['30', '31', '32', '33']],
  ]);
  expect(await race({ name: 'frames', kind: 'frame', pictures }, both)).toEqual([]);
});

const labelled = (...plates: readonly string[]): Labelled => ({ file: '', plates });
const valueOf = (measures: readonly Measure[], name: string): Measure => measures.find((m) => m.name.endsWith(name))!;

it('crops: what was read, what was accepted, and how far that can be trusted; no bar is met by rounding', () => {
  const pictures = Array.from({ length: 200 }, () => labelled('皖A12345'));
  const answers = pictures.map((_, i): PlateAnswer => {
    const texts = [i < 197 ? '皖A12345' : '皖A12346'];
    return { texts, accepted: i < 196 || i === 199 ? texts : [], ms: i === 0 ? 100 : 2, detectMs: 0 };
  });
  const course: Course = {
    name: 'crops',
    kind: 'crop',
    pictures,
    bars: { [OURS]: { exact: 98.5, precision: 99.5, accepted: 95 } },
  };
  const measures = courseMeasures(course, [{ name: OURS, answers }]);
  expect(valueOf(measures, 'read whole')).toMatchObject({ value: 98.5, n: 200, bar: { least: 98.5 } });
  expect(valueOf(measures, ': accepted')).toMatchObject({ value: 98.5, n: 200 });
  // 196 of 197 are 99.492 %.
  const trusted = valueOf(measures, 'right of those accepted');
  expect([trusted.value, trusted.n, isMet(trusted)]).toEqual([99.49, 197, false]);
  expect(valueOf(measures, 'decoding p50').value).toBe(2);
  expect(measures.some((m) => m.name.includes('finding'))).toBe(false);
  // Of another contender nothing is promised.
  const others = courseMeasures(course, [
    { name: 'another', answers: answers.map(({ texts, ms }) => ({ texts, ms })) },
  ]);
  expect(others.map((m) => [m.name, m.bar])).toEqual([
    ['crops, another: read whole', undefined],
    ['crops, another: net of decoding p50', undefined],
    ['crops, another: net of decoding p95', undefined],
  ]);
});

it('frames: exact, misread and false plates, all and accepted, and the ratio to the package', () => {
  const pictures = [labelled('皖A12345', '粤B98K61'), labelled(), labelled('苏B7K29M')];
  const course: Course = {
    name: 'road',
    kind: 'frame',
    pictures,
    bars: { [OURS]: { falseAccepted: 0, wholeMs: 30, times: 15 } },
  };
  const answer = (texts: readonly string[], accepted: readonly string[], ms: number): PlateAnswer => ({
    texts,
    accepted,
    ms,
    detectMs: 5,
  });
  const ours = [
    answer(['粤B98K61', '皖A12346'], ['皖A12346'], 10),
    answer(['京C11111'], ['京C11111'], 10),
    answer(['苏B7K29M', '京C22222'], ['苏B7K29M'], 40),
  ];
  const api = [160, 160, 480].map((ms): PlateAnswer => ({ texts: [], ms, decodeMs: 8 }));
  const runs = [
    { name: OURS, answers: ours },
    { name: PACKAGE_API, answers: api },
  ];
  const measures = courseMeasures(course, runs);
  const values = Object.fromEntries(measures.map((m) => [m.name.replace('road, sitebox: ', ''), m.value]));
  expect(values).toMatchObject({
    'plates read exactly': 66.66,
    'plates misread': 1,
    'false plates': 2,
    'misread and accepted': 1,
    'false and accepted': 1,
    'net of decoding p50': 10,
    'of this, finding plates p50': 5,
    'road, package API: decoding, taken off p50': 8,
    'road: package API / sitebox, all': 13.3,
    'road: package API / sitebox, median': 16,
  });
  expect(measures.filter((m) => isMet(m) === false).map((m) => m.name)).toEqual([
    'road, sitebox: false and accepted',
    'road: package API / sitebox, all',
  ]);
});
