/** What a measurement is, and how it is shown: each number beside its bar, with how often it was taken and on what machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Measure {
  readonly name: string;
  readonly value: number;
  /** `ms`, `s`, `%` or what is counted. */
  readonly unit: string;
  /** Samples behind the value. */
  readonly n: number;
  /** What the project promises; absent where it promises nothing. */
  readonly bar?: { readonly most: number } | { readonly least: number };
}

const ROOT = new URL('../../', import.meta.url).pathname;
const PACKAGES = ['onnxruntime-node', 'sharp', 'better-sqlite3'];

/** Undefined where the project promises nothing. A value that is not a number (nothing was measured) meets no bar. */
export function isMet({ bar, value }: Measure): boolean | undefined {
  if (bar === undefined) return undefined;
  return 'most' in bar ? value <= bar.most : value >= bar.least;
}

/** Nearest-rank percentile, `p` in 0..100; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? NaN;
}

/** A measure; without `bar` the project promises nothing. */
export function measure(name: string, value: number, unit: string, n: number, bar?: Measure['bar']): Measure {
  return { name, value, unit, n, ...(bar && { bar }) };
}

/** A measure in milliseconds, to tenths. */
export function milliseconds(name: string, ms: number, n: number, bar?: Measure['bar']): Measure {
  return measure(name, Math.round(ms * 10) / 10, 'ms', n, bar);
}

/** `name p50` and `name p95`; the bar holds for p95. */
export function spread(name: string, ms: readonly number[], maxMs?: number): Measure[] {
  const one = (p: number, bar?: Measure['bar']): Measure =>
    measure(`${name} p${p}`, Math.round(percentile(ms, p)), 'ms', ms.length, bar);
  return [one(50), one(95, maxMs === undefined ? undefined : { most: maxMs })];
}

export function share(part: number, whole: number): number {
  return Math.round((part / whole) * 1000) / 10;
}

type Report = Awaited<ReturnType<typeof makeReport>>;

/** `loadBefore` and `loadAfter`: mean number of running processes in the last minute. With more than `cores` before, the figures are pessimistic. */
export async function makeReport(bench: string, measureAll: () => Promise<readonly Measure[]>) {
  const at = new Date().toISOString();
  const load = (): number => Math.round(loadavg()[0]! * 10) / 10;
  const loadBefore = load();
  const numbers = await measureAll();
  const [first] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  const machine = { cpu: first?.model ?? '?', cores: cpus().length, memoryGiB, loadBefore, loadAfter: load() };
  return { bench, at, machine, versions: versions(), numbers };
}

function versions(): Record<string, string> {
  const versionIn = (folder: string): string => {
    const file = join(folder, 'package.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : '?';
  };
  return {
    sitebox: versionIn(ROOT),
    commit: run('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD'),
    node: process.version,
    ffmpeg: /version (\S+)/.exec(run('ffmpeg', '-version'))?.[1] ?? '?',
    ...Object.fromEntries(PACKAGES.map((name) => [name, versionIn(join(ROOT, 'node_modules', name))])),
  };
}

function run(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '?';
  }
}

export function toJson(report: Report): string {
  const numbers = report.numbers.map((m) => ({ ...m, ...(m.bar ? { met: isMet(m) } : {}) }));
  return JSON.stringify({ ...report, numbers });
}

export function toTable(report: Report): string {
  const { machine, versions } = report;
  const rows = report.numbers.map((m) => {
    const bar = m.bar === undefined ? '' : 'most' in m.bar ? `at most ${m.bar.most}` : `at least ${m.bar.least}`;
    const verdict = { true: 'met', false: 'MISSED', undefined: '' }[String(isMet(m)) as 'true' | 'false' | 'undefined'];
    return [m.name, `${Number.isNaN(m.value) ? 'none' : m.value} ${m.unit}`, `n ${m.n}`, bar, verdict];
  });
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((r) => r[i]!.length)));
  const lines = rows.map((r) =>
    r
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const load = `load ${machine.loadBefore} before, ${machine.loadAfter} after`;
  return [
    `bench ${report.bench}, ${report.at}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${load}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    '',
    ...lines,
  ].join('\n');
}
