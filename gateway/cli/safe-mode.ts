/** `npx sitebox safe-mode`: what it has switched off, and how a person ends it. */
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { causeOf } from '../contracts/errors.ts';
import { leaveSafeMode, readEnds, SAFE_MODE_MS } from '../start/ends.ts';
import { appendAudit } from '../store/audit.ts';
import { openBoxStore } from './box-store.ts';
import { guarded, Stop } from './exit.ts';
import { person } from './crew/common.ts';

export function safeModeCommand(): Command {
  return new Command('safe-mode')
    .description('what safe mode has switched off, and how to leave it')
    .addCommand(
      new Command('show')
        .description('what is off, since when and why')
        .requiredOption('--config <file>', 'the configuration of the box')
        .action(guarded(({ config }: { config: string }) => show(loadConfig(config).storage.folder))),
    )
    .addCommand(
      new Command('leave')
        .description('end safe mode; holds from the next start on')
        .requiredOption('--config <file>', 'the configuration of the box')
        .requiredOption('--by <name>', 'who does it, for the audit log', person)
        .action(guarded(leave)),
    );
}

function show(folder: string): void {
  const { safeMode, ends } = readEnds(folder);
  if (!safeMode) console.log('The box is not in safe mode.');
  else {
    console.log(`Safe mode since ${iso(safeMode.since)}, until ${iso(safeMode.since + SAFE_MODE_MS)}: ${safeMode.why}`);
    console.log(`off: ${safeMode.off.join(', ')}`);
  }
  for (const { at, part, why } of ends) console.log(`${iso(at)}  ${part ?? 'unknown part'}: ${why}`);
}

function leave({ config, by }: { config: string; by: string }): void {
  const box = loadConfig(config);
  const was = leaveSafeMode(box.storage.folder);
  if (!was) throw new Stop('Nothing was changed: the box is not in safe mode.');
  try {
    const db = openBoxStore(box, { creates: false });
    try {
      appendAudit(db, { at: Date.now(), who: by, what: 'safe mode left', detail: { off: was.off } });
    } finally {
      db.close();
    }
  } catch (error) {
    console.error(`The audit log could not be written: ${causeOf(error)}`);
  }
  console.log('Safe mode is left. Start the box again: systemctl restart sitebox');
}

const iso = (at: number): string => new Date(at).toISOString();
