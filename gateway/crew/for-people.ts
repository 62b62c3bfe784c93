/** The crew for the screens of people: what they show of it, and the deeds that the command line has too, at once on the running box. */
import { newId, type Clock } from '../clock/clock.ts';
import type { CrewForPeople, DeviceView, MapPoint } from '../contracts/crew-view.ts';
import { markToldByRadio } from '../store/alerts.ts';
import { appendAudit } from '../store/audit.ts';
import { acknowledgeSos } from '../store/sos.ts';
import type { DeviceConnections } from './device-connections.ts';
import type { DispatchCandidate } from './nearest.ts';
import type { Orders } from './orders.ts';
import { isStale, type Positions } from './positions.ts';
import type { Registry } from './registry.ts';
import type { CrewRooms } from './rooms.ts';
import type { SosCalls } from './sos-calls.ts';

interface ForPeopleParts extends Pick<CrewRooms, 'db' | 'outbox'> {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly connections: DeviceConnections;
  readonly positions: Positions;
  readonly sos: SosCalls;
  readonly orders: Orders;
  /** Where devices are, for orders to the nearest. */
  readonly candidates: () => readonly DispatchCandidate[];
  /** Called once the order is on disk. */
  readonly onOrder: (device: string) => void;
}

export function crewForPeople(parts: ForPeopleParts): CrewForPeople {
  const { db, outbox, clock, registry, connections, positions, sos, orders, candidates, onOrder } = parts;
  return {
    devices() {
      const online = new Set(connections.devices());
      return registry.all().map(({ id, kind, role, protocol }): DeviceView => {
        const state = positions.latest(id);
        const { batteryPercent, charging, recording, at } = state ?? {};
        return {
          id,
          kind,
          role,
          protocol,
          online: online.has(id),
          stale: state === undefined || isStale(state, clock.now()),
          ...(at === undefined ? {} : { at }),
          ...(batteryPercent === undefined ? {} : { batteryPercent }),
          ...(charging === undefined ? {} : { charging }),
          ...(recording === undefined ? {} : { recording }),
        };
      });
    },
    map: () =>
      positions.all().flatMap((state): MapPoint[] => {
        const { device, position, positionAt, at } = state;
        if (!position) return [];
        const { lat, lon, trusted } = position;
        return [{ device, lat, lon, trusted, at: positionAt ?? at, stale: isStale(state, clock.now()) }];
      }),
    acknowledgeSos(id, by) {
      const call = acknowledgeSos(db, { id, by, from: 'box', clock: clock.state() }, outbox);
      if (call) sos.notifyDisplays();
      return call !== undefined;
    },
    giveOrder(order, by) {
      const given = db.write(() => {
        const now = clock.now();
        const near = 'nearest' in order.to ? candidates() : [];
        const detail = { devices: near.length, why: 'an order to the nearest' };
        if (near.length > 0) appendAudit(db, { at: now, who: by, what: 'positions read', detail });
        return orders.create(order, { id: newId(now), by, origin: 'box' }, near);
      });
      if ('targets' in given) given.targets.forEach(onOrder);
      return given;
    },
    toldByRadio: (hit, device, by) => markToldByRadio(db, { hit, device, by }, outbox),
  };
}
