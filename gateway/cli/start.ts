/** `npx sitebox start FILE`: runs the gateway until SIGINT or SIGTERM. */
import { Command } from 'commander';
import { pino } from 'pino';
import { loadConfig } from '../config.ts';
import { startGateway, type Gateway } from '../main.ts';
import { EXIT_SOFTWARE, openLastResort } from '../start/last-resort.ts';
import type { Log } from '../types.ts';
import { guarded, isKnown } from './exit.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('run the box until it is interrupted')
    .argument('<file>', 'the YAML file; sitebox.example.yaml explains every key')
    .action(guarded((file: string) => start(file)));
}

/** `started`: told of the box once it serves; for tests that plant an error in it. */
export async function start(file: string, started: (gateway: Gateway) => void = () => undefined): Promise<void> {
  const log = openLog(loadConfig(file).log.level);
  // Listened for from here on, so that who stops the box while it starts has it stopped in order too.
  const interruption = interrupted();
  let gateway: Gateway | undefined;
  const lastResort = openLastResort(log, () => gateway);
  for (const event of ['unhandledRejection', 'uncaughtException'] as const)
    process.on(event, (error: unknown) => {
      lastResort(error).catch(() => process.exit(EXIT_SOFTWARE));
    });
  try {
    gateway = await startGateway(file, log);
  } catch (error) {
    if (isKnown(error)) throw error;
    return await lastResort(error);
  }
  started(gateway);
  await interruption;
  log.info({}, 'stopping');
  await gateway.stop();
  log.info({}, 'stopped');
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
