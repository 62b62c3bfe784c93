/** `npx sitebox start FILE`: runs the gateway until SIGINT or SIGTERM. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { loadConfig } from '../config/config.ts';
import { startGateway, type Gateway } from '../start/start.ts';
import { EXIT_SOFTWARE, openLastResort } from '../start/last-resort.ts';
import { StoreError } from '../store/db.ts';
import type { Log } from '../contracts/base.ts';
import type { Program } from '../contracts/program.ts';
import { EXIT_CONFIG, isKnown } from './exit.ts';
import { say } from './language.ts';
import { requireModels } from './models.ts';
import { Verb } from './verb.ts';

/** Less than systemd waits for a start. */
const STORE_AGAIN_MS = 30_000;

export function startCommand(program: Program): Verb {
  return new Verb('start', 'help-start').argument('[file]', say('help-start-file')).action(async (file?: string) => {
    if (file !== undefined) return start(file, program);
    // A box serves without its models, with an alarm; a demo without them shows nothing.
    requireModels(program.models.files(), EXIT_CONFIG);
    process.exitCode = await program.demo();
  });
}

/** `started`: told of the box once it serves; for tests that plant an error in it. */
export async function start(
  file: string,
  program: Program,
  started: (gateway: Gateway) => void = () => undefined,
): Promise<void> {
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
    gateway = await startGateway(file, program, log);
  } catch (error) {
    if (error instanceof StoreError && process.env['NOTIFY_SOCKET']) await waitBeforeAgain(error, log, interruption);
    if (isKnown(error)) throw error;
    return await lastResort(error);
  }
  const { setupCode: code } = gateway;
  if (code !== undefined) console.log(say('setup-code-at-start', { code, file, page: `${urlOf(gateway)}/setup` }));
  printCertificate(gateway);
  started(gateway);
  await interruption;
  log.info({}, 'stopping');
  await gateway.stop();
  log.info({}, 'stopped');
}

/** At the console, so that a person can compare it: what a screen is shown over the network may be forged. */
function printCertificate(gateway: Gateway): void {
  const { certificate } = gateway;
  if (!certificate) return;
  const { fingerprint } = certificate;
  const url = urlOf(gateway);
  const page = `${url.replace(/^https:/, 'http:')}/trust`;
  const isPrivate = certificate.authority !== undefined;
  console.log(
    isPrivate ? say('tls-at-start', { url, fingerprint, page }) : say('tls-at-start-own', { url, fingerprint }),
  );
}

/** As a screen asks for it: over the network by the first name of the certificate. */
function urlOf({ url, certificate }: Gateway): string {
  return certificate ? url.replace('//127.0.0.1:', `//${certificate.firstName}:`) : url;
}

/** A disk that is not there yet is asked for again, by systemd, which waits for two seconds only: not thirty times a minute for ever. */
async function waitBeforeAgain(error: StoreError, log: Log, interruption: Promise<void>): Promise<void> {
  log.error(
    { cause: error.message, waitS: STORE_AGAIN_MS / 1000 },
    'the store cannot be opened: tried again after a wait',
  );
  const waited = new AbortController();
  await Promise.race([interruption, sleep(STORE_AGAIN_MS, undefined, waited)]);
  waited.abort();
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
