/** `npx sitebox rekey`: a new key for the store, box stopped; or a person acknowledges that a key is lost for good. */
import { loadConfig } from '../config/config.ts';
import { joined, words } from '../contracts/words/words.ts';
import { holdAlone } from '../store/connection/hold-alone.ts';
import { lockFolder } from '../store/connection/lock.ts';
import { hasStore, openDb } from '../store/db.ts';
import { acceptLostKeys } from '../store/sealing/lost-keys.ts';
import { rekeyStore } from '../store/sealing/rekey.ts';
import { EXIT_IO, EXIT_UNAVAILABLE, inRoom, Stop } from './exit.ts';
import { say } from './language.ts';
import { onBox, type Box } from './on-box.ts';
import { BoxVerb, type Verb } from './verb.ts';

interface Options {
  readonly config: string;
  readonly by: string;
  readonly acceptLoss: boolean;
}

export function rekeyCommand(): Verb {
  return new BoxVerb('rekey', 'help-rekey')
    .by()
    .option('--accept-loss', say('help-rekey-accept'), false)
    .action(({ config, by, acceptLoss }: Options) =>
      acceptLoss
        ? onBox(config, (box) => accept(box, by))
        : inRoom(() => rekey(loadConfig(config).storage.folder, by), words('rekey-half')),
    );
}

function accept({ db, clock }: Box, by: string): void {
  // Who cannot read the key in use would take it for lost.
  if (db.sealing.keys.kept === 'nowhere') throw new Stop(say('seal-no-key'), EXIT_IO);
  const keys = acceptLostKeys(db, by, clock.now());
  if (keys.length === 0) throw new Stop(say('rekey-nothing-lost'));
  console.log(say('rekey-accepted', { keys: joined(keys) }));
}

function rekey(folder: string, by: string): void {
  if (!hasStore(folder)) throw new Stop(say('no-store', { folder }), EXIT_IO);
  const lock = lockFolder(folder);
  try {
    const db = openDb(folder);
    try {
      const { unreadable, kept } = db.sealing.keys;
      if (kept === 'nowhere') throw new Stop(say('rekey-unreadable', { cause: unreadable[0]?.why ?? '' }), EXIT_IO);
      // One that has read the old keys would go on sealing with them.
      if (!holdAlone(db)) throw new Stop(say('rekey-store-open', { folder }), EXIT_UNAVAILABLE);
      const report = rekeyStore(db, folder, { by, at: Date.now() });
      if (!report) throw new Stop(say('rekey-none', { folder }), EXIT_IO);
      console.log(say('rekey-done', report));
      if (report.unopened > 0) console.log(say('rekey-unopened', { values: report.unopened }));
      console.log(say('rekey-backups'));
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}
