/** `npx sitebox sos …`: calls for help, and that somebody at the box has seen one. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Command } from 'commander';
import { appendAudit } from '../../store/audit.ts';
import { ageOf, sosSince, type Sos, type SosPlace } from '../../store/sos-row.ts';
import { acknowledgeSos } from '../../store/sos.ts';
import { group, person, when, withStore } from './common.ts';
import { guarded, Stop } from '../exit.ts';
import { wholeNumber } from '../list/common.ts';

export function sosCommand(): Command {
  const sos = new Command('sos').description('calls for help of the crew');
  return group(sos, [listCommand(), acknowledgeCommand()]);
}

function listCommand(): Command {
  return new Command('list')
    .description('all that nobody has seen yet, and those of the last days, newest first')
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--by <name>', 'who asks, for the audit log: it says where somebody is', person)
    .option('--days <n>', 'how many', wholeNumber(0, 3650), 7)
    .action(
      guarded(({ config, days, by }: { config: string; days: number; by: string }) =>
        withStore(config, ({ db, clock }) => {
          const calls = sosSince(db, clock.now() - days * 86_400_000);
          const detail = { days, calls: calls.length };
          appendAudit(db, { at: clock.now(), who: by, what: 'calls for help read', detail });
          for (const sos of calls) console.log(line(sos, clock.now()));
        }),
      ),
    );
}

function line(sos: Sos, now: number): string {
  const { id, device, role, kind, raised, pressed, presses, state, cancelled, acknowledged } = sos;
  const again = presses > 1 ? `  pressed ${presses} times, last ${when(pressed)}` : '';
  const withdrawn = state === 'cancelled' ? `  withdrawn ${when(cancelled)}` : '';
  const seen = acknowledged
    ? `  seen ${when(acknowledged.at)} by ${acknowledged.by}${acknowledged.from ? ` (${acknowledged.from})` : ''}`
    : '  NOT SEEN';
  const unread = sos.unread === undefined ? '' : `  not all of it could be read (${sos.unread})`;
  return `${id}  ${when(raised)}  ${device} (${role}, ${kind})  ${whereOf(sos, now)}${again}${withdrawn}${seen}${unread}`;
}

function whereOf({ place, doubtful }: Sos, now: number): string {
  const best = place ? `at ${placeOf(place, now)}` : 'no place known';
  return doubtful ? `${best}, or (doubtful) at ${placeOf(doubtful, now)}` : best;
}

function placeOf(place: SosPlace, now: number): string {
  const { lat, lon, origin, trusted } = place;
  const { ageS } = ageOf(place, now);
  const age = ageS === undefined ? 'age not known: the clock was set back' : `${ageS} s ago`;
  return `${lat.toFixed(5)}, ${lon.toFixed(5)} (${origin}, ${age}${trusted ? '' : ', not trusted'})`;
}

function acknowledgeCommand(): Command {
  return new Command('acknowledge')
    .description(
      'say that somebody at the box has seen a call and acts on it: the command room is told, and no longer reminded',
    )
    .argument('<id>', 'the call, as `sos list` has it')
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--by <name>', 'who has seen it', person)
    .action(
      guarded((id: string, { config, by }: { config: string; by: string }) =>
        withStore(config, ({ db, clock, outbox }) => {
          const sos = acknowledgeSos(db, { id, by, from: 'box', clock: clock.state() }, outbox);
          if (!sos) throw new Stop(`REFUSED: there is no call for help ${id}`);
          console.log(line(sos, clock.now()));
        }),
      ),
    );
}
