/** `sitebox list sign` for a list or root.json that is there: a second person adds a signature to the same bytes. */
import { iso } from '../../contracts/time.ts';
import { PUBLIC } from '../../lists/files.ts';
import { addSignature, type SecretKey } from '../../lists/office/sign.ts';
import { parseSignatures, signersOf, type Keyring, type SignedFile } from '../../lists/signature.ts';
import { openNextRoot, readRootText, type Root } from '../../lists/trust.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { must, parseList, readKeys, readPresent, readRoot } from './common.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import { readPrevious, reportMissing, requireSameKind, showBeforeSigning, type SignOptions } from './previous.ts';
import { say } from '../language.ts';
import { agreed } from '../options.ts';
import { words, joined, type Value } from '../../contracts/words/words.ts';

/** Shows what is signed, checks the signatures that are there, asks, and only then signs. */
export async function signAgain(file: string, value: unknown, options: SignOptions): Promise<void> {
  const isRoot = (value as { _type?: unknown } | null)?._type === 'root';
  if (options.root === undefined) throw new Stop(say('list-root-needed'), EXIT_USAGE);
  const keys = readKeys(options.key, isRoot ? 'root' : 'list');
  const root = readRoot(options.root);
  const { file: before } = readPresent(file);
  if (isRoot) {
    const next = must(readRootText(before.bytes));
    requireKnown(
      keys,
      [root.rootKeys, next.rootKeys],
      words('list-what-root-key', { old: root.version, next: next.version }),
    );
    requireFitting(before, [root.rootKeys, next.rootKeys, ringOf(keys)]);
    showRoot(root, next);
  } else {
    requireKnown(keys, [root.listKeys], words('list-what-list-key', { version: root.version }));
    requireFitting(before, [root.listKeys, ringOf(keys)]);
    const bundle = parseList(before);
    const previous = readPrevious(options.previous, root);
    requireSameKind(previous, bundle.site, bundle.ref.type);
    showBeforeSigning(bundle, previous);
  }
  await agreed(options.yes, say('list-sign-it'), say('list-nothing-signed'));
  // What was shown is what is signed: the file is not read a second time.
  const signed = keys.reduce(addSignature, before);
  replaceFile(`${file}.sig`, signed.signatures, PUBLIC);
  console.log(say('list-signatures', { file: `${file}.sig`, n: signed.signatures.split('\n').length - 1 }));
  if (isRoot) must(openNextRoot(root, signed));
  else reportMissing(signed, root);
}

/** A signature that does not fit says that these are not the bytes that were signed before: whoever signs now would sign something else. */
export function requireFitting(file: SignedFile, rings: readonly Keyring[]): void {
  if (file.signatures === '') return;
  const all = new Set(must(parseSignatures(file.signatures)).map(({ keyId }) => keyId));
  for (const ring of rings) {
    const { valid, invalid } = must(signersOf(file, ring));
    for (const keyId of valid) all.delete(keyId);
    for (const keyId of invalid) throw new Stop(say('list-signature-misfit', { key: keyId }));
  }
  for (const keyId of all) console.error(say('list-signature-stranger', { key: keyId }));
}

/** A signature that no box would count is not made. `what`: what the keys have to be. */
export function requireKnown(keys: readonly SecretKey[], rings: readonly Keyring[], what: Value): void {
  const unknown = keys.find(({ id }) => !rings.some((ring) => ring.keys.has(id)));
  if (!unknown) return;
  const ids = joined([...new Set(rings.flatMap((ring) => [...ring.keys.keys()]))]);
  throw new Stop(say('list-key-stranger', { key: unknown.id, what, known: ids }));
}

export function ringOf(keys: readonly SecretKey[]): Keyring {
  return { threshold: 1, keys: new Map(keys.map((key) => [key.id, key.publicKey])) };
}

function showRoot(old: Root, next: Root): void {
  const dates = { issued: iso(next.issued), expires: iso(next.expires) };
  console.log(say('list-root-difference', { next: next.version, old: old.version, ...dates }));
  for (const [keys, before, after] of [
    [words('list-root-keys'), old.rootKeys, next.rootKeys],
    [words('list-list-keys'), old.listKeys, next.listKeys],
  ] as const) {
    for (const id of after.keys.keys()) if (!before.keys.has(id)) console.log(say('list-key-added', { keys, id }));
    for (const id of before.keys.keys()) if (!after.keys.has(id)) console.log(say('list-key-removed', { keys, id }));
    const now = { needed: after.threshold, of: after.keys.size };
    console.log(say('list-threshold', { keys, ...now, neededBefore: before.threshold, ofBefore: before.keys.size }));
  }
}
