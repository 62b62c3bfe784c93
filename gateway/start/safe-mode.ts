/** Safe mode and recent ends for /health and the alarms. */
import type { Problem, Status } from '../contracts/status.ts';
import { ENDS_FILE } from '../store/files/names.ts';
import { SAFE_MODE_MS, type Ends } from './ends.ts';

export function safeModeStatus(ends: Ends): Status {
  const { safeMode } = ends;
  const until = safeMode && new Date(safeMode.since + SAFE_MODE_MS).toISOString();
  return {
    problems(): Problem[] {
      const last = ends.recent().at(-1);
      const unwritten = ends.unwritten();
      return [
        ...(safeMode
          ? [
              {
                key: 'safe-mode',
                what: `safe mode until ${until}: the box ended by itself again and again, and ${safeMode.off.join(', ')} is off: ${safeMode.why}`,
                todo: 'report it to the maker with the log; when it is mended, npx sitebox safe-mode leave --config FILE --by NAME, and start the box again',
              },
            ]
          : []),
        ...(last
          ? [
              {
                key: 'ended',
                what: `the box ended by itself ${ends.recent().length} times within an hour, last by ${last.part ?? 'a part that is not known'}: ${last.why}`,
                todo: 'it was started again; report it to the maker with the log of that time',
              },
            ]
          : []),
        ...(unwritten === undefined
          ? []
          : [
              {
                key: 'ends-file',
                what: `${ENDS_FILE} in the storage folder cannot be written, so that a box that ends again and again would not come back in safe mode: ${unwritten}`,
                todo: 'make the storage folder writable, or free space; it is tried again once a minute',
              },
            ]),
      ];
    },
    health: () => ({
      safeMode: safeMode && until ? { since: new Date(safeMode.since).toISOString(), until, off: safeMode.off } : null,
      endsWithinAnHour: ends.recent().length,
    }),
  };
}
