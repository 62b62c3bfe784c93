/** `npx sitebox sos …`: calls for help, and that somebody at the box has seen one. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { spanWords } from '../../clock/status.ts';
import { appendAudit } from '../../store/audit.ts';
import { ageOf, sosSince, type Sos, type SosPlace } from '../../store/sos-table.ts';
import { acknowledgeSos } from '../../store/sos.ts';
import { Stop } from '../exit.ts';
import { say, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { wholeNumber } from '../options.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';
import { type Words } from '../../contracts/words/area.ts';

export function sosCommand(): Verb {
  return group('sos', 'help-sos', [
    new BoxVerb('list', 'help-sos-list')
      .by('help-sos-by')
      .option('--days <n>', say('help-days-many'), wholeNumber(0, 3650), 7)
      .onBox(list),
    new BoxVerb('acknowledge', 'help-sos-acknowledge')
      .argument('<id>', say('help-sos-id'))
      .by('help-sos-seen-by')
      .onBox(acknowledge),
  ]);
}

function list({ db, clock }: Box, { days, by }: { readonly days: number; readonly by: string }): void {
  const calls = sosSince(db, clock.now() - days * 86_400_000);
  const detail = { days, calls: calls.length };
  appendAudit(db, { at: clock.now(), who: by, what: 'calls for help read', detail });
  if (calls.length === 0) console.log(say('sos-none', { days }));
  for (const sos of calls) console.log(line(sos, clock.now()));
}

function acknowledge({ db, clock, outbox }: Box, id: string, { by }: { readonly by: string }): void {
  const sos = acknowledgeSos(db, { id, by, from: 'box', clock: clock.state() }, outbox);
  if (!sos) throw new Stop(say('sos-missing', { id }));
  console.log(line(sos, clock.now()));
}

function line(sos: Sos, now: number): string {
  const { id, device, role, kind, raised, pressed, presses, state, cancelled, acknowledged } = sos;
  const who = { role: named('role', role), kind: named('kind', kind) };
  const { at, by, from } = acknowledged ?? {};
  return [
    say('sos-row', { id, at: when(raised), device, ...who, where: whereOf(sos, now) }),
    presses > 1 ? say('sos-again', { presses, at: when(pressed) }) : '',
    state === 'cancelled' ? say('sos-withdrawn', { at: when(cancelled) }) : '',
    by === undefined
      ? say('sos-not-seen')
      : say('sos-seen', {
          at: when(at),
          by,
          from: from ? words('sos-seen-from', { from: named('origin', from) }) : '',
        }),
    sos.unread === undefined ? '' : say('sos-unread', { what: sos.unread }),
  ].join('');
}

function whereOf({ place, doubtful }: Sos, now: number): Words {
  const best = place ? words('sos-at', { place: placeOf(place, now) }) : words('sos-nowhere');
  return doubtful ? words('sos-doubtful', { best, place: placeOf(doubtful, now) }) : best;
}

function placeOf(place: SosPlace, now: number): Words {
  const { lat, lon, trusted } = place;
  return words('sos-place', {
    place: `${lat.toFixed(5)}, ${lon.toFixed(5)}`,
    origin: named('sos-origin', place.origin),
    age: ageWords(ageOf(place, now).ageS),
    trust: trusted ? '' : words('sos-untrusted'),
  });
}

/** From here on, seconds are hard to read. */
const LONG_S = 120;

function ageWords(ageS: number | undefined): Words {
  if (ageS === undefined) return words('sos-age-unknown');
  return ageS < LONG_S ? words('sos-age', { seconds: ageS }) : words('sos-age-long', { span: spanWords(ageS * 1000) });
}
