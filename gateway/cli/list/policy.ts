/** `sitebox list sign` and `list import` for the policy of a site, which root keys sign. */
import { resolve } from 'node:path';
import { iso } from '../../contracts/time.ts';
import { english, joined, words } from '../../contracts/words/words.ts';
import { PUBLIC, readSigned, writeSigned } from '../../lists/files.ts';
import { installRoot } from '../../lists/in-force/box-root.ts';
import { noteRefusal } from '../../lists/in-force/import.ts';
import { stagePolicy, takePolicy } from '../../lists/in-force/policy-file.ts';
import { addSignature } from '../../lists/office/sign.ts';
import { MAX_POLICY_BYTES, policyOutOfTime, readPolicyText, type Policy } from '../../lists/policy.ts';
import { checkThreshold, type SignedFile } from '../../lists/signature.ts';
import { MAX_ROOT_BYTES } from '../../lists/trust.ts';
import { replaceFile } from '../../store/files/private-files.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say, spoken } from '../language.ts';
import type { Box } from '../on-box.ts';
import { agreed } from '../options.ts';
import { must, readKeys, readPresent, readRoot } from './common.ts';
import { requireFitting, requireKnown, ringOf } from './countersign.ts';
import type { SignOptions } from './previous.ts';

export function isPolicy(value: unknown): boolean {
  return (value as { readonly _type?: unknown } | null)?._type === 'policy';
}

/** Adds a signature; the first one is made the same way, to the text that a person wrote. */
export async function signPolicy(file: string, { key, root: rootFile, yes }: SignOptions): Promise<void> {
  if (rootFile === undefined) throw new Stop(say('list-root-needed'), EXIT_USAGE);
  const keys = readKeys(key, 'root');
  const root = readRoot(rootFile);
  const { file: before } = readPresent(file);
  requireKnown(keys, [root.rootKeys], words('policy-what-root-key', { version: root.version }));
  requireFitting(before, [root.rootKeys, ringOf(keys)]);
  for (const line of policyLines(must(readPolicyText(before.bytes)))) console.log(line);
  await agreed(yes, say('list-sign-it'), say('list-nothing-signed'));
  // What was shown is what is signed: the file is not read a second time.
  const signed = keys.reduce(addSignature, before);
  replaceFile(`${file}.sig`, signed.signatures, PUBLIC);
  const missing = checkThreshold(signed, root.rootKeys, english('whose-root-key'));
  console.log(missing ? say('list-not-complete', { detail: missing.detail }) : say('list-enough-signatures'));
}

/** The file at `path`, where it is a policy. A list may be read a second time: it is longer. */
export function readPolicyAt(path: string): SignedFile | undefined {
  const read = readSigned(path, MAX_POLICY_BYTES);
  if (!read.ok) return undefined;
  try {
    return isPolicy(JSON.parse(Buffer.from(read.value.bytes).toString('utf8'))) ? read.value : undefined;
  } catch {
    return undefined;
  }
}

/** Verifies, shows, asks, and lays the policy where the configuration names it; a running box takes it over within a second. */
export async function importPolicy(
  { config, db, clock }: Box,
  file: SignedFile,
  { by: who, yes, from }: { readonly by: string; readonly yes: boolean; readonly from: string },
): Promise<void> {
  const path = config.lists.policy;
  if (path === undefined) throw new Stop(say('policy-no-path', { config: config.file }));
  const by = { now: clock.trusted(), who };
  // As the box does at its start: a root that drops no list takes effect.
  must(installRoot(db, must(readSigned(config.lists.trust, MAX_ROOT_BYTES)), by));
  const staged = stagePolicy(db, file, config.site);
  if (!staged.ok) noteRefusal(db, staged, by);
  const { policy, root } = must(staged);
  const late = policyOutOfTime(policy, root, by.now);
  if (late) must(late);
  for (const line of policyLines(policy)) console.log(line);
  await agreed(yes, say('policy-take-it'));
  clock.keep();
  takePolicy(db, policy, by);
  if (resolve(from) !== path) writeSigned(path, file, true);
  console.log(say('policy-taken', { version: policy.version, until: iso(policy.expires), path }));
}

export function policyLines({ site, version, issued, expires, opinions, rooms }: Policy): string[] {
  return [
    say('policy-summary', { version, site, issued: iso(issued), expires: iso(expires) }),
    say(opinions === 2 ? 'policy-two-opinions' : 'policy-one-opinion'),
    rooms.length === 0 ? say('policy-no-rooms') : say('policy-rooms', { rooms: spoken(joined(rooms)) }),
  ];
}
