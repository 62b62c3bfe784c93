/** `sitebox list import | trust`: lists and roots of trust onto this box. The gateway may be running: it takes them over within a second or so. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { openClock } from '../clock.ts';
import { loadConfig, type Config } from '../config.ts';
import { openLists, type ActiveLists } from '../lists/active.ts';
import type { Limits } from '../lists/bundle.ts';
import { readSigned } from '../lists/files.ts';
import { importBundle, installRoot, noteRefusal, replaceRoot, stageBundle } from '../lists/import.ts';
import { MAX_ROOT_BYTES } from '../lists/trust.ts';
import { openDb, type Db } from '../store/db.ts';
import { timeKeeper } from '../store/lists.ts';
import type { Instant } from '../types.ts';
import { guarded, Stop } from './exit.ts';
import { diffText, iso, must, summary } from './list-common.ts';
import { checkPhotos, openPortraits, photoWarnings, type OpenPortraits } from './list-photos.ts';

interface Store {
  readonly config: Config;
  readonly db: Db;
  readonly limits: Limits;
  /** Trusted time, fixed once for the whole command. */
  readonly now: Instant;
}

export function importCommand(portraits: OpenPortraits = openPortraits): Command {
  return new Command('import')
    .description('verify a list, show what it changes, ask, and swap it in')
    .argument('<file>', 'the list; FILE.sig stands beside it')
    .requiredOption('--config <file>', 'the configuration of the box')
    .option('--yes', 'do not ask', false)
    .option('--by <name>', 'who imports, for the audit log', userInfo().username)
    .action(
      guarded(async (file: string, options: { config: string; yes: boolean; by: string }) => {
        const store = openStore(options.config);
        try {
          await importFile(store, file, options, portraits);
        } finally {
          store.db.close();
        }
      }),
    );
}

async function importFile(
  { config, db, limits, now }: Store,
  file: string,
  { by: who, yes }: { readonly by: string; readonly yes: boolean },
  portraits: OpenPortraits,
): Promise<void> {
  must(installRoot(db, must(readSigned(config.lists.trust, MAX_ROOT_BYTES)), { now, who }));
  const read = readSigned(file, limits.maxBytes);
  // A path that does not exist is a slip of the keyboard, not a bad list.
  if (!read.ok && read.why !== 'no list') noteRefusal(db, read, { now, who });
  const request = { file: must(read), site: config.site, limits, now, who };
  const staged = stageBundle(db, request);
  if (!staged.ok) noteRefusal(db, staged, request);
  const { bundle, base, diff } = must(staged);
  console.log(summary(bundle));
  console.log(base ? `against version ${base.version} on this box:` : 'this box has no list of this type yet:');
  console.log(diffText(diff));
  const report = await checkPhotos(bundle.entries, portraits);
  for (const warning of photoWarnings(report)) console.error(warning);
  if (!yes && !(await confirmed('Swap it in? [y/N] '))) throw new Stop('Nothing was changed.');
  const checked = report.unchecked === undefined ? { unusablePhotos: report.unusable.length } : {};
  must(importBundle(db, { ...request, ...checked }, { ref: base }));
  console.log(`version ${bundle.ref.version} is in force until ${iso(bundle.expires)}`);
}

export function trustCommand(): Command {
  return new Command('trust')
    .description('take over the root.json that lies at the path of `lists.trust`')
    .requiredOption('--config <file>', 'the configuration of the box')
    .option(
      '--replace',
      'start a new chain: drops the old roots and all lists (when too many root keys are lost)',
      false,
    )
    .option('--yes', 'do not ask', false)
    .option('--by <name>', 'who does it, for the audit log', userInfo().username)
    .action(
      guarded(async (options: { config: string; replace: boolean; yes: boolean; by: string }) => {
        const { config, db, now } = openStore(options.config);
        try {
          const file = must(readSigned(config.lists.trust, MAX_ROOT_BYTES));
          const question = 'Drop the trusted roots and every list of this box? [y/N] ';
          if (options.replace && !options.yes && !(await confirmed(question))) throw new Stop('Nothing was changed.');
          const root = must((options.replace ? replaceRoot : installRoot)(db, file, { now, who: options.by }));
          console.log(`root version ${root.version} is in force until ${iso(root.expires)}`);
        } finally {
          db.close();
        }
      }),
    );
}

/** The box's lists as the gateway sees them. */
export function openBox(configFile: string): { lists: ActiveLists; now: Instant; close: () => void } {
  const { config, db, limits, now } = openStore(configFile);
  try {
    const { site, timeZone } = config;
    const lists = openLists({ db, site, trustFile: config.lists.trust, timeZone, limits }, now);
    return { lists, now, close: () => void db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function openStore(configFile: string): Store {
  const config = loadConfig(configFile);
  const db = openDb(config.storage.folder);
  const limits = { maxBytes: config.limits.listBytes, maxEntries: config.limits.listEntries };
  return { config, db, limits, now: openClock(timeKeeper(db)).trusted() };
}

/** Anything but y or yes is a no, the end of the input as well. */
async function confirmed(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''));
    lines.question(question, resolve);
  });
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
