/** `npx sitebox device where | track`: where the crew's own devices are and were. Staff data: who asks, and why, goes into the audit log. */
import { Argument, Command } from 'commander';
import { latestTracks, readTrack, type TrackPoint } from '../../store/tracks.ts';
import { decimal, person, shortText, when, withStore } from './common.ts';
import { guarded } from '../exit.ts';

interface Asking {
  readonly config: string;
  readonly by: string;
  readonly reason: string;
}

export function whereCommand(): Command {
  return asking(new Command('where'))
    .description('the last known place of each device; it may be a minute old')
    .action(
      guarded(({ config, by, reason }: Asking) =>
        withStore(config, ({ db, clock }) => {
          const now = clock.now();
          const points = latestTracks(db, { who: by, why: reason, now });
          if (points.length === 0) console.log('no position of the last hour is known');
          for (const point of points) {
            const age = Math.max(0, Math.round((now - point.at) / 1000));
            console.log(`${point.device}  ${placeOf(point)}  ${age} s ago`);
          }
        }),
      ),
    );
}

export function trackCommand(): Command {
  return asking(new Command('track'))
    .description('where one device was, oldest first')
    .addArgument(new Argument('<id>', 'the device'))
    .option('--hours <n>', 'so far back', decimal(0.1, 168), 1)
    .action(
      guarded((device: string, { config, by, reason, hours }: Asking & { hours: number }) =>
        withStore(config, ({ db, clock }) => {
          const now = clock.now();
          const span = { device, from: now - hours * 3_600_000, to: now };
          const points = readTrack(db, span, { who: by, why: reason, now });
          if (points.length === 0) console.log(`nothing is known of where ${device} was`);
          for (const point of points) console.log(`${when(point.at)}  ${placeOf(point)}`);
        }),
      ),
    );
}

function asking(command: Command): Command {
  return command
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--by <name>', 'who asks, for the audit log', person)
    .requiredOption('--reason <text>', 'what for, for the audit log', shortText(200));
}

function placeOf({ lat, lon, trusted }: TrackPoint): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}${trusted ? '' : ' (not to be relied on)'}`;
}
