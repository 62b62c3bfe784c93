/** What the API answers about the crew: calls for help, orders, alerts, devices, positions. */
import { z } from 'zod';
import type { Instant } from '../../contracts/base.ts';
import type { DeviceView, MapPoint } from '../../contracts/crew-view.ts';
import { iso } from '../../contracts/time.ts';
import type { DeviceAlert } from '../../store/alerts.ts';
import type { Order } from '../../store/orders.ts';
import { ageOf, type Sos, type SosPlace } from '../../store/sos-table.ts';
import { SCREENS, sosData } from './event-messages.ts';

const degrees = { lat: z.number(), lon: z.number() };
const sosPlace = z.object({
  ...degrees,
  origin: z.enum(['own', 'last known']),
  at: z.string(),
  ageS: z.int().optional(),
  trusted: z.boolean(),
});

/** For the duty room: as its live updates say it. */
export const dutySosSchema = SCREENS.duty.sos;

export const sosSchema = SCREENS.officer.sos.extend({
  acknowledged: z.object({ at: z.string(), by: z.string(), from: z.enum(['room', 'box']).optional() }).optional(),
  ended: z.string().optional(),
  /** The best place known. */
  place: sosPlace.optional(),
  /** Where the caller says it is and cannot have come in the time. */
  doubtful: sosPlace.optional(),
});

export function officerSos(sos: Sos, now: Instant): z.infer<typeof sosSchema> {
  const { acknowledged, cancelled, place, doubtful } = sos;
  return {
    ...sosData(sos),
    ...(acknowledged ? { acknowledged: { ...acknowledged, at: iso(acknowledged.at) } } : {}),
    ...(cancelled === undefined ? {} : { ended: iso(cancelled) }),
    ...(place ? { place: placeData(place, now) } : {}),
    ...(doubtful ? { doubtful: placeData(doubtful, now) } : {}),
  };
}

function placeData(place: SosPlace, now: Instant): z.infer<typeof sosPlace> {
  const { lat, lon, origin, at, trusted } = place;
  return { lat, lon, origin, at: iso(at), trusted, ...ageOf(place, now) };
}

const time = z.string().optional();

export const orderSchema = z.object({
  id: z.string(),
  origin: z.enum(['room', 'box']),
  by: z.string(),
  text: z.string(),
  place: z.object({ ...degrees, name: z.string().optional() }).optional(),
  created: z.string(),
  targets: z.array(
    z.object({
      device: z.string(),
      state: z.enum(['waiting', 'sent', 'delivered', 'read', 'done', 'refused']),
      sent: time,
      delivered: time,
      read: time,
      ended: time,
      reason: z.string().optional(),
    }),
  ),
});

export function orderData({ place, created, targets, ...order }: Order): z.infer<typeof orderSchema> {
  return {
    ...order,
    ...(place ? { place: { ...place } } : {}),
    created: iso(created),
    targets: targets.map(({ device, state, reason, ...times }) => ({
      device,
      state,
      ...Object.fromEntries(Object.entries(times).map(([name, at]) => [name, iso(at)])),
      ...(reason === undefined ? {} : { reason }),
    })),
  };
}

/** Neither stage nor reason: both would say what the first of two people thinks of the hit. */
export const alertSchema = z.object({
  hit: z.string(),
  state: z.enum(['open', 'ended']),
  at: z.string(),
  devices: z.array(
    z.object({
      device: z.string(),
      /** `untold`: has to be called by radio. `dropped`: the alert ended before the device had it. */
      state: z.enum(['waiting', 'sent', 'delivered', 'dropped', 'untold', 'radio', 'told']),
    }),
  ),
});

export function alertData(hit: string, alerts: readonly DeviceAlert[]): z.infer<typeof alertSchema> {
  return {
    hit,
    state: alerts.some(({ ended }) => ended === undefined) ? 'open' : 'ended',
    at: iso(Math.max(...alerts.map(({ at, ended }) => ended ?? at))),
    devices: alerts.map((alert) => ({ device: alert.device, state: stateOf(alert) })),
  };
}

function stateOf({ sent, delivered, ended, told, radio }: DeviceAlert) {
  if (ended === undefined) return delivered !== undefined ? 'delivered' : sent !== undefined ? 'sent' : 'waiting';
  if (sent === undefined) return 'dropped';
  return told !== undefined ? 'told' : radio !== undefined ? 'radio' : 'untold';
}

export const deviceSchema = z.object({
  id: z.string(),
  kind: z.string(),
  role: z.string(),
  protocol: z.string(),
  online: z.boolean(),
  stale: z.boolean(),
  at: time,
  batteryPercent: z.number().optional(),
  charging: z.boolean().optional(),
  recording: z.enum(['on', 'off', 'fault']).optional(),
});

export function deviceData({ at, ...device }: DeviceView): z.infer<typeof deviceSchema> {
  return { ...device, ...(at === undefined ? {} : { at: iso(at) }) };
}

export const pointSchema = z.object({
  device: z.string(),
  ...degrees,
  at: z.string(),
  trusted: z.boolean(),
  stale: z.boolean(),
});

export function pointData({ at, ...point }: MapPoint): z.infer<typeof pointSchema> {
  return { ...point, at: iso(at) };
}
