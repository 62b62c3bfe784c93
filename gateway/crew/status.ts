/** How the crew's part of the box is: for /health and /metrics. Numbers only: nobody's position, and no device as a label. */
import type { Reading } from '../contracts/status.ts';
import type { Crew } from './crew.ts';
import type { CrewView } from './view.ts';

/** The block `crew` of /health. Times are RFC 3339. */
export function crewHealth(crew: Crew): Record<string, unknown> {
  const { mode, faults, ...rest } = crew.view();
  return {
    equipment: crew.equipment.map((e) => ({ ...e, error: e.error ?? null })),
    mode: { ...mode, until: mode.until === undefined ? null : new Date(mode.until).toISOString() },
    ...rest,
    faults: faults.map((fault) => ({ ...fault, at: new Date(fault.at).toISOString() })),
  };
}

export function crewReadings(crew: Crew): Reading[] {
  const single = (name: string, type: Reading['type'], help: string, value: (view: CrewView) => number): Reading => ({
    ...{ name, type, help, labels: [] },
    read: () => [[[], value(crew.view())] as const],
  });
  return [
    {
      ...{ name: 'sitebox_equipment_up', type: 'gauge', labels: ['equipment'] },
      help: '1 while it speaks with devices',
      read: () => crew.equipment.map((e) => [[e.id], Number(e.up)] as const),
    },
    single('sitebox_crew_devices', 'gauge', 'Devices registered', (v) => v.devices.registered),
    single('sitebox_crew_devices_online', 'gauge', 'Devices that can be told something', (v) => v.devices.online),
    single('sitebox_crew_devices_stale', 'gauge', 'Devices not heard for three intervals', (v) => v.devices.stale),
    single('sitebox_sos_open', 'gauge', 'Calls for help that are open', (v) => v.sosOpen),
    single('sitebox_crew_reports_total', 'counter', 'Reports of devices', (v) => v.reports),
    {
      ...{ name: 'sitebox_crew_refused_total', type: 'counter', labels: ['reason'] },
      help: 'What devices sent and was not taken',
      read: () => Object.entries(crew.view().refused).map(([reason, n]) => [[reason], n] as const),
    },
  ];
}
