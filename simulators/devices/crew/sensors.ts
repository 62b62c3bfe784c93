/** What a simulated device measures: where it is, its battery, whether it records, and the time by its own clock. */
import type { Instant } from '../../../gateway/contracts/base.ts';
import type { Recording } from '../../../gateway/contracts/crew.ts';
import type { Random } from '../../scene/random.ts';
import type { DeviceSpec, FleetBehaviour, SensorReading, SimulatedFault } from './types.ts';
import { openWalk, type ReceiverFix } from './walk.ts';

export type Sensors = ReturnType<typeof openSensors>;

const CLOCK_OFF_MS = 8 * 3_600_000;
const DRAIN_PERCENT_PER_H = 9;
const PROFILES = { bodycam: 'walk', vehicle: 'drive', drone: 'fly' } as const;

export function openSensors(
  spec: DeviceSpec,
  { base }: Pick<FleetBehaviour, 'base'>,
  random: Random,
  faults: ReadonlySet<SimulatedFault>,
) {
  const walk = openWalk(spec.gait ?? PROFILES[spec.kind ?? 'bodycam'], spec.base ?? base, random);
  const startedAt = performance.now();
  let wentAt = startedAt;
  let sequence = 0;
  let recording: Recording = 'on';
  let charge = { percent: 60 + 40 * random(), at: startedAt };
  const fix = (): ReceiverFix => {
    const now = performance.now();
    const seconds = (now - wentAt) / 1000;
    wentAt = now;
    return walk.go(seconds);
  };
  const battery = (): number => {
    const hours = (performance.now() - charge.at) / 3_600_000;
    return Math.max(0, Math.round(charge.percent - DRAIN_PERCENT_PER_H * hours));
  };
  const clock = (): Instant => Date.now() + (faults.has('clock off') ? CLOCK_OFF_MS : 0);
  return {
    fix,
    clock,
    next(everyS: number): SensorReading {
      sequence++;
      const here = fix();
      const isAway = faults.has('jumps') && sequence % 3 === 0;
      const where = isAway ? { lat: Math.max(-80, here.lat - 2 - 3 * random()), lon: here.lon + 2 * random() } : {};
      return {
        at: clock(),
        sequence,
        everyS,
        batteryPercent: battery(),
        fix: { ...here, ...where },
        recording: faults.has('recording') ? 'fault' : recording,
      };
    },
    set(state: { readonly batteryPercent?: number; readonly recording?: Recording }) {
      recording = state.recording ?? recording;
      if (state.batteryPercent !== undefined) charge = { percent: state.batteryPercent, at: performance.now() };
    },
  };
}
