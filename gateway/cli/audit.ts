/** `npx sitebox audit`: verifies the hash chain of the audit log: exit 0, or 1 with the first row that does not fit. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { loadConfig, type Config } from '../config/config.ts';
import { readAnchors } from '../store/anchors/anchors.ts';
import { acceptRestart, auditHash, readHead, verifyAudit, type AuditRestart } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { lastHead } from '../store/anchors/head-file.ts';
import type { AuditHead } from '../store/anchors/shape.ts';
import { openBoxStore } from './box-store.ts';
import { person, when } from './crew/common.ts';
import { guarded, Stop } from './exit.ts';
import { wholeNumber } from './list/common.ts';

export function auditCommand(): Command {
  return new Command('audit')
    .description('verify the audit log of this box: nothing edited, removed, inserted or cut off')
    .requiredOption('--config <file>', 'the configuration of the box')
    .option(
      '--against <file>',
      'health events as the command room holds them (JSON, one a line or an array), or an anchors.json',
    )
    .option(
      '--accept <row>',
      'take note of the loss of rows that this row tells of',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--by <name>', 'who takes note, for the audit log', person)
    .action(guarded(audit));
}

interface Options {
  readonly config: string;
  readonly against?: string;
  readonly accept?: number;
  readonly by?: string;
}

function audit({ config: file, against, accept, by }: Options): void {
  const config = loadConfig(file);
  const { folder } = config.storage;
  // Before the store is read: a running box goes on writing.
  const read = readAnchors(folder);
  const beside = lastHead(folder, read.state === 'ok' ? read.anchors : undefined);
  const db = openBoxStore(config, { creates: false });
  try {
    if (accept !== undefined) noteLoss(db, accept, by);
    const verdict = verifyAudit(db);
    if (!verdict.ok)
      throw new Stop(`the audit log was changed: row ${verdict.seq}: ${verdict.why}; keep the file and report it`);
    const restarts = verdict.restarts ?? [];
    for (const restart of restarts) console.log(restartText(restart));
    const wrong = [
      ...(beside ? compare(db, [beside], restarts, 'had been written on this box') : []),
      ...(against === undefined ? [] : compare(db, headsIn(against, config), restarts, `stands in ${against}`)),
    ];
    if (wrong.length > 0) throw new Stop(wrong.join('\n'));
    const open = restarts.filter((r) => !r.accepted);
    if (open.length > 0)
      throw new Stop(
        `rows of the audit log are lost; once it is known why: npx sitebox audit --config ${file} --accept ${open[0]!.seq} --by NAME`,
      );
    console.log(`the audit log is whole: ${verdict.rows} rows`);
  } finally {
    db.close();
  }
}

function noteLoss(db: Db, seq: number, who: string | undefined): void {
  if (who === undefined) throw new Stop('--accept needs --by NAME: the person who has looked into it');
  if (!acceptRestart(db, seq, { at: Date.now(), who }))
    throw new Stop(`row ${seq} tells of no loss; nothing was changed`);
}

function restartText({ seq, at, who, why, missing, accepted }: AuditRestart): string {
  const rows = missing.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  const which = rows === '' ? '' : `; rows ${rows} are not there`;
  return `row ${seq}, ${when(at)}: the log was started anew by ${who}: ${why}${which}${accepted ? '' : ' (not yet looked into)'}`;
}

/** What does not fit; `where` says who knows it. A row that is said to be lost cannot be compared. */
function compare(
  db: Db,
  heads: readonly Pick<AuditHead, 'seq' | 'hash'>[],
  restarts: readonly AuditRestart[],
  where: string,
): string[] {
  const last = readHead(db)?.seq ?? 0;
  const lost = (seq: number) => restarts.some((r) => r.missing.some(([from, to]) => from <= seq && seq <= to));
  return heads.flatMap(({ seq, hash }) => {
    if (seq > last)
      return [
        `the audit log has become shorter: it ends with row ${last}, and row ${seq} ${where}; keep the file and report it`,
      ];
    if (lost(seq) || auditHash(db, seq) === hash) return [];
    return [
      `the audit log is another one: row ${seq} is not the row ${seq} that ${where}; keep the file and report it`,
    ];
  });
}

/** Every row number with its hash that a file names: events of this box, anchors, or the pair alone. */
function headsIn(file: string, { site, box }: Config): Pick<AuditHead, 'seq' | 'hash'>[] {
  const text = readFileSync(file, 'utf8');
  const found: Pick<AuditHead, 'seq' | 'hash'>[] = [];
  const source = `/sites/${site}/boxes/${box}`;
  const look = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { seq, hash, source: from } = value as Record<string, unknown>;
    if (typeof from === 'string' && from !== source) return;
    if (Number.isSafeInteger(seq) && typeof hash === 'string') found.push({ seq: seq as number, hash });
    Object.values(value).forEach(look);
  };
  for (const json of jsonIn(text, file)) look(json);
  if (found.length === 0)
    throw new Stop(`${file} names no row of the audit log of ${source}: expected health events with "audit"`);
  return found;
}

function jsonIn(text: string, file: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    // One event a line.
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      throw new Stop(`${file}: line ${i + 1} is not JSON`);
    }
  });
}
