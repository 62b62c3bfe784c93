/** `sitebox list sign`: the list office's side. Needs no box and no configuration. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { DEFAULT_LIMITS, parseBundle, type Bundle } from '../../lists/bundle.ts';
import { readSigned, writeSigned } from '../../lists/files.ts';
import { SALT_BYTES } from '../../lists/number.ts';
import { documentEntries, plateEntries } from '../../lists/office/seal.ts';
import { signBundle } from '../../lists/office/sign.ts';
import { parseSignatures } from '../../lists/signature.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { collect, iso, must, readKeys, readRoot, wholeNumber } from './common.ts';
import { requireKnown, signAgain } from './countersign.ts';
import { parseJson, readDrafts } from './drafts.ts';
import {
  askToSign,
  readPrevious,
  reportMissing,
  requireSameKind,
  showBeforeSigning,
  type SignOptions,
} from './previous.ts';

/** From so many numbers on their digests take longer than a person waits without wondering. */
const MANY = 1000;

/** As the configuration of a box has it. */
const SITE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const row = wholeNumber(1, 2 ** 31);

function rowNumber(text: string, before: readonly number[] = []): number[] {
  return [...before, row(text)];
}

export function signCommand(): Command {
  return new Command('sign')
    .description('make a signed list of a table (CSV or JSON), or add a signature to a list or root.json')
    .argument('<file>', 'NAME.csv, NAME.json with an array of entries, or a list or root.json to add a signature to')
    .requiredOption('--key <file>', 'a key; repeat for each', collect)
    .option('--out <file>', 'the signed list (default: NAME.list.json)')
    .option('--site <id>', 'the site that the list is for')
    .option(
      '--version <n>',
      'higher than that of the list before (default: the time, as YYYYMMDDhhmm)',
      wholeNumber(1, 2 ** 53 - 1),
    )
    .option('--days <n>', 'life of the list', wholeNumber(1, 7), 7)
    .addOption(new Option('--type <type>', 'kind of list').choices(['plate-list', 'doc-list']).default('plate-list'))
    .option('--offset <zone>', 'zone of times written without one, such as +08:00')
    .addOption(new Option('--encoding <name>', 'of the CSV').choices(['utf-8', 'gb18030']).default('utf-8'))
    .option('--previous <file>', 'the list before: the difference to it is shown; a doc-list keeps its salt')
    .option('--root <file>', 'root.json: says whether the signatures are enough; needed to add one')
    .option('--confirm-row <n>', 'a doubted number was compared with the paper; repeat for each row', rowNumber)
    .option('--yes', 'show, and do not ask', false)
    .action(
      guarded(async (file: string, options: SignOptions) => {
        if (options.offset !== undefined && !/^[+-]\d\d:\d\d$/.test(options.offset)) {
          throw new Stop('--offset must be written like +08:00', EXIT_USAGE);
        }
        const value = file.toLowerCase().endsWith('.csv') ? undefined : parseJson(file);
        if (value !== undefined && !Array.isArray(value)) await signAgain(file, value, options);
        else await signNew(file, value, options);
      }),
    );
}

async function signNew(file: string, value: readonly unknown[] | undefined, options: SignOptions): Promise<void> {
  if (!options.site) throw new Stop('--site is needed: the id of the site that the list is for', EXIT_USAGE);
  if (!SITE_ID.test(options.site)) {
    throw new Stop('--site is no id of a site (1 to 32 of a-z, 0-9 and -): no box has it', EXIT_USAGE);
  }
  const now = Date.now();
  const { type, site, days, version = timeVersion(now) } = options;
  const keys = readKeys(options.key, 'list');
  const root = options.root === undefined ? undefined : readRoot(options.root);
  if (root) requireKnown(keys, [root.listKeys], `a list key of this root.json (version ${root.version})`);
  const previous = readPrevious(options.previous, root);
  requireSameKind(previous, site, type);
  const salt = type === 'doc-list' ? saltFor(previous) : undefined;
  const drafts = readDrafts(file, value, options);
  if (salt && drafts.length >= MANY) console.log(`making the digests of ${drafts.length} numbers; this takes a while`);
  const entries = salt ? await documentEntries(drafts, salt) : plateEntries(drafts);
  const signed = signBundle({ type, site, version, entries, now, days, ...(salt ? { salt } : {}) }, keys);
  const { maxBytes } = DEFAULT_LIMITS;
  if (signed.bytes.length > maxBytes) {
    throw new Stop(
      `the list would have ${signed.bytes.length} bytes, boxes take ${maxBytes}; nothing was signed: save the photos smaller, or leave some out`,
    );
  }
  const bundle = must(parseBundle(signed.bytes, { limits: DEFAULT_LIMITS }));
  const out = options.out ?? file.replace(/\.(csv|json)$/i, '') + '.list.json';
  showBeforeSigning(bundle, previous);
  if (salt && !previous) {
    console.log(
      'The salt is new: boxes will show every entry as changed. To keep it, give the last list as --previous.',
    );
  }
  for (const line of fallingAway(out)) console.error(line);
  await askToSign(options.yes);
  writeSigned(out, signed, true);
  console.log(`${out} and ${out}.sig`);
  if (root) reportMissing(signed, root);
}

/** A list that is made anew has other bytes: the signatures of before fit them no more. */
function fallingAway(out: string): string[] {
  if (!existsSync(out) || !existsSync(`${out}.sig`)) return [];
  const before = readSigned(out, DEFAULT_LIMITS.maxBytes);
  const parsed = before.ok ? parseSignatures(before.value.signatures) : before;
  const keys = parsed.ok ? parsed.value.map(({ keyId }) => keyId) : [];
  const whose = keys.length > 0 ? `of ${keys.join(' and ')}` : 'that cannot be read';
  return [
    `warning: ${out} is made anew: its signatures of before, ${whose}, FALL AWAY. To add a signature to it, sign ${out} itself.`,
  ];
}

/** A document list's salt: a new one, or that of the list before. */
function saltFor(previous: Bundle | undefined): Uint8Array {
  if (!previous) return randomBytes(SALT_BYTES);
  if (!previous.salt) throw new Stop('the list before has no salt to keep; leave --previous out');
  return previous.salt;
}

/** 202611210930: grows by itself, and tells a person when the list was made. */
function timeVersion(now: number): number {
  return Number(iso(now).replace(/\D/g, '').slice(0, 12));
}
