/** `sitebox list sign`: the list office's side. Needs no box and no configuration. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { iso } from '../../contracts/time.ts';
import { DEFAULT_LIST_LIMITS, type Bundle } from '../../lists/bundle.ts';
import { readSigned, writeSigned } from '../../lists/files.ts';
import { SALT_BYTES } from '../../lists/number.ts';
import { documentEntries, plateEntries } from '../../lists/office/draft-entries.ts';
import { signBundle } from '../../lists/office/sign.ts';
import { parseSignatures } from '../../lists/signature.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { parseList, readKeys, readRoot } from './common.ts';
import { requireKnown, signAgain } from './countersign.ts';
import { parseJson, readDrafts } from './drafts.ts';
import { isPolicy, signPolicy } from './policy.ts';
import { readPrevious, reportMissing, requireSameKind, showBeforeSigning, type SignOptions } from './previous.ts';
import { say } from '../language.ts';
import { agreed, several, wholeNumber } from '../options.ts';
import { Verb } from '../verb.ts';
import { words, joined } from '../../contracts/words/words.ts';

/** From so many numbers on their digests take longer than a person waits without wondering. */
const MANY = 1000;

/** As the configuration of a box has it. */
const SITE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

export function signCommand(): Verb {
  return new Verb('sign', 'help-list-sign')
    .argument('<file>', say('help-list-sign-file'))
    .requiredOption('--key <file>', say('help-list-key'), several(String))
    .option('--out <file>', say('help-list-out'))
    .option('--site <id>', say('help-list-site'))
    .option('--version <n>', say('help-list-version'), wholeNumber(1, 2 ** 53 - 1))
    .option('--days <n>', say('help-list-days'), wholeNumber(1, 7), 7)
    .addOption(
      new Option('--type <type>', say('help-list-type')).choices(['plate-list', 'doc-list']).default('plate-list'),
    )
    .option('--offset <zone>', say('help-list-offset'))
    .addOption(
      new Option('--encoding <name>', say('help-list-encoding')).choices(['utf-8', 'gb18030']).default('utf-8'),
    )
    .option('--previous <file>', say('help-list-previous'))
    .option('--root <file>', say('help-list-sign-root'))
    .option('--confirm-row <n>', say('help-list-confirm-row'), several(wholeNumber(1, 2 ** 31)))
    .option('--yes', say('help-list-sign-yes'), false)
    .action(async (file: string, options: SignOptions) => {
      if (options.offset !== undefined && !/^[+-]\d\d:\d\d$/.test(options.offset)) {
        throw new Stop(say('list-offset-form'), EXIT_USAGE);
      }
      const value = file.toLowerCase().endsWith('.csv') ? undefined : parseJson(file);
      if (isPolicy(value)) await signPolicy(file, options);
      else if (value !== undefined && !Array.isArray(value)) await signAgain(file, value, options);
      else await signNew(file, value, options);
    });
}

async function signNew(file: string, value: readonly unknown[] | undefined, options: SignOptions): Promise<void> {
  if (!options.site) throw new Stop(say('list-site-needed'), EXIT_USAGE);
  if (!SITE_ID.test(options.site)) throw new Stop(say('list-site-form'), EXIT_USAGE);
  const now = Date.now();
  const { type, site, days, version = timeVersion(now) } = options;
  const keys = readKeys(options.key, 'list');
  const root = options.root === undefined ? undefined : readRoot(options.root);
  if (root) requireKnown(keys, [root.listKeys], words('list-what-list-key', { version: root.version }));
  const previous = readPrevious(options.previous, root);
  requireSameKind(previous, site, type);
  const salt = type === 'doc-list' ? saltFor(previous) : undefined;
  const drafts = readDrafts(file, value, options);
  if (salt && drafts.length >= MANY) console.log(say('list-making-digests', { numbers: drafts.length }));
  const entries = salt ? await documentEntries(drafts, salt) : plateEntries(drafts);
  const signed = signBundle({ type, site, version, entries, now, days, ...(salt ? { salt } : {}) }, keys);
  const { maxBytes } = DEFAULT_LIST_LIMITS;
  if (signed.bytes.length > maxBytes) {
    throw new Stop(say('list-too-many-bytes', { bytes: signed.bytes.length, most: maxBytes }));
  }
  const bundle = parseList(signed);
  const out = options.out ?? file.replace(/\.(csv|json)$/i, '') + '.list.json';
  showBeforeSigning(bundle, previous);
  if (salt && !previous) console.log(say('list-salt-is-new'));
  warnOfLostSignatures(out);
  await agreed(options.yes, say('list-sign-it'), say('list-nothing-signed'));
  writeSigned(out, signed, true);
  console.log(say('list-both-files', { path: out }));
  if (root) reportMissing(signed, root);
}

/** A list that is made anew has other bytes: the signatures of the old ones no longer fit. */
function warnOfLostSignatures(out: string): void {
  if (!existsSync(out) || !existsSync(`${out}.sig`)) return;
  const before = readSigned(out, DEFAULT_LIST_LIMITS.maxBytes);
  const parsed = before.ok ? parseSignatures(before.value.signatures) : before;
  const keys = parsed.ok ? parsed.value.map(({ keyId }) => keyId) : [];
  const between = { en: ' and ', zh: '、' };
  if (keys.length === 0) console.error(say('list-made-anew-unreadable', { out }));
  else console.error(say('list-made-anew', { out, keys: joined(keys, between) }));
}

/** A document list's salt: a new one, or that of the list before. */
function saltFor(previous: Bundle | undefined): Uint8Array {
  if (!previous) return randomBytes(SALT_BYTES);
  if (!previous.salt) throw new Stop(say('list-no-salt'));
  return previous.salt;
}

/** 202611210930: grows by itself, and tells a person when the list was made. */
function timeVersion(now: number): number {
  return Number(iso(now).replace(/\D/g, '').slice(0, 12));
}
