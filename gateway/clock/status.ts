/** What the clock says of itself: a jump ahead that nothing proves. */
import { MIN_LASTED_MS, MIN_SOURCES, type ClockJump, type TimeSource } from './belief.ts';
import type { KeptClock } from './clock.ts';
import type { Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { words, joined, type Message } from '../contracts/words/words.ts';
import { type Words } from '../contracts/words/area.ts';

export function clockStatus(clock: KeptClock, sources: readonly TimeSource[]): Status {
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
      const jump = clock.jump();
      if (!jump) return [];
      const lasted =
        jump.lastedMs < MIN_LASTED_MS
          ? words('clock-jump-waits', { minutes: MIN_LASTED_MS / 60_000, sources: MIN_SOURCES })
          : speaking(jump);
      return [problem('clock-jump', 'clock-jump', { span: spanWords(jump.aheadMs), lasted })];
    },
    readings: () => [
      {
        name: 'sitebox_clock_ahead_seconds',
        type: 'gauge',
        help: 'Ahead of the believed time, while a jump is not believed',
        labels: [],
        read: () => [[[], (clock.jump()?.aheadMs ?? 0) / 1000]],
      },
    ],
  };
}

/** `3 d 4 h`, `12 min`: for a person. */
export function spanWords(ms: number): Words {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return words('span-minutes', { minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return words('span-hours', { hours, minutes: minutes % 60 });
  return words('span-days', { days: Math.floor(hours / 24), hours: hours % 24 });
}
