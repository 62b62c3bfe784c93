/**
 * Measures the product from outside, through its command line, and prints each number beside what the project promises.
 *
 *   npm run -s bench -- road [--json] [--check] [--testset FOLDER]
 *
 * --check ends with 1 when a promise is missed. --testset: see testset.ts.
 */
import { parseArgs } from 'node:util';
import { isMet, makeReport, toJson, toTable, type Measure } from './report.ts';
import { measureStart } from './start.ts';
import { measureTestset } from './testset.ts';
import { measureTraffic } from './traffic.ts';

interface Options {
  readonly testset?: string;
}

type Bench = (options: Options, progress: (text: string) => void) => Promise<readonly Measure[]>;

/** sysexits.h: EX_USAGE. */
const EXIT_USAGE = 64;

const benches: Readonly<Record<string, Bench>> = {
  async road({ testset }, progress) {
    progress('starting the demo three times');
    const start = await measureStart();
    const traffic = await measureTraffic(progress);
    if (testset === undefined) return [...traffic, ...start];
    progress('reading the test set');
    return [...traffic, ...start, ...(await measureTestset(testset))];
  },
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      testset: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) {
    console.error(
      `${name === '' ? 'name a bench' : 'there is no such bench'}; known: ${Object.keys(benches).join(', ')}`,
    );
    return EXIT_USAGE;
  }
  // Progress goes to standard error; standard output is left to the result.
  const progress = (text: string): void => console.error(`bench: ${text} …`);
  const { testset } = values;
  const report = await makeReport(name, () => bench(testset === undefined ? {} : { testset }, progress));
  console.log(values.json ? toJson(report) : toTable(report));
  return values.check && report.numbers.some((m) => isMet(m) === false) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS') ? EXIT_USAGE : 1;
}
