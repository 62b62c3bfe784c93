/** `npx sitebox handover`: the sheet of a shift, both signatures, and the sheets that were signed. Exit 0 done, 1 refused, 64 wrong use, 74 store, 78 configuration. */
import type { Handover, ShiftSheet } from '../../contracts/shift.ts';
import type { Instant } from '../../contracts/base.ts';
import type { ServiceNumber } from '../../contracts/people.ts';
import { CONSOLE } from '../../people/accounts.ts';
import { Handovers, MAX_NOTE_CHARS, SHIFT_LENGTH_MS, type HandoverDraft } from '../../people/handovers.ts';
import { isRefusal } from '../../people/refusal.ts';
import { getHandover, lastHandover } from '../../store/handovers.ts';
import { instant } from '../audit/show.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import { shortText } from '../options.ts';
import { atTerminal, granted, peopleOf, refused, serviceNumber, type PersonIo } from '../people/common.ts';
import type { Terminal } from '../terminal.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { blindSection, isRunning, linesOf, sheetOf, sheetSections, shortTime, type Section } from './sheet.ts';

export function handoverCommand(io: PersonIo = {}): Verb {
  return group('handover', 'help-handover', [showCommand()], signCommand(io));
}

interface SignOptions {
  readonly outgoing?: ServiceNumber;
  readonly incoming?: ServiceNumber;
  readonly until?: Instant;
  readonly note?: string;
}

interface Signers {
  readonly outgoing: ServiceNumber;
  readonly incoming: ServiceNumber;
  readonly note: string;
}

function signCommand(io: PersonIo): Verb {
  const verb = new BoxVerb('sign', 'help-handover-sign');
  verb
    .option('--outgoing <number>', say('help-handover-outgoing'), serviceNumber)
    .option('--incoming <number>', say('help-handover-incoming'), serviceNumber)
    .option('--until <time>', say('help-handover-until'), instant)
    .option('--note <text>', say('help-handover-note'), shortText(MAX_NOTE_CHARS));
  return verb.onBox(async (box: Box, { outgoing, incoming, until, note = '' }: SignOptions) => {
    const handovers = handoversOf(box, io);
    const draft = granted(handovers.draft(until ?? box.clock.now() + SHIFT_LENGTH_MS));
    printPage(draft.sheet, [line('handover-title', say('handover-draft'))], isRunning(box));
    if (outgoing === undefined && incoming === undefined) return console.log(say('handover-how'));
    if (outgoing === undefined || incoming === undefined) throw new Stop(say('handover-both'), EXIT_USAGE);
    await atTerminal(io, (terminal) => sign(box, handovers, { outgoing, incoming, note }, draft, terminal));
  });
}

/** Where the sheet changes meanwhile, a person at the keyboard reads the new one and signs that. */
async function sign(
  box: Box,
  handovers: Handovers,
  { outgoing, incoming, note }: Signers,
  draft: HandoverDraft,
  terminal: Terminal,
): Promise<void> {
  const passwordOf = (number: ServiceNumber): Promise<string> => terminal.secret(say('person-password-of', { number }));
  const until = Date.parse(draft.sheet.until);
  const signed = await handovers.sign(
    {
      digest: draft.digest,
      until,
      note,
      outgoing: { serviceNumber: outgoing, password: await passwordOf(outgoing) },
      incoming: { serviceNumber: incoming, password: await passwordOf(incoming) },
    },
    CONSOLE,
  );
  if (!isRefusal(signed)) {
    const { handover, ended, screens } = signed;
    return console.log(say('handover-signed', { id: handover.id, outgoing, incoming, ended, screens }));
  }
  if (signed.refused.code !== 'handover-changed') throw refused(signed);
  const next = granted(handovers.draft(until));
  printPage(next.sheet, [line('handover-title', say('handover-draft'))], isRunning(box));
  if (!terminal.isInteractive) throw refused(signed);
  console.error(say('refused', { why: signed.refused }));
  await sign(box, handovers, { outgoing, incoming, note }, next, terminal);
}

function showCommand(): Verb {
  return new BoxVerb('show', 'help-handover-show')
    .argument('[id]', say('help-handover-id'))
    .option('--last', say('help-handover-last'), false)
    .option('--json', say('help-status-json'), false)
    .onBox(
      ({ db }: Box, id: string | undefined, { last, json }: { readonly last: boolean; readonly json: boolean }) => {
        if ((id === undefined) !== last) throw new Stop(say('handover-which'), EXIT_USAGE);
        const handover = id === undefined ? lastHandover(db) : getHandover(db, id);
        if (handover === undefined)
          throw new Stop(id === undefined ? say('handover-none') : say('handover-missing', { id }));
        if (handover === 'lost') throw new Stop(say('handover-lost'));
        if (json) return console.log(JSON.stringify(handover, null, 2));
        printPage(handover.sheet, headOf(handover), true);
        if (handover.note !== '') console.log(`${say('handover-note')}\n  ${handover.note}`);
      },
    );
}

function headOf({ id, at, outgoing, incoming }: Handover): Section[] {
  return [
    line('handover-title', `${id}  ${shortTime(at)}`),
    line('handover-outgoing', outgoing),
    line('handover-incoming', incoming),
  ];
}

function line(
  label: 'handover-title' | 'handover-outgoing' | 'handover-incoming' | 'handover-next',
  value: string,
): Section {
  return { label: say(label), value, rows: [] };
}

function printPage(sheet: ShiftSheet, head: readonly Section[], running: boolean): void {
  const next = line('handover-next', shortTime(sheet.until));
  const sections = [...head, next, ...sheetSections(sheet, running), blindSection(sheet)];
  for (const text of linesOf(sections)) console.log(text);
}

function handoversOf(box: Box, io: PersonIo): Handovers {
  const { db, clock, outbox } = box;
  const { accounts, sessions } = peopleOf(box, io);
  return new Handovers({ db, clock, outbox, accounts, sessions, sheet: (until) => sheetOf(box, until) });
}
