/**
 * The sheet of a shift: what is open, what lasts, what ends, and what was not looked at. It is read from the store, so a running box and the
 * command line see the same.
 */
import type { Clock } from '../clock/clock.ts';
import type { Instant } from '../contracts/base.ts';
import type { ListState, ListType } from '../contracts/list.ts';
import type { BlindTime, HeldAlarm, ListEnd, Newest, ShiftSheet } from '../contracts/shift.ts';
import { iso } from '../contracts/time.ts';
import { english } from '../contracts/words/words.ts';
import { deviceProblems } from '../crew/device-health.ts';
import { currentMode } from '../crew/modes.ts';
import { SHIFT_MS } from '../crew/sos-records.ts';
import { movedCameras } from '../devices/tampering-events.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import type { Db } from '../store/db.ts';
import { lastHandoverAt } from '../store/handovers.ts';
import { countUnreadOrders, openHitCounts, openHits, unreadOrders } from '../store/open-work.ts';
import { BOX_OUTAGE, lastRunning, openOutages, outagesSince, type Outage } from '../store/outages.ts';
import { outboxTotals } from '../store/outbox/outbox.ts';
import { sosSince } from '../store/sos-table.ts';
import { KNOWN_ALARMS, parseKnown } from './alarms.ts';

/** Of each kind; the sheet says how many more there are. */
export const MAX_LISTED = 100;
/** Of which the blind ones are taken: a loose contact may raise an alarm a thousand times a night. */
const MAX_OUTAGES = 5_000;
/** Blind times of a site that hands over for the first time. */
const FIRST_SHIFT_MS = 24 * 3_600_000;
/** Alarms during which something passes unseen: a camera or reader is silent, nothing is read or looked up, parts are off. */
const BLIND = /^(box|camera|reader|inference|list|part|safe-mode)(:|$)/;

export interface ShiftRooms {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  readonly lists: () => readonly (readonly [ListType, ListState])[];
  readonly relays: readonly string[];
  /** False on the command line of a box that is stopped: nothing has been looked at since. */
  readonly isRunning: boolean;
}

/** `until`: the end of the next shift. */
export function shiftSheet({ db, clock, lists, relays, isRunning }: ShiftRooms, until: Instant): ShiftSheet {
  const now = clock.now();
  const outages = [...(isRunning ? [] : stopped(db)), ...openOutages(db)];
  const { mode, until: modeUntil } = currentMode(db, now);
  const counts = openHitCounts(db);
  return {
    until: iso(until),
    hits: {
      counts,
      ...newest(
        openHits(db, MAX_LISTED).map(({ id, lane, state, lastMs }) => ({
          id,
          lane,
          state: state as keyof typeof counts,
          last: iso(lastMs),
        })),
        counts.unreviewed + counts.first + counts['one-opinion'],
      ),
    },
    sos: openSos(db, now),
    orders: newest(
      unreadOrders(db, MAX_LISTED).map(({ id, createdMs, devices }) => ({
        id,
        created: iso(createdMs),
        devices: devices.split(' '),
      })),
      countUnreadOrders(db),
    ),
    lists: lists().map(([type, state]) => listEnd(type, state, until)),
    mode: { mode, ...(modeUntil === undefined ? {} : { until: iso(modeUntil) }) },
    alarms: heldAlarms(db, outages),
    devices: [
      ...deviceProblems(db),
      ...movedCameras(db).map((device) => ({ device, what: 'tampering' as const })),
    ].slice(0, MAX_LISTED),
    blind: blindTimes(db, outages, now),
    outbox: relays.map((relay) => {
      const { rows, dead } = outboxTotals(db, relay);
      return { relay, waiting: rows - dead, dead };
    }),
  };
}

/** The time since its end, which lasts. */
function stopped(db: Db): Outage[] {
  const from = lastRunning(db);
  return Number.isFinite(from) ? [{ key: BOX_OUTAGE, what: english('box-did-not-run'), from }] : [];
}

function newest<T>(listed: readonly T[], all: number): Newest<T> {
  return { newest: listed.slice(0, MAX_LISTED), more: Math.max(0, all - Math.min(listed.length, MAX_LISTED)) };
}

/** Until it is withdrawn, and for twelve hours where it was acknowledged. */
function openSos(db: Db, now: Instant): ShiftSheet['sos'] {
  const open = sosSince(db, now - SHIFT_MS).filter((sos) => sos.state === 'raised');
  return newest(
    open.map(({ id, device, raised, acknowledged }) => ({
      id,
      device,
      raised: iso(raised),
      seen: acknowledged !== undefined,
    })),
    open.length,
  );
}

function listEnd(type: ListType, state: ListState, until: Instant): ListEnd {
  if (state.state !== 'in force') return { type, why: state.why, endsBefore: true };
  return { type, version: state.ref.version, expires: iso(state.expires), endsBefore: state.expires < until };
}

function heldAlarms(db: Db, outages: readonly Outage[]): HeldAlarm[] {
  const since = new Map(outages.map(({ key, from }) => [key, from]));
  const known = [...parseKnown(readableMeta(db, KNOWN_ALARMS))].slice(0, MAX_LISTED);
  return known.map(([key, what]) => {
    const from = since.get(key);
    return { key, what, ...(from === undefined ? {} : { since: iso(from) }) };
  });
}

/** Those that last come first. */
function blindTimes(db: Db, outages: readonly Outage[], now: Instant): ShiftSheet['blind'] {
  const since = lastHandoverAt(db) ?? now - FIRST_SHIFT_MS;
  const over = outagesSince(db, since, MAX_OUTAGES);
  const all = [...outages, ...over].filter(({ key }) => BLIND.test(key));
  const times = all.map(({ key, what, from, to }): BlindTime => ({
    key,
    what,
    from: iso(from),
    ...(to === undefined ? {} : { to: iso(to) }),
  }));
  return newest(times, times.length);
}
