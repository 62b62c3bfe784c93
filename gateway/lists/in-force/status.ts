/** What the lists say of themselves beside their state: a root that waits, a load that is under way or failed. */
import type { Problem, Status } from '../../contracts/status.ts';
import type { FollowedLists } from './follow.ts';

export function listsStatus(lists: FollowedLists): Status {
  return {
    problems() {
      const problems: Problem[] = [];
      const waits = lists.rootWaits();
      if (waits) problems.push({ key: 'root-waits', ...waits });
      const unstored = lists.rootUnstored();
      if (unstored) problems.push({ key: 'root-store', ...unstored });
      const error = lists.loadError();
      if (error !== undefined) {
        const what = `the lists of the store cannot be loaded: ${error}; what was in force before, if anything, stays in force`;
        problems.push({
          key: 'list-load',
          what,
          todo: 'it is tried again every 30 s; import the lists again, and look at the log',
        });
      }
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
