/** `sitebox list sign`: the list office's side. Needs no box and no configuration. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { DEFAULT_LIMITS, parseBundle } from '../lists/bundle.ts';
import { decodeCsv, type Encoding } from '../lists/csv.ts';
import { checkDraft, type Draft, type ReadPhoto } from '../lists/entry.ts';
import { photosIn, readCapped, readSigned, writeSigned } from '../lists/files.ts';
import { problemTexts } from '../lists/json.ts';
import { SALT_BYTES } from '../lists/number.ts';
import { documentEntries, plateEntries } from '../lists/seal.ts';
import { addSignature, signBundle } from '../lists/sign.ts';
import { checkThreshold, type SignedFile } from '../lists/signature.ts';
import { draftsFromTable } from '../lists/table.ts';
import { openNextRoot, type Root } from '../lists/trust.ts';
import type { ListType } from '../types.ts';
import { EXIT_USAGE, guarded, Stop } from './exit.ts';
import { collect, iso, must, readKeys, readRoot, summary, wholeNumber } from './list-common.ts';

/** From so many numbers on their digests take longer than a person waits without wondering. */
const MANY = 1000;

interface SignOptions {
  readonly key: string[];
  readonly out?: string;
  readonly type: ListType;
  readonly site?: string;
  readonly version?: number;
  readonly days: number;
  readonly offset?: string;
  readonly encoding: Encoding;
  readonly previous?: string;
  readonly root?: string;
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
    .option('--previous <file>', 'a doc-list keeps the salt of this one, so that boxes can tell what changed')
    .option('--root <file>', 'root.json: says whether the signatures are enough')
    .action(
      guarded(async (file: string, options: SignOptions) => {
        if (options.offset !== undefined && !/^[+-]\d\d:\d\d$/.test(options.offset)) {
          throw new Stop('--offset must be written like +08:00', EXIT_USAGE);
        }
        if (file.toLowerCase().endsWith('.csv')) return signNew(file, (p) => tableDrafts(file, options, p), options);
        const value = parseJson(file);
        if (!Array.isArray(value)) return signAgain(file, value, options);
        await signNew(file, (readPhoto) => jsonDrafts(file, value, options.type, readPhoto), options);
      }),
    );
}

async function signNew(
  file: string,
  readDrafts: (readPhoto: ReadPhoto) => readonly Draft[],
  options: SignOptions,
): Promise<void> {
  if (!options.site) throw new Stop('--site is needed: the id of the site that the list is for', EXIT_USAGE);
  const now = Date.now();
  const { type, site, days, version = timeVersion(now) } = options;
  const keys = readKeys(options.key, 'list');
  const salt = saltFor(site, options);
  const { maxBytes } = DEFAULT_LIMITS;
  // Base64 makes four bytes of three.
  const drafts = readDrafts(photosIn(dirname(file), (maxBytes * 3) / 4));
  if (salt && drafts.length >= MANY) console.log(`making the digests of ${drafts.length} numbers; this takes a while`);
  const entries = salt ? await documentEntries(drafts, salt) : plateEntries(drafts);
  const signed = signBundle({ type, site, version, entries, now, days, ...(salt ? { salt } : {}) }, keys);
  if (signed.bytes.length > maxBytes) {
    throw new Stop(
      `the list would have ${signed.bytes.length} bytes, boxes take ${maxBytes}; nothing was signed: save the photos smaller, or leave some out`,
    );
  }
  const bundle = must(parseBundle(signed.bytes, { limits: DEFAULT_LIMITS }));
  const out = options.out ?? file.replace(/\.(csv|json)$/i, '') + '.list.json';
  writeSigned(out, signed, true);
  console.log(summary(bundle));
  if (salt && options.previous === undefined) {
    console.log(
      'The salt is new: boxes will show every entry as changed. To keep it, give the last list as --previous.',
    );
  }
  const over = bundle.entries.filter((entry) => entry.validUntil <= now).map((entry) => entry.id);
  if (over.length > 0) console.error(`warning: already over and of no effect: ${over.slice(0, 20).join(' ')}`);
  console.log(`${out} and ${out}.sig`);
  if (options.root) reportMissing(signed, readRoot(options.root));
}

/** A document list's salt: a new one, or that of the list before. It is no secret, so the list before need not verify. */
function saltFor(site: string, { type, previous }: SignOptions): Uint8Array | undefined {
  if (type === 'plate-list') {
    if (previous === undefined) return undefined;
    throw new Stop('--previous is for --type doc-list; a plate list has no salt to keep', EXIT_USAGE);
  }
  if (previous === undefined) return randomBytes(SALT_BYTES);
  const bytes = must(readCapped(previous, DEFAULT_LIMITS.maxBytes));
  const { salt } = must(parseBundle(bytes, { site, type, limits: DEFAULT_LIMITS }));
  if (!salt) throw new Stop(`${previous} has no salt to keep; leave --previous out`);
  return salt;
}

/** A second person signs the same bytes. What is signed is shown first, so that nobody signs blindly. */
function signAgain(file: string, value: unknown, options: SignOptions): void {
  const isRoot = (value as { _type?: unknown } | null)?._type === 'root';
  const bytes = must(readCapped(file, DEFAULT_LIMITS.maxBytes));
  const before = readSigned(file, DEFAULT_LIMITS.maxBytes);
  let signed: SignedFile = { bytes, signatures: before.ok ? before.value.signatures : '' };
  if (!isRoot) console.log(summary(must(parseBundle(bytes, { limits: DEFAULT_LIMITS }))));
  for (const key of readKeys(options.key, isRoot ? 'root' : 'list')) signed = addSignature(signed, key);
  writeFileSync(`${file}.sig`, signed.signatures);
  console.log(`${file}.sig: ${signed.signatures.split('\n').length - 1} signatures`);
  if (!options.root) return;
  const root = readRoot(options.root);
  if (isRoot) must(openNextRoot(root, signed));
  else reportMissing(signed, root);
}

function reportMissing(signed: SignedFile, root: Root): void {
  const missing = checkThreshold(signed, root.listKeys, 'list key');
  console.log(missing ? `Not complete yet: ${missing.detail}` : 'Enough signatures for this root of trust.');
}

function tableDrafts(file: string, options: SignOptions, readPhoto: ReadPhoto): readonly Draft[] {
  const text = must(decodeCsv(must(readCapped(file, DEFAULT_LIMITS.maxBytes)), options.encoding));
  const table = draftsFromTable(options.type, text, readPhoto, options.offset);
  if (table.ok) return table.drafts;
  for (const { row, column, message } of table.problems) console.error(`${file}: row ${row}, ${column}: ${message}`);
  throw new Stop(`${table.problems.length} mistakes; nothing was signed`);
}

function jsonDrafts(file: string, values: readonly unknown[], type: ListType, readPhoto: ReadPhoto): readonly Draft[] {
  const drafts: Draft[] = [];
  const problems: string[] = [];
  for (const [i, value] of values.entries()) {
    const checked = checkDraft(type, value, readPhoto);
    if (checked.ok) drafts.push(checked.draft);
    else problems.push(...problemTexts({ issues: checked.problems }).map((text) => `entry ${i + 1}: ${text}`));
  }
  for (const problem of problems) console.error(`${file}: ${problem}`);
  if (problems.length > 0) throw new Stop(`${problems.length} mistakes; nothing was signed`);
  return drafts;
}

function parseJson(file: string): unknown {
  const bytes = must(readCapped(file, DEFAULT_LIMITS.maxBytes));
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    throw new Stop(`${file} is neither NAME.csv nor JSON`);
  }
}

/** 202611210930: grows by itself, and tells a person when the list was made. */
function timeVersion(now: number): number {
  return Number(iso(now).replace(/\D/g, '').slice(0, 12));
}
