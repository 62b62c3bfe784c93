/** `npx sitebox safe-mode`: what it has switched off, and how a person ends it. */
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { causeOf } from '../contracts/errors.ts';
import { leaveSafeMode, readEnds, SAFE_MODE_MS } from '../start/ends.ts';
import { appendAudit } from '../store/audit.ts';
import { openBoxStore } from './box-store.ts';
import { guarded, Stop } from './exit.ts';
import { person } from './crew/common.ts';
import { say } from './language.ts';
import { words, joined } from '../contracts/words/words.ts';

export function safeModeCommand(): Command {
  return new Command('safe-mode')
    .description(say('help-safe-mode'))
    .addCommand(
      new Command('show')
        .description(say('help-safe-mode-show'))
        .requiredOption('--config <file>', say('help-config'))
        .action(guarded(({ config }: { config: string }) => show(loadConfig(config).storage.folder))),
    )
    .addCommand(
      new Command('leave')
        .description(say('help-safe-mode-leave'))
        .requiredOption('--config <file>', say('help-config'))
        .requiredOption('--by <name>', say('help-by'), person)
        .action(guarded(leave)),
    );
}

function show(folder: string): void {
  const { safeMode, ends } = readEnds(folder);
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

function leave({ config, by }: { config: string; by: string }): void {
  const box = loadConfig(config);
  const was = leaveSafeMode(box.storage.folder);
  if (!was) throw new Stop(say('safe-mode-not-on'));
  try {
    const db = openBoxStore(box, { creates: false });
    try {
      appendAudit(db, { at: Date.now(), who: by, what: 'safe mode left', detail: { off: was.off } });
    } finally {
      db.close();
    }
  } catch (error) {
    console.error(say('safe-mode-audit-unwritten', { cause: causeOf(error) }));
  }
  console.log(say('safe-mode-left'));
}

const iso = (at: number): string => new Date(at).toISOString();
