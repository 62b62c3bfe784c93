/** `npx sitebox audit`: verifies the hash chain of the audit log: exit 0, or 1 with the first row that does not fit. */
import { readRegular } from '../contracts/regular-file.ts';
import { readAnchors } from '../store/anchors/anchors.ts';
import { acceptRestart, auditHash, readHead, verifyAudit, type AuditRestart } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { lastHead } from '../store/anchors/head-file.ts';
import type { AuditHead } from '../store/anchors/shape.ts';
import { EXIT_USAGE, Stop } from './exit.ts';
import { say, when } from './language.ts';
import type { Box } from './on-box.ts';
import { person, wholeNumber } from './options.ts';
import { BoxVerb, type Verb } from './verb.ts';
import { words } from '../contracts/words/words.ts';

export function auditCommand(): Verb {
  return new BoxVerb('audit', 'help-audit')
    .option('--against <file>', say('help-audit-against'))
    .option('--accept <row>', say('help-audit-accept'), wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--by <name>', say('help-audit-by'), person)
    .onBox(audit);
}

interface Options {
  readonly config: string;
  readonly against?: string;
  readonly accept?: number;
  readonly by?: string;
}

function audit({ config, db, outbox }: Box, { config: file, against, accept, by }: Options): void {
  const { folder } = config.storage;
  // Before the store is read: a running box goes on writing.
  const read = readAnchors(folder);
  const beside = lastHead(folder, read.state === 'ok' ? read.anchors : undefined);
  if (accept !== undefined) noteLoss(db, accept, by);
  const verdict = verifyAudit(db);
  if (!verdict.ok) throw new Stop(say('audit-changed', { row: verdict.seq, why: verdict.why }));
  const restarts = verdict.restarts ?? [];
  for (const restart of restarts) console.log(restartText(restart));
  const wrong = [
    ...(beside ? compare(db, [beside], restarts) : []),
    ...(against === undefined ? [] : compare(db, headsIn(against, outbox.source), restarts, against)),
  ];
  if (wrong.length > 0) throw new Stop(wrong.join('\n'));
  const open = restarts.filter((r) => !r.accepted);
  if (open.length > 0) throw new Stop(say('audit-rows-lost', { file, row: open[0]!.seq }));
  console.log(say('audit-whole', { rows: verdict.rows }));
}

function noteLoss(db: Db, seq: number, who: string | undefined): void {
  if (who === undefined) throw new Stop(say('audit-accept-by'), EXIT_USAGE);
  if (!acceptRestart(db, seq, { at: Date.now(), who })) throw new Stop(say('audit-no-loss', { row: seq }));
}

function restartText({ seq, at, who, why, missing, accepted }: AuditRestart): string {
  const rows = missing.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  const gone = rows === '' ? '' : words('audit-restart-missing', { rows });
  const open = accepted ? '' : words('audit-restart-open');
  return say('audit-restart', { row: seq, at: when(at), by: who, why, missing: gone, open });
}

type RowHash = Pick<AuditHead, 'seq' | 'hash'>;

/** What does not fit what this box has written, or what `file` holds. Rows that a restart of the log names as lost cannot be compared. */
function compare(db: Db, heads: readonly RowHash[], restarts: readonly AuditRestart[], file?: string): string[] {
  const last = readHead(db)?.seq ?? 0;
  const lost = (seq: number) => restarts.some((r) => r.missing.some(([from, to]) => from <= seq && seq <= to));
  return heads.flatMap(({ seq, hash }) => {
    if (seq > last)
      return file === undefined
        ? say('audit-shorter', { last, row: seq })
        : say('audit-shorter-than', { last, row: seq, file });
    if (lost(seq) || auditHash(db, seq) === hash) return [];
    return file === undefined ? say('audit-other', { row: seq }) : say('audit-other-than', { row: seq, file });
  });
}

/** Every row number with its hash that a file names: events of `source`, which is this box, anchors, or the pair alone. */
function headsIn(file: string, source: string): RowHash[] {
  const text = readRegular(file, { linked: true });
  const heads: RowHash[] = [];
  const look = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { seq, hash, source: from } = value as Record<string, unknown>;
    if (typeof from === 'string' && from !== source) return;
    if (Number.isSafeInteger(seq) && typeof hash === 'string') heads.push({ seq: seq as number, hash });
    Object.values(value).forEach(look);
  };
  for (const json of jsonIn(text, file)) look(json);
  if (heads.length === 0) throw new Stop(say('audit-against-empty', { file, box: source }));
  return heads;
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
      throw new Stop(say('audit-against-no-json', { file, line: i + 1 }));
    }
  });
}
