/** What the clock says of itself: a jump ahead that nothing proves. */
import { MIN_LASTED_MS, MIN_SOURCES, type TimeSource } from './clock-belief.ts';
import type { KeptClock } from './clock.ts';
import type { Status } from './ops/status.ts';

export function clockStatus(clock: KeptClock, sources: readonly TimeSource[]): Status {
  const speaking = (): string => {
    const [wall, believed] = [clock.now(), clock.state().highest];
    const names = sources.filter((source) => source.speaksFor(wall, believed) === true).map(({ name }) => name);
    return names.length === 0 ? 'no other source of time speaks for it' : `only ${names.join(', ')} speaks for it`;
  };
  return {
    problems() {
      const jump = clock.jump();
      if (!jump) return [];
      const lasted =
        jump.lastedMs < MIN_LASTED_MS
          ? `it is believed once it has lasted ${MIN_LASTED_MS / 60_000} minutes and ${MIN_SOURCES} sources speak for it`
          : speaking();
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
