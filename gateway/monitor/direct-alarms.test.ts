import { expect, test, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import type { Envelope } from '../contracts/relay.ts';
import { alarmChanges } from './alarms.ts';
import { openDirectAlarms } from './direct-alarms.ts';
import type { Problem } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';

const FULL = problem('store:full', 'store-reserve');

/** A relay that stores, or refuses while `away`. */
function openLine() {
  const line = { away: false, got: [] as Envelope[] };
  const relay = {
    send(e: Envelope): Promise<void> {
      if (line.away) return Promise.reject(new Error('away'));
      line.got.push(e);
      return Promise.resolve();
    },
  };
  let now = 0;
  const direct = openDirectAlarms({
    relays: [{ id: 'room', relay }],
    source: '/sites/demo/boxes/box-001',
    mono: () => now,
    log: SILENT_LOG,
  });
  const turn = (problems: readonly Problem[], stored = new Map<string, string>()): void => {
    now += 11_000;
    direct.send(alarmChanges(direct.over(stored), problems), 1);
  };
  return { line, direct, turn };
}

test('W4: an alarm leaves once without the store, its end too, and it keeps its id over tries', async () => {
  const { line, direct, turn } = openLine();
  line.away = true;
  turn([FULL]);
  await vi.waitFor(() => {
    turn([FULL]);
    expect(direct.idOf(alarmChanges(new Map(), [FULL])[0]!)).toBeDefined();
  });
  const id = direct.idOf(alarmChanges(new Map(), [FULL])[0]!);
  line.away = false;
  await vi.waitFor(() => {
    turn([FULL]);
    expect(direct.ahead()).toBe(true);
  });
  for (let i = 0; i < 5; i++) turn([FULL]);
  expect(line.got.map((e) => e.id)).toEqual([id]);
  expect(line.got[0]).toMatchObject({ type: 'io.sitebox.alarm.v1', subject: FULL.key, data: { state: 'raised' } });
  // The store knows nothing of it, and yet its end is news.
  await vi.waitFor(() => {
    turn([]);
    expect(line.got).toHaveLength(2);
  });
  expect(line.got[1]).toMatchObject({ subject: FULL.key, data: { state: 'cleared' } });
  direct.settled();
  expect([...direct.over(new Map([['a', 'b']]))]).toEqual([['a', 'b']]);
});

test('W4: alarms past the store are bounded', async () => {
  const { line, turn } = openLine();
  const many = Array.from({ length: 200 }, (_, i) => ({ ...FULL, key: `part:${i}` }));
  turn(many);
  await vi.waitFor(() => expect(line.got).toHaveLength(50));
});
