/** Logins that could not be judged are counted, said and a problem; never in silence. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import type { CrewRefusal } from '../contracts/crew.ts';
import { CrewService } from './crew-service.ts';
import { testDb } from '../store/db.fixtures.ts';
import { openLoginWatch, type LoginWatch } from './login-watch.ts';
import { LoginsBusy } from './credentials.ts';
import { openRegistry } from './registry.ts';
import { openCrewRig, type CrewRig } from './crew.fixtures.ts';

let rig: CrewRig;
let watch: LoginWatch;
let refused: (readonly [CrewRefusal, string | undefined])[];
let said: string[];
beforeEach(() => {
  rig = openCrewRig();
  rig.add({ id: 'cam-1' });
  refused = [];
  said = [];
  watch = openLoginWatch({
    clock: rig.clock,
    log: { ...SILENT_LOG, error: (fields, text) => void said.push(`${text} ${JSON.stringify(fields)}`) },
    refusals: { add: (why, device) => void refused.push([why, device]) },
    registry: openRegistry({ db: rig.db, log: SILENT_LOG }),
    store: rig.db.health,
  });
});
afterEach(() => rig.close());

it('is counted each time, said once a minute, and a problem until there was none for five minutes', () => {
  for (const name of ['cam-1', 'stranger-7', undefined]) watch.loginError(new Error('planted'), name);
  expect(refused).toEqual(['cam-1', undefined, undefined].map((device) => ['not judged', device]));
  expect(said).toEqual(['a login of the crew could not be judged {"cause":"planted","device":"cam-1"}']);
  expect(watch.problems()).toMatchObject([
    { key: 'crew:login', what: '3 logins of devices could not be judged: planted' },
  ]);
  rig.pass(60_000);
  watch.loginError(new Error('planted'), undefined);
  watch.loginError(new Error('another'), undefined);
  expect(said).toHaveLength(3);
  rig.pass(299_999);
  expect(watch.problems()).toHaveLength(1);
  rig.pass(1);
  expect(watch.problems()).toEqual([]);
  watch.loginError(new Error('planted'), undefined);
  expect(watch.problems()[0]!.what).toBe('1 login of a device could not be judged: planted');
  expect(JSON.stringify([said, watch.problems()])).not.toContain('stranger-7');
});

it('that found too many others is refused as before, and no problem', () => {
  watch.loginError(new LoginsBusy(), 'cam-1');
  expect([refused, said, watch.problems()]).toEqual([[['login', 'cam-1']], [], []]);
});

it('is among the problems of the crew, and in its counter', () => {
  const config = crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }] });
  const equipment = { run: () => Promise.resolve() };
  const parts = { db: rig.db, outbox: rig.outbox(), clock: rig.clock, config, log: SILENT_LOG };
  const crew = new CrewService({ ...parts, equipment: [{ id: 'broker', equipment }] });
  expect(crew.status.problems!()).toEqual([]);
  crew.hostFor(equipment).loginError(new Error('planted'), undefined);
  expect(crew.status.problems!()).toMatchObject([{ key: 'crew:login' }]);
  expect(crew.view().refused).toEqual({ 'not judged': 1 });
});

it('is said of the whole crew where the damaged store gave no device', () => {
  const db = testDb(join(rig.folder, 'empty'));
  const registry = openRegistry({ db, log: SILENT_LOG });
  const other = openLoginWatch({
    clock: rig.clock,
    log: SILENT_LOG,
    registry,
    store: db.health,
    refusals: { add: () => undefined },
  });
  // A box on which nobody has registered one yet.
  expect(other.problems()).toEqual([]);
  db.health.shut('damaged', 'planted');
  expect(other.problems()).toMatchObject([
    { key: 'crew:devices', what: expect.stringContaining('0 devices') as string },
  ]);
  rig.db.health.shut('damaged', 'planted');
  expect(watch.problems()).toEqual([]);
});
