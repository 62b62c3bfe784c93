/** `sitebox list verify | show | diff`: what is in a list. One that lacks signatures is shown too, for whoever is to sign it, and that is said; a false signature shows nothing. */
import { Command } from 'commander';
import { outOfTime, type Bundle } from '../../lists/bundle.ts';
import { diffBundles } from '../../lists/diff.ts';
import { tableFromEntries } from '../../lists/office/table.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { diffText, entryLine, iso, must, readRoot, readUnfinished, summary } from './common.ts';
import { openBox } from './box.ts';

export function verifyCommand(): Command {
  return new Command('verify')
    .description('verify a signed list: exit 0 when a box of its site would take it now, 1 with the reason when not')
    .argument('<file>', 'the list; FILE.sig stands beside it')
    .requiredOption('--root <file>', 'root.json; its .sig stands beside it')
    .option('--site <id>', 'also check that it is for this site')
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
          throw new Stop(`REFUSED (wrong site): the list is for site ${bundle.site}, not for ${options.site}`);
        }
        console.log(`good: ${summary(bundle)}`);
      }),
    );
}

export function showCommand(): Command {
  return new Command('show')
    .description('show a signed list, or what is in force on this box')
    .argument('[file]', 'the list')
    .option('--root <file>', 'root.json to verify the list with')
    .option('--config <file>', 'show what is in force on the box of this configuration')
    .option('--csv', 'print the entries as a table for a spreadsheet', false)
    .action(
      guarded((file: string | undefined, options: { root?: string; config?: string; csv: boolean }) => {
        if (file === undefined && options.config !== undefined) return showBox(options.config);
        if (file === undefined || options.root === undefined) {
          throw new Stop('expected FILE --root ROOT.JSON, or --config CONFIG', EXIT_USAGE);
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
    throw new Stop(
      'a document list cannot be given back as a table: it holds digests, and no numbers; use the table that it was made of',
    );
  }
  process.stdout.write(tableFromEntries(entries));
}

export function diffCommand(): Command {
  return new Command('diff')
    .description('what B changes against A; one that lacks signatures is compared too, and that is said')
    .argument('<a>', 'the earlier list')
    .argument('<b>', 'the later list')
    .requiredOption('--root <file>', 'root.json to verify both with')
    .action(
      guarded((a: string, b: string, options: { root: string }) => {
        const root = readRoot(options.root);
        const both = [a, b].map((path) => ({ path, ...readUnfinished(path, root) }));
        for (const { path, unsigned } of both) if (unsigned) console.error(notComplete(path, unsigned.detail));
        const [before, after] = [both[0]!.bundle, both[1]!.bundle];
        if (before.ref.type !== after.ref.type) {
          throw new Stop(`${a} is a ${before.ref.type}, ${b} a ${after.ref.type}`, EXIT_USAGE);
        }
        console.log(diffText(diffBundles(before, after)));
      }),
    );
}

function notComplete(file: string, detail: string): string {
  return `NOT COMPLETE: no box takes ${file} yet: ${detail}`;
}

function showBox(config: string): void {
  const { lists, now, close } = openBox(config);
  try {
    for (const type of ['plate-list', 'doc-list'] as const) {
      const state = lists.state(type, now);
      if (state.state === 'in force') {
        console.log(
          `${type}: in force, version ${state.ref.version}, ${state.entries} entries, ends ${iso(state.expires)}`,
        );
      } else {
        console.log(`${type}: NOT in force (${state.why}): ${state.detail}`);
      }
    }
    const waits = lists.rootWaits();
    if (waits) console.log(`${waits.what}: ${waits.todo}`);
    const refused = lists.lastRefused();
    if (refused) console.log(`last refused: ${iso(refused.at)} by ${refused.by} (${refused.why}): ${refused.detail}`);
  } finally {
    close();
  }
}
