/** `npx sitebox hits …`: hits, and what people say of them. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Option } from 'commander';
import { named } from '../../contracts/words/names.ts';
import { REVIEW_STATES, SPOT_OUTCOMES, type ReviewState, type SpotOutcome } from '../../contracts/review.ts';
import { secondView } from '../../hits/second-view.ts';
import { appendAudit } from '../../store/audit.ts';
import { erasedAt } from '../../store/erasure.ts';
import { getHit } from '../../store/hits.ts';
import { hitLines } from '../../store/reviews.ts';
import { Stop } from '../exit.ts';
import { say, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { shortText, wholeNumber } from '../options.ts';
import { atTerminal, serviceNumber } from '../people/common.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { reviewsOf, type JudgeLogin } from './judge.ts';
import { opinionCommand } from './opinion.ts';
import { writePictures } from './pictures.ts';
import { reviewLines, viewLines } from './view.ts';

export function hitsCommand(login: JudgeLogin): Verb {
  return group('hits', 'help-hits', [listCommand(), showCommand(), opinionCommand(login), outcomeCommand(login)]);
}

interface ListOptions {
  readonly by: string;
  readonly lane?: string;
  readonly state?: ReviewState;
  readonly last: number;
}

function listCommand(): Verb {
  return new BoxVerb('list', 'help-hits-list')
    .by('help-hits-by')
    .option('--lane <id>', say('help-hits-lane'), shortText(32))
    .addOption(new Option('--state <state>', say('help-hits-state')).choices(REVIEW_STATES))
    .option('--last <n>', say('help-last'), wholeNumber(1, 10_000), 20)
    .onBox(listHits);
}

/** No plate: of a possible hit a reviewer must not see it yet. */
function listHits({ db, clock }: Box, { by, lane, state, last }: ListOptions): void {
  const lines = hitLines(db, {
    limit: last,
    ...(lane === undefined ? {} : { lane }),
    ...(state === undefined ? {} : { state }),
  });
  const detail = { lane: lane ?? null, state: state ?? null, hits: lines.length };
  appendAudit(db, { at: clock.now(), who: by, what: 'hits listed', detail });
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

function showCommand(): Verb {
  return new BoxVerb('show', 'help-hits-show')
    .argument('<id>', say('help-hits-id'))
    .by('help-hits-by')
    .option('--pictures <folder>', say('help-hits-pictures'))
    .onBox((box: Box, id: string, { by, pictures }: { by: string; pictures?: string }) => {
      const { db, clock } = box;
      const stored = reviewsOf(box).stored(id);
      const erased = erasedAt(db, id);
      if (!stored && erased !== undefined) throw new Stop(say('hits-erased', { id, at: when(erased) }));
      if (!stored) throw new Stop(say('review-unknown-hit'));
      const opened = pictures === undefined ? [] : writePictures(box, stored, pictures);
      appendAudit(db, { at: clock.now(), who: by, what: 'hit viewed', detail: { hit: id, opened: [...opened] } });
      const view = secondView(stored);
      for (const line of [...viewLines(view), ...reviewLines(stored.review)]) console.log(line);
    });
}

function outcomeCommand(login: JudgeLogin): Verb {
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
