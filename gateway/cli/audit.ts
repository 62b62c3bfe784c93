/** `npx sitebox audit`: verifies the hash chain of the audit log: exit 0, or 1 with the first row that does not fit. */
import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { verifyAudit } from '../store/audit.ts';
import { openDb } from '../store/db.ts';
import { guarded, Stop } from './exit.ts';

export function auditCommand(): Command {
  return new Command('audit')
    .description('verify the audit log of this box: nothing edited, removed, inserted or cut off')
    .requiredOption('--config <file>', 'the configuration of the box')
    .action(guarded(audit));
}

function audit({ config }: { config: string }): void {
  const db = openDb(loadConfig(config).storage.folder);
  try {
    const verdict = verifyAudit(db);
    if (!verdict.ok)
      throw new Stop(`the audit log was changed: row ${verdict.seq}: ${verdict.why}; keep the file and report it`);
    console.log(`the audit log is whole: ${verdict.rows} rows`);
  } finally {
    db.close();
  }
}
