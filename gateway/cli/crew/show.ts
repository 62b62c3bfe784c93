/** `npx sitebox device show ID`: what is registered, and what of it was refused or left out. Nobody's position. */
import { allDevices, type StoredDevice } from '../../store/devices.ts';
import { readFaults, type DeviceFault } from '../../store/device-faults.ts';
import { Stop } from '../exit.ts';
import { say, spoken, when } from '../language.ts';
import { deviceId } from '../options.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';
import { words, joined } from '../../contracts/words/words.ts';

export function showCommand(): Verb {
  return new BoxVerb('show', 'help-device-show')
    .argument('<id>', say('help-device-id'), deviceId)
    .onBox(({ db }, id: string) => {
      const device = allDevices(db).find((d) => d.id === id);
      if (!device) throw new Stop(say('device-never-registered', { id }));
      console.log(lineOf(device));
      const faults = readFaults(db, id);
      if (faults.length === 0) console.log(say('device-no-faults'));
      for (const fault of faults) console.log(`  ${faultLine(fault)}`);
    });
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
