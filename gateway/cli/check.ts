/** `npx sitebox check FILE`: exit 0, or 78 with every mistake and its line. Touches no device. */
import { Command } from 'commander';
import { filesOf, openParts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Adapters } from '../contracts/parts.ts';
import { openLoginBrakes } from '../people/login-brake.ts';
import { boxExposures } from '../store/files/private-files.ts';
import { guarded } from './exit.ts';
import { say } from './language.ts';
import { words, joined } from '../contracts/words/words.ts';

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function checkCommand(adapters: Adapters): Command {
  return new Command('check')
    .description(say('help-check'))
    .argument('<file>', say('help-check-file'))
    .action(guarded((file: string) => check(file, adapters)));
}

function check(file: string, adapters: Adapters): void {
  const opened = openParts(file, adapters, openLoginBrakes(SILENT), SILENT);
  const { config, cameras, readers, relays, equipment } = opened;
  const devices = [
    words('check-cameras', { n: cameras.length }),
    ...(readers.length > 0 ? [words('check-readers', { n: readers.length })] : []),
  ];
  const ids = joined(
    equipment.map((e) => e.id),
    { en: ' and ', zh: '、' },
  );
  const crew = equipment.length > 0 ? [words('check-crew', { ids })] : [];
  const parts = [
    words('check-lanes', { n: config.lanes.length }),
    ...devices,
    ...crew,
    words('check-relays', { n: relays.length }),
  ];
  for (const exposure of boxExposures(filesOf(opened)))
    console.error(say('check-exposed', { what: exposure.what, todo: exposure.todo }));
  console.log(say('check-good', { file, site: config.site, parts: joined(parts) }));
}
