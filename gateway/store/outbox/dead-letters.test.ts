/** Events that were refused for good return to the queue, however many there are, while the box goes on. */
import { expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { testDb } from '../db.fixtures.ts';
import { sendAgain } from './dead-letters.ts';
import { outboxTotals, OutboxWriter } from './outbox.ts';
import { openQueue } from './queue.ts';

it.each([['all'], ['by name']])(
  'L3: 1,100 dead events wait again (%s), each once, and none that dies meanwhile',
  (how) => {
    const folder = tempFolder();
    const db = testDb(folder);
    const limits = { rows: 10_000, bytes: 1e7 };
    const outbox = new OutboxWriter(db, {
      source: '/s',
      relays: ['room'],
      limits,
      now: () => 0,
      wake: () => undefined,
    });
    const add = (stream: string): string =>
      outbox.enqueue({ type: 'io.sitebox.alarm.v1', subject: 'lane-1', time: 0, data: {}, stream });
    const queue = openQueue(db, 'room', '/s');
    const refuse = (): void => {
      const due = queue.due({ now: 0, liveFrom: 0, busyStreams: [], limit: 10_000, onlyLive: false });
      queue.settle(due.map(({ seq }) => ({ seq, kind: 'rejected', why: 'no' })));
    };
    const ids = db.transaction(() => Array.from({ length: 1_100 }, (_, i) => add(`s-${i}`))).immediate();
    refuse();

    const which = how === 'all' ? 'all' : ids;
    const again: string[] = [];
    for (const id of sendAgain(db, { relays: ['room', 'second'], which, by: 'Chief 1', at: 0 })) {
      if (again.length % 500 === 0) {
        add(`new-${again.length}`);
        refuse();
      }
      again.push(id);
    }
    expect(again).toEqual(ids);
    // All were refused once more, and three new ones with them.
    expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1_103, dead: 1_103 });
  },
);
