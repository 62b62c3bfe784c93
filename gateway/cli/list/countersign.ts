/** `sitebox list sign` for a list or root.json that is there: a second person adds a signature to the same bytes. */
import { existsSync } from 'node:fs';
import { DEFAULT_LIMITS, parseBundle } from '../../lists/bundle.ts';
import { PUBLIC, readCapped, readSigned } from '../../lists/files.ts';
import { addSignature, type SecretKey } from '../../lists/office/sign.ts';
import { parseSignatures, signersOf, type Keyring, type SignedFile } from '../../lists/signature.ts';
import { openNextRoot, readRootText, type Root } from '../../lists/trust.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { iso, must, readKeys, readRoot } from './common.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import {
  askToSign,
  readPrevious,
  reportMissing,
  requireSameKind,
  showBeforeSigning,
  type SignOptions,
} from './previous.ts';

/** Shows what is signed, checks the signatures that are there, asks, and only then signs. */
export async function signAgain(file: string, value: unknown, options: SignOptions): Promise<void> {
  const isRoot = (value as { _type?: unknown } | null)?._type === 'root';
  const { root: rootFile } = options;
  if (rootFile === undefined) {
    const why = 'without it nobody can tell whether the signatures that are there fit what you are about to sign';
    throw new Stop(`--root is needed: ${why}`, EXIT_USAGE);
  }
  const keys = readKeys(options.key, isRoot ? 'root' : 'list');
  const root = readRoot(rootFile);
  const before = readPresent(file);
  if (isRoot) {
    const next = must(readRootText(before.bytes));
    requireKnown(keys, [root.rootKeys, next.rootKeys], `a root key of version ${root.version} or ${next.version}`);
    requireFitting(before, [root.rootKeys, next.rootKeys, ringOf(keys)]);
    showRoot(root, next);
  } else {
    requireKnown(keys, [root.listKeys], `a list key of this root.json (version ${root.version})`);
    requireFitting(before, [root.listKeys, ringOf(keys)]);
    const bundle = must(parseBundle(before.bytes, { limits: DEFAULT_LIMITS }));
    const previous = readPrevious(options.previous, root);
    requireSameKind(previous, bundle.site, bundle.ref.type);
    showBeforeSigning(bundle, previous);
  }
  await askToSign(options.yes);
  // What was shown is what is signed: the file is not read a second time.
  const signed = keys.reduce(addSignature, before);
  replaceFile(`${file}.sig`, signed.signatures, PUBLIC);
  console.log(`${file}.sig: ${signed.signatures.split('\n').length - 1} signatures`);
  if (isRoot) must(openNextRoot(root, signed));
  else reportMissing(signed, root);
}

function readPresent(file: string): SignedFile {
  if (existsSync(`${file}.sig`)) return must(readSigned(file, DEFAULT_LIMITS.maxBytes));
  return { bytes: must(readCapped(file, DEFAULT_LIMITS.maxBytes)), signatures: '' };
}

/** A signature that does not fit says that these are not the bytes that were signed before: whoever signs now would sign something else. */
function requireFitting(file: SignedFile, rings: readonly Keyring[]): void {
  if (file.signatures === '') return;
  const all = new Map(must(parseSignatures(file.signatures)).map(({ keyId }) => [keyId, true]));
  for (const ring of rings) {
    const { good, wrong } = must(signersOf(file, ring));
    for (const keyId of good) all.delete(keyId);
    for (const keyId of wrong) {
      throw new Stop(
        `REFUSED (altered): the signature of key ${keyId} does not fit this file: it was changed after ${keyId} signed it. ` +
          'Nothing was signed; ask its keeper, and fetch the file and its .sig again',
      );
    }
  }
  for (const keyId of all.keys()) {
    console.error(
      `warning: the signature of ${keyId} is of no key of this root: it cannot be checked and counts for nothing`,
    );
  }
}

/** A signature that no box would count is not made. `what`: what the keys have to be. */
export function requireKnown(keys: readonly SecretKey[], rings: readonly Keyring[], what: string): void {
  const unknown = keys.find(({ id }) => !rings.some((ring) => ring.keys.has(id)));
  if (!unknown) return;
  const known = [...new Set(rings.flatMap((ring) => [...ring.keys.keys()]))].join(', ');
  throw new Stop(
    `REFUSED (unsigned): key ${unknown.id} is not ${what}: its signature would count for nothing. ` +
      `Nothing was signed; such keys are ${known}. Or is a newer root.json due?`,
  );
}

function ringOf(keys: readonly SecretKey[]): Keyring {
  return { threshold: 1, keys: new Map(keys.map((key) => [key.id, key.publicKey])) };
}

function showRoot(old: Root, next: Root): void {
  console.log(
    `root version ${next.version}, issued ${iso(next.issued)}, ends ${iso(next.expires)}; against version ${old.version}:`,
  );
  for (const [name, before, after] of [
    ['root keys', old.rootKeys, next.rootKeys],
    ['list keys', old.listKeys, next.listKeys],
  ] as const) {
    for (const id of after.keys.keys()) if (!before.keys.has(id)) console.log(`+ ${name}: ${id}`);
    for (const id of before.keys.keys())
      if (!after.keys.has(id)) console.log(`- ${name}: ${id}, which signs nothing any more`);
    console.log(
      `${name}: ${after.threshold} of ${after.keys.size} needed, before ${before.threshold} of ${before.keys.size}`,
    );
  }
}
