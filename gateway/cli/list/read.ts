/** `sitebox list verify | show | diff`: what is in a list. One that lacks signatures is shown too, for whoever is to sign it, and that is said; a false signature shows nothing. */
import { Command } from 'commander';
import { outOfTime, type Bundle } from '../../lists/bundle.ts';
import { diffBundles } from '../../lists/diff.ts';
import { tableFromEntries } from '../../lists/office/table.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { diffText, entryLine, iso, must, readRoot, readUnfinished, summary } from './common.ts';
import { openBox } from './box.ts';
import { say } from '../language.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';

export function verifyCommand(): Command {
  return new Command('verify')
    .description(say('help-list-verify'))
    .argument('<file>', say('help-list-file-sig'))
    .requiredOption('--root <file>', say('help-list-root-sig'))
    .option('--site <id>', say('help-list-verify-site'))
    .action(
      guarded((file: string, options: { root: string; site?: string }) => {
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
      }),
    );
}

export function showCommand(): Command {
  return new Command('show')
    .description(say('help-list-show'))
    .argument('[file]', say('help-list-file'))
    .option('--root <file>', say('help-list-show-root'))
    .option('--config <file>', say('help-list-show-config'))
    .option('--csv', say('help-list-csv'), false)
    .action(
      guarded((file: string | undefined, options: { root?: string; config?: string; csv: boolean }) => {
        if (file === undefined && options.config !== undefined) return showBox(options.config);
        if (file === undefined || options.root === undefined) {
          throw new Stop(say('list-show-what'), EXIT_USAGE);
        }
        const { bundle, unsigned } = readUnfinished(file, readRoot(options.root));
        if (unsigned) console.error(notComplete(file, unsigned.detail));
        if (options.csv) return showTable(bundle);
        console.log(summary(bundle));
        for (const entry of bundle.entries) console.log(entryLine(entry));
      }),
    );
}

function showTable({ ref, entries }: Bundle): void {
  if (ref.type === 'doc-list') {
    throw new Stop(say('list-no-table'));
  }
  process.stdout.write(tableFromEntries(entries));
}

export function diffCommand(): Command {
  return new Command('diff')
    .description(say('help-list-diff'))
    .argument('<a>', say('help-list-a'))
    .argument('<b>', say('help-list-b'))
    .requiredOption('--root <file>', say('help-list-diff-root'))
    .action(
      guarded((a: string, b: string, options: { root: string }) => {
        const root = readRoot(options.root);
        const both = [a, b].map((path) => ({ path, ...readUnfinished(path, root) }));
        for (const { path, unsigned } of both) if (unsigned) console.error(notComplete(path, unsigned.detail));
        const [before, after] = [both[0]!.bundle, both[1]!.bundle];
        if (before.ref.type !== after.ref.type) {
          throw new Stop(
            say('list-types-differ', { a, typeA: words(before.ref.type), b, typeB: words(after.ref.type) }),
            EXIT_USAGE,
          );
        }
        console.log(diffText(diffBundles(before, after)));
      }),
    );
}

function notComplete(file: string, detail: string): string {
  return say('list-incomplete', { file, detail });
}

function showBox(config: string): void {
  const { lists, now, close } = openBox(config);
  try {
    for (const type of ['plate-list', 'doc-list'] as const) {
      const state = lists.state(type, now);
      if (state.state === 'in force') {
        const { version } = state.ref;
        const what = { list: words(type), version, entries: state.entries, expires: iso(state.expires) };
        console.log(say('list-state-in-force', what));
      } else {
        console.log(say('list-state-not', { list: words(type), why: named('why', state.why), detail: state.detail }));
      }
    }
    const waits = lists.rootWaits();
    if (waits) console.log(say('list-root-state', { what: waits.what, todo: waits.todo }));
    const refused = lists.lastRefused();
    if (refused) {
      const { by, detail } = refused;
      console.log(say('list-last-refused', { at: iso(refused.at), by, why: named('why', refused.why), detail }));
    }
  } finally {
    close();
  }
}
