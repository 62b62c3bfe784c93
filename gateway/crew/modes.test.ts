import { afterEach, beforeEach, expect, test } from 'vitest';
import { crewSchema } from '../config/crew.ts';
import { openDb } from '../store/db.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import { currentMode, openModes, setMode, type NewMode } from './modes.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';

const HOUR = 3_600_000;
const config = crewSchema.parse({
  equipment: [{ id: 'broker', kind: 'broker' }],
  modes: { emergency: { alertUnconfirmed: ['missing person'] } },
});
const EMERGENCY: NewMode = {
  mode: 'emergency',
  by: 'Chief 1',
  reason: 'landslide',
  until: T0 + HOUR,
  origin: 'room',
};
let rig: CrewRig;
beforeEach(() => void (rig = openCrewRig()));
afterEach(() => rig.close());

const open = () => openModes({ db: rig.db, outbox: rig.outbox(), clock: rig.clock }, config);

test('a mode changes interval, categories and priority, and is audited and reported', () => {
  const modes = open();
  const facts = () => [modes.current().mode, modes.reportS(), modes.unconfirmed(), modes.priority()];
  expect(facts()).toEqual(['normal', 30, [], undefined]);
  setMode(rig.db, EMERGENCY, rig.outbox());
  expect(modes.turn()).toMatchObject({ mode: 'emergency', by: 'Chief 1' });
  expect(facts()).toEqual(['emergency', 5, ['missing person'], 2]);
  expect(modes.turn()).toBeUndefined();
  expect(rig.audit()).toEqual(['Chief 1: mode set']);
  expect(rig.waiting()).toMatchObject([
    {
      type: 'io.sitebox.mode.v1',
      data: {
        mode: 'emergency',
        before: 'normal',
        by: 'Chief 1',
        reason: 'landslide',
        origin: 'room',
        since: '2026-11-21T08:00:00.000Z',
        until: '2026-11-21T09:00:00.000Z',
      },
    },
  ]);
});

test('it ends at its time, which is noted once, also when the box was off then', () => {
  setMode(rig.db, EMERGENCY, rig.outbox());
  const modes = open();
  rig.pass(HOUR - 1);
  expect([modes.turn(), currentMode(rig.db, rig.clock.now()).mode]).toEqual([undefined, 'emergency']);
  rig.pass(1);
  expect(currentMode(rig.db, rig.clock.now())).toMatchObject({ mode: 'normal', since: T0 + HOUR });
  expect(modes.turn()).toMatchObject({ mode: 'normal', reason: 'emergency is over' });
  // Another start: it was noted already.
  expect([open().turn(), modes.turn()]).toEqual([undefined, undefined]);
  expect(rig.audit()).toEqual(['Chief 1: mode set', 'box: mode ended']);
  expect(rig.waiting().map((e) => e.data)).toMatchObject([
    { mode: 'emergency' },
    { mode: 'normal', before: 'emergency' },
  ]);
});

test('somebody else may set it: another process on the same store', () => {
  const modes = open();
  const other = openDb(rig.folder);
  setMode(other, { ...EMERGENCY, mode: 'heightened', origin: 'box' }, rig.outbox({}, { db: other }));
  other.close();
  expect(modes.turn()).toMatchObject({ mode: 'heightened', origin: 'box' });
  setMode(rig.db, { mode: 'normal', by: 'Chief 2', reason: 'road is clear', origin: 'box' }, rig.outbox());
  expect(modes.turn()).toMatchObject({ mode: 'normal', by: 'Chief 2' });
  expect(modes.current()).not.toHaveProperty('until');
});

test('nobody, no reason, no end, an end in the past or too far ahead: refused in words, and nothing is kept', () => {
  const wrong: readonly Partial<NewMode>[] = [
    { by: ' ' },
    { reason: '' },
    { reason: 'x'.repeat(201) },
    { until: T0 },
    { until: T0 + 72 * HOUR + 1 },
    { until: NaN },
  ];
  const words = wrong.map((w) => {
    expect(() => setMode(rig.db, { ...EMERGENCY, ...w }, rig.outbox())).toThrow();
    try {
      return setMode(rig.db, { ...EMERGENCY, ...w }, rig.outbox()).mode;
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(words[0]).toBe('a mode needs the name of who sets it, at most 200 characters');
  expect(words[1]).toBe('a mode needs a reason, at most 200 characters');
  expect(words.slice(3)).toEqual(Array(3).fill('mode emergency needs an end that lies ahead, by at most 72 h'));
  const { until: _none, ...endless } = EMERGENCY;
  expect(() => setMode(rig.db, endless, rig.outbox())).toThrow('needs an end');
  expect(() => setMode(rig.db, EMERGENCY, rig.outbox({ rows: 0 }))).toThrow(OutboxFull);
  expect([rig.audit(), rig.waiting(), currentMode(rig.db, T0).mode]).toEqual([[], [], 'normal']);
  setMode(rig.db, { ...EMERGENCY, until: T0 + 72 * HOUR }, rig.outbox());
});
