/** Keeps cameras and readers running: what they emit goes to their lane, what they lose is logged once and tried again. */
import type { Log } from '../contracts/base.ts';
import type { Observation, Source } from '../contracts/source.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Supervisor } from '../supervise.ts';

/** A lost device is tried again after 0.5 to 2 s, for ever: whoever repairs it stands before it and waits. */
const PAUSES = { firstMs: 500, mostMs: 2_000 };

/** What /health and /metrics say of a device. */
export interface Watch {
  readonly id: string;
  readonly lane: string;
  /** It delivers frames, or it answers. */
  up: boolean;
  /** Why the last run ended; undefined while it is up. */
  error: string | undefined;
  losses: number;
}

export interface Device {
  readonly what: 'camera' | 'reader';
  readonly source: Source;
  readonly watch: Watch;
  /** Takes what the device emits. It is up from its first word on. */
  take(observation: Observation): void;
  lost(): void;
}

/** What a device says of itself when it comes up, for the log. */
function introduction(o: Observation): object {
  return o.kind === 'frame' ? { width: o.frame.width, height: o.frame.height } : {};
}

export async function runDevice(device: Device, supervisor: Supervisor, log: Log, signal: AbortSignal): Promise<void> {
  const { what, source, watch } = device;
  const part = `${what}:${watch.id}`;
  const run = (ending: AbortSignal) =>
    source.run((observation) => {
      if (observation.kind === 'video') return;
      // Whoever was refused may not be the camera.
      if (observation.kind === 'refused') return device.take(observation);
      if (!watch.up) log.info({ [what]: watch.id, ...introduction(observation) }, `${what} up`);
      watch.up = true;
      watch.error = undefined;
      // What the lane cannot deal with is one observation lost, not the device, whose own code must not meet errors of the lane.
      const taken = supervisor.attempt(`lane of ${part}`, () => device.take(observation));
      if (!taken && observation.kind === 'pushed') observation.settle(new Error('the read could not be dealt with'));
    }, ending);
  const watcher = {
    started: () => undefined,
    failed(error: unknown, pauseMs: number) {
      const cause = causeOf(error);
      // Logged when it begins and when its cause changes, not at each of the many tries.
      if (watch.up || cause !== watch.error)
        log.warn({ [what]: watch.id, cause, pauseMs: Math.round(pauseMs) }, `${what} lost`);
      if (watch.up) watch.losses++;
      watch.up = false;
      watch.error = cause;
      device.lost();
    },
  };
  await supervisor.keep(part, run, signal, { pauses: PAUSES, watcher });
  supervisor.attempt(`lane of ${part}`, () => device.lost());
}
