/** What the clock says of itself: a jump ahead that nothing proves. */
import { MIN_LASTED_MS, MIN_SOURCES, type ClockJump, type TimeSource } from './belief.ts';
import type { KeptClock } from './clock.ts';
import type { Status } from '../contracts/status.ts';

export function clockStatus(clock: KeptClock, sources: readonly TimeSource[]): Status {
  const speaking = (jump: ClockJump): string => {
    const wall = clock.now();
    const saying = (answer: boolean): string =>
      sources.flatMap((source) => (source.speaksFor(wall, jump) === answer ? source.name : [])).join(', ');
    const [yes, no] = [saying(true), saying(false)];
    const against = no === '' ? '' : `; against it: ${no}`;
    return (yes === '' ? 'no other source of time speaks for it' : `only ${yes} speaks for it`) + against;
  };
  return {
    problems() {
      const jump = clock.jump();
      if (!jump) return [];
      const lasted =
        jump.lastedMs < MIN_LASTED_MS
          ? `it is believed once it has lasted ${MIN_LASTED_MS / 60_000} minutes, ${MIN_SOURCES} sources speak for it and none against it`
          : speaking(jump);
      return [
        {
          key: 'clock-jump',
          what: `the clock stands ${spanText(jump.aheadMs)} ahead of the time that this box believes: ${lasted}. Lists that end before the time it shows match nothing meanwhile`,
          todo: 'set the clock (NTP): the lists are in force again then. If it is right: npx sitebox clock set-trusted --config CONFIG --by NAME',
        },
      ];
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
export function spanText(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
