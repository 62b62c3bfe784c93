/** `npx sitebox hits …`: hits, and what people say of them. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Option } from 'commander';
import { named } from '../../contracts/words/names.ts';
import { REVIEW_STATES, SPOT_OUTCOMES, type ReviewState, type SpotOutcome } from '../../contracts/review.ts';
import type { ServiceNumber } from '../../contracts/people.ts';
import { secondView } from '../../hits/second-view.ts';
import { appendAudit } from '../../store/audit.ts';
import { erasedAt } from '../../store/erasure.ts';
import { getHit } from '../../store/hits.ts';
import { judgingOf } from '../../store/judgings.ts';
import { hitLines } from '../../store/reviews.ts';
import { Stop } from '../exit.ts';
import { say, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { shortText, wholeNumber } from '../options.ts';
import { atTerminal, serviceNumber } from '../people/common.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { reviewsOf, type HitLogin, type HitLogins } from './judge.ts';
import { opinionCommand } from './opinion.ts';
import { lookAt } from './pictures.ts';
import { reviewLines, viewLines } from './view.ts';

export function hitsCommand({ viewer, judge }: HitLogins): Verb {
  const verbs = [listCommand(viewer), showCommand(viewer), opinionCommand(judge), outcomeCommand(judge)];
  return group('hits', 'help-hits', verbs);
}

interface ListOptions {
  readonly number: string;
  readonly lane?: string;
  readonly state?: ReviewState;
  readonly last: number;
}

function listCommand(login: HitLogin): Verb {
  return new BoxVerb('list', 'help-hits-list')
    .requiredOption('--number <number>', say('help-hits-number'), serviceNumber)
    .option('--lane <id>', say('help-hits-lane'), shortText(32))
    .addOption(new Option('--state <state>', say('help-hits-state')).choices(REVIEW_STATES))
    .option('--last <n>', say('help-last'), wholeNumber(1, 10_000), 20)
    .onBox(async (box: Box, options: ListOptions) => {
      const { serviceNumber: who } = await atTerminal({}, (terminal) => login(box, options.number, terminal));
      listHits(box, options, who);
    });
}

/** No plate: of a possible hit a reviewer must not see it yet. */
function listHits({ db, clock }: Box, { lane, state, last }: ListOptions, who: ServiceNumber): void {
  const lines = hitLines(db, {
    limit: last,
    ...(lane === undefined ? {} : { lane }),
    ...(state === undefined ? {} : { state }),
  });
  const detail = { lane: lane ?? null, state: state ?? null, hits: lines.length };
  appendAudit(db, { at: clock.now(), who, what: 'hits listed', detail });
  if (lines.length === 0) console.log(say('hits-none'));
  for (const line of lines) {
    const hit = getHit(db, line.id);
    const words = {
      certainty: named('certainty', hit?.certainty ?? '-'),
      state: named('review-state', line.state),
    };
    console.log(
      say('hits-row', {
        id: line.id,
        at: when(line.lastMs),
        lane: line.lane,
        category: hit?.category ?? '-',
        ...words,
      }),
    );
  }
}

function showCommand(login: HitLogin): Verb {
  return new BoxVerb('show', 'help-hits-show')
    .argument('<id>', say('help-hits-id'))
    .requiredOption('--number <number>', say('help-hits-number'), serviceNumber)
    .option('--pictures <folder>', say('help-hits-pictures'))
    .onBox(async (box: Box, id: string, { number, pictures }: { number: string; pictures?: string }) => {
      const { serviceNumber: who } = await atTerminal({}, (terminal) => login(box, number, terminal));
      const reviews = reviewsOf(box);
      const stored = reviews.stored(id);
      const erased = erasedAt(box.db, id);
      if (!stored && erased !== undefined) throw new Stop(say('hits-erased', { id, at: when(erased) }));
      if (!stored) throw new Stop(say(reviews.whyMissing(id)));
      lookAt(box, stored, { who, folder: pictures });
      const view = secondView(stored, judgingOf(box.db, id, who).characters);
      for (const line of [...viewLines(view), ...reviewLines(stored.review)]) console.log(line);
    });
}

function outcomeCommand(login: HitLogin): Verb {
  return new BoxVerb('outcome', 'help-hits-outcome')
    .argument('<id>', say('help-hits-id'))
    .requiredOption('--number <number>', say('help-hits-number'), serviceNumber)
    .addOption(
      new Option('--outcome <outcome>', say('help-hits-outcome-is'))
        .choices(SPOT_OUTCOMES.map((outcome) => outcome.replace(' ', '-')))
        .makeOptionMandatory(),
    )
    .onBox(async (box: Box, id: string, { number, outcome }: { number: string; outcome: string }) => {
      const judge = await atTerminal({}, (terminal) => login(box, number, terminal));
      const answer = reviewsOf(box).outcome(id, judge, outcome.replace('-', ' ') as SpotOutcome, 'box');
      if ('refused' in answer) throw new Stop(say('refused', { why: say(answer.refused) }));
      console.log(say('hits-outcome-recorded', { id, outcome: named('outcome', outcome) }));
    });
}
