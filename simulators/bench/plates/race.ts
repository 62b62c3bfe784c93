/** Shows the same pictures to several contenders, and what their answers are worth. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadPictureFile } from '../../../models/picture.ts';
import type { PlateAnswer, Contender } from './contender.ts';
import { PACKAGE_API } from './package-api.ts';
import type { Labelled } from './plate-pictures.ts';
import { measure, milliseconds, percentile, type Measure } from '../report.ts';
import { judgeFrame } from './testset.ts';

/** At least: per cent, and times as fast as the package's API. At most: plates, milliseconds. */
interface Bars {
  readonly exact?: number;
  readonly precision?: number;
  readonly accepted?: number;
  readonly times?: number;
  readonly falseAccepted?: number;
  readonly wholeMs?: number;
  readonly detectMs?: number;
}

/** Pictures of one kind, and what the project promises on them, by the name of the contender. */
export interface Course {
  readonly name: string;
  readonly kind: 'frame' | 'crop';
  readonly pictures: readonly Labelled[];
  readonly bars?: Readonly<Record<string, Bars>>;
}

/** What one contender said, in the order of the pictures. */
interface ContenderAnswers {
  readonly name: string;
  readonly answers: readonly PlateAnswer[];
}

/** These come first, uncounted: models are being loaded, code is being compiled. */
const WARM_UP = 3;

/**
 * Every contender reads picture by picture, one after the other and in turn first, so that what else the machine does hits all alike. Those
 * without a detector are left out of whole frames.
 */
export async function race({ kind, pictures }: Course, contenders: readonly Contender[]): Promise<ContenderAnswers[]> {
  const ways = contenders.flatMap(({ name, [kind]: way }) =>
    way ? [{ name, way, answers: [] as PlateAnswer[] }] : [],
  );
  const collect = garbageCollector();
  for (const [i, { file }] of [...pictures.slice(0, WARM_UP), ...pictures].entries()) {
    const shown = { file, raster: await loadPictureFile(file) };
    for (let k = 0; k < ways.length; k++) {
      const { way, answers } = ways[(i + k) % ways.length]!;
      // What one contender left behind is not cleaned up in the time of the next.
      collect();
      const answer = await way(shown);
      if (i >= Math.min(WARM_UP, pictures.length)) answers.push(answer);
    }
  }
  return ways;
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

export function courseMeasures(course: Course, runs: readonly ContenderAnswers[]): Measure[] {
  return [...runs.flatMap((run) => runMeasures(course, run)), ...ratios(course, runs)];
}

function runMeasures(course: Course, { name, answers }: ContenderAnswers): Measure[] {
  const { pictures, kind } = course;
  const bars = course.bars?.[name] ?? {};
  const title = (what: string): string => `${course.name}, ${name}: ${what}`;
  const n = answers.length;
  const accepts = answers.every((a) => a.accepted !== undefined);
  const measures: Measure[] = [];
  const add = (what: string, value: number, unit: string, of: number, bar?: Measure['bar']): void => {
    measures.push(measure(title(what), value, unit, of, bar));
  };
  if (kind === 'crop') {
    const right = (texts: readonly string[] | undefined, i: number): boolean => texts?.[0] === pictures[i]!.plates[0];
    const accepted = answers.filter((a) => a.accepted?.[0] !== undefined);
    const trusted = answers.filter((a, i) => right(a.accepted, i)).length;
    add('read whole', part(answers.filter((a, i) => right(a.texts, i)).length, n), '%', n, least(bars.exact));
    if (accepts) {
      add('accepted', part(accepted.length, n), '%', n, least(bars.accepted));
      add('right of those accepted', part(trusted, accepted.length), '%', accepted.length, least(bars.precision));
    }
  } else {
    const judge = (texts: (a: PlateAnswer) => readonly string[]) => {
      const judged = answers.map((a, i) => judgeFrame(pictures[i]!.plates, texts(a)));
      return (key: 'exact' | 'misread' | 'false'): number => judged.reduce((sum, j) => sum + j[key], 0);
    };
    const all = judge((a) => a.texts);
    const plates = pictures.reduce((sum, p) => sum + p.plates.length, 0);
    if (plates > 0) add('plates read exactly', part(all('exact'), plates), '%', plates, least(bars.exact));
    if (plates > 0) add('plates misread', all('misread'), 'plates', plates);
    add('false plates', all('false'), 'plates', n);
    if (accepts) {
      const trusted = judge((a) => a.accepted ?? []);
      if (plates > 0) add('misread and accepted', trusted('misread'), 'plates', plates);
      add('false and accepted', trusted('false'), 'plates', n, most(bars.falseAccepted));
    }
  }
  return [...measures, ...timeMeasures(title, answers, bars)];
}

function timeMeasures(title: (what: string) => string, answers: readonly PlateAnswer[], bars: Bars): Measure[] {
  const time = (what: string, values: readonly (number | undefined)[], p: number, bar?: Measure['bar']): Measure[] => {
    const ms = values.filter((v) => v !== undefined);
    return ms.length === 0 ? [] : [milliseconds(title(`${what} p${p}`), percentile(ms, p), ms.length, bar)];
  };
  const whole = answers.map((a) => a.ms);
  const detect = answers.map((a) => (a.detectMs === 0 ? undefined : a.detectMs));
  const decode = answers.map((a) => a.decodeMs);
  return [
    ...time('net of decoding', whole, 50, most(bars.wholeMs)),
    ...time('net of decoding', whole, 95),
    ...time('of this, finding plates', detect, 50, most(bars.detectMs)),
    ...time('decoding, taken off', decode, 50),
  ];
}

/** How many times as long the package's API takes for the same pictures, as each other contender: over all of them, and in the median. */
function ratios({ name, bars }: Course, runs: readonly ContenderAnswers[]): Measure[] {
  const api = runs.find((r) => r.name === PACKAGE_API)?.answers.map((a) => a.ms);
  if (api === undefined) return [];
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return runs
    .filter((run) => run.name !== PACKAGE_API)
    .flatMap((run) => {
      const ms = run.answers.map((a) => a.ms);
      const each = api.map((apiMs, i) => apiMs / ms[i]!);
      const bar = least(bars?.[run.name]?.times);
      const one = (what: string, ratio: number): Measure => {
        const title = `${name}: ${PACKAGE_API} / ${run.name}, ${what}`;
        return measure(title, Math.floor(ratio * 10) / 10, 'x', ms.length, bar);
      };
      return [one('all', sum(api) / sum(ms)), one('median', percentile(each, 50))];
    });
}

/** Per cent, rounded down to hundredths, so that a bar is not met by rounding. */
const part = (some: number, all: number): number => Math.floor((some * 10_000) / all) / 100;
const least = (value: number | undefined): Measure['bar'] => (value === undefined ? undefined : { least: value });
const most = (value: number | undefined): Measure['bar'] => (value === undefined ? undefined : { most: value });
