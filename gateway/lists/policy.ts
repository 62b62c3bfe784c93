/**
 * The policy of a site: how many people judge a hit, and which command rooms may judge with two names. A threshold of root keys signs it, which lie in
 * a safe, because it can do away with the second person. It is bound to its site, has a version that only grows, and expires.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Instant, Sha256 } from '../contracts/base.ts';
import type { ReviewPolicy } from '../contracts/review.ts';
import { iso } from '../contracts/time.ts';
import type { Words } from '../contracts/words/area.ts';
import { named } from '../contracts/words/names.ts';
import { english } from '../contracts/words/words.ts';
import { CLOCK_TOLERANCE_MS, tooBig } from './bundle.ts';
import { readJson, timeText } from './json.ts';
import { accept, refuse, type ListRefusal, type Result } from './result.ts';
import { checkThreshold, type SignedFile } from './signature.ts';
import { rootExpired, type Root } from './trust.ts';

export interface Policy extends ReviewPolicy {
  readonly site: string;
  readonly version: number;
  /** Of the signed bytes. */
  readonly sha256: Sha256;
  readonly issued: Instant;
  readonly expires: Instant;
}

export const MAX_POLICY_BYTES = 16_384;
const MAX_LIFE_DAYS = 366;
const MAX_ROOMS = 8;

const schema = z.strictObject({
  _type: z.literal('policy'),
  spec: z.literal(1),
  site: z.string(),
  version: z.int().min(1),
  issued: timeText,
  expires: timeText,
  opinions: z.literal([1, 2]).default(2),
  /** Ids of relays, as `upstream` of the configuration has them. */
  rooms: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, english('config-id')))
    .max(MAX_ROOMS)
    .default([]),
});

/** Why a policy is not in force, in words: a file that is missing is no policy, not no list. */
export function policyWhy(why: ListRefusal['why']): Words {
  return named('why', why === 'no list' ? 'no policy' : why);
}

/** Verifies, then parses. `policyOutOfTime` checks the times, again at each use. */
export function openPolicy(file: SignedFile, root: Root, site: string): Result<Policy> {
  if (file.bytes.length > MAX_POLICY_BYTES) {
    return tooBig(english('the-policy'), file.bytes.length, MAX_POLICY_BYTES);
  }
  const refused = checkThreshold(file, root.rootKeys, english('whose-root-key'));
  if (refused) return refused;
  const policy = readPolicyText(file.bytes);
  if (!policy.ok || policy.value.site === site) return policy;
  return refuse('wrong site', english('policy-of-other-site', { other: policy.value.site.slice(0, 40), site }));
}

/** Parses without verifying: call it directly only for the person who is about to sign. */
export function readPolicyText(bytes: Uint8Array): Result<Policy> {
  const parsed = readJson(bytes, schema, english('the-policy'));
  if (!parsed.ok) return parsed;
  const { _type: _, spec: _spec, ...policy } = parsed.value;
  const life = policy.expires - policy.issued;
  if (life <= 0 || life > MAX_LIFE_DAYS * 86_400_000) {
    return refuse('unreadable', english('policy-life', { days: MAX_LIFE_DAYS }));
  }
  return accept({ ...policy, sha256: createHash('sha256').update(bytes).digest('hex') });
}

/** Why the policy is not valid at `now` (trusted time): it or its root has expired, or it begins later. */
export function policyOutOfTime(policy: Policy, root: Root, now: Instant): ListRefusal | undefined {
  if (now >= policy.expires) return refuse('expired', english('policy-ran-out', { at: iso(policy.expires) }));
  if (now < policy.issued - CLOCK_TOLERANCE_MS) {
    return refuse('expired', english('policy-begins-later', { at: iso(policy.issued), now: iso(now) }));
  }
  return rootExpired(root, now);
}
