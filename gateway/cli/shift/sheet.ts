/** The sheet of a shift as lines for a terminal: a line for each subject, and below it what there is of it. */
import type { ShiftSheet } from '../../contracts/shift.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';
import { listStates } from '../../start/lanes.ts';
import { shiftSheet } from '../../monitor/shift-sheet.ts';
import { gatewayOn } from '../../store/connection/lock.ts';
import { displayWidth, inTable, padded, say, spoken } from '../language.ts';
import { listsOf } from '../list/box.ts';
import type { Box } from '../on-box.ts';

export interface Section {
  readonly label: string;
  readonly value: string;
  readonly rows: readonly (readonly string[])[];
  /** How many rows are left out. */
  readonly more?: number;
}

export function isRunning({ config }: Box): boolean {
  return gatewayOn(config.storage.folder) !== undefined;
}

export function sheetOf(box: Box, until: number): ShiftSheet {
  const { config, db, clock } = box;
  const lists = listsOf(box, clock.trusted());
  const relays = config.upstream.map(({ id }) => id);
  return shiftSheet(
    { db, clock, lists: () => listStates(config, lists, clock), relays, isRunning: isRunning(box) },
    until,
  );
}

/** `triesLine`: the box runs, so the state of the line is known. */
export function sheetSections(sheet: ShiftSheet, triesLine: boolean): Section[] {
  return [modeSection(sheet), sosSection(sheet), hitSection(sheet), orderSection(sheet), listSection(sheet)].concat([
    alarmSection(sheet),
    section(
      'shift-devices',
      sheet.devices.map(({ device, what }) => [device, spoken(named('device-problem', what))]),
    ),
    outboxSection(sheet, triesLine),
  ]);
}

export function blindSection({ blind }: ShiftSheet): Section {
  const rows = blind.newest.map(({ key, what, from, to }) => [
    key,
    say('shift-from-to', { from: shortTime(from), to: to === undefined ? words('shift-still') : shortTime(to) }),
    spoken(what),
  ]);
  return section('shift-blind', rows, blind.more);
}

/** Labels in one column, rows below them in columns of their own. */
export function linesOf(sections: readonly Section[]): string[] {
  const width = Math.max(...sections.map(({ label }) => displayWidth(label))) + 2;
  return sections.flatMap(({ label, value, rows, more = 0 }) => [
    `${padded(label, width)}${value}`.trimEnd(),
    ...inTable(rows, 2).map((row) => `  ${row}`),
    ...(more > 0 ? [`  ${say('shift-more', { n: more })}`] : []),
  ]);
}

type Label = 'shift-sos' | 'shift-orders' | 'shift-alarms' | 'shift-devices' | 'shift-blind';

function section(label: Label, rows: readonly (readonly string[])[], more = 0): Section {
  const n = rows.length + more;
  return { label: say(label), value: n === 0 ? say('shift-none') : String(n), rows, more };
}

function modeSection({ mode: { mode, until } }: ShiftSheet): Section {
  const end = until === undefined ? '' : say('mode-until', { at: shortTime(until) });
  return { label: say('shift-mode'), value: `${spoken(named('mode', mode))}${end}`, rows: [] };
}

function sosSection({ sos }: ShiftSheet): Section {
  const rows = sos.newest.map(({ id, device, raised, seen }) => [
    id,
    shortTime(raised),
    device,
    say(seen ? 'shift-sos-seen' : 'shift-sos-unseen'),
  ]);
  return section('shift-sos', rows, sos.more);
}

function hitSection({ hits: { counts, newest, more } }: ShiftSheet): Section {
  const counted = Object.entries(counts).filter(([, n]) => n > 0);
  const value = counted.map(([state, n]) => say('shift-hits-count', { n, state: named('review-state', state) }));
  return {
    label: say('shift-hits'),
    value: value.length === 0 ? say('shift-none') : value.join('; '),
    rows: newest.map(({ id, lane, state, last }) => [id, shortTime(last), lane, spoken(named('review-state', state))]),
    more,
  };
}

function orderSection({ orders }: ShiftSheet): Section {
  const rows = orders.newest.map(({ id, created, devices }) => [id, shortTime(created), devices.join(', ')]);
  return section('shift-orders', rows, orders.more);
}

function listSection({ lists }: ShiftSheet): Section {
  const rows = lists.map(({ type, version, expires = '', why, endsBefore }) => {
    const at = shortTime(expires);
    const end = endsBefore ? say('shift-list-ends-before', { at }) : say('shift-list-ends', { at });
    const isOff = why !== undefined;
    return [
      spoken(words(type)),
      isOff ? say('shift-list-off', { why: named('why', why) }) : say('shift-list-version', { version: version ?? '' }),
      isOff ? '' : end,
    ];
  });
  return { label: say('shift-lists'), value: rows.length === 0 ? say('shift-none') : '', rows };
}

function alarmSection({ alarms }: ShiftSheet): Section {
  const rows = alarms.map(({ key, what, since }) => [key, since === undefined ? '-' : shortTime(since), spoken(what)]);
  return section('shift-alarms', rows);
}

function outboxSection({ outbox, alarms }: ShiftSheet, triesLine: boolean): Section {
  const fails = (relay: string): boolean =>
    alarms.some(({ key }) => key === `upstream:${relay}` || key === `turned-away:${relay}`);
  const rows = outbox.map(({ relay, waiting, dead }) => [
    relay,
    triesLine ? say(fails(relay) ? 'shift-line-fails' : 'shift-line-ok') : say('shift-line-unknown'),
    say('shift-outbox-row', { waiting, dead }),
  ]);
  return { label: say('shift-outbox'), value: rows.length === 0 ? say('outbox-no-upstream') : '', rows };
}

/** `2026-11-30T08:00:00Z`. */
export function shortTime(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
