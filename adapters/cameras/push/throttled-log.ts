/** What went wrong with messages, counted by kind; the log hears of each kind once a minute at most, whatever is sent. */
import type { Log } from '../../../gateway/contracts/base.ts';

export type ThrottledLog = ReturnType<typeof openThrottledLog>;

const EVERY_MS = 60_000;

export function openThrottledLog(camera: string, log: Log, now: () => number = () => performance.now()) {
  const kinds = new Map<string, { total: number; unsaid: number; saidAt: number }>();
  return {
    /** `kind` is one of a few; `why` names what was expected and repeats nothing of the message. */
    warn(kind: string, why: string, more: object = {}): void {
      const state = kinds.get(kind) ?? { total: 0, unsaid: 0, saidAt: -EVERY_MS };
      kinds.set(kind, state);
      state.total++;
      state.unsaid++;
      log.debug({ camera, kind, why, total: state.total, ...more }, 'push not as expected');
      if (now() - state.saidAt < EVERY_MS) return;
      log.warn({ camera, kind, why, times: state.unsaid, ...more }, 'push not as expected');
      state.saidAt = now();
      state.unsaid = 0;
    },
  };
}
