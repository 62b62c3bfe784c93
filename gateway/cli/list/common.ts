/** What the verbs of `sitebox list` share: how lists, roots and keys are read, and how a list is written for a person. */
import { iso } from '../../contracts/time.ts';
import { checkSigners, DEFAULT_LIST_LIMITS, parseBundle, type Bundle } from '../../lists/bundle.ts';
import type { ListDiff } from '../../lists/diff.ts';
import { readCapped, readKey, isExposed, readSigned } from '../../lists/files.ts';
import type { ListRefusal, Result } from '../../lists/result.ts';
import type { KeyRole, SecretKey } from '../../lists/office/sign.ts';
import type { SignedFile } from '../../lists/signature.ts';
import { MAX_ROOT_BYTES, openFirstRoot, type Root } from '../../lists/trust.ts';
import type { ListEntry } from '../../contracts/list.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say } from '../language.ts';
import { named } from '../../contracts/words/names.ts';
import { words, joined } from '../../contracts/words/words.ts';

/** The value, or the end of the command with the reason. */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Stop(say('refused-because', { why: named('why', result.why), detail: result.detail }));
}

/** A root.json on its own, as installed by hand: it must be signed by its own root keys. */
export function readRoot(path: string): Root {
  return must(openFirstRoot(must(readSigned(path, MAX_ROOT_BYTES))));
}

/** A list or root.json beside which the file of its signatures may be missing: `unsigned` says so. */
export function readPresent(path: string): { file: SignedFile; unsigned?: ListRefusal } {
  const read = readSigned(path, DEFAULT_LIST_LIMITS.maxBytes);
  if (read.ok || read.why !== 'unsigned') return { file: must(read) };
  return { file: { bytes: must(readCapped(path, DEFAULT_LIST_LIMITS.maxBytes)), signatures: '' }, unsigned: read };
}

/** Without a check of the signatures. */
export function parseList({ bytes }: Pick<SignedFile, 'bytes'>): Bundle {
  return must(parseBundle(bytes, { limits: DEFAULT_LIST_LIMITS }));
}

/** A list that may lack signatures: what is missing is `unsigned`. A false signature ends the command. */
export function readUnfinished(path: string, root: Root): { bundle: Bundle; unsigned: ListRefusal | undefined } {
  const { file, unsigned = checkSigners(file, root) } = readPresent(path);
  if (unsigned && unsigned.why !== 'unsigned') must(unsigned);
  return { bundle: parseList(file), unsigned };
}

export function readKeys(paths: readonly string[], role: KeyRole): SecretKey[] {
  return paths.map((path) => {
    const key = must(readKey(path));
    if (key.role !== role)
      throw new Stop(
        say('list-key-role', { path, role: named('key-role', key.role), wanted: named('key-role', role) }),
        EXIT_USAGE,
      );
    if (isExposed(path)) console.error(say('list-key-exposed', { path }));
    return key;
  });
}

export function summary(bundle: Bundle): string {
  const { ref, site, issued, expires, entries } = bundle;
  const photos = entries.filter((entry) => entry.photo).length;
  return [
    say('list-summary', {
      list: words(ref.type),
      version: ref.version,
      site,
      entries: entries.length,
      photos: photos > 0 ? words('list-summary-photos', { photos }) : '',
    }),
    say('list-summary-dates', { issued: iso(issued), expires: iso(expires) }),
    `  sha256 ${ref.sha256}`,
  ].join('\n');
}

export function entryLine(entry: ListEntry): string {
  const where = entry.lanes ? say('list-entry-lanes', { lanes: entry.lanes.join(' ') }) : '';
  const hours = entry.hours ? ` ${entry.hours.from}-${entry.hours.to}` : '';
  // A digest of 64 digits would fill the line; what is shown is enough to see that it changed.
  const key = entry.key.length === 64 ? `${entry.key.slice(0, 12)}…` : entry.key;
  const photo = entry.photo ? say('list-entry-photo', { kB: Math.ceil(entry.photo.length / 1000) }) : '';
  return (
    `${entry.id}  ${key}  ${entry.category}  ${iso(entry.validFrom)} .. ${iso(entry.validUntil)}${where}${hours}` +
    `  (${entry.legalBasis}; ${entry.issuer}; ${entry.authorisedBy})  ${entry.instruction}${photo}`
  );
}

export function diffText(diff: ListDiff): string {
  const { added, changed, withdrawn, unchanged, newSalt } = diff;
  return [
    ...added.map((entry) => `+ ${entryLine(entry)}`),
    ...changed.flatMap(({ before, after, fields }) => [
      `- ${entryLine(before)}`,
      `+ ${entryLine(after)}`,
      say('list-fields-changed', { id: after.id, fields: joined(fields) }),
    ]),
    ...withdrawn.map((entry) => `- ${entryLine(entry)}`),
    say('list-diff-counts', {
      added: added.length,
      changed: changed.length,
      withdrawn: withdrawn.length,
      same: unchanged,
    }),
    ...(newSalt ? [say('list-new-salt')] : []),
  ].join('\n');
}
