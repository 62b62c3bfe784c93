/**
 * Measures the product from outside, mostly through its command line, and prints each number beside what the project promises.
 *
 *   npm run -s bench -- road [--json] [--check] [--testset FOLDER]
 *   npm run -s bench -- gate [--json] [--check] [--visitors N] [--pairs FILE]
 *   npm run -s bench -- plates [--json] [--check] [--testset FOLDER] [--weather]
 *                               [--yolo FILE] [--plate-rec FILE] [--lprnet FILE]
 *   npm run -s bench -- convoy [--json] [--check] [--passages N]
 *   npm run -s bench -- passers [--json] [--check] [--passages N]
 *   npm run -s bench -- crew [--json] [--check] [--devices N]
 *   npm run -s bench -- people [--json] [--check] [--only PART,…]
 *   npm run -s bench -- faults [--json] [--check] [--only PART,…]
 *
 * --check ends with 1 when a promise is missed. --testset: see testset.ts. --pairs: see pairs.ts. --visitors, --passages, --devices: 1000
 * unless told; passers, which takes about a second a passage, 200. --weather: the drawn plates in the weather too, some minutes more; see weather.ts. --yolo, --plate-rec, --lprnet: ONNX files
 * of public models; see public-models.ts. --only: parts, see faults.ts and people/people.ts; without it all but the soak, which takes an hour.
 */
import { parseArgs } from 'node:util';
import { causeOf } from '../../gateway/contracts/errors.ts';
import { isMet, makeReport, toJson, toTable, type Measure } from './report.ts';
import { UsageError } from './usage.ts';

const OPTIONS = {
  testset: { type: 'string' },
  visitors: { type: 'string' },
  passages: { type: 'string' },
  devices: { type: 'string' },
  pairs: { type: 'string' },
  only: { type: 'string' },
  yolo: { type: 'string' },
  'plate-rec': { type: 'string' },
  lprnet: { type: 'string' },
  weather: { type: 'boolean' },
} as const;
type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

interface Bench {
  readonly takes: readonly (keyof Options)[];
  measure(options: Options, progress: (text: string) => void): Promise<readonly Measure[]>;
}

/** sysexits.h: EX_USAGE. */
const EXIT_USAGE = 64;
/** Visitors, passages, devices. */
const MANY = '1000';

/** Each loads what it needs when it is run, so that a mistyped command is answered at once. */
const benches: Readonly<Record<string, Bench>> = {
  road: {
    takes: ['testset'],
    async measure({ testset }, progress) {
      const { measureStart } = await import('./road/start.ts');
      const { measureTraffic } = await import('./road/traffic.ts');
      progress('starting the demo three times');
      const start = await measureStart();
      const traffic = await measureTraffic(progress);
      if (testset === undefined) return [...traffic, ...start];
      progress('reading the test set');
      const { measureTestset } = await import('./plates/testset.ts');
      return [...traffic, ...start, ...(await measureTestset(testset))];
    },
  },
  gate: {
    takes: ['visitors', 'pairs'],
    async measure({ visitors = MANY, pairs }, progress) {
      const { measureLanes, measureSerial } = await import('./gate/gate.ts');
      const lanes = await measureLanes(Number(visitors), progress);
      progress('comparing drawn people');
      // onnxruntime's telemetry is decided before its first load.
      process.env['ORT_DISABLE_TELEMETRY'] = '1';
      const { measureIdentities } = await import('./gate/identities.ts');
      const identities = await measureIdentities();
      progress('disturbing a serial line');
      const measured = [...lanes, ...identities, ...measureSerial()];
      if (pairs === undefined) return measured;
      progress('comparing the pairs');
      const { measurePairs } = await import('./gate/pairs.ts');
      return [...measured, ...(await measurePairs(pairs))];
    },
  },
  plates: {
    takes: ['testset', 'yolo', 'plate-rec', 'lprnet', 'weather'],
    async measure({ weather, ...options }, progress) {
      // onnxruntime's telemetry is decided before its first load.
      process.env['ORT_DISABLE_TELEMETRY'] = '1';
      const { measurePlates } = await import('./plates/plates.ts');
      const measured = await measurePlates(options, progress);
      if (!weather) return measured;
      progress('reading plates in the weather');
      const { measureWeather } = await import('./plates/weather.ts');
      return [...measured, ...(await measureWeather(undefined, progress))];
    },
  },
  convoy: {
    takes: ['passages'],
    async measure({ passages = MANY }, progress) {
      const { measureConvoy } = await import('./road/convoy.ts');
      return measureConvoy(Number(passages), progress);
    },
  },
  passers: {
    takes: ['passages'],
    async measure({ passages = '200' }, progress) {
      process.env['ORT_DISABLE_TELEMETRY'] = '1';
      const { measurePassers } = await import('./road/passers-measures.ts');
      return measurePassers(Number(passages), progress);
    },
  },
  crew: {
    takes: ['devices'],
    async measure({ devices = MANY }, progress) {
      const { measureCrew } = await import('./crew/crew.ts');
      return measureCrew(Number(devices), progress);
    },
  },
  density: {
    takes: ['passages', 'only'],
    async measure({ passages = MANY, only }, progress) {
      const { measureDensity } = await import('./density/density.ts');
      return measureDensity(only, Number(passages), progress);
    },
  },
  people: {
    takes: ['only'],
    async measure({ only }, progress) {
      const { measurePeople } = await import('./people/people.ts');
      return measurePeople(only, progress);
    },
  },
  faults: {
    takes: ['only'],
    async measure({ only }, progress) {
      const { measureFaults } = await import('./faults.ts');
      return measureFaults(only, progress);
    },
  },
};

/** What is wrong with the command line, in words. */
function complaintAbout(name: string, { takes }: Bench, options: Options): string | undefined {
  for (const [option, value] of Object.entries(options) as [keyof Options, string | boolean | undefined][]) {
    if (value !== undefined && !takes.includes(option)) return `the bench ${name} does not take --${option}`;
  }
  for (const option of ['visitors', 'passages', 'devices'] as const) {
    const value = options[option];
    if (value !== undefined && !/^[1-9]\d{0,5}$/.test(value))
      return `--${option} takes a whole number from 1, not ${value}`;
  }
  return undefined;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      ...OPTIONS,
    },
  });
  const [name = ''] = positionals;
  const { json, check, ...options } = values;
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) {
    console.error(
      `${name === '' ? 'name a bench' : 'there is no such bench'}; known: ${Object.keys(benches).join(', ')}`,
    );
    return EXIT_USAGE;
  }
  const complaint = complaintAbout(name, bench, options);
  if (complaint !== undefined) {
    console.error(`bench: ${complaint}`);
    return EXIT_USAGE;
  }
  // Progress goes to standard error; standard output is left to the result.
  const progress = (text: string): void => console.error(`bench: ${text} …`);
  const report = await makeReport(name, () => bench.measure(options, progress));
  console.log(json ? toJson(report) : toTable(report));
  return check && report.numbers.some((m) => isMet(m) === false) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${causeOf(error)}`);
  const isUsage =
    error instanceof UsageError || String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
  process.exitCode = isUsage ? EXIT_USAGE : 1;
}
