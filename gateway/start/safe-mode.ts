/** Safe mode and recent ends for /health and the alarms. */
import { iso } from '../contracts/time.ts';
import type { Problem, Status } from '../contracts/status.ts';
import { ENDS_FILE } from '../store/files/names.ts';
import { SAFE_MODE_MS, type Ends } from './ends.ts';
import { problem } from '../contracts/words/problem.ts';
import { words, joined } from '../contracts/words/words.ts';

export function safeModeStatus(ends: Ends): Status {
  const { safeMode } = ends;
  const until = safeMode && iso(safeMode.since + SAFE_MODE_MS);
  return {
    problems(): Problem[] {
      const last = ends.recent().at(-1);
      const unwritten = ends.unwritten();
      return [
        ...(safeMode && until
          ? [problem('safe-mode', 'safe-mode', { until, off: joined(safeMode.off), cause: safeMode.why })]
          : []),
        ...(last
          ? [
              problem('ended', 'ended', {
                times: ends.recent().length,
                part: last.part ?? words('part-unknown'),
                cause: last.why,
              }),
            ]
          : []),
        ...(unwritten === undefined ? [] : [problem('ends-file', 'ends-file', { file: ENDS_FILE, cause: unwritten })]),
      ];
    },
    health: () => ({
      safeMode: safeMode && until ? { since: iso(safeMode.since), until, off: safeMode.off } : null,
      endsWithinAnHour: ends.recent().length,
    }),
  };
}
