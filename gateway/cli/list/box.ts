/** `sitebox list import | trust`: lists and roots of trust onto this box. The gateway may be running: it takes them over within a second or so. */
import { Command } from 'commander';
import { openClock } from '../../clock/clock.ts';
import { loadConfig, type Config } from '../../config/config.ts';
import { openLists, type LookUpLists } from '../../lists/in-force/active.ts';
import type { Limits } from '../../lists/bundle.ts';
import { effectsOf, effectText } from '../../lists/effect.ts';
import { readSigned } from '../../lists/files.ts';
import { installRoot, LIST_TYPES, readTrust, replaceRoot, type Trust } from '../../lists/in-force/box-root.ts';
import { commitBundle, noteRefusal, stageBundle, type Staged } from '../../lists/in-force/import.ts';
import { MAX_ROOT_BYTES } from '../../lists/trust.ts';
import type { Db } from '../../store/db.ts';
import { getList } from '../../store/lists.ts';
import { timeKeeper } from '../../store/time.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import { openBoxStore } from '../box-store.ts';
import { accountName, BY_DEFAULT, person } from '../crew/common.ts';
import { guarded, Stop } from '../exit.ts';
import { confirmed, diffText, iso, must, summary } from './common.ts';
import { checkPhotos, photoWarnings, type OpenPortraits } from './photos.ts';

interface Store {
  readonly config: Config;
  readonly db: Db;
  readonly limits: Limits;
  /** Trusted time, fixed once for the whole command. */
  readonly now: Instant;
  /** Writes `now` down: what somebody did at this time must not come before it one day. */
  readonly keepTime: () => void;
}

export function importCommand(portraits: OpenPortraits): Command {
  return new Command('import')
    .description('verify a list, show what it changes, ask, and swap it in')
    .argument('<file>', 'the list; FILE.sig stands beside it')
    .requiredOption('--config <file>', 'the configuration of the box')
    .option('--yes', 'do not ask', false)
    .option('--by <name>', `who imports, for the audit log ${BY_DEFAULT}`, person)
    .action(
      guarded(async (file: string, options: { config: string; yes: boolean; by?: string }) => {
        const by = options.by ?? accountName();
        const store = openStore(options.config, true);
        try {
          await importFile(store, file, { ...options, by }, portraits);
        } finally {
          store.db.close();
        }
      }),
    );
}

async function importFile(
  { config, db, limits, now, keepTime }: Store,
  file: string,
  { by: who, yes }: { readonly by: string; readonly yes: boolean },
  portraits: OpenPortraits,
): Promise<void> {
  const trust = must(readSigned(config.lists.trust, MAX_ROOT_BYTES));
  const read = readSigned(file, limits.maxBytes);
  // A path that does not exist is a slip of the keyboard, not a bad list.
  if (!read.ok && read.why !== 'no list') noteRefusal(db, read, { now, who });
  const request = { file: must(read), site: config.site, limits, now, who, trust };
  const staged = stageBundle(db, request);
  if (!staged.ok) noteRefusal(db, staged, request);
  const { bundle, root, base, diff } = must(staged);
  console.log(summary(bundle));
  console.log(base ? `against version ${base.version} on this box:` : 'this box has no list of this type yet:');
  console.log(diffText(diff));
  const effects = effectsOf(bundle, now, new Map(config.lanes.map(({ id, kind }) => [id, kind])));
  console.log(effectText(effects));
  for (const line of rootLines(db, must(staged))) console.log(line);
  const report = await checkPhotos(bundle.entries, portraits);
  for (const warning of photoWarnings(report)) console.error(warning);
  if (!yes && !(await confirmed('Swap it in? [y/N] '))) throw new Stop('Nothing was changed.');
  const photos = report.unchecked === undefined ? { unusablePhotos: report.unusable.length } : {};
  const checked = { ...photos, effects: effects.counts };
  keepTime();
  commitBundle(db, request, must(staged), checked);
  console.log(`version ${bundle.ref.version} is in force until ${iso(Math.min(bundle.expires, root.expires))}`);
}

/** What the root of trust does in the same step. */
function rootLines(db: Db, { root, trust, drops }: Staged): string[] {
  if (!trust.next) return [];
  return [
    `root.json version ${root.version} comes into force together with this list: lists of other keys than its own are refused from then on`,
    ...drops.map((type) => `WARNING: ${fallsAway(db, type, root.version)}`),
  ];
}

function fallsAway(db: Db, type: ListType, rootVersion: number): string {
  const version = getList(db, type)?.version ?? 0;
  return (
    `the ${type} in force, version ${version}, FALLS AWAY: the list keys of root version ${rootVersion} did not sign it. ` +
    `Nothing of it matches until a ${type} signed by them is imported`
  );
}

interface TrustOptions {
  readonly config: string;
  readonly replace: boolean;
  readonly dropLists: boolean;
  readonly yes: boolean;
  readonly by: string;
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
    .option(
      '--drop-lists',
      'take it over now, though it drops lists in force (when list keys were stolen; otherwise import its first list)',
      false,
    )
    .option('--yes', 'do not ask', false)
    .option('--by <name>', `who does it, for the audit log ${BY_DEFAULT}`, person)
    .action(
      guarded(async (options: Omit<TrustOptions, 'by'> & { readonly by?: string }) => {
        const by = options.by ?? accountName();
        const store = openStore(options.config, true);
        try {
          await takeTrust(store, { ...options, by });
        } finally {
          store.db.close();
        }
      }),
    );
}

async function takeTrust({ config, db, now, keepTime }: Store, options: TrustOptions): Promise<void> {
  const by = { now, who: options.by };
  const file = must(readSigned(config.lists.trust, MAX_ROOT_BYTES));
  const agreed = async (question: string): Promise<void> => {
    if (!options.yes && !(await confirmed(`${question} [y/N] `))) throw new Stop('Nothing was changed.');
  };
  if (options.replace) {
    for (const type of LIST_TYPES.filter((t) => getList(db, t))) console.log(`the ${type} in force falls away`);
    await agreed('Drop the trusted roots and every list of this box?');
    keepTime();
    const root = must(replaceRoot(db, file, by));
    console.log(`root version ${root.version} is in force until ${iso(root.expires)}`);
    return;
  }
  const { next, outOfTurn } = must(readTrust(db, file));
  if (outOfTurn !== undefined) throw new Stop(`REFUSED (no trust): ${outOfTurn}`);
  const drops = next?.drops ?? [];
  for (const type of drops) console.log(fallsAway(db, type, next!.root.version));
  if (drops.length > 0 && !options.dropLists) {
    throw new Stop(
      `Nothing was changed: root version ${next!.root.version} waits, and comes into force together with the first list that its keys signed ` +
        '("list import"). Were the list keys of before stolen, cut them off now with --drop-lists.',
    );
  }
  if (drops.length > 0) await agreed('Drop what is named above, and match nothing of it until the next import?');
  keepTime();
  const { root }: Trust = must(installRoot(db, file, by, { dropLists: options.dropLists }));
  console.log(`root version ${root.version} is in force until ${iso(root.expires)}`);
}

/** The box's lists as the gateway sees them. */
export function openBox(configFile: string): { lists: LookUpLists; now: Instant; close: () => void } {
  const { config, db, limits, now } = openStore(configFile, false);
  try {
    const { site, timeZone } = config;
    const lists = openLists({ db, site, trustFile: config.lists.trust, timeZone, limits }, now);
    return { lists, now, close: () => void db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function openStore(configFile: string, creates: boolean): Store {
  const config = loadConfig(configFile);
  const db = openBoxStore(config, { creates });
  const limits = { maxBytes: config.limits.listBytes, maxEntries: config.limits.listEntries };
  const clock = openClock(timeKeeper(db));
  return { config, db, limits, now: clock.trusted(), keepTime: () => clock.keep() };
}
