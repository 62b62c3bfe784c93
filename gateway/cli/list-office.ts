/** `sitebox list new-root | rotate-root | sign`: the list office's side. Needs no box and no configuration. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { DEFAULT_LIMITS, parseBundle } from '../lists/bundle.ts';
import { decodeCsv, type Encoding } from '../lists/csv.ts';
import { checkEntry, type EntryText } from '../lists/entry.ts';
import { readCapped, readSigned, writeKey, writeSigned } from '../lists/files.ts';
import { problemTexts } from '../lists/json.ts';
import { addSignature, makeRoot, rotateRoot, signBundle, type NewRoot } from '../lists/sign.ts';
import { checkThreshold, type SignedFile } from '../lists/signature.ts';
import { entriesFromTable } from '../lists/table.ts';
import { MAX_KEYS, openNextRoot, type Root } from '../lists/trust.ts';
import type { ListType } from '../types.ts';
import { EXIT_USAGE, guarded, Stop } from './exit.ts';
import { collect, iso, must, readKeys, readRoot, summary, wholeNumber } from './list-common.ts';

export function newRootCommand(): Command {
  return new Command('new-root')
    .description('make the keys and root.json of a new root of trust')
    .option('--out <folder>', 'where to put them', 'trust')
    .option('--keys <n>', 'keys per role', wholeNumber(1, MAX_KEYS), 3)
    .option('--threshold <n>', 'signatures needed per role (default: 2, or 1 with one key)', wholeNumber(1, MAX_KEYS))
    .option('--days <n>', 'life of the root', wholeNumber(1, 3650), 365)
    .action(
      guarded((options: { out: string; keys: number; threshold?: number; days: number }) => {
        const { keys, days } = options;
        const threshold = options.threshold ?? Math.min(2, keys);
        if (threshold > keys) throw new Stop(`--threshold ${threshold} cannot be met with --keys ${keys}`, EXIT_USAGE);
        const made = makeRoot({ now: Date.now(), keys, threshold, days });
        writeRoot(options.out, made);
        console.log(
          `Signing a list takes ${threshold} of the list keys; changing the root takes ${threshold} of the root keys.`,
        );
        console.log('Give every key to a different person. Keep the root keys away from every network.');
        console.log('root.json and root.json.sig go onto the box, by hand, to the path of `lists.trust`.');
      }),
    );
}

export function rotateRootCommand(): Command {
  return new Command('rotate-root')
    .description('make the successor of a root.json: a later end, and new keys where asked for')
    .requiredOption('--root <file>', 'the root.json in force')
    .requiredOption('--key <file>', 'a root key in force; repeat for each', collect)
    .requiredOption('--out <folder>', 'where to put the new root.json and new keys')
    .option('--replace-list-keys', 'new list keys; the old ones sign nothing any more', false)
    .option('--replace-root-keys', 'new root keys', false)
    .option('--days <n>', 'life of the new root', wholeNumber(1, 3650), 365)
    .action(
      guarded((options: RotateOptions) => {
        const old = readRoot(options.root);
        const made = rotateRoot(old, readKeys(options.key, 'root'), { now: Date.now(), ...options });
        writeRoot(options.out, made);
        const next = openNextRoot(old, made.file);
        if (next.ok)
          return console.log(`root version ${next.value.version}: enough signatures of the old and the new keys`);
        console.log(`Not complete yet: ${next.detail}`);
        console.log(
          `Add one on the other keeper's computer: sitebox list sign ${join(options.out, 'root.json')} --key NAME.key`,
        );
      }),
    );
}

interface RotateOptions {
  readonly root: string;
  readonly key: string[];
  readonly out: string;
  readonly replaceListKeys: boolean;
  readonly replaceRootKeys: boolean;
  readonly days: number;
}

function writeRoot(folder: string, made: NewRoot): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const count = { root: 0, list: 0 };
  for (const key of made.newKeys) {
    const path = join(folder, `${key.role}-${++count[key.role]}.key`);
    writeKey(path, key);
    console.log(`${path}  (key id ${key.id})`);
  }
  const path = join(folder, 'root.json');
  writeSigned(path, made.file);
  console.log(`${path} and ${path}.sig`);
}

interface SignOptions {
  readonly key: string[];
  readonly out?: string;
  readonly type: ListType;
  readonly site?: string;
  readonly version?: number;
  readonly days: number;
  readonly offset?: string;
  readonly encoding: Encoding;
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
    .option('--root <file>', 'root.json: says whether the signatures are enough')
    .action(
      guarded((file: string, options: SignOptions) => {
        if (options.offset !== undefined && !/^[+-]\d\d:\d\d$/.test(options.offset)) {
          throw new Stop('--offset must be written like +08:00', EXIT_USAGE);
        }
        if (file.toLowerCase().endsWith('.csv')) return signNew(file, () => tableEntries(file, options), options);
        const value = parseJson(file);
        if (Array.isArray(value)) return signNew(file, () => jsonEntries(file, value, options.type), options);
        signAgain(file, value, options);
      }),
    );
}

function signNew(file: string, readEntries: () => readonly EntryText[], options: SignOptions): void {
  if (!options.site) throw new Stop('--site is needed: the id of the site that the list is for', EXIT_USAGE);
  const now = Date.now();
  const { type, site, days, version = timeVersion(now) } = options;
  const keys = readKeys(options.key, 'list');
  const signed = signBundle({ type, site, version, entries: readEntries(), now, days }, keys);
  const bundle = must(parseBundle(signed.bytes, { limits: DEFAULT_LIMITS }));
  const out = options.out ?? file.replace(/\.(csv|json)$/i, '') + '.list.json';
  writeSigned(out, signed, true);
  console.log(summary(bundle));
  const over = bundle.entries.filter((entry) => entry.validUntil <= now).map((entry) => entry.id);
  if (over.length > 0) console.error(`warning: already over and of no effect: ${over.slice(0, 20).join(' ')}`);
  console.log(`${out} and ${out}.sig`);
  if (options.root) reportMissing(signed, readRoot(options.root));
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

function tableEntries(file: string, options: SignOptions): readonly EntryText[] {
  const text = must(decodeCsv(must(readCapped(file, DEFAULT_LIMITS.maxBytes)), options.encoding));
  const table = entriesFromTable(options.type, text, options.offset);
  if (table.ok) return table.entries;
  for (const { row, column, message } of table.problems) console.error(`${file}: row ${row}, ${column}: ${message}`);
  throw new Stop(`${table.problems.length} mistakes; nothing was signed`);
}

function jsonEntries(file: string, values: readonly unknown[], type: ListType): readonly EntryText[] {
  const problems = values.flatMap((value, i) => {
    const checked = checkEntry(type, value);
    return checked.ok ? [] : problemTexts({ issues: checked.problems }).map((text) => `entry ${i + 1}: ${text}`);
  });
  for (const problem of problems) console.error(`${file}: ${problem}`);
  if (problems.length > 0) throw new Stop(`${problems.length} mistakes; nothing was signed`);
  return values as EntryText[];
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
