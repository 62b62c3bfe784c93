/** `npx sitebox safe-mode`: what it has switched off, and how a person ends it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { iso } from '../contracts/time.ts';
import { loadConfig } from '../config/config.ts';
import { leaveSafeMode, readEnds, SAFE_MODE_MS } from '../start/ends.ts';
import { appendAudit } from '../store/audit.ts';
import { DB_FILE } from '../store/files/names.ts';
import { Stop } from './exit.ts';
import { say } from './language.ts';
import { onBox } from './on-box.ts';
import { BoxVerb, Verb } from './verb.ts';
import { words, joined } from '../contracts/words/words.ts';

export function safeModeCommand(): Verb {
  return new Verb('safe-mode', 'help-safe-mode')
    .addCommand(new BoxVerb('show', 'help-safe-mode-show').action(show))
    .addCommand(new BoxVerb('leave', 'help-safe-mode-leave').by().action(leave));
}

function show({ config }: { config: string }): void {
  const { safeMode, ends } = readEnds(loadConfig(config).storage.folder);
  if (!safeMode) console.log(say('safe-mode-off'));
  else {
    console.log(
      say('safe-mode-since', {
        since: iso(safeMode.since),
        until: iso(safeMode.since + SAFE_MODE_MS),
        why: safeMode.why,
      }),
    );
    console.log(say('safe-mode-parts', { parts: joined(safeMode.off) }));
  }
  for (const { at, part, why } of ends)
    console.log(say('safe-mode-end', { at: iso(at), part: part ?? words('safe-mode-unknown-part'), why }));
}

async function leave({ config, by }: { config: string; by: string }): Promise<void> {
  const { folder } = loadConfig(config).storage;
  const { safeMode } = readEnds(folder);
  if (!safeMode) throw new Stop(say('safe-mode-not-on'));
  // A box without a store has no log. Where there is one that cannot be written, safe mode stays.
  if (existsSync(join(folder, DB_FILE))) {
    await onBox(config, ({ db }) => {
      appendAudit(db, { at: Date.now(), who: by, what: 'safe mode left', detail: { off: safeMode.off } });
    });
  } else console.error(say('safe-mode-audit-unwritten', { cause: words('no-store-yet', { folder }) }));
  leaveSafeMode(folder);
  console.log(say('safe-mode-left'));
}
