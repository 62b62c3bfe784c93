/**
 * Whom an alert goes to, and what it says. It carries the plate of a vehicle, because the vehicle has to be found, and nothing of a document or
 * its holder. Pure.
 */
import type { CrewConfig } from '../config/crew.ts';
import type { Id, Instant } from '../contracts/base.ts';
import type { AlertStage, CrewDevice, CrewMessage } from '../contracts/crew.ts';
import type { Hit } from '../contracts/hit.ts';
import { words } from '../contracts/words/words.ts';
import { distanceM } from './nearest.ts';
import { CAN_DISPLAY } from './orders.ts';
import { isStale, type DeviceState } from './positions.ts';

type Alert = Extract<CrewMessage, { kind: 'alert' }>;

/** Whom to alert, and from where distances count. */
export type AlertRules = Pick<CrewConfig, 'alerts' | 'place'>;

/** One rule that fits is enough. A device whose place is uncertain counts as near: one alert too many is better than one too few. */
export function isRecipient(
  device: CrewDevice,
  state: DeviceState | undefined,
  { alerts, place }: AlertRules,
  now: Instant,
): boolean {
  if (!CAN_DISPLAY[device.protocol]) return false;
  const position = state && state.position?.trusted && !isStale(state, now) ? state.position : undefined;
  const metres = place && position ? distanceM(place, position) : 0;
  return alerts.some((r) => r.roles.includes(device.role) && metres <= (r.withinM ?? Infinity));
}

/** Whole: it is cut down to the role of the device when it is sent. */
export function alertMessage(id: Id, hit: Hit, stage: AlertStage, place: CrewConfig['place']): Alert {
  return {
    kind: 'alert',
    id,
    hit: hit.id,
    at: hit.last,
    confirmed: stage === 'confirmed',
    ...(stage === 'one-opinion' ? { oneOpinion: true } : {}),
    what: whatOf(hit),
    instruction: hit.instruction,
    ...(place ? { place: { lat: place.lat, lon: place.lon, ...(place.name ? { name: place.name } : {}) } } : {}),
  };
}

/** Undefined where the hit has been erased: then the device knows the alert by its hit alone. */
export function endMessage(id: Id, hit: Id, ended: Instant, stored: Hit | undefined): Alert {
  const { zh, en } = words('alert-cancelled');
  return {
    kind: 'alert',
    id,
    hit,
    at: ended,
    confirmed: false,
    cancelled: true,
    ...(stored ? { what: whatOf(stored) } : {}),
    instruction: `${zh} ${en}`,
  };
}

/** `listed` of a document is the digest of its number, which stays in the box. */
function whatOf(hit: Hit): string {
  const parts = 'document' in hit ? [hit.category, hit.lane] : [hit.category, hit.listed, hit.lane];
  return parts.join(' · ');
}
