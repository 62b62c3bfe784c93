/** `npx sitebox device show ID`: what is registered, and what of it was refused or left out. Nobody's position. */
import { Argument, Command } from 'commander';
import { allDevices, type StoredDevice } from '../../store/devices.ts';
import { readFaults, type DeviceFault } from '../../store/device-faults.ts';
import { when, withStore } from './common.ts';
import { guarded, Stop } from '../exit.ts';

export function showCommand(id: (text: string) => string): Command {
  return new Command('show')
    .description('one device: its registration, and why something that it sent was not taken')
    .addArgument(new Argument('<id>', 'the device').argParser(id))
    .requiredOption('--config <file>', 'the configuration of the box')
    .action(
      guarded((device: string, { config }: { config: string }) =>
        withStore(config, ({ db }) => {
          const stored = allDevices(db).find((d) => d.id === device);
          if (!stored) throw new Stop(`REFUSED: device ${device} was never registered`);
          console.log(lineOf(stored));
          const faults = readFaults(db, device);
          if (faults.length === 0) console.log('nothing that it sent was refused or left out since it was registered');
          for (const fault of faults) console.log(`  ${faultLine(fault)}`);
        }),
      ),
    );
}

export function lineOf(d: StoredDevice): string {
  const serials = d.serials.length > 0 ? `  ${d.serials.join(' ')}` : '';
  const revoked = d.revoked === undefined ? '' : `  REVOKED ${when(d.revoked)} by ${d.revokedBy}`;
  return `${d.id}  ${d.kind}  ${d.role}  ${d.protocol}${serials}  added ${when(d.added)} by ${d.addedBy}${revoked}`;
}

/** `2026-11-21T08:00:00Z  3 times  odd field: batt: expected percent from 0 to 100`. */
function faultLine({ why, field, hint, at, times }: DeviceFault): string {
  const what = [why, field, hint].filter((part) => part !== undefined).join(': ');
  return `${when(at)}  ${times === 1 ? 'once' : `${times} times`}  ${what}`;
}
