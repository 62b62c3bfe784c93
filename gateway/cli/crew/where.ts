/** `npx sitebox device where | track`: where the crew's own devices are and were. Staff data: who asks, and why, goes into the audit log. */
import { Argument, Command } from 'commander';
import { latestTracks, readTrack, type TrackPoint } from '../../store/tracks.ts';
import { decimal, person, shortText, when, withStore } from './common.ts';
import { guarded } from '../exit.ts';
import { say } from '../language.ts';

interface Asking {
  readonly config: string;
  readonly by: string;
  readonly reason: string;
}

export function whereCommand(): Command {
  return asking(new Command('where'))
    .description(say('help-device-where'))
    .action(
      guarded(({ config, by, reason }: Asking) =>
        withStore(config, ({ db, clock }) => {
          const now = clock.now();
          const points = latestTracks(db, { who: by, why: reason, now });
          if (points.length === 0) console.log(say('device-nowhere'));
          for (const point of points) {
            const age = Math.max(0, Math.round((now - point.at) / 1000));
            console.log(say('device-where-row', { device: point.device, place: placeOf(point), seconds: age }));
          }
        }),
      ),
    );
}

export function trackCommand(): Command {
  return asking(new Command('track'))
    .description(say('help-device-track'))
    .addArgument(new Argument('<id>', say('help-device-id')))
    .option('--hours <n>', say('help-device-hours'), decimal(0.1, 168), 1)
    .action(
      guarded((device: string, { config, by, reason, hours }: Asking & { hours: number }) =>
        withStore(config, ({ db, clock }) => {
          const now = clock.now();
          const span = { device, from: now - hours * 3_600_000, to: now };
          const points = readTrack(db, span, { who: by, why: reason, now });
          if (points.length === 0) console.log(say('device-track-empty', { device }));
          for (const point of points) console.log(`${when(point.at)}  ${placeOf(point)}`);
        }),
      ),
    );
}

function asking(command: Command): Command {
  return command
    .requiredOption('--config <file>', say('help-config'))
    .requiredOption('--by <name>', say('help-by-asks'), person)
    .requiredOption('--reason <text>', say('help-reason-audit'), shortText(200));
}

function placeOf({ lat, lon, trusted }: TrackPoint): string {
  const place = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  return trusted ? place : say('place-doubtful', { place });
}
