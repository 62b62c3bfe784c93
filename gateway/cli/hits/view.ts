/** A hit and what people said of it, in lines for a terminal. */
import type { Opinion, Review } from '../../contracts/review.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';
import { isFinal } from '../../hits/review-state.ts';
import type { SecondViewDocument, SecondViewPlate, SecondView } from '../../hits/second-view.ts';
import { say, when } from '../language.ts';

export function viewLines(view: SecondView): string[] {
  const { id, lane, last, sightings, list, entry, category, instruction, certainty, pictures, plate, document } = view;
  return [
    say('hits-head', { id, at: when(last), lane, category, certainty: named('certainty', certainty) }),
    say('hits-entry', { entry, list: words(list.type), version: list.version, sightings }),
    say('hits-instruction', { instruction }),
    ...(plate ? plateLines(plate) : []),
    ...(document ? documentLines(document) : []),
    say('hits-pictures', { n: pictures.length }),
  ];
}

function plateLines({ read, doubtful, listed, late }: SecondViewPlate): string[] {
  return [
    say('hits-read', { read }),
    listed === undefined ? say('hits-listed-withheld', { n: doubtful }) : say('hits-listed', { listed }),
    ...(late ? [say('hits-late')] : []),
  ];
}

function documentLines({ type, expired, comparison, entryComparison }: SecondViewDocument): string[] {
  return [
    say('hits-document', { type, expired: expired ? words('hits-document-expired') : '' }),
    ...(comparison ? [say('hits-comparison', { outcome: comparison.outcome })] : []),
    ...(entryComparison ? [say('hits-entry-comparison', { outcome: entryComparison.outcome })] : []),
  ];
}

/** The state; what each person said only once no further opinion is taken. */
export function reviewLines({ state, opinions, reports }: Review): string[] {
  return [
    say('hits-state', { state: named('review-state', state) }),
    ...(isFinal(state) ? opinions.map(opinionLine) : []),
    ...reports.map(({ judge, outcome, origin, at }) =>
      say('hits-outcome-line', {
        at: when(at),
        by: judge.serviceNumber,
        outcome: named('outcome', outcome),
        origin: named('origin', origin),
      }),
    ),
  ];
}

function opinionLine({ judge, name, verdict, reason, origin, at, opened }: Opinion): string {
  return say('hits-opinion-line', {
    at: when(at),
    by: judge?.serviceNumber ?? name ?? '-',
    verdict: named('verdict', verdict),
    reason: reason === undefined ? '-' : named('reason', reason),
    origin: named('origin', origin),
    n: opened.length,
  });
}
