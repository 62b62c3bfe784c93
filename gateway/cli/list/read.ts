/** `sitebox list verify | show | diff`: what is in a list. One that lacks signatures is shown too, for whoever is to sign it, and that is said; a false signature shows nothing. */
import { iso } from '../../contracts/time.ts';
import { outOfTime, type Bundle } from '../../lists/bundle.ts';
import { LIST_TYPES } from '../../lists/in-force/box-root.ts';
import { diffBundles } from '../../lists/diff.ts';
import { tableFromEntries } from '../../lists/office/table.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { diffText, entryLine, must, readRoot, readUnfinished, summary } from './common.ts';
import { listsOf } from './box.ts';
import { say } from '../language.ts';
import { onBox, type Box } from '../on-box.ts';
import { Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';

export function verifyCommand(): Verb {
  return new Verb('verify', 'help-list-verify')
    .argument('<file>', say('help-list-file-sig'))
    .requiredOption('--root <file>', say('help-list-root-sig'))
    .option('--site <id>', say('help-list-verify-site'))
    .action((file: string, options: { root: string; site?: string }) => {
      const root = readRoot(options.root);
      const { bundle, unsigned } = readUnfinished(file, root);
      if (unsigned) {
        console.log(summary(bundle));
        must(unsigned);
      }
      const late = outOfTime(bundle, root, Date.now());
      if (late) must(late);
      if (options.site !== undefined && bundle.site !== options.site) {
        throw new Stop(say('list-other-site', { other: bundle.site, site: options.site }));
      }
      console.log(say('list-good', { summary: summary(bundle) }));
    });
}

export function showCommand(): Verb {
  return new Verb('show', 'help-list-show')
    .argument('[file]', say('help-list-file'))
    .option('--root <file>', say('help-list-show-root'))
    .option('--config <file>', say('help-list-show-config'))
    .option('--csv', say('help-list-csv'), false)
    .action((file: string | undefined, options: { root?: string; config?: string; csv: boolean }) => {
      if (file === undefined && options.config !== undefined) {
        if (options.csv) throw new Stop(say('list-show-csv'), EXIT_USAGE);
        return onBox(options.config, showBox);
      }
      if (file === undefined || options.root === undefined) throw new Stop(say('list-show-what'), EXIT_USAGE);
      const { bundle, unsigned } = readUnfinished(file, readRoot(options.root));
      if (unsigned) console.error(notComplete(file, unsigned.detail));
      if (options.csv) return showTable(bundle);
      console.log(summary(bundle));
      for (const entry of bundle.entries) console.log(entryLine(entry));
    });
}

function showTable({ ref, entries }: Bundle): void {
  if (ref.type === 'doc-list') throw new Stop(say('list-no-table'));
  process.stdout.write(tableFromEntries(entries));
}

export function diffCommand(): Verb {
  return new Verb('diff', 'help-list-diff')
    .argument('<a>', say('help-list-a'))
    .argument('<b>', say('help-list-b'))
    .requiredOption('--root <file>', say('help-list-diff-root'))
    .action((a: string, b: string, options: { root: string }) => {
      const root = readRoot(options.root);
      const [before, after] = [readUnfinished(a, root), readUnfinished(b, root)];
      if (before.unsigned) console.error(notComplete(a, before.unsigned.detail));
      if (after.unsigned) console.error(notComplete(b, after.unsigned.detail));
      const [typeA, typeB] = [before.bundle.ref.type, after.bundle.ref.type];
      if (typeA !== typeB) {
        throw new Stop(say('list-types-differ', { a, typeA: words(typeA), b, typeB: words(typeB) }), EXIT_USAGE);
      }
      console.log(diffText(diffBundles(before.bundle, after.bundle)));
    });
}

function notComplete(file: string, detail: string): string {
  return say('list-incomplete', { file, detail });
}

function showBox(box: Box): void {
  const now = box.clock.trusted();
  const lists = listsOf(box, now);
  for (const type of LIST_TYPES) {
    const state = lists.state(type, now);
    if (state.state === 'in force') {
      const { version } = state.ref;
      const what = { list: words(type), version, entries: state.entries, expires: iso(state.expires) };
      console.log(say('list-state-in-force', what));
    } else {
      console.log(say('list-state-not', { list: words(type), why: named('why', state.why), detail: state.detail }));
    }
  }
  const waits = lists.pendingRoot();
  if (waits) console.log(say('list-root-state', { what: waits.what, todo: waits.todo }));
  const refused = lists.lastRefused();
  if (refused) {
    const { by, detail } = refused;
    console.log(say('list-last-refused', { at: iso(refused.at), by, why: named('why', refused.why), detail }));
  }
}
