/** What the product promises where people decide: routes, hits, the audit log and sealing, part by part. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { measureParts, type BenchParts, type ReportProgress } from '../parts.ts';
import { measure, type Measure } from '../report.ts';

const parts: BenchParts = {
  async routes(folder) {
    const { measureRoutes } = await import('./routes.ts');
    return await measureRoutes(folder);
  },
  async hits(folder, progress) {
    const { measureManyHits } = await import('./many-hits.ts');
    return await measureManyHits(folder, progress);
  },
  async opinions(folder, progress) {
    const { measureOpinions } = await import('./opinions.ts');
    return await measureOpinions(folder, progress);
  },
  async 'stand-down'(folder, progress) {
    const { measureStandDown } = await import('./stand-down.ts');
    return await measureStandDown(folder, progress);
  },
  async log(folder) {
    const { isLocated, TAMPERINGS } = await import('../../faults/tampering.ts');
    let located = 0;
    for (const [i, tampering] of TAMPERINGS.entries()) {
      const box = join(folder, `${i}`);
      mkdirSync(box);
      if (await isLocated(tampering, box)) located++;
    }
    const name = 'tampering with the log, located by the command that can';
    return [measure(name, located, 'ways', TAMPERINGS.length, { least: TAMPERINGS.length })];
  },
  async sealing() {
    const { measureSealing } = await import('./sealing.ts');
    return measureSealing();
  },
};

/** `only`: names of parts, separated by commas; all unless told. Throws UsageError for a part that does not exist. */
export function measurePeople(only: string | undefined, progress: ReportProgress): Promise<Measure[]> {
  return measureParts('people', parts, { only, progress });
}
