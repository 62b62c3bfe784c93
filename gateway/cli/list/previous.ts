/** Nobody signs blind: what is about to be signed is shown, entry by entry or as the difference to the list before, and asked. */
import { checkSigners, DEFAULT_LIMITS, parseBundle, type Bundle } from '../../lists/bundle.ts';
import { diffBundles } from '../../lists/diff.ts';
import { effectsOf, effectText } from '../../lists/effect.ts';
import { readCapped, readSigned } from '../../lists/files.ts';
import { checkThreshold, type SignedFile } from '../../lists/signature.ts';
import type { Root } from '../../lists/trust.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import type { DraftOptions } from './drafts.ts';
import { confirmed, diffText, entryLine, must, summary } from './common.ts';
import { english } from '../../contracts/words/words.ts';

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
  const bytes = must(readCapped(path, DEFAULT_LIMITS.maxBytes));
  const bundle = must(parseBundle(bytes, { limits: DEFAULT_LIMITS }));
  const signed = readSigned(path, DEFAULT_LIMITS.maxBytes);
  const refused = root && (signed.ok ? checkSigners(signed.value, root) : signed);
  if (refused) console.error(`warning: ${path} does not verify: ${refused.detail}`);
  return bundle;
}

export function requireSameKind(previous: Bundle | undefined, site: string, type: Bundle['ref']['type']): void {
  if (!previous) return;
  if (previous.site !== site)
    throw new Stop(`REFUSED (wrong site): the list before is for site ${previous.site}, not for ${site}`);
  if (previous.ref.type !== type)
    throw new Stop(`the list before is a ${previous.ref.type}, this is a ${type}`, EXIT_USAGE);
}

/** The summary comes last: of a long list it is what stays on the screen. */
export function showBeforeSigning(bundle: Bundle, previous: Bundle | undefined): void {
  if (previous) {
    console.log(`against version ${previous.ref.version}:`);
    console.log(diffText(diffBundles(previous, bundle)));
    if (previous.ref.version >= bundle.ref.version) {
      console.error(
        `warning: boxes that hold version ${previous.ref.version} refuse this one: its version is not higher`,
      );
    }
  } else {
    for (const entry of bundle.entries) console.log(entryLine(entry));
    console.log('All entries are shown. Give the list before as --previous to see only what changes.');
  }
  console.log(effectText(effectsOf(bundle, Date.now())));
  console.log(summary(bundle));
}

/** Ends the command with nothing signed, unless somebody says yes, or `yes` says it. */
export async function askToSign(yes: boolean): Promise<void> {
  if (yes || (await confirmed('Sign it? [y/N] '))) return;
  throw new Stop('Nothing was signed. (Without anybody to ask: --yes.)');
}

export function reportMissing(signed: SignedFile, root: Root): void {
  const missing = checkThreshold(signed, root.listKeys, english('whose-list-key'));
  console.log(missing ? `Not complete yet: ${missing.detail}` : 'Enough signatures for this root of trust.');
}
