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
import { accountName, person } from '../crew/common.ts';
import { guarded, Stop } from '../exit.ts';
import { confirmed, diffText, iso, must, summary } from './common.ts';
import { checkPhotos, photoWarnings, type OpenPortraits } from './photos.ts';
import { say, spoken } from '../language.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';

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
    .description(say('help-list-import'))
    .argument('<file>', say('help-list-file-sig'))
    .requiredOption('--config <file>', say('help-config'))
    .option('--yes', say('help-yes'), false)
    .option('--by <name>', say('help-by-account'), person)
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
  console.log(base ? say('list-against', { version: base.version }) : say('list-none-yet'));
  console.log(diffText(diff));
  const effects = effectsOf(bundle, now, new Map(config.lanes.map(({ id, kind }) => [id, kind])));
  console.log(spoken(effectText(effects)));
  for (const line of rootLines(db, must(staged))) console.log(line);
  const report = await checkPhotos(bundle.entries, portraits);
  for (const warning of photoWarnings(report)) console.error(warning);
  if (!yes && !(await confirmed(say('list-swap-in')))) throw new Stop(say('nothing-changed'));
  const photos = report.unchecked === undefined ? { unusablePhotos: report.unusable.length } : {};
  const checked = { ...photos, effects: effects.counts };
  keepTime();
  commitBundle(db, request, must(staged), checked);
  const until = iso(Math.min(bundle.expires, root.expires));
  console.log(say('list-in-force-until', { version: bundle.ref.version, until }));
}

/** What the root of trust does in the same step. */
function rootLines(db: Db, { root, trust, drops }: Staged): string[] {
  if (!trust.next) return [];
  return [
    say('list-root-with-list', { version: root.version }),
    ...drops.map((type) => say('list-warning', { what: fallsAway(db, type, root.version) })),
  ];
}

function fallsAway(db: Db, type: ListType, rootVersion: number): string {
  const version = getList(db, type)?.version ?? 0;
  return say('list-falls-away', { list: words(type), version, root: rootVersion });
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
    .description(say('help-list-trust'))
    .requiredOption('--config <file>', say('help-config'))
    .option('--replace', say('help-list-trust-replace'), false)
    .option('--drop-lists', say('help-list-trust-drop'), false)
    .option('--yes', say('help-yes'), false)
    .option('--by <name>', say('help-by-account'), person)
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
    if (!options.yes && !(await confirmed(question))) throw new Stop(say('nothing-changed'));
  };
  if (options.replace) {
    for (const type of LIST_TYPES.filter((t) => getList(db, t)))
      console.log(say('list-type-falls-away', { list: words(type) }));
    await agreed(say('list-drop-everything'));
    keepTime();
    const root = must(replaceRoot(db, file, by));
    console.log(say('list-root-in-force-until', { version: root.version, until: iso(root.expires) }));
    return;
  }
  const { next, outOfTurn } = must(readTrust(db, file));
  if (outOfTurn !== undefined)
    throw new Stop(say('refused-because', { why: named('why', 'no trust'), detail: outOfTurn }));
  const drops = next?.drops ?? [];
  for (const type of drops) console.log(fallsAway(db, type, next!.root.version));
  if (drops.length > 0 && !options.dropLists) {
    throw new Stop(say('list-root-must-wait', { version: next!.root.version }));
  }
  if (drops.length > 0) await agreed(say('list-drop-named'));
  keepTime();
  const { root }: Trust = must(installRoot(db, file, by, { dropLists: options.dropLists }));
  console.log(say('list-root-in-force-until', { version: root.version, until: iso(root.expires) }));
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
