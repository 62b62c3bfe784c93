/** What a box full of cameras takes, and whether it misses anything for it, part by part. */
import { measureParts, type ReportProgress } from '../parts.ts';
import type { Measure } from '../report.ts';

/** `only`: names of parts, separated by commas; all unless told. Throws UsageError for a part that does not exist. */
export function measureDensity(
  only: string | undefined,
  passages: number,
  progress: ReportProgress,
): Promise<Measure[]> {
  const parts = {
    async idle(folder: string) {
      const { measureIdle } = await import('./idle.ts');
      return await measureIdle(folder, progress);
    },
    async waking(folder: string) {
      const { measureWaking } = await import('./waking.ts');
      return await measureWaking(folder, progress);
    },
    async 'false-waking'(folder: string) {
      const { measureFalseWaking } = await import('./false-waking.ts');
      return await measureFalseWaking(folder, progress);
    },
    async traffic(folder: string) {
      const { measureEverySix } = await import('./traffic.ts');
      return await measureEverySix(folder, passages, progress);
    },
    async dense(folder: string) {
      const { measureDense } = await import('./traffic.ts');
      return await measureDense(folder, progress);
    },
    async sixteen(folder: string) {
      const { measureSixteen } = await import('./traffic.ts');
      return await measureSixteen(folder, progress);
    },
    async 'rtsp-faults'() {
      const { measureRtspFaults } = await import('./rtsp-faults.ts');
      return await measureRtspFaults(progress);
    },
  };
  return measureParts('density', parts, { only, progress });
}
