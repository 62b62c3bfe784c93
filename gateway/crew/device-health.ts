/**
 * What is wrong with the crew's equipment, for the command room: once when it begins and once when it is over, over restarts too. Equipment gets
 * stolen, and batteries die.
 */
import { iso } from '../contracts/time.ts';
import type { CrewConfig } from '../config/crew.ts';
import type { CrewDevice } from '../contracts/crew.ts';
import { readMetaList } from '../store/damage/readable-meta.ts';
import type { Db } from '../store/db.ts';
import { OpenReports } from '../store/outbox/open-reports.ts';
import type { Instant } from '../contracts/base.ts';
import { lateAfterMs, type DeviceState } from './positions.ts';
import type { CrewRooms } from './rooms.ts';

type DeviceProblem = 'battery low' | 'recording fault' | 'silent';

const PROBLEMS: readonly DeviceProblem[] = ['battery low', 'recording fault', 'silent'];
/** A battery is low until it has so much more, or it is being charged. */
const BATTERY_STEP_PERCENT = 5;
/** Cleared after this long without the problem: a loose contact must not fill the outbox, where these events never give way. */
const CALM_MS = 60_000;
const META_KEY = 'deviceProblems';

/** What is wrong with the crew's devices, as last reported. */
export function deviceProblems(db: Db): readonly { readonly device: string; readonly what: DeviceProblem }[] {
  return readMetaList(db, META_KEY, isKey).map(partsOf);
}

export type DeviceHealth = ReturnType<typeof openDeviceHealth>;

type HealthParts = CrewRooms & Pick<CrewConfig, 'batteryLowPercent'>;

export function openDeviceHealth({ db, outbox, clock, batteryLowPercent }: HealthParts) {
  const reports = new OpenReports(db, outbox, META_KEY, isKey);
  /** When the last message of each device came, monotonic: a step of the wall clock makes no device silent. */
  let heard = new Map<string, { readonly at: Instant; readonly mono: number }>();
  /** Since when a raised problem has been gone, monotonic. */
  const calm = new Map<string, number>();

  const isSilent = (of: DeviceState): boolean =>
    !of.disconnectedCleanly && clock.mono() - heard.get(of.device)!.mono > lateAfterMs(of);
  const has = (what: DeviceProblem, of: DeviceState): boolean => {
    if (what === 'silent') return isSilent(of);
    if (what === 'recording fault') return of.recording === 'fault';
    const least = reports.has(keyOf(of.device, what))
      ? batteryLowPercent + BATTERY_STEP_PERCENT - 1
      : batteryLowPercent;
    return of.batteryPercent !== undefined && of.batteryPercent <= least && of.charging !== true;
  };
  /** Whether a raised problem has been gone for CALM_MS. */
  const isOver = (key: string, there: boolean): boolean => {
    if (there) calm.delete(key);
    else calm.set(key, calm.get(key) ?? clock.mono());
    return !there && clock.mono() - calm.get(key)! >= CALM_MS;
  };
  const report = (device: string, what: DeviceProblem, state: 'raised' | 'cleared', since = outbox.now()) => {
    const data = { device, what, state, since: iso(since) };
    const about = { subject: device, time: outbox.now(), stream: `device:${device}` };
    return { key: keyOf(device, what), state, event: { type: 'io.sitebox.device.v2' as const, data, ...about } };
  };
  const reportOf = (of: DeviceState, what: DeviceProblem) => {
    const key = keyOf(of.device, what);
    const there = has(what, of);
    if (reports.has(key)) return isOver(key, there) ? report(of.device, what, 'cleared') : undefined;
    return there ? report(of.device, what, 'raised', what === 'silent' ? of.at : undefined) : undefined;
  };

  return {
    /** Called each second. Throws what the store throws; the next turn tries again. */
    turn(devices: readonly CrewDevice[], states: readonly DeviceState[]) {
      const registered = new Set(devices.map((d) => d.id));
      const present = states.filter((k) => registered.has(k.device));
      const mono = clock.mono();
      heard = new Map(
        present.map(({ device, at }) => {
          const before = heard.get(device);
          return [device, before?.at === at ? before : { at, mono }];
        }),
      );
      const changes = present.flatMap((of) => PROBLEMS.flatMap((what) => reportOf(of, what) ?? []));
      for (const key of reports.keys()) {
        const { device, what } = partsOf(key);
        // A device that has sent nothing since the start keeps its problems; one that was revoked has none.
        if (!registered.has(device)) changes.push(report(device, what, 'cleared'));
      }
      reports.write(changes);
      for (const { key } of changes) calm.delete(key);
    },
  };
}

/** Ids of devices have no blanks. */
function keyOf(device: string, what: DeviceProblem): string {
  return `${device} ${what}`;
}

function isKey(part: unknown): part is string {
  return typeof part === 'string' && PROBLEMS.some((what) => part.endsWith(` ${what}`));
}

function partsOf(key: string): { readonly device: string; readonly what: DeviceProblem } {
  const blank = key.indexOf(' ');
  return { device: key.slice(0, blank), what: key.slice(blank + 1) as DeviceProblem };
}
