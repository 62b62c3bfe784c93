/** Keeps cameras and readers running: what they emit goes to their lane, what is lost is tried again. */
import { CameraError, type CameraLoss } from '../contracts/errors.ts';
import type { Observation, Source } from '../contracts/source.ts';
import type { Pauses, Supervisor } from '../supervise.ts';
import { english } from '../contracts/words/words.ts';

/** A lost device is tried again after 0.5 to 2 s, for ever: the person who repairs it is standing beside it. */
const PAUSES = { firstMs: 500, maxMs: 2_000 };

/** Cameras lock an account after about five wrong logins within half an hour: with these pauses, jitter included, it is four. */
const LOGIN_PAUSES = { firstMs: 240_000, maxMs: 900_000 };
/** The camera answers, and will answer the same until a person has changed something. */
const SETTING_PAUSES = { firstMs: 2_000, maxMs: 30_000 };

const PAUSES_AFTER: Readonly<Record<CameraLoss, Pauses | undefined>> = {
  line: undefined,
  setting: SETTING_PAUSES,
  login: LOGIN_PAUSES,
};

const pausesAfter = (error: unknown): Pauses | undefined =>
  error instanceof CameraError ? PAUSES_AFTER[error.loss] : undefined;

export interface Device {
  readonly kind: 'camera' | 'reader';
  readonly id: string;
  readonly source: Source;
  /** Takes what the device emits. */
  take(observation: Observation): void;
  lost(): void;
}

/** The name of a device among the parts of the supervisor. */
export function partOf({ kind, id }: Pick<Device, 'kind' | 'id'>): string {
  return `${kind}:${id}`;
}

/** Until `signal` aborts. The device is up from its first word on. */
export async function runDevice(device: Device, supervisor: Supervisor, signal: AbortSignal): Promise<void> {
  const { kind, id, source } = device;
  const lane = `lane of ${partOf(device)}`;
  await supervisor.keep(
    partOf(device),
    (ending, up) =>
      source.run((observation) => {
        // Whoever was refused may not be the camera.
        if (observation.kind === 'refused') return device.take(observation);
        up(observation.kind === 'frame' ? { width: observation.frame.width, height: observation.frame.height } : {});
        // What the lane cannot deal with is one observation lost; the device's own code must not meet errors of the lane.
        const taken = supervisor.attempt(lane, () => device.take(observation));
        if (!taken && observation.kind === 'pushed') observation.settle(new Error(english('push-not-dealt-with')));
      }, ending),
    signal,
    {
      pauses: PAUSES,
      pausesAfter,
      upAfterMs: Infinity,
      device: { about: { [kind]: id }, up: `${kind} up`, lost: `${kind} lost` },
      lost: () => device.lost(),
    },
  );
  supervisor.attempt(lane, () => device.lost());
}
