/** Keeps a part of the crew's equipment running: what ends it is logged when it begins and when its cause changes, and it is tried again. */
import type { EquipmentHost, Equipment } from '../contracts/crew.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Supervisor } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';

/** What /health says of it. */
export interface EquipmentWatch {
  readonly id: string;
  up: boolean;
  /** Why the last run ended; undefined while it runs. */
  error: string | undefined;
  losses: number;
}

/** For ever: what it speaks through may be a cable that somebody pulled. */
const PAUSES = { firstMs: 500, mostMs: 10_000 };
/** A run that has lasted so long is up: one whose port is taken ends at once. */
const UP_AFTER_MS = 1_000;

export async function runEquipment(
  equipment: Equipment,
  host: EquipmentHost,
  watch: EquipmentWatch,
  supervisor: Supervisor,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const run = async (ending: AbortSignal): Promise<void> => {
    const up = setTimeout(() => {
      log.info({ equipment: watch.id }, 'crew equipment up');
      watch.up = true;
      watch.error = undefined;
    }, UP_AFTER_MS);
    try {
      await equipment.run(host, ending);
    } finally {
      clearTimeout(up);
    }
  };
  const watcher = {
    started: () => undefined,
    failed(error: unknown, pauseMs: number) {
      const cause = causeOf(error);
      if (watch.up || cause !== watch.error)
        log.warn({ equipment: watch.id, cause, pauseMs: Math.round(pauseMs) }, 'crew equipment lost');
      if (watch.up) watch.losses++;
      watch.up = false;
      watch.error = cause;
    },
  };
  await supervisor.keep(`equipment:${watch.id}`, run, signal, { pauses: PAUSES, watcher });
  watch.up = false;
}
