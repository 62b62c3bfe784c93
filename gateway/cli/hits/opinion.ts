/** `sitebox hits opinion`: a person sees a hit, reads the doubtful characters of its plate, and says what it is. */
import { Option } from 'commander';
import type { Code } from '../../contracts/words/words.ts';
import { named } from '../../contracts/words/names.ts';
import { OPINION_REASONS, type OpinionReason, type OpinionVerdict } from '../../contracts/review.ts';
import { charactersRead, secondView } from '../../hits/second-view.ts';
import { appendAudit } from '../../store/audit.ts';
import { judgingOf, noteReading } from '../../store/judgings.ts';
import { chosen } from '../choice.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say, spoken } from '../language.ts';
import type { Box } from '../on-box.ts';
import { atTerminal, serviceNumber } from '../people/common.ts';
import type { Terminal } from '../terminal.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { reviewsOf, type HitLogin } from './judge.ts';
import { lookAt } from './pictures.ts';
import { viewLines } from './view.ts';

interface OpinionOptions {
  readonly number: string;
  readonly verdict?: OpinionVerdict;
  readonly reason?: OpinionReason;
  readonly characters?: string;
  readonly pictures?: string;
}

const VERDICTS: readonly OpinionVerdict[] = ['confirm', 'dismiss'];
const REASONS = new Set(Object.values(OPINION_REASONS).flatMap((of) => [...of.confirm, ...of.dismiss]));

export function opinionCommand(login: HitLogin): Verb {
  return new BoxVerb('opinion', 'help-hits-opinion')
    .argument('<id>', say('help-hits-id'))
    .requiredOption('--number <number>', say('help-hits-number'), serviceNumber)
    .addOption(new Option('--verdict <verdict>', say('help-hits-verdict')).choices(VERDICTS))
    .addOption(new Option('--reason <code>', say('help-hits-reason')).choices([...REASONS]))
    .option('--characters <text>', say('help-hits-characters'))
    .option('--pictures <folder>', say('help-hits-pictures'))
    .onBox((box: Box, id: string, options: OpinionOptions) =>
      atTerminal({}, (terminal) => giveOpinion(box, id, options, login, terminal)),
    );
}

async function giveOpinion(
  box: Box,
  id: string,
  options: OpinionOptions,
  login: HitLogin,
  terminal: Terminal,
): Promise<void> {
  const judge = await login(box, options.number, terminal);
  const reviews = reviewsOf(box);
  const stored = reviews.stored(id);
  if (!stored) throw new Stop(say(reviews.whyMissing(id)));
  const who = judge.serviceNumber;
  lookAt(box, stored, { who, folder: options.pictures });
  const before = judgingOf(box.db, id, who).characters;
  const view = secondView(stored, before);
  for (const line of viewLines(view)) console.log(line);
  if (before !== undefined) console.log(say('hits-read-before'));
  const doubtful = view.plate?.doubtful ?? 0;
  if (doubtful > 0 && before === undefined) {
    const characters = await charactersOf(options, doubtful, terminal);
    box.db.write(() => {
      appendAudit(box.db, { at: box.clock.now(), who, what: 'doubtful characters read', detail: { hit: id } });
      noteReading(box.db, id, who, characters);
    });
    for (const line of viewLines(secondView(stored, characters))) console.log(line);
  }
  const of = view.document ? 'document' : 'plate';
  const verdict = options.verdict ?? (await choice(terminal, 'hits-which-verdict', 'verdict', VERDICTS));
  const reasons: readonly OpinionReason[] = OPINION_REASONS[of][verdict];
  const reason = options.reason ?? (await choice(terminal, 'hits-which-reason', 'reason', reasons));
  const content = { verdict, reason, ...judgingOf(box.db, id, who) };
  const answer = reviews.opinion(id, judge, content, 'box');
  if ('refused' in answer) throw new Stop(say('refused', { why: say(answer.refused) }));
  console.log(say('hits-opinion-recorded', { id, state: named('review-state', answer.state) }));
}

/** Before the listed plate is shown. */
async function charactersOf(options: OpinionOptions, doubtful: number, terminal: Terminal): Promise<string> {
  const text = options.characters ?? (await terminal.ask(say('hits-which-characters', { n: doubtful })));
  const characters = charactersRead(text, doubtful);
  if (characters === undefined) throw new Stop(say('review-characters-missing'), EXIT_USAGE);
  return characters;
}

/** One of a few ids, each on a line of its own. */
function choice<Id extends string>(
  terminal: Terminal,
  question: Extract<Code, 'hits-which-verdict' | 'hits-which-reason'>,
  of: 'verdict' | 'reason',
  ids: readonly Id[],
): Promise<Id> {
  const name = (id: Id) => spoken(of === 'verdict' ? named('verdict', id) : named('reason', id));
  for (const [i, id] of ids.entries()) console.log(`  ${i + 1}  ${name(id)}`);
  return chosen(terminal, say(question), of, ids);
}
