import { afterEach, beforeEach, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { openCredentialWatch, QUIET_MS, type CredentialWatch } from './credential-watch.ts';
import { openCrewRig, type CrewRig } from './crew.fixtures.ts';

let rig: CrewRig;
let watch: CredentialWatch;
const open = (limits = {}): void =>
  void (watch = openCredentialWatch({ db: rig.db, outbox: rig.outbox(limits), clock: rig.clock, log: SILENT_LOG }));
const knock = (address: string, device = 'cam-1') => watch.add('revoked device login', device, [address]);
const told = () => rig.send().map(({ data }) => data as Record<string, unknown>);

beforeEach(() => {
  rig = openCrewRig();
  open();
});
afterEach(() => rig.close());

it('S5: the room hears again of a further address, ten minutes later at the earliest', () => {
  knock('::ffff:192.0.2.1');
  watch.turn();
  expect(told()).toMatchObject([{ state: 'raised', addresses: ['192.0.2.1'] }]);
  const again: Record<string, unknown>[] = [];
  for (let i = 2; i < 30; i++) {
    rig.pass(60_000);
    knock(`192.0.2.${i}`);
    watch.turn();
    again.push(...told());
  }
  expect(again).toHaveLength(2);
  expect(again[1]).toMatchObject({ state: 'raised' });
  expect(again[1]!['addresses']).toHaveLength(8);
});

it('S5: while the line is down one event of each waits', () => {
  for (let i = 0; i < 20; i++) {
    knock('192.0.2.1');
    watch.turn();
    rig.pass(QUIET_MS);
    watch.turn();
  }
  expect(rig.waiting()).toHaveLength(1);
});

it('S5: what was told before a restart is over once it has been quiet', () => {
  knock('192.0.2.1');
  watch.turn();
  open();
  expect(watch.status.problems!()).toHaveLength(1);
  rig.pass(QUIET_MS);
  watch.turn();
  expect(told()).toMatchObject([{ device: 'cam-1', state: 'cleared' }]);
  open();
  expect(watch.status.problems!()).toEqual([]);
});

it('S5: what the store refuses is told later', () => {
  open({ rows: 0 });
  knock('192.0.2.1');
  expect(() => watch.turn()).toThrow();
  expect(watch.status.problems!()).toEqual([]);
});
