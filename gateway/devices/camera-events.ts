/** What cameras say of themselves by ONVIF (tampering, lost video, a lens that sees nothing), until they say that it is over. */
import type { Clock } from '../clock/clock.ts';
import type { CameraEvent, CameraEvents, CameraIdentity } from '../contracts/onvif.ts';
import type { Problem, Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import type { Supervisor } from '../supervise.ts';

/** Some cameras never say that it is over: an hour after they said it last, it is. */
const MAX_EVENT_MS = 3_600_000;
/** Of one camera; told apart by kind and source. */
const MAX_EVENTS = 32;
/** A camera that refuses (it has room for one subscription, the password is wrong) is asked again in minutes: it may lock the account. */
const PAUSES = { firstMs: 60_000, maxMs: 600_000 };

export interface EventCamera {
  readonly id: string;
  readonly lane: string;
  readonly events: CameraEvents;
}

export interface CameraSelfReportsOptions {
  readonly cameras: readonly EventCamera[];
  readonly supervisor: Supervisor;
  readonly clock: Pick<Clock, 'mono'>;
  /** Called once for each subscription. */
  readonly identified: (camera: string, identity: CameraIdentity) => void;
}

interface CameraState {
  readonly camera: EventCamera;
  /** When each was said last, by kind and source. */
  readonly active: Map<string, { readonly kind: CameraEvent['kind']; readonly at: number }>;
}

const KINDS = ['tampering', 'signal-loss', 'lens'] as const satisfies readonly CameraEvent['kind'][];

export class CameraSelfReports {
  readonly status: Status;
  readonly #states: readonly CameraState[];
  readonly #supervisor: Supervisor;
  readonly #clock: Pick<Clock, 'mono'>;
  readonly #identified: CameraSelfReportsOptions['identified'];

  constructor({ cameras, supervisor, clock, identified }: CameraSelfReportsOptions) {
    this.#states = cameras.map((camera) => ({ camera, active: new Map() }));
    this.#supervisor = supervisor;
    this.#clock = clock;
    this.#identified = identified;
    this.status = {
      problems: () => this.#states.flatMap((state) => this.#problemsOf(state)),
      health: () => ({
        cameraEvents: this.#states.map((state) => ({
          camera: state.camera.id,
          listening: this.#run(state).up,
          error: this.#run(state).error ?? null,
          active: this.#activeKinds(state),
        })),
      }),
    };
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const runs = this.#states.map((state) => {
      const { id, events } = state.camera;
      const listen = (ending: AbortSignal, up: () => void): Promise<void> =>
        events.run(
          {
            subscribed: (identity) => {
              up();
              this.#identified(id, identity);
            },
            event: (event) => this.#take(state, event),
          },
          ending,
        );
      return this.#supervisor.keep(partOf(id), listen, signal, {
        pauses: PAUSES,
        upAfterMs: Infinity,
        device: { about: { camera: id }, up: 'camera events up', lost: 'camera events lost' },
      });
    });
    await Promise.all(runs);
  }

  #take({ active }: CameraState, { kind, source, active: isActive }: CameraEvent): void {
    const key = `${kind} ${source}`;
    if (!isActive) active.delete(key);
    else if (active.has(key) || active.size < MAX_EVENTS) active.set(key, { kind, at: this.#clock.mono() });
  }

  #activeKinds({ active }: CameraState): CameraEvent['kind'][] {
    const since = this.#clock.mono() - MAX_EVENT_MS;
    const kinds = new Set([...active.values()].filter(({ at }) => at > since).map(({ kind }) => kind));
    return KINDS.filter((kind) => kinds.has(kind));
  }

  #problemsOf(state: CameraState): Problem[] {
    const { id, lane } = state.camera;
    const { error } = this.#run(state);
    const off =
      error === undefined ? [] : [problem(`camera-events:${id}`, 'camera-events-off', { id, lane, cause: error })];
    const said = this.#activeKinds(state).map((kind) =>
      problem(`camera-${kind}:${id}`, `camera-says-${kind}`, { id, lane }),
    );
    return [...said, ...off];
  }

  #run({ camera }: CameraState) {
    return this.#supervisor.state(partOf(camera.id));
  }
}

function partOf(id: string): string {
  return `onvif:${id}`;
}
