/** `npx sitebox device where | track`: where the crew's own devices are and were. Staff data: who asks, and why, goes into the audit log. */
import { latestTracks, readTrack, type TrackPoint } from '../../store/tracks.ts';
import { say, when } from '../language.ts';
import { decimal, shortText } from '../options.ts';
import { BoxVerb, type HelpCode, type Verb } from '../verb.ts';

interface Asking {
  readonly by: string;
  readonly reason: string;
}

export function whereCommand(): Verb {
  return asking('where', 'help-device-where').onBox(({ db, clock }, { by, reason }: Asking) => {
    const now = clock.now();
    const points = latestTracks(db, { who: by, why: reason, now });
    if (points.length === 0) console.log(say('device-nowhere'));
    for (const point of points) {
      const age = Math.max(0, Math.round((now - point.at) / 1000));
      console.log(say('device-where-row', { device: point.device, place: placeOf(point), seconds: age }));
    }
  });
}

export function trackCommand(): Verb {
  return asking('track', 'help-device-track')
    .argument('<id>', say('help-device-id'))
    .option('--hours <n>', say('help-device-hours'), decimal(0.1, 168), 1)
    .onBox(({ db, clock }, device: string, { by, reason, hours }: Asking & { hours: number }) => {
      const now = clock.now();
      const span = { device, from: now - hours * 3_600_000, to: now };
      const points = readTrack(db, span, { who: by, why: reason, now });
      if (points.length === 0) console.log(say('device-track-empty', { device }));
      for (const point of points) console.log(`${when(point.at)}  ${placeOf(point)}`);
    });
}

function asking(name: string, help: HelpCode): BoxVerb {
  return new BoxVerb(name, help)
    .by('help-by-asks')
    .requiredOption('--reason <text>', say('help-reason-audit'), shortText(200));
}

function placeOf({ lat, lon, trusted }: TrackPoint): string {
  const place = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  return trusted ? place : say('place-doubtful', { place });
}
