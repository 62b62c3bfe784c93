/**
 * What is wrong with the crew's equipment, for the command room: once when it begins and once when it is over, over restarts too. Equipment gets
 * stolen, and batteries die.
 */
import { iso } from '../contracts/time.ts';
import type { CrewConfig } from '../config/crew.ts';
import type { CrewDevice } from '../contracts/crew.ts';
import { OpenReports } from '../store/outbox/open-reports.ts';
import type { NewEvent } from '../store/outbox/outbox.ts';
import type { Instant } from '../contracts/base.ts';
import { lateAfterMs, type DeviceState } from './positions.ts';
import type { CrewRooms } from './rooms.ts';

type DeviceProblem = 'battery low' | 'recording fault' | 'silent';

interface Change {
  readonly device: string;
  readonly what: DeviceProblem;
  readonly state: 'raised' | 'cleared';
  readonly since: Instant;
}

const PROBLEMS: readonly DeviceProblem[] = ['battery low', 'recording fault', 'silent'];
/** A battery is low until it has so much more, or it is being charged. */
const BATTERY_STEP_PERCENT = 5;
/** Cleared after this long without the problem: a loose contact must not fill the outbox, where these events never give way. */
const CALM_MS = 60_000;
const META_KEY = 'deviceProblems';

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
  const changeOf = (of: DeviceState, what: DeviceProblem): Change | undefined => {
    const key = keyOf(of.device, what);
    const there = has(what, of);
    const { device } = of;
    if (!reports.has(key))
      return there ? { device, what, state: 'raised', since: what === 'silent' ? of.at : outbox.now() } : undefined;
    return isOver(key, there) ? { device, what, state: 'cleared', since: outbox.now() } : undefined;
  };
  const eventOf = ({ device, since, ...rest }: Change): NewEvent => {
    const data = { device, ...rest, since: iso(since) };
    return { type: 'io.sitebox.device.v2', subject: device, time: outbox.now(), data, stream: `device:${device}` };
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
      const changes = present.flatMap((of) => PROBLEMS.flatMap((what) => changeOf(of, what) ?? []));
      for (const key of reports.keys()) {
        const { device, what } = partsOf(key);
        // A device that has sent nothing since the start keeps its problems; one that was revoked has none.
        if (!registered.has(device)) changes.push({ device, what, state: 'cleared', since: outbox.now() });
      }
      reports.write(changes.map((c) => ({ key: keyOf(c.device, c.what), state: c.state, event: eventOf(c) })));
      for (const { device, what } of changes) calm.delete(keyOf(device, what));
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
