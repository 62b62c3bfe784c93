/** What the clock says in /health and /metrics: that it is behind a time it has seen, or has jumped ahead without proof. */
import { iso } from '../contracts/time.ts';
import { MIN_LASTED_MS, MIN_SOURCES, type ClockJump, type TimeSource } from './believed-time.ts';
import type { PersistentClock } from './clock.ts';
import { single, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { words, joined, type Message } from '../contracts/words/words.ts';
import { type Words } from '../contracts/words/area.ts';

export const CLOCK_BEHIND_MS = 60_000;

export function clockStatus(
  clock: Pick<PersistentClock, 'now' | 'state' | 'jump'>,
  sources: readonly TimeSource[],
): Status {
  const speaking = (jump: ClockJump): Message => {
    const wall = clock.now();
    const saying = (answer: boolean): readonly string[] =>
      sources.flatMap((source) => (source.speaksFor(wall, jump) === answer ? source.name : []));
    const [yes, no] = [saying(true), saying(false)];
    const support =
      yes.length === 0 ? words('clock-jump-unsupported') : words('clock-jump-supported', { sources: joined(yes) });
    return no.length === 0 ? support : words('clock-jump-opposed', { support, sources: joined(no) });
  };
  return {
    problems() {
      const behind = behindProblem(clock.state().behindMs);
      const jump = clock.jump();
      if (!jump) return behind;
      const lasted =
        jump.lastedMs < MIN_LASTED_MS
          ? words('clock-jump-waits', { minutes: MIN_LASTED_MS / 60_000, sources: MIN_SOURCES })
          : speaking(jump);
      return [...behind, problem('clock-jump', 'clock-jump', { span: spanWords(jump.aheadMs), lasted })];
    },
    readings: () => [
      single(
        'sitebox_clock_behind_seconds',
        'gauge',
        'Behind the highest time seen',
        () => clock.state().behindMs / 1000,
      ),
      single(
        'sitebox_clock_ahead_seconds',
        'gauge',
        'Ahead of the believed time, while a jump is not believed',
        () => (clock.jump()?.aheadMs ?? 0) / 1000,
      ),
    ],
    health() {
      const { highest, behindMs } = clock.state();
      return { clock: { highest: iso(highest), behindMs } };
    },
  };
}

function behindProblem(behindMs: number): Problem[] {
  if (behindMs <= CLOCK_BEHIND_MS) return [];
  return [problem('clock', 'clock-behind', { seconds: Math.round(behindMs / 1000) })];
}

/** `3 d 4 h`, `12 min`: for a person. */
export function spanWords(ms: number): Words {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return words('span-minutes', { minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return words('span-hours', { hours, minutes: minutes % 60 });
  return words('span-days', { days: Math.floor(hours / 24), hours: hours % 24 });
}
