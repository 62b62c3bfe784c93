/** `npx sitebox check FILE`: exit 0, or 78 with every mistake and its line. Touches no device. */
import { Command } from 'commander';
import * as adapters from '../../adapters/index.ts';
import { explainConfigError } from '../config.ts';
import { openParts } from '../parts.ts';
import { ConfigError, type Log } from '../types.ts';

/** sysexits.h EX_CONFIG. */
export const EXIT_CONFIG = 78;

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function checkCommand(): Command {
  return new Command('check')
    .description('check a configuration file: every mistake with line, path and hint')
    .argument('<file>', 'the YAML file')
    .action((file: string) => {
      try {
        const { config, cameras, relays } = openParts(file, adapters, SILENT);
        const many = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
        const parts = [many(config.lanes.length, 'lane'), many(cameras.length, 'camera'), many(relays.length, 'relay')];
        console.log(`${file}: in order: site ${config.site}, ${parts.join(', ')}`);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        console.error(explainConfigError(file, error));
        process.exitCode = EXIT_CONFIG;
      }
    });
}
