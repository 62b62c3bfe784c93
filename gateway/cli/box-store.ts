/** The store of a box for one verb of the command line, beside a gateway that may be running. */
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { DB_FILE, openDb, type Db } from '../store/db.ts';
import { gatewayOn } from '../store/connection/lock.ts';
import { EXIT_IO, Stop } from './exit.ts';
import { say } from './language.ts';

/**
 * Opens the store that `config` names. Only a verb that `creates` makes one where there is none, and none does while a gateway runs whose store
 * has gone: what is written to a second one, the gateway would never see.
 */
export function openBoxStore(config: Config, { creates }: { readonly creates: boolean }): Db {
  const { folder } = config.storage;
  if (existsSync(join(folder, DB_FILE))) return openDb(folder);
  const pid = gatewayOn(folder) ?? gatewayWith(config.file);
  if (pid !== undefined) {
    throw new Stop(say('gateway-without-store', { pid, folder }), EXIT_IO);
  }
  if (!creates) throw new Stop(say('no-store-yet', { folder }));
  return openDb(folder);
}

/** The process that runs `sitebox start` with this configuration; its folder may have been renamed or removed (proc_pid_cmdline(5)). */
function gatewayWith(file: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).find((pid) => {
    try {
      const [, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const program = args.findIndex((arg) => /^sitebox(\.mjs)?$/.test(basename(arg)));
      if (program < 0 || args[program + 1] !== 'start') return false;
      const started = args[program + 2];
      return (
        started !== undefined && realpathSync(resolve(readlinkSync(`/proc/${pid}/cwd`), started)) === realpathSync(file)
      );
    } catch {
      // It has ended, or is another user's.
      return false;
    }
  });
}
