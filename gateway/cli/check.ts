/** `npx sitebox check FILE`: exit 0, or 78 with every mistake and its line. Touches no device. */
import { SILENT_LOG } from '../contracts/base.ts';
import type { Config } from '../config/config.ts';
import { filesOf, openParts } from '../config/parts.ts';
import type { Adapters } from '../contracts/parts.ts';
import { isLoopbackHost } from '../contracts/hosts.ts';
import { LoginThrottles } from '../people/login-throttle.ts';
import { hasStore } from '../store/db.ts';
import { boxExposures } from '../store/files/private-files.ts';
import { keptInCredential } from '../store/sealing/keys.ts';
import { storedAuthority } from '../store/tls-authority.ts';
import { openPolicy, policyOutOfTime, policyWhy, MAX_POLICY_BYTES, type Policy } from '../lists/policy.ts';
import { readSigned } from '../lists/files.ts';
import type { ListRefusal } from '../lists/result.ts';
import { MAX_ROOT_BYTES, openFirstRoot } from '../lists/trust.ts';
import { say } from './language.ts';
import { readStore } from './on-box.ts';
import { Verb } from './verb.ts';
import { words, joined } from '../contracts/words/words.ts';

export function checkCommand(adapters: Adapters): Verb {
  return new Verb('check', 'help-check')
    .argument('<file>', say('help-check-file'))
    .action((file: string) => check(file, adapters));
}

function check(file: string, adapters: Adapters): void {
  const opened = openParts(file, adapters, new LoginThrottles(SILENT_LOG), SILENT_LOG);
  const { config, cameras, readers, relays, equipment } = opened;
  const ids = joined(
    equipment.map((e) => e.id),
    { en: ' and ', zh: '、' },
  );
  const policy = checkPolicy(config);
  const parts = [
    words('check-lanes', { n: config.lanes.length }),
    words('check-cameras', { n: cameras.length }),
    ...(readers.length > 0 ? [words('check-readers', { n: readers.length })] : []),
    ...(equipment.length > 0 ? [words('check-crew', { ids })] : []),
    words('check-relays', { n: relays.length }),
    ...(policy ? [words('check-policy', { version: policy.version })] : []),
  ];
  for (const exposure of boxExposures(filesOf(opened)))
    console.error(say('check-exposed', { what: exposure.what, todo: exposure.todo }));
  if (!keptInCredential(config.storage.folder)) console.error(say('check-seal-key-file'));
  noteAuthority(config);
  console.log(say('check-good', { file, site: config.site, parts: joined(parts) }));
}

/** Whether the box has what screens on the network trust, where it has no certificate of the site. */
function noteAuthority({ listen: { host, tls }, storage: { folder } }: Config): void {
  if (tls || isLoopbackHost(host)) return;
  try {
    const stored = hasStore(folder) ? readStore(folder, storedAuthority) : undefined;
    if (stored?.key === undefined) console.error(say(stored ? 'check-authority-lost' : 'check-authority-none'));
  } catch {
    // A store that cannot be read, or is of an earlier version: the start says what there is to say.
  }
}

/** Against the root.json at `lists.trust`. One that would not be in force is a warning: the default rules, which ask for more, hold then. */
function checkPolicy({ lists: { trust, policy: path }, site }: Config): Policy | undefined {
  if (path === undefined) return undefined;
  const refuse = ({ why, detail }: ListRefusal): undefined =>
    void console.error(say('check-policy-refused', { path, why: policyWhy(why), detail }));
  const [rootFile, file] = [readSigned(trust, MAX_ROOT_BYTES), readSigned(path, MAX_POLICY_BYTES)];
  if (!rootFile.ok) return refuse(rootFile);
  if (!file.ok) return refuse(file);
  const root = openFirstRoot(rootFile.value);
  if (!root.ok) return refuse(root);
  const policy = openPolicy(file.value, root.value, site);
  if (!policy.ok) return refuse(policy);
  const late = policyOutOfTime(policy.value, root.value, Date.now());
  return late ? refuse(late) : policy.value;
}
