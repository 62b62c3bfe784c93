/** The policy file of the box, at `lists.policy`: verified again whenever it or the root of trust changes. Without one in force the default rules hold. */
import { statSync } from 'node:fs';
import type { Instant } from '../../contracts/base.ts';
import { causeOf } from '../../contracts/errors.ts';
import { DEFAULT_POLICY, type ReviewPolicy } from '../../contracts/review.ts';
import type { Status } from '../../contracts/status.ts';
import { iso } from '../../contracts/time.ts';
import { problem } from '../../contracts/words/problem.ts';
import { english } from '../../contracts/words/words.ts';
import { appendAudit } from '../../store/audit.ts';
import { unlessDamaged, type Db } from '../../store/db.ts';
import { atomically, highestPolicy, newestRoot, setHighestPolicy } from '../../store/lists.ts';
import { readSigned } from '../files.ts';
import { MAX_POLICY_BYTES, openPolicy, policyOutOfTime, policyWhy, type Policy } from '../policy.ts';
import { accept, refuse, type ListRefusal, type Result } from '../result.ts';
import type { SignedFile } from '../signature.ts';
import type { Root } from '../trust.ts';
import { storedRoot, type Actor } from './box-root.ts';

export interface PolicyFileOptions {
  readonly db: Db;
  readonly site: string;
  /** Undefined: the site has none. */
  readonly path: string | undefined;
  /** Trusted time. */
  readonly now: () => Instant;
}

interface VerifiedPolicy {
  readonly policy: Policy;
  readonly root: Root;
}

export class PolicyFile {
  readonly #options: PolicyFileOptions;
  #seen: string | undefined;
  #read: Result<VerifiedPolicy> | undefined;

  constructor(options: PolicyFileOptions) {
    this.#options = options;
    this.turn();
  }

  /** What holds now. */
  inForce(): ReviewPolicy {
    const found = this.#now();
    return found?.ok ? found.value.policy : DEFAULT_POLICY;
  }

  /** Reads the file again where it, its signatures or the root changed. Cheap otherwise: call it about once a second. */
  turn(): void {
    const { path } = this.#options;
    if (path === undefined) return;
    const files = [path, `${path}.sig`].map(traits).join(' ');
    if (`${files} ${this.#known()}` === this.#seen) return;
    this.#read = this.#verify(path);
    // A refusal of the store, unlike one of the file, is over in a moment.
    this.#seen = this.#read.ok || this.#read.why !== 'not loaded' ? `${files} ${this.#known()}` : undefined;
  }

  /** By what the store judges a policy. A root that begins anew may have the number of the one before; the policy then begins anew too. */
  #known(): string {
    const { db } = this.#options;
    return unlessDamaged(() => `${newestRoot(db)} ${highestPolicy(db)?.sha256 ?? '-'}`, '');
  }

  readonly status: Status = {
    problems: () => {
      const found = this.#now();
      if (!found || found.ok) return [];
      return [problem('policy', 'policy-not-in-force', { why: policyWhy(found.why), detail: found.detail })];
    },
    health: () => {
      const found = this.#now();
      if (!found) return { policy: null };
      if (!found.ok) return { policy: { state: 'not in force', why: found.why, detail: found.detail } };
      const { version, opinions, rooms, expires } = found.value.policy;
      return { policy: { state: 'in force', version, opinions, rooms, expires: iso(expires) } };
    },
  };

  #now(): Result<VerifiedPolicy> | undefined {
    const read = this.#read;
    if (!read?.ok) return read;
    return policyOutOfTime(read.value.policy, read.value.root, this.#options.now()) ?? read;
  }

  #verify(path: string): Result<VerifiedPolicy> {
    const { db, site, now } = this.#options;
    try {
      const file = readSigned(path, MAX_POLICY_BYTES);
      if (!file.ok) return file;
      const verified = stagePolicy(db, file.value, site);
      if (verified.ok) takePolicy(db, verified.value.policy, { now: now(), who: 'box' });
      return verified;
    } catch (error) {
      return refuse('not loaded', causeOf(error));
    }
  }
}

/** Verifies a policy against the root and the versions of the store; changes nothing. */
export function stagePolicy(db: Db, file: SignedFile, site: string): Result<VerifiedPolicy> {
  const root = storedRoot(db);
  if (!root.ok) return root;
  const policy = openPolicy(file, root.value, site);
  if (!policy.ok) return policy;
  return olderPolicy(policy.value, highestPolicy(db)) ?? accept({ policy: policy.value, root: root.value });
}

/** From now on no older one is taken. One transaction with the audit row, once for each version. */
export function takePolicy(db: Db, policy: Policy, { now, who }: Actor): void {
  const { version, sha256, opinions, rooms } = policy;
  atomically(db, () => {
    if (highestPolicy(db)?.version === version) return;
    setHighestPolicy(db, { version, sha256 });
    const detail = { version, sha256, opinions, rooms: [...rooms] };
    appendAudit(db, { at: now, who, what: 'policy in force', detail });
  });
}

function olderPolicy(next: Policy, held: Pick<Policy, 'version' | 'sha256'> | undefined): ListRefusal | undefined {
  if (!held || next.version > held.version) return undefined;
  if (next.version < held.version) {
    return refuse('rolled back', english('policy-version-lower', { version: next.version, held: held.version }));
  }
  return next.sha256 === held.sha256
    ? undefined
    : refuse('rolled back', english('policy-version-again', { version: next.version }));
}

/** Changes with the file; the same for one that cannot be looked at. */
function traits(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return '-';
  }
}
