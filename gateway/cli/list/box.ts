/** `sitebox list import | trust`: lists and roots of trust onto this box. The gateway may be running: it takes them over within a second or so. */
import { iso } from '../../contracts/time.ts';
import type { Config } from '../../config/config.ts';
import { openLists, type ActiveLists } from '../../lists/in-force/active-lists.ts';
import type { ListLimits } from '../../lists/bundle.ts';
import { effectsOf, effectsText } from '../../lists/effects.ts';
import { readSigned } from '../../lists/files.ts';
import { installRoot, LIST_TYPES, readTrust, replaceRoot } from '../../lists/in-force/box-root.ts';
import { commitBundle, noteRefusal, stageBundle, type StagedList } from '../../lists/in-force/import.ts';
import { refuse } from '../../lists/result.ts';
import { MAX_ROOT_BYTES } from '../../lists/trust.ts';
import type { Db } from '../../store/db.ts';
import { getList } from '../../store/lists.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ListType } from '../../contracts/list.ts';
import { Stop } from '../exit.ts';
import { diffText, must, summary } from './common.ts';
import { importPolicy, readPolicyAt } from './policy.ts';
import { checkPhotos, photoWarnings, type OpenPortraits } from './photos.ts';
import { say, spoken } from '../language.ts';
import { onBox, type Box } from '../on-box.ts';
import { accountName, agreed, person } from '../options.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { words } from '../../contracts/words/words.ts';

export function importCommand(portraits: OpenPortraits): Verb {
  return new BoxVerb('import', 'help-list-import')
    .argument('<file>', say('help-list-file-sig'))
    .option('--yes', say('help-yes'), false)
    .option('--by <name>', say('help-by-account'), person)
    .action((file: string, { config, yes, by = accountName() }: { config: string; yes: boolean; by?: string }) =>
      onBox(config, (box) => importFile(box, file, { by, yes }, portraits), { creates: true }),
    );
}

async function importFile(
  box: Box,
  file: string,
  { by: who, yes }: { readonly by: string; readonly yes: boolean },
  portraits: OpenPortraits,
): Promise<void> {
  const policy = readPolicyAt(file);
  if (policy) return importPolicy(box, policy, { by: who, yes, from: file });
  const { config, db, clock } = box;
  const limits = limitsOf(config);
  // Once for the whole command.
  const now = clock.trusted();
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
  console.log(spoken(effectsText(effects)));
  for (const line of rootLines(db, must(staged))) console.log(line);
  const report = await checkPhotos(bundle.entries, portraits);
  for (const warning of photoWarnings(report)) console.error(warning);
  await agreed(yes, say('list-swap-in'));
  const photos = report.unchecked === undefined ? { unusablePhotos: report.unusable.length } : {};
  const checked = { ...photos, effects: effects.counts };
  // What somebody did at this time must not come before it one day.
  clock.keep();
  commitBundle(db, request, must(staged), checked);
  const until = iso(Math.min(bundle.expires, root.expires));
  console.log(say('list-in-force-until', { version: bundle.ref.version, until }));
}

/** What the root of trust does in the same step. */
function rootLines(db: Db, { root, trust, drops }: StagedList): string[] {
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
  readonly by?: string;
}

export function trustCommand(): Verb {
  return new BoxVerb('trust', 'help-list-trust')
    .option('--replace', say('help-list-trust-replace'), false)
    .option('--drop-lists', say('help-list-trust-drop'), false)
    .option('--yes', say('help-yes'), false)
    .option('--by <name>', say('help-by-account'), person)
    .action((options: TrustOptions) => {
      const who = options.by ?? accountName();
      return onBox(options.config, (box) => takeTrust(box, options, who), { creates: true });
    });
}

async function takeTrust({ config, db, clock }: Box, options: TrustOptions, who: string): Promise<void> {
  const by = { now: clock.trusted(), who };
  const file = must(readSigned(config.lists.trust, MAX_ROOT_BYTES));
  if (options.replace) {
    for (const type of LIST_TYPES.filter((t) => getList(db, t)))
      console.log(say('list-type-falls-away', { list: words(type) }));
    await agreed(options.yes, say('list-drop-everything'));
    clock.keep();
    const root = must(replaceRoot(db, file, by));
    console.log(say('list-root-in-force-until', { version: root.version, until: iso(root.expires) }));
    return;
  }
  const { next, outOfTurn } = must(readTrust(db, file));
  if (outOfTurn !== undefined) must(refuse('no trust', outOfTurn));
  const drops = next?.drops ?? [];
  for (const type of drops) console.log(fallsAway(db, type, next!.root.version));
  if (drops.length > 0 && !options.dropLists)
    throw new Stop(say('list-root-must-wait', { version: next!.root.version }));
  if (drops.length > 0) await agreed(options.yes, say('list-drop-named'));
  clock.keep();
  const { root } = must(installRoot(db, file, by, { dropLists: options.dropLists }));
  console.log(say('list-root-in-force-until', { version: root.version, until: iso(root.expires) }));
}

/** The box's lists as the gateway sees them. */
export function listsOf({ config, db }: Box, now: Instant): ActiveLists {
  const { site, timeZone, lists } = config;
  return openLists({ db, site, trustFile: lists.trust, timeZone, limits: limitsOf(config) }, now);
}

function limitsOf({ limits }: Config): ListLimits {
  return { maxBytes: limits.listBytes, maxEntries: limits.listEntries };
}
