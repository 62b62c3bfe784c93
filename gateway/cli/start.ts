/** `npx sitebox start FILE`: runs the gateway until SIGINT or SIGTERM. */
import { Command } from 'commander';
import { pino } from 'pino';
import { explainConfigError, loadConfig } from '../config.ts';
import { startGateway } from '../main.ts';
import { ListenError } from '../page/server.ts';
import { StoreError } from '../store/db.ts';
import { ConfigError, type Log } from '../types.ts';
import { EXIT_CONFIG } from './check.ts';

/** sysexits.h: EX_UNAVAILABLE for a port in use, EX_IOERR for a store that cannot be used. */
const EXIT_UNAVAILABLE = 69;
const EXIT_IO = 74;

export function startCommand(): Command {
  return new Command('start')
    .description('run the box until it is interrupted')
    .argument('<file>', 'the YAML file; sitebox.example.yaml explains every key')
    .action(start);
}

async function start(file: string): Promise<void> {
  try {
    const log = openLog(loadConfig(file).log.level);
    const gateway = await startGateway(file, log);
    await interrupted();
    log.info({}, 'stopping');
    await gateway.stop();
    log.info({}, 'stopped');
  } catch (error) {
    process.exitCode = report(file, error);
  }
}

/** JSON lines on standard error; standard output is left to commands whose result it is. */
function openLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A second signal ends the process at once: what was acknowledged is on disk. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function report(file: string, error: unknown): number {
  if (error instanceof ConfigError) {
    console.error(explainConfigError(file, error));
    return EXIT_CONFIG;
  }
  if (error instanceof ListenError || error instanceof StoreError) {
    console.error(error.message);
    return error instanceof StoreError ? EXIT_IO : EXIT_UNAVAILABLE;
  }
  // A broken invariant: crash with its trace, and come back clean.
  throw error;
}
