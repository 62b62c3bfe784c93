/** What the crew says in /health and /metrics. Numbers only: nobody's position, and no device as a label. */
import { isoOrNull, iso } from '../contracts/time.ts';
import { labelled, single, type Problem, type Status } from '../contracts/status.ts';
import type { EquipmentPart } from '../contracts/parts.ts';
import { problem } from '../contracts/words/problem.ts';
import { unlessDamaged } from '../store/db.ts';
import type { PartState, Supervisor } from '../supervise.ts';
import type { CrewService } from './crew-service.ts';
import { partOf } from './run.ts';

export function crewStatus(crew: CrewService, parts: readonly EquipmentPart[], supervisor: Supervisor): Status {
  const perReason = labelled('reason', () => Object.entries(crew.view().refused));
  const devices = () => crew.view().devices;
  const equipment = parts.map((part) => ({ id: part.id, run: supervisor.state(partOf(part)) }));
  return {
    problems: () => [...equipment.flatMap(equipmentProblem), ...(crew.status.problems?.() ?? [])],
    readings: () => [
      labelled('equipment', () => equipment)('sitebox_equipment_up', 'gauge', '1 while it speaks with devices', (e) => [
        e.id,
        Number(e.run.up),
      ]),
      single('sitebox_crew_devices', 'gauge', 'Devices registered', () => devices().registered),
      single('sitebox_crew_devices_online', 'gauge', 'Devices that can be told something', () => devices().online),
      single('sitebox_crew_devices_stale', 'gauge', 'Devices not heard for three intervals', () => devices().stale),
      single('sitebox_sos_open', 'gauge', 'Calls for help that are open', () => crew.view().sosOpen),
      single('sitebox_crew_reports_total', 'counter', 'Reports of devices', () => crew.view().reports),
      perReason('sitebox_crew_refused_total', 'counter', 'What devices sent and was not taken', (count) => count),
      ...(crew.status.readings?.() ?? []),
    ],
    health: () => ({ crew: unlessDamaged(() => crewHealth(crew, equipment), { error: 'the store is damaged' }) }),
  };
}

/** Times are RFC 3339. */
export function crewHealth(
  crew: CrewService,
  equipment: readonly { readonly id: string; readonly run: PartState }[],
): Record<string, unknown> {
  const { mode, faults, ...rest } = crew.view();
  return {
    equipment: equipment.map(({ id, run: { up, error, losses } }) => ({ id, up, error: error ?? null, losses })),
    mode: { ...mode, until: isoOrNull(mode.until) },
    ...rest,
    faults: faults.map((fault) => ({ ...fault, at: iso(fault.at) })),
  };
}

function equipmentProblem({ id, run: { up, error } }: { readonly id: string; readonly run: PartState }): Problem[] {
  if (up || error === undefined) return [];
  return [problem(`equipment:${id}`, 'equipment-down', { id, cause: error })];
}
