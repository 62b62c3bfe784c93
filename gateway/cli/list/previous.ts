/** What is about to be signed is shown first, entry by entry or as the difference from the list before. */
import { checkSigners, DEFAULT_LIST_LIMITS, type Bundle } from '../../lists/bundle.ts';
import { diffBundles } from '../../lists/diff.ts';
import { effectsOf, effectsText } from '../../lists/effects.ts';
import { readCapped, readSigned } from '../../lists/files.ts';
import { checkThreshold, type SignedFile } from '../../lists/signature.ts';
import type { Root } from '../../lists/trust.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import type { DraftOptions } from './drafts.ts';
import { diffText, entryLine, must, parseList, summary } from './common.ts';
import { english, words } from '../../contracts/words/words.ts';
import { say, spoken } from '../language.ts';

export interface SignOptions extends DraftOptions {
  readonly key: string[];
  readonly out?: string;
  readonly site?: string;
  readonly version?: number;
  readonly days: number;
  readonly previous?: string;
  readonly root?: string;
  readonly yes: boolean;
}

/** The list before, for its salt and for the difference. It need not verify; where `root` is there, what is wrong with it is said. */
export function readPrevious(path: string | undefined, root: Root | undefined): Bundle | undefined {
  if (path === undefined) return undefined;
  const bundle = parseList({ bytes: must(readCapped(path, DEFAULT_LIST_LIMITS.maxBytes)) });
  const signed = readSigned(path, DEFAULT_LIST_LIMITS.maxBytes);
  const refused = root && (signed.ok ? checkSigners(signed.value, root) : signed);
  if (refused) console.error(say('list-previous-unverified', { path, detail: refused.detail }));
  return bundle;
}

export function requireSameKind(previous: Bundle | undefined, site: string, type: Bundle['ref']['type']): void {
  if (!previous) return;
  if (previous.site !== site) throw new Stop(say('list-previous-site', { other: previous.site, site }));
  if (previous.ref.type !== type)
    throw new Stop(say('list-previous-type', { other: words(previous.ref.type), type: words(type) }), EXIT_USAGE);
}

/** The summary comes last: of a long list it is what stays on the screen. */
export function showBeforeSigning(bundle: Bundle, previous: Bundle | undefined): void {
  if (previous) {
    console.log(say('list-against-previous', { version: previous.ref.version }));
    console.log(diffText(diffBundles(previous, bundle)));
    if (previous.ref.version >= bundle.ref.version) {
      console.error(say('list-version-not-higher', { version: previous.ref.version }));
    }
  } else {
    for (const entry of bundle.entries) console.log(entryLine(entry));
    console.log(say('list-all-shown'));
  }
  console.log(spoken(effectsText(effectsOf(bundle, Date.now()))));
  console.log(summary(bundle));
}

export function reportMissing(signed: SignedFile, root: Root): void {
  const missing = checkThreshold(signed, root.listKeys, english('whose-list-key'));
  console.log(missing ? say('list-not-complete', { detail: missing.detail }) : say('list-enough-signatures'));
}
