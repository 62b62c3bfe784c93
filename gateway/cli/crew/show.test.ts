/** `sitebox device show` beside a crew that runs: what the one process was told, the other one says. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { decodeTelemetry } from '../../../adapters/crew/bodycam/codec.ts';
import type { Clock } from '../../clock/clock.ts';
import { openClock } from '../../clock/clock.ts';
import { crewSchema } from '../../config/crew.ts';
import { CrewService } from '../../crew/crew-service.ts';
import { crewHealth } from '../../crew/status.ts';
import type { EquipmentHost, Equipment } from '../../contracts/crew.ts';
import { timeKeeper } from '../../store/time.ts';
import { CREW, openCliRig, type CliRig } from './crew.fixtures.ts';

const T0 = Date.UTC(2026, 10, 21, 8);
const equipment: Equipment = { run: () => Promise.resolve() };

let rig: CliRig;
let passed: number;
let crew: CrewService;
let host: EquipmentHost;
beforeEach(() => {
  rig = openCliRig();
  passed = 0;
  const clock: Clock = { ...openClock(timeKeeper(rig.db), () => T0 + passed), mono: () => passed };
  const parts = { db: rig.db, outbox: rig.outbox, clock, config: crewSchema.parse(CREW), log: SILENT_LOG };
  crew = new CrewService({ ...parts, equipment: [{ id: 'crew', equipment }] });
  host = crew.hostFor(equipment);
  rig.register('cam-1');
  crew.turn();
});
afterEach(() => rig.close());

const say = (fields: object): void => {
  const payload = Buffer.from(JSON.stringify({ v: 1, tst: (T0 + passed) / 1000, lat: 30.25, lon: 120.125, ...fields }));
  host.report(decodeTelemetry(payload, 'cam-1', T0 + passed));
};
const pass = (ms: number): void => {
  passed += ms;
  crew.turn();
};
const show = (id = 'cam-1') => rig.sitebox('device', 'show', id);

it('C5: says which field was left out, why, when and how often, and that the clock is wrong', async () => {
  expect((await show()).out).toMatch(
    /^cam-1 {2}bodycam {2}officer {2}bodycam {2}added \S+ by Chief 1\nnothing that it sent was refused/,
  );
  say({ batt: 250 });
  say({ batt: -1 });
  say({ tst: (T0 - 8 * 3_600_000) / 1000 });
  host.refused('malformed', 'cam-1', { field: 'v', why: 'expected 1' });
  // A stranger's name is nobody's.
  host.refused('not allowed', 'cam-9');
  pass(10_000);
  const { out, code } = await show();
  expect(code).toBe(0);
  expect(out.split('\n').slice(1, -1)).toEqual([
    '  2026-11-21T08:00:00Z  once  malformed: v: expected 1',
    '  2026-11-21T08:00:00Z  once  clock wrong: its clock is 8 hours behind: it probably takes local time for UTC, or UTC for local time',
    '  2026-11-21T08:00:00Z  2 times  odd field: batt: expected percent from 0 to 100',
  ]);
  expect(out).not.toMatch(/250|30\.25|120\.125/);
  expect((await show('cam-9')).code).toBe(1);
  expect(crewHealth(crew, [])['faults']).toEqual([
    { device: 'cam-1', why: 'malformed', field: 'v', hint: 'expected 1', at: '2026-11-21T08:00:00.000Z', times: 1 },
  ]);
});

it.each([
  [8, '8 hours ahead: it probably takes local time for UTC, or UTC for local time'],
  [-1, '1 hour behind: its time zone is probably wrong'],
  [0.1, '360 seconds ahead: set its clock'],
])('C5: says of a clock what is true of equipment of the crew (%s h)', async (hours, words) => {
  say({ tst: T0 / 1000 + hours * 3_600 });
  pass(10_000);
  expect((await show()).out).toContain(`  once  clock wrong: its clock is ${words}\n`);
});

it('C5: what a device says wrongly all the time is written once in ten seconds, and has an end', () => {
  const changes = (): number => rig.db.prepare('SELECT total_changes()').pluck().get() as number;
  say({ batt: 250 });
  pass(10_000);
  const before = changes();
  for (let i = 0; i < 1_000; i++) {
    say({ batt: 250, seq: i });
    host.refused('odd field', 'cam-1', { field: `f${i}`, why: 'expected another' });
    if (i % 100 === 0) crew.turn();
  }
  expect(changes()).toBe(before);
  pass(10_000);
  const kept = rig.db.prepare("SELECT value FROM meta WHERE key = 'faults of cam-1'").pluck().get() as string;
  expect(JSON.parse(kept)).toHaveLength(12);
});

it('C5: is forgotten when the id is registered anew', async () => {
  say({ batt: 250 });
  pass(10_000);
  await rig.sitebox('device', 'revoke', 'cam-1', '--by', 'Chief 1');
  expect((await show()).out).toMatch(/REVOKED[^\n]*\n[^\n]*odd field: batt/);
  rig.register('cam-1');
  pass(10_000);
  expect((await show()).out).toContain('nothing that it sent was refused');
});
