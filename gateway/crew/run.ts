/** Keeps a part of the crew's equipment running. */
import type { EquipmentHost } from '../contracts/crew.ts';
import type { EquipmentPart } from '../contracts/parts.ts';
import type { Supervisor } from '../supervise.ts';

/** For ever: what it speaks through may be a cable that somebody pulled. */
const PAUSES = { firstMs: 500, maxMs: 10_000 };

/** The name of a part of the equipment among the parts of the supervisor. */
export function partOf({ id }: Pick<EquipmentPart, 'id'>): string {
  return `equipment:${id}`;
}

/** Until `signal` aborts. One whose port is taken ends at once; it is up when it has lasted. */
export async function runEquipment(
  part: EquipmentPart,
  host: EquipmentHost,
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<void> {
  const device = { about: { equipment: part.id }, up: 'crew equipment up', lost: 'crew equipment lost' };
  await supervisor.keep(partOf(part), (ending) => part.equipment.run(host, ending), signal, { pauses: PAUSES, device });
}
