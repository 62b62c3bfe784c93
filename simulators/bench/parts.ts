/** A bench of several parts, each in a folder of its own, with the time that it took. */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, type Measure } from './report.ts';
import { UsageError } from './usage.ts';

export type ReportProgress = (text: string) => void;
export type BenchPart = (folder: string, progress: ReportProgress) => Promise<Measure[]>;
export type BenchParts = Readonly<Record<string, BenchPart>>;

/** `only`: names of parts, separated by commas; otherwise all but those that `skipped` accepts. Throws UsageError for a part that does not exist. */
export async function measureParts(
  bench: string,
  parts: BenchParts,
  { only, progress, skipped = () => false }: PartsOptions,
): Promise<Measure[]> {
  const names = only === undefined ? Object.keys(parts).filter((name) => !skipped(name)) : only.split(',');
  for (const name of names) {
    if (!Object.hasOwn(parts, name)) {
      throw new UsageError(`${bench} has no part "${name}"; known: ${Object.keys(parts).join(', ')}`);
    }
  }
  const measures: Measure[] = [];
  for (const name of names) {
    progress(name);
    using folder = mkdtempDisposableSync(join(tmpdir(), `sitebox-${bench}-${name}-`));
    const startedAt = performance.now();
    const measured = await parts[name]!(folder.path, progress);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    for (const m of [...measured, measure('time', seconds, 's', 1)])
      measures.push({ ...m, name: `${name}: ${m.name}` });
  }
  return measures;
}

interface PartsOptions {
  readonly only: string | undefined;
  readonly progress: ReportProgress;
  readonly skipped?: (name: string) => boolean;
}
