/**
 * What the live updates say to whom. Each screen has a schema for each event that it gets; members that the schema does not name are cut off, so that
 * no plate, number, name, picture, position or opinion goes out with one.
 */
import { z } from 'zod';
import type { Instant } from '../../contracts/base.ts';
import { REVIEW_STATES } from '../../contracts/review.ts';
import type { Problem } from '../../contracts/status.ts';
import { iso } from '../../contracts/time.ts';
import { inChinese } from '../../contracts/words/words.ts';
import type { Session } from '../../people/sessions.ts';
import { alertsOf, openAlerts } from '../../store/alerts.ts';
import { alarmOf, hitFacts, waitingHits, type Change } from '../../store/changes.ts';
import type { Db } from '../../store/db.ts';
import { openHits, unreadOrders } from '../../store/open-work.ts';
import { getOrder } from '../../store/orders.ts';
import { getSos, sosSince, type Sos } from '../../store/sos-table.ts';

const hit = z.object({
  id: z.string(),
  state: z.enum([...REVIEW_STATES, 'erased']),
  lane: z.string().optional(),
  list: z.enum(['plate-list', 'doc-list']).optional(),
  last: z.string().optional(),
});

/** The box knows of a caller which device it is, and whose kind. */
const sos = z.object({
  id: z.string(),
  state: z.enum(['raised', 'again', 'acknowledged', 'ended']),
  device: z.string(),
  role: z.string(),
  kind: z.string(),
  raised: z.string(),
  pressed: z.string(),
  presses: z.int(),
});

const order = z.object({
  id: z.string(),
  origin: z.enum(['room', 'box']),
  created: z.string(),
  /** How many devices are in which state. */
  devices: z.record(z.string(), z.int()),
});

/** Neither why it ended nor its stage: both would say what the first of two people thinks of the hit. */
const alert = z.object({
  hit: z.string(),
  state: z.enum(['open', 'ended']),
  at: z.string(),
  devices: z.int(),
});

const alarm = z.object({
  key: z.string(),
  state: z.enum(['raised', 'ended']),
  /** Neither of an alarm that was over before it was sent. */
  code: z.string().optional(),
  todo: z.string().optional(),
  what: z.string().optional(),
  zh: z.object({ what: z.string(), todo: z.string().optional() }).optional(),
});

const alarms = { alarm, alarms: z.array(alarm) };

/** Of each kind of screen the events that it gets. */
export const SCREENS = {
  officer: { hit, sos, order, alert, ...alarms },
  /** The room where it hangs has visitors. */
  duty: { 'hits-waiting': z.array(z.object({ lane: z.string(), hits: z.int() })), sos, ...alarms },
  alarms,
};
export type StreamScreen = keyof typeof SCREENS;

export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

export function screenOf({ kind, person }: Session): StreamScreen {
  if (kind === 'duty') return 'duty';
  return person?.roles.includes('officer') ? 'officer' : 'alarms';
}

/** The lines of an event; undefined where `screen` does not get it. */
export function linesOf(screen: StreamScreen, { event, data }: StreamEvent): string | undefined {
  const schemas: Readonly<Record<string, z.ZodType>> = SCREENS[screen];
  const schema = schemas[event];
  return schema && `event: ${event}\ndata: ${JSON.stringify(schema.parse(data))}\n`;
}

/** What a change means now; undefined where nothing is left of it. `about` may have changed again since, and is said as it is. */
export function eventOf(db: Db, { kind, about }: Change): StreamEvent | undefined {
  switch (kind) {
    case 'hit':
      return hitEvent(db, about);
    case 'sos': {
      const call = getSos(db, about);
      return call && sosEvent(call);
    }
    case 'order':
      return orderEvent(db, about);
    case 'alert':
      return alertEvent(db, about);
    case 'alarm': {
      const outage = alarmOf(db, about);
      if (!outage) return undefined;
      const { key, what, to } = outage;
      const state = to === undefined ? 'raised' : 'ended';
      return { event: 'alarm', data: { key, state, what, zh: { what: inChinese(what) } } };
    }
  }
}

/** Of each kind: more are fetched by their routes. */
const MAX_CURRENT = 50;
/** Calls that are acknowledged and not withdrawn stay for a shift. */
const SHIFT_MS = 12 * 3_600_000;

/** What is open now, for a screen that has shown nothing yet. */
export function currentEvents(db: Db, screen: StreamScreen, now: Instant): readonly StreamEvent[] {
  if (screen === 'alarms') return [];
  const calls = sosSince(db, now - SHIFT_MS).filter(({ state }) => state === 'raised');
  const sosEvents = calls.slice(0, MAX_CURRENT).map(sosEvent);
  if (screen === 'duty') return [...sosEvents, waitingEvent(db)];
  return [
    ...sosEvents,
    ...openHits(db, MAX_CURRENT).map(({ id }) => hitEvent(db, id)),
    ...unreadOrders(db, MAX_CURRENT).flatMap(({ id }) => orderEvent(db, id) ?? []),
    ...openAlerts(db, '', MAX_CURRENT).flatMap((id) => alertEvent(db, id) ?? []),
  ];
}

export function waitingEvent(db: Db): StreamEvent {
  return { event: 'hits-waiting', data: waitingHits(db) };
}

export function alarmEvent({ key, code, what, todo, zh }: Problem): StreamEvent {
  return { event: 'alarm', data: { key, state: 'raised', code, what, todo, zh } };
}

export function alarmEnded(key: string): StreamEvent {
  return { event: 'alarm', data: { key, state: 'ended' } };
}

export function alarmsEvent(problems: readonly Problem[]): StreamEvent {
  return { event: 'alarms', data: problems.map((problem) => alarmEvent(problem).data) };
}

function hitEvent(db: Db, id: string): StreamEvent {
  const facts = hitFacts(db, id);
  return { event: 'hit', data: facts ? { ...facts, last: iso(facts.last) } : { id, state: 'erased' } };
}

function sosEvent(call: Sos): StreamEvent {
  return { event: 'sos', data: sosData(call) };
}

/** No place, and not who acknowledged it. */
export function sosData(call: Sos): z.infer<typeof sos> {
  const { id, device, role, kind, presses } = call;
  const isSeen = call.acknowledged !== undefined;
  const open = isSeen ? 'acknowledged' : call.presses > 1 ? 'again' : 'raised';
  const state = call.state === 'cancelled' ? 'ended' : open;
  return { id, state, device, role, kind, raised: iso(call.raised), pressed: iso(call.pressed), presses };
}

function orderEvent(db: Db, id: string): StreamEvent | undefined {
  const found = getOrder(db, id);
  if (!found) return undefined;
  const devices: Record<string, number> = {};
  for (const { state } of found.targets) devices[state] = (devices[state] ?? 0) + 1;
  return { event: 'order', data: { ...found, created: iso(found.created), devices } };
}

function alertEvent(db: Db, id: string): StreamEvent | undefined {
  const alerts = alertsOf(db, id);
  if (alerts.length === 0) return undefined;
  const isOpen = alerts.some(({ ended }) => ended === undefined);
  const at = Math.max(...alerts.map((one) => one.ended ?? one.at));
  return { event: 'alert', data: { hit: id, state: isOpen ? 'open' : 'ended', at: iso(at), devices: alerts.length } };
}
