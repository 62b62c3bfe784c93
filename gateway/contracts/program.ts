/** What `sitebox.ts` hands to the gateway, which knows none of it by itself. Types only. */
import type { Models } from './models.ts';
import type { Adapters } from './parts.ts';

export interface Program {
  readonly adapters: Adapters;
  readonly models: Models;
  /** Runs the demo until it is interrupted; resolves to the exit code. */
  readonly demo: () => Promise<number>;
}
