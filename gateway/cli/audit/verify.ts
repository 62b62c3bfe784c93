/** `npx sitebox audit verify`: the chain of the audit log, and what lies beside it: exit 0, or 1 with the first row that does not fit. */
import { anchoredHead, storedHeads } from '../../store/audit-heads.ts';
import { acceptRestart } from '../../store/audit.ts';
import { readAnchors } from '../../store/anchors/anchors.ts';
import { lastHead } from '../../store/anchors/head-file.ts';
import { changedHits } from '../../store/changed-hits.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { person, wholeNumber } from '../options.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { compareWithFile } from './against.ts';
import { compare, inShort, wholeChain } from './compare.ts';

export function verifyCommand(): Verb {
  return new BoxVerb('verify', 'help-audit-verify')
    .option('--against <file>', say('help-audit-against'))
    .option('--accept <row>', say('help-audit-accept'), wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--by <name>', say('help-audit-by'), person)
    .onBox(verify);
}

interface Options {
  readonly config: string;
  readonly against?: string;
  readonly accept?: number;
  readonly by?: string;
}

function verify(box: Box, { config: file, against, accept, by }: Options): void {
  const { config, db } = box;
  const { folder } = config.storage;
  // Before the store is read: a running box goes on writing.
  const read = readAnchors(folder);
  const beside = lastHead(folder, read.state === 'ok' ? read.anchors : undefined);
  if (accept !== undefined) noteLoss(box, accept, by);
  const { rows, restarts } = wholeChain(box);
  const signed = storedHeads(db).map((head) => ({ seq: head.seq, hash: head.hash, signed: head }));
  const wrong = [
    ...(beside ? compare(db, [beside], { restarts }) : []),
    ...compare(db, signed, { restarts }),
    ...changedHits(db).map((hit) => say('audit-hit-changed', { hit })),
    ...(against === undefined ? [] : compareWithFile(box, against, restarts)),
  ];
  if (wrong.length > 0) throw new Stop(inShort(wrong));
  const open = restarts.filter((r) => !r.accepted);
  if (open.length > 0) throw new Stop(say('audit-rows-lost', { file, row: open[0]!.seq }));
  console.log(say('audit-whole', { rows }));
  console.log(vouched(box, rows));
}

/** Up to which row a change would show outside this box. */
function vouched({ db }: Box, rows: number): string {
  const head = anchoredHead(db);
  if (!head) return say('audit-vouched-none');
  const at = when(Date.parse(head.at));
  if (head.seq === rows) return say('audit-vouched-all', { at });
  return say('audit-vouched', { row: head.seq, at, rest: rows - head.seq });
}

function noteLoss({ db }: Box, seq: number, who: string | undefined): void {
  if (who === undefined) throw new Stop(say('audit-accept-by'), EXIT_USAGE);
  if (!acceptRestart(db, seq, { at: Date.now(), who })) throw new Stop(say('audit-no-loss', { row: seq }));
}
