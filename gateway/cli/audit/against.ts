/**
 * `npx sitebox audit against FILE`: the log compared with what is known of it elsewhere: an export, or the events that a command room holds. Only
 * that shows rows cut off at the end, an older copy put back, and a log written anew: exit 0, or 1 with the row.
 */
import { headsIn, NoJson, type HeadInFile } from '../../audit/heads-in.ts';
import { readRegular } from '../../contracts/regular-file.ts';
import type { AuditRestart } from '../../store/audit.ts';
import { Stop } from '../exit.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import { several } from '../options.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { compare, inShort, wholeChain } from './compare.ts';

export function againstCommand(): Verb {
  return new BoxVerb('against', 'help-audit-compare')
    .argument('<file>', say('help-audit-against'))
    .option('--key <key>', say('help-audit-key'), several(String))
    .onBox(against);
}

function against(box: Box, file: string, { key }: { readonly key?: readonly string[] }): void {
  const { restarts } = wholeChain(box);
  const wrong = compareWithFile(box, file, restarts, key);
  if (wrong.length > 0) throw new Stop(inShort(wrong));
  const heads = headsOf(file, box.outbox.source);
  const last = heads.reduce((most, { seq }) => Math.max(most, seq), 0);
  console.log(say('audit-agrees', { file, heads: heads.length, row: last }));
}

/** What does not fit, in words. Throws Stop where the file says nothing of this box. */
export function compareWithFile(
  { db, outbox }: Box,
  file: string,
  restarts: readonly AuditRestart[],
  keys?: readonly string[],
): string[] {
  return compare(db, headsOf(file, outbox.source), { restarts, file, ...(keys ? { keys } : {}) });
}

function headsOf(file: string, source: string): HeadInFile[] {
  const text = readRegular(file, { linked: true });
  try {
    const heads = headsIn(text, source);
    if (heads.length > 0) return heads;
  } catch (error) {
    if (!(error instanceof NoJson)) throw error;
    throw new Stop(say('audit-against-no-json', { file, line: error.line }));
  }
  throw new Stop(say('audit-against-empty', { file, box: source }));
}
