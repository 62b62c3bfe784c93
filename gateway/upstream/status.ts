/** What the deliveries say of themselves beside their outboxes: the window, and events that something else than the command room answers. */
import type { Delivery } from './deliver.ts';
import type { Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';

export function deliveriesStatus(deliveries: ReadonlyMap<string, Pick<Delivery, 'state'>>): Status {
  const each = <T>(of: (id: string, state: ReturnType<Delivery['state']>) => T): T[] =>
    [...deliveries].map(([id, delivery]) => of(id, delivery.state()));
  return {
    problems: () =>
      each((id, { turnedAway: { rows, why } }) => {
        if (rows === 0) return [];
        return [problem(`turned-away:${id}`, 'upstream-turned-away', { id, rows, cause: why ?? '' })];
      }).flat(),
    readings: () => [
      {
        ...{ name: 'sitebox_delivery_window', type: 'gauge', labels: ['relay'] },
        help: 'Sends that may be under way at one time',
        read: () => each((id, { window }) => [[id], window] as const),
      },
      {
        ...{ name: 'sitebox_delivery_turned_away', type: 'gauge', labels: ['relay'] },
        help: 'Events that something else than the command room answers, 100 at most',
        read: () => each((id, { turnedAway }) => [[id], turnedAway.rows] as const),
      },
    ],
    health: () => ({
      line: Object.fromEntries(
        each((id, { window, turnedAway: { rows, why } }) => [id, { window, turnedAway: { rows, why: why ?? null } }]),
      ),
    }),
  };
}
