/** Why something of each device was not taken, the last of each kind, for `device show` and /health. Written every ten seconds where it is news. */
import { explainOffset } from '../devices/clock-offset.ts';
import { readFaults, writeFaults, type DeviceFault } from '../store/device-faults.ts';
import type { DeviceReport } from '../contracts/crew.ts';
import { english } from '../contracts/words/words.ts';
import type { CrewRooms } from './rooms.ts';

const WRITE_EVERY_MS = 10_000;
/** Of one device; names of fields are few. The oldest gives way. */
const MAX_FAULTS = 12;
const MAX_SHOWN = 20;
/** Quarters of an hour that Chinese time is ahead of UTC. */
const CHINESE_QUARTERS = 32;

export type DeviceFaults = ReturnType<typeof openDeviceFaults>;

export function openDeviceFaults({ db, clock }: Pick<CrewRooms, 'db' | 'clock'>) {
  const faults = new Map<string, readonly DeviceFault[]>();
  const changed = new Set<string>();
  let written = clock.mono();
  const write = db.transaction((devices: readonly string[]) => {
    for (const device of devices) writeFaults(db, device, faults.get(device) ?? []);
  });
  const earlier = (device: string): readonly DeviceFault[] => {
    try {
      return readFaults(db, device);
    } catch {
      return [];
    }
  };
  /** `device` is registered. Never throws: where the store cannot say what was before, this is the first. */
  const add = (device: string, { why, field, hint }: Pick<DeviceFault, 'why' | 'field' | 'hint'>): void => {
    const before = faults.get(device) ?? earlier(device);
    const isSame = (fault: DeviceFault): boolean => fault.why === why && fault.field === field;
    const times = (before.find(isSame)?.times ?? 0) + 1;
    const named = { ...(field === undefined ? {} : { field }), ...(hint === undefined ? {} : { hint }) };
    const fault: DeviceFault = { why, ...named, at: clock.now(), times };
    faults.set(device, [fault, ...before.filter((other) => !isSame(other))].slice(0, MAX_FAULTS));
    changed.add(device);
  };
  return {
    add,
    /** Whether its clock is right. */
    checkClock({ device, clockOffsetMs, clockWrong }: Pick<DeviceReport, 'device' | 'clockOffsetMs' | 'clockWrong'>) {
      const off = explainOffset(clockOffsetMs, clockHint);
      const hint = off
        ? english('device-clock-off', { offset: off.what, hint: off.hint })
        : english('device-time-impossible');
      if (off || clockWrong) add(device, { why: 'clock wrong', hint });
    },
    /** The device was revoked or registered again. */
    forget(device: string) {
      faults.delete(device);
      changed.delete(device);
    },
    /** The last of each device, newest first, at most 20. */
    newest: () =>
      [...faults]
        .map(([device, [last]]) => ({ device, ...last! }))
        .sort((a, b) => b.at - a.at)
        .slice(0, MAX_SHOWN),
    /** Called each second. Throws what the store throws; the next turn tries again. */
    turn() {
      if (changed.size === 0 || clock.mono() - written < WRITE_EVERY_MS) return;
      write.expendable([...changed]);
      changed.clear();
      written = clock.mono();
    },
  };
}

/** Equipment of the crew, but for JT/T 808, counts in UTC and shows local time: ahead or behind, the two are mixed up. */
function clockHint(quarters: number | undefined): string {
  if (quarters === undefined) return english('offset-set');
  return english(Math.abs(quarters) === CHINESE_QUARTERS ? 'offset-local-for-utc' : 'offset-zone-wrong');
}
