/** What the lists say of themselves beside their state: a root that waits, a load that is under way or failed. */
import type { Problem, Status } from '../../contracts/status.ts';
import type { FollowedLists } from './follow.ts';
import { problem } from '../../contracts/words/problem.ts';

export function listsStatus(lists: FollowedLists): Status {
  return {
    problems() {
      const problems: Problem[] = [];
      const waits = lists.rootWaits();
      if (waits) problems.push(waits);
      const unstored = lists.rootUnstored();
      if (unstored) problems.push(unstored);
      const error = lists.loadError();
      if (error !== undefined) problems.push(problem('list-load', 'list-load', { cause: error }));
      return problems;
    },
    readings: () => [
      {
        name: 'sitebox_lists_loading',
        type: 'gauge',
        help: '1 while lists are being loaded and checked by their thread',
        labels: [],
        read: () => [[[], Number(lists.loading())]],
      },
    ],
  };
}
