/** `npx sitebox check FILE`: exit 0, or 78 with every mistake and its line. Touches no device. */
import { SILENT_LOG } from '../contracts/base.ts';
import { filesOf, openParts } from '../config/parts.ts';
import type { Adapters } from '../contracts/parts.ts';
import { LoginThrottles } from '../people/login-throttle.ts';
import { boxExposures } from '../store/files/private-files.ts';
import { keptInCredential } from '../store/sealing/keys.ts';
import { say } from './language.ts';
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
  const parts = [
    words('check-lanes', { n: config.lanes.length }),
    words('check-cameras', { n: cameras.length }),
    ...(readers.length > 0 ? [words('check-readers', { n: readers.length })] : []),
    ...(equipment.length > 0 ? [words('check-crew', { ids })] : []),
    words('check-relays', { n: relays.length }),
  ];
  for (const exposure of boxExposures(filesOf(opened)))
    console.error(say('check-exposed', { what: exposure.what, todo: exposure.todo }));
  if (!keptInCredential(config.storage.folder)) console.error(say('check-seal-key-file'));
  console.log(say('check-good', { file, site: config.site, parts: joined(parts) }));
}
