/** The figures of the crew for /health and /metrics: numbers, and no position. */
import type { CrewRefusal } from '../contracts/crew.ts';
import type { DeviceFaults } from './device-faults.ts';

export interface CrewView {
  readonly devices: { readonly registered: number; readonly online: number; readonly stale: number };
  readonly sosOpen: number;
  readonly mode: { readonly mode: string; readonly until: number | undefined };
  readonly reports: number;
  readonly refused: Readonly<Partial<Record<CrewRefusal, number>>>;
  readonly faults: ReturnType<DeviceFaults['newest']>;
}
