/** `npx sitebox device show ID`: what is registered, and what of it was refused or left out. Nobody's position. */
import { Argument, Command } from 'commander';
import { allDevices, type StoredDevice } from '../../store/devices.ts';
import { readFaults, type DeviceFault } from '../../store/device-faults.ts';
import { when, withStore } from './common.ts';
import { guarded, Stop } from '../exit.ts';
import { say, spoken } from '../language.ts';
import { named } from '../../contracts/words/names.ts';
import { words, joined } from '../../contracts/words/words.ts';

export function showCommand(id: (text: string) => string): Command {
  return new Command('show')
    .description(say('help-device-show'))
    .addArgument(new Argument('<id>', say('help-device-id')).argParser(id))
    .requiredOption('--config <file>', say('help-config'))
    .action(
      guarded((device: string, { config }: { config: string }) =>
        withStore(config, ({ db }) => {
          const stored = allDevices(db).find((d) => d.id === device);
          if (!stored) throw new Stop(say('device-never-registered', { id: device }));
          console.log(lineOf(stored));
          const faults = readFaults(db, device);
          if (faults.length === 0) console.log(say('device-no-faults'));
          for (const fault of faults) console.log(`  ${faultLine(fault)}`);
        }),
      ),
    );
}

export function lineOf(d: StoredDevice): string {
  const serials = d.serials.length > 0 ? `  ${d.serials.join(' ')}` : '';
  const [kind, role] = [spoken(named('kind', d.kind)), spoken(named('role', d.role))];
  return say('device-row', {
    device: `${d.id}  ${kind}  ${role}  ${d.protocol}${serials}`,
    at: when(d.added),
    by: d.addedBy,
    revoked: d.revoked === undefined ? '' : words('device-row-revoked', { at: when(d.revoked), by: d.revokedBy ?? '' }),
  });
}

/** `2026-11-21T08:00:00Z  3 times  odd field: batt: expected percent from 0 to 100`. */
function faultLine({ why, field, hint, at, times }: DeviceFault): string {
  const parts = [named('fault', why), field, hint].filter((part) => part !== undefined);
  return say('device-fault-row', {
    at: when(at),
    times: times === 1 ? words('times-once') : words('times-many', { times }),
    what: joined(parts, { en: ': ', zh: '：' }),
  });
}
