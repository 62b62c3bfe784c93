/**
 * Who of the crew hears of a hit, by role and distance, once while nobody has confirmed it and once when it is confirmed. Whom or what the
 * list knows is not said: the plate of a vehicle, because it has to be found, and never anything of a document or its holder.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { CrewConfig } from '../config/crew.ts';
import type { CrewMessage, CrewDevice } from '../contracts/crew.ts';
import type { Id } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import { distanceM } from './nearest.ts';
import { isStale, type Known } from './positions.ts';

type Alert = Extract<CrewMessage, { kind: 'alert' }>;

/** For one device; `message` is whole, and is cut down to the device's role by who gives it. */
export interface AlertFor {
  readonly device: CrewDevice;
  readonly message: Alert;
}

export interface Alerts {
  /**
   * Who is to hear of it now: nobody where it was told before, where its read was sent late, or where it is unconfirmed and not of one of the categories `unconfirmed`.
   * All of them wait for it until `given`.
   */
  hit(
    hit: Hit,
    confirmed: boolean,
    devices: readonly CrewDevice[],
    known: readonly Known[],
    unconfirmed: readonly string[],
  ): readonly AlertFor[];
  given(device: string, message: Id): void;
  /** What a device that has come missed in the last ten minutes, newest first. It is asked for once: it waits no longer then. */
  waiting(device: CrewDevice): readonly Alert[];
}

export interface AlertParts {
  readonly clock: Pick<Clock, 'now' | 'mono'>;
  readonly rules: CrewConfig['alerts'];
  readonly place: CrewConfig['place'];
}

/** A device that comes later than this finds the vehicle gone, and an order to be had from the room. */
const WAITS_MS = 600_000;
/** For one device. The oldest give way. */
const MAX_WAITING = 8;
/** Hits of which it is remembered what was told. */
const MAX_TOLD = 1_000;

interface Waiting {
  readonly hit: Id;
  readonly message: Alert;
  readonly mono: number;
}

export function openAlerts({ clock, rules, place }: AlertParts): Alerts {
  const told = new Map<Id, 'unconfirmed' | 'confirmed'>();
  /** By device, newest first. */
  const absent = new Map<string, readonly Waiting[]>();

  /** False where this hit was told in this way already, or as confirmed. */
  const isNews = (hit: Id, confirmed: boolean): boolean => {
    const before = told.get(hit);
    if (before === 'confirmed' || (before && !confirmed)) return false;
    told.delete(hit);
    told.set(hit, confirmed ? 'confirmed' : 'unconfirmed');
    const [oldest] = told.keys();
    if (told.size > MAX_TOLD) told.delete(oldest!);
    return true;
  };
  const keep = (device: string, waiting: readonly Waiting[]): void => {
    const fresh = waiting.filter((w) => clock.mono() - w.mono < WAITS_MS).slice(0, MAX_WAITING);
    if (fresh.length > 0) absent.set(device, fresh);
    else absent.delete(device);
  };

  return {
    hit(hit, confirmed, devices, known, unconfirmed) {
      for (const [device, waiting] of absent) keep(device, waiting);
      // The vehicle is long gone: an alert would send officers to stop another one. What is to be done, the room orders.
      if ('late' in hit && hit.late) return [];
      if (!confirmed && !unconfirmed.includes(hit.category)) return [];
      if (!isNews(hit.id, confirmed)) return [];
      const message = alertOf(hit, confirmed, newId(clock.now()), place);
      const where = new Map(known.map((k) => [k.device, k]));
      const hearers = devices.filter((d) => hears(d, where.get(d.id), { rules, place }, clock.now()));
      for (const { id } of hearers) {
        // Once it is confirmed, nobody needs to hear that it was not.
        const others = (absent.get(id) ?? []).filter((w) => w.hit !== hit.id);
        keep(id, [{ hit: hit.id, message, mono: clock.mono() }, ...others]);
      }
      return hearers.map((device) => ({ device, message }));
    },
    given(device, message) {
      keep(
        device,
        (absent.get(device) ?? []).filter((w) => w.message.id !== message),
      );
    },
    waiting({ id }) {
      keep(id, absent.get(id) ?? []);
      const waiting = absent.get(id) ?? [];
      absent.delete(id);
      return waiting.map((w) => w.message);
    },
  };
}

/** One rule that fits is enough. Who cannot be placed for certain counts as near: it is better told too often than not. */
function hears(
  device: CrewDevice,
  known: Known | undefined,
  { rules, place }: Omit<AlertParts, 'clock'>,
  now: number,
): boolean {
  const position = known && known.position?.trusted && !isStale(known, now) ? known.position : undefined;
  const metres = place && position ? distanceM(place, position) : 0;
  return rules.some((r) => r.roles.includes(device.role) && metres <= (r.withinM ?? Infinity));
}

function alertOf(hit: Hit, confirmed: boolean, id: Id, place: AlertParts['place']): Alert {
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
