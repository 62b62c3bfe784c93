/** `npx sitebox audit export`: the whole log in one file with its signed head, and beside it the program that verifies it elsewhere. */
import { closeSync, constants, copyFileSync, existsSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readBoxKey } from '../../audit/box-key.ts';
import { exportLines, headForExport, VERIFIER } from '../../audit/export.ts';
import { appendAudit, readHead } from '../../store/audit.ts';
import { causeOf } from '../../contracts/errors.ts';
import { Stop } from '../exit.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import { BoxVerb, type Verb } from '../verb.ts';

const VERIFIER_NAME = 'verify-audit.mjs';

export function exportCommand(): Verb {
  return new BoxVerb('export', 'help-audit-export')
    .requiredOption('--to <file>', say('help-audit-to'))
    .by()
    .onBox(exportLog);
}

function exportLog(box: Box, { to, by }: { readonly to: string; readonly by: string }): void {
  const { db, clock, config, outbox } = box;
  const script = join(dirname(to), VERIFIER_NAME);
  if (existsSync(to)) throw new Stop(say('audit-export-exists', { to }));
  const key = keyOf(config.storage.folder);
  const signed = { source: outbox.source, key, now: clock.now() };
  const upTo = headForExport(db, signed)?.seq;
  if (upTo === undefined) throw new Stop(say('audit-export-no-head'));
  // The log first: an export that cannot be logged is not made. Where the head can be signed now, the row is part of what leaves.
  appendAudit(db, { at: clock.now(), who: by, what: 'audit exported', detail: { upTo } });
  const head = headForExport(db, signed)!;
  const fd = openSync(to, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    exportLines(db, head, (line) => writeFileSync(fd, line));
    fsyncSync(fd);
  } catch (error) {
    rmSync(to);
    throw error;
  } finally {
    closeSync(fd);
  }
  copyFileSync(VERIFIER, script);
  console.log(say('audit-exported', { to, row: head.seq, last: readHead(db)!.seq }));
  console.log(say('audit-export-check', { file: basename(to), script: VERIFIER_NAME, key: head.key }));
}

/** Undefined where it is a credential that only the service gets. */
function keyOf(folder: string) {
  try {
    return readBoxKey(folder);
  } catch (error) {
    throw new Stop(say('audit-key-unread', { cause: causeOf(error) }));
  }
}
