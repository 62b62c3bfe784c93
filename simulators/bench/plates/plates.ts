/**
 * The product's plate reader, the package's own API and public models on the same pictures, in one process, one thread each. The package is
 * the one whose models the product began with.
 */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundSharp } from '../../../models/picture.ts';
import { openOurs, OURS, OURS_STREAM } from './contender.ts';
import { openPackageApi } from './package-api.ts';
import { drawPictures, realPictures } from './plate-pictures.ts';
import { openPublicModels, type PublicModels } from './public-models.ts';
import { courseMeasures, race, type Course } from './race.ts';
import type { Measure } from '../report.ts';

interface PlatesBenchOptions extends PublicModels {
  /** Folder of real pictures, see testset.ts. */
  readonly testset?: string | undefined;
}

/** Drawn frames with a plate of each style, and without any. */
const DRAWN = { seed: 41, each: 2, empty: 12 };

/** Throws a UsageError for a folder or a model file that is not what it should be, before anything is drawn. */
export async function measurePlates(options: PlatesBenchOptions, progress: (text: string) => void): Promise<Measure[]> {
  boundSharp();
  const real = options.testset === undefined ? undefined : realPictures(options.testset);
  const others = await openPublicModels(options, progress);
  const contenders = [...(await openOurs()), await openPackageApi(), ...others];
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-plates-'));
  progress('drawing pictures');
  const drawn = await drawPictures(folder.path, DRAWN);
  const measures: Measure[] = [];
  for (const course of coursesOf(drawn, real)) {
    if (course.pictures.length === 0) continue;
    const rivals = contenders.filter((c) => c[course.kind]);
    progress(`${course.pictures.length} ${course.name}: ${rivals.map((c) => c.name).join(', ')}`);
    measures.push(...courseMeasures(course, await race(course, rivals)));
  }
  return measures;
}

type Drawn = Awaited<ReturnType<typeof drawPictures>>;
type Real = ReturnType<typeof realPictures>;

/** What is promised of time is promised of a road's frames, what is promised of accuracy of single pictures. */
function coursesOf(drawn: Drawn, real: Real | undefined): Course[] {
  const road = (wholeMs: number): NonNullable<Course['bars']> => ({
    [OURS_STREAM]: { wholeMs, detectMs: 10, times: 15 },
  });
  const courses: Course[] = [
    { name: 'drawn 1080p frames, one plate', kind: 'frame', pictures: drawn.frames, bars: road(30) },
    { name: 'drawn 1080p frames, no plate', kind: 'frame', pictures: drawn.empty, bars: road(12) },
    { name: 'drawn crops', kind: 'crop', pictures: drawn.crops },
  ];
  if (real === undefined) return courses;
  const [frames, crops] = [
    { [OURS]: { exact: 95, falseAccepted: 0 }, [OURS_STREAM]: { falseAccepted: 0 } },
    { [OURS]: { exact: 98.5, precision: 99.5, accepted: 95 } },
  ];
  return [
    ...courses,
    { name: 'real frames', kind: 'frame', pictures: real.frames, bars: frames },
    { name: 'real crops', kind: 'crop', pictures: real.crops, bars: crops },
  ];
}
