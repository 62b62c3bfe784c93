/** `sitebox outbox` on a real store, beside the queue of a running gateway. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outboxTotals } from '../store/outbox/outbox.ts';
import { openQueue, type Queue } from '../store/outbox/queue.ts';
import { openCliRig, type CliRig } from './crew/crew.fixtures.ts';

let rig: CliRig;
let queue: Queue;
let ids: string[];
const due = () => queue.due({ now: Date.now() + 3_600_000, liveFrom: 0, busyStreams: [], limit: 10, onlyLive: false });

beforeEach(() => {
  rig = openCliRig();
  queue = openQueue(rig.db, 'room', '/s');
  const time = Date.UTC(2026, 0, 1);
  ids = ['a', 'b', 'c'].map((stream) => {
    const event = { type: 'io.sitebox.alarm.v1', subject: `lane-${stream}`, time, data: {}, stream } as const;
    return rig.outbox.enqueue(event);
  });
  const [a, b, c] = due();
  queue.settle([
    { seq: a!.seq, kind: 'rejected', why: 'refused for good with 422: no such site' },
    { seq: b!.seq, kind: 'rejected', why: 'refused for good with 413' },
    { seq: c!.seq, kind: 'retry', why: 'answered 400 "Bad request"', dueMs: Date.now() + 60_000 },
  ]);
});
afterEach(() => rig.close());

it('L3: outbox list shows what was refused for good and what fails, each with what was said', async () => {
  const { code, out } = await rig.sitebox('outbox', 'list');
  expect(code).toBe(0);
  expect(out.trimEnd().split('\n')).toEqual([
    'room: 1 wait, 2 refused for good',
    `  REFUSED  ${ids[1]}  2026-01-01T00:00:00Z  alarm.v1  lane-b  refused for good with 413`,
    `  REFUSED  ${ids[0]}  2026-01-01T00:00:00Z  alarm.v1  lane-a  refused for good with 422: no such site`,
    `  failing  ${ids[2]}  2026-01-01T00:00:00Z  alarm.v1  lane-c  answered 400 "Bad request"  (tried 1 times)`,
  ]);
});

it('outbox list says that no command room is configured', async () => {
  rig.configure({ upstream: [] });
  expect((await rig.sitebox('outbox', 'list')).out).toMatch(/^no command room is configured \(upstream\)\n/);
});

it('L3: outbox send-again brings events back by name or all together, and the audit log names who did it', async () => {
  const one = await rig.sitebox('outbox', 'send-again', '--by', 'Chief 1', ids[0]!);
  expect(one).toMatchObject({ code: 0, out: '1 event is sent again\n' });
  expect(due().map((r) => r.id)).toEqual([ids[0], ids[2]]);
  const all = await rig.sitebox('outbox', 'send-again', '--all', '--by', 'Chief 2');
  expect(all).toMatchObject({ code: 0, out: '1 event is sent again\n' });
  expect(due().map((r) => r.id)).toEqual(ids);
  expect(outboxTotals(rig.db, 'room')).toMatchObject({ rows: 3, dead: 0 });
  expect(rig.audit()).toEqual(['Chief 1: events sent again', 'Chief 2: events sent again']);
});

it('L3: outbox send-again refuses what is not dead, nothing and everything, and an unknown command room', async () => {
  const by = ['--by', 'Chief 1'];
  expect(await rig.sitebox('outbox', 'send-again', ...by, ids[2]!)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/not among/) as string,
  });
  expect(await rig.sitebox('outbox', 'send-again', ...by)).toMatchObject({ code: 64 });
  expect(await rig.sitebox('outbox', 'send-again', '--all', ...by, ids[0]!)).toMatchObject({ code: 64 });
  expect(await rig.sitebox('outbox', 'send-again', '--all', '--relay', 'x', ...by)).toMatchObject({ code: 64 });
  expect(await rig.sitebox('outbox', 'send-again', '--all')).toMatchObject({ code: 64 });
  expect(outboxTotals(rig.db, 'room')).toMatchObject({ dead: 2 });
  expect(rig.audit()).toEqual([]);
});

it('L3: outbox send-again --all ends, also where the command room goes on refusing: each event is tried once more', async () => {
  // Refuses at once, and ends a run that does not end.
  rig.db.exec(`CREATE TABLE tried (seq INTEGER);
    CREATE TRIGGER refusesAgain AFTER UPDATE OF dead ON outbox WHEN NEW.dead = 0 BEGIN
      INSERT INTO tried VALUES (NEW.seq);
      SELECT RAISE(ABORT, 'tried again and again') FROM (SELECT count(*) AS times FROM tried) WHERE times > 50;
      UPDATE outbox SET dead = 1 WHERE seq = NEW.seq;
    END`);
  const all = await rig.sitebox('outbox', 'send-again', '--all', '--by', 'Chief 1');
  expect(all).toMatchObject({ code: 0, out: '2 events are sent again\n' });
  expect(rig.audit()).toEqual(['Chief 1: events sent again']);
});
