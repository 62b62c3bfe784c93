/** What a part says of itself for /health, the alarms and /metrics. All three are called on the event loop: they read memory, or a bounded statement. */
import type { Problem } from './health.ts';
import type { Reading } from './metrics.ts';

export interface Status {
  /** What a person has to look at now; a problem that goes away is an alarm that is cleared. Asked each second. */
  problems?(): readonly Problem[];
  /** Families of values for /metrics; asked once, read at scrape time. */
  readings?(): readonly Reading[];
  /** Blocks of /health by their key. */
  health?(): Readonly<Record<string, unknown>>;
}
