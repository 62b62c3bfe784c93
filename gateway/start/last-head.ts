/** At the stop the head of the audit log leaves before the deliveries end: whoever changes the log of a box that is off changes what the room holds. */
import { setTimeout } from 'node:timers/promises';
import type { BoxRooms } from './assemble.ts';

/** A room that answers takes it within some ms; the stop waits no longer for one that does not. */
const MAX_WAIT_MS = 2_000;
const LOOK_EVERY_MS = 20;

/** Resolves once no relay whose line is up has a head to send. Never rejects. */
export async function lastHeadSent({ deliveries, auditLog }: Pick<BoxRooms, 'deliveries' | 'auditLog'>): Promise<void> {
  const until = performance.now() + MAX_WAIT_MS;
  const waits = (): boolean =>
    [...deliveries].some(([relay, delivery]) => delivery.state().error === undefined && auditLog.hasUnsent(relay));
  while (waits() && performance.now() < until) await setTimeout(LOOK_EVERY_MS);
}
