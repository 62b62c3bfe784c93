/** `npx sitebox check FILE`: exit 0, or 78 with every mistake and its line. Touches no device. */
import { Command } from 'commander';
import { filesOf, openParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Adapters } from '../contracts/parts.ts';
import { openLoginBrakes } from '../people/login-brake.ts';
import { boxExposures } from '../store/files/private-files.ts';
import { guarded } from './exit.ts';

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function checkCommand(adapters: Adapters): Command {
  return new Command('check')
    .description('check a configuration file: every mistake with line, path and hint')
    .argument('<file>', 'the YAML file')
    .action(guarded((file: string) => check(file, adapters)));
}

function check(file: string, adapters: Adapters): void {
  const opened = openParts(file, adapters, openLoginBrakes(SILENT), SILENT);
  const { config, cameras, readers, relays, equipment } = opened;
  const many = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const devices = [many(cameras.length, 'camera'), ...(readers.length > 0 ? [many(readers.length, 'reader')] : [])];
  const crew = equipment.length > 0 ? [`crew equipment ${equipment.map((e) => e.id).join(' and ')}`] : [];
  const parts = [many(config.lanes.length, 'lane'), ...devices, ...crew, many(relays.length, 'relay')];
  for (const { what, todo } of boxExposures(filesOf(opened))) console.error(`warning: ${what}: ${todo}`);
  console.log(`${file}: in order: site ${config.site}, ${parts.join(', ')}`);
}
