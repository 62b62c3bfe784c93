/**
 * Alerts the crew to hits, by role and distance: once while a hit is unconfirmed, and once when it is confirmed. An alert carries the plate
 * of a vehicle, because the vehicle has to be found, and nothing of a document or its holder.
 */
import { newId } from '../clock/clock.ts';
import type { CrewConfig } from '../config/crew.ts';
import type { CrewMessage, CrewDevice } from '../contracts/crew.ts';
import type { Id } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import { distanceM } from './nearest.ts';
import { isStale, type DeviceState } from './positions.ts';
import type { CrewRooms } from './rooms.ts';

type Alert = Extract<CrewMessage, { kind: 'alert' }>;

/** Whom to alert, and from where distances count. */
type AlertRules = Pick<CrewConfig, 'alerts' | 'place'>;

/** For a device that connects later the vehicle is gone, and the command room gives orders. */
const WAITS_MS = 600_000;
/** For one device. The oldest give way. */
const MAX_WAITING = 8;
/** Hits remembered as alerted. */
const MAX_ALERTED = 1_000;

interface PendingAlert {
  readonly hit: Id;
  readonly message: Alert;
  readonly mono: number;
}

export type Alerts = ReturnType<typeof openAlerts>;

export function openAlerts({ clock, alerts, place }: Pick<CrewRooms, 'clock'> & AlertRules) {
  const alerted = new Map<Id, 'unconfirmed' | 'confirmed'>();
  /** By device, newest first. */
  const pending = new Map<string, readonly PendingAlert[]>();

  /** False where the crew was alerted to this hit in this state already, or as confirmed. */
  const isFirstAlert = (hit: Id, confirmed: boolean): boolean => {
    const before = alerted.get(hit);
    if (before === 'confirmed' || (before && !confirmed)) return false;
    alerted.delete(hit);
    alerted.set(hit, confirmed ? 'confirmed' : 'unconfirmed');
    const [oldest] = alerted.keys();
    if (alerted.size > MAX_ALERTED) alerted.delete(oldest!);
    return true;
  };
  const keep = (device: string, waiting: readonly PendingAlert[]): void => {
    const fresh = waiting.filter((w) => clock.mono() - w.mono < WAITS_MS).slice(0, MAX_WAITING);
    if (fresh.length > 0) pending.set(device, fresh);
    else pending.delete(device);
  };

  return {
    /**
     * The devices to alert now; each message is whole, and is cut down to the device's role when it is sent. None where they were alerted
     * before, where the camera sent its read late, or where the hit is unconfirmed and of none of the categories `unconfirmed`. The alert
     * stays pending for each of them until `delivered`.
     */
    hit(
      hit: Hit,
      confirmed: boolean,
      devices: readonly CrewDevice[],
      states: readonly DeviceState[],
      unconfirmed: readonly string[],
    ) {
      for (const [device, waiting] of pending) keep(device, waiting);
      // The vehicle is long gone: an alert would send officers to stop another one. What is to be done, the room orders.
      if ('late' in hit && hit.late) return [];
      if (!confirmed && !unconfirmed.includes(hit.category)) return [];
      if (!isFirstAlert(hit.id, confirmed)) return [];
      const message = alertOf(hit, confirmed, newId(clock.now()), place);
      const where = new Map(states.map((k) => [k.device, k]));
      const recipients = devices.filter((d) => isRecipient(d, where.get(d.id), { alerts, place }, clock.now()));
      for (const { id } of recipients) {
        // A confirmed alert replaces the unconfirmed one.
        const others = (pending.get(id) ?? []).filter((w) => w.hit !== hit.id);
        keep(id, [{ hit: hit.id, message, mono: clock.mono() }, ...others]);
      }
      return recipients.map((device) => ({ device, message }));
    },
    delivered(device: string, message: Id) {
      keep(
        device,
        (pending.get(device) ?? []).filter((w) => w.message.id !== message),
      );
    },
    /** What a device that has connected missed in the last ten minutes, newest first; it is pending no longer. */
    takePending({ id }: CrewDevice) {
      keep(id, pending.get(id) ?? []);
      const waiting = pending.get(id) ?? [];
      pending.delete(id);
      return waiting.map((w) => w.message);
    },
  };
}

/** One rule that fits is enough. A device whose place is uncertain counts as near: one alert too many is better than one too few. */
function isRecipient(
  device: CrewDevice,
  state: DeviceState | undefined,
  { alerts, place }: AlertRules,
  now: number,
): boolean {
  const position = state && state.position?.trusted && !isStale(state, now) ? state.position : undefined;
  const metres = place && position ? distanceM(place, position) : 0;
  return alerts.some((r) => r.roles.includes(device.role) && metres <= (r.withinM ?? Infinity));
}

function alertOf(hit: Hit, confirmed: boolean, id: Id, place: CrewConfig['place']): Alert {
  // `listed` of a document is the digest of its number, which stays in the box.
  const what = 'document' in hit ? [hit.category, hit.lane] : [hit.category, hit.listed, hit.lane];
  return {
    kind: 'alert',
    id,
    at: hit.last,
    confirmed,
    what: what.join(' · '),
    instruction: hit.instruction,
    ...(place ? { place: { lat: place.lat, lon: place.lon, ...(place.name ? { name: place.name } : {}) } } : {}),
  };
}
