/** A few kills under load here; `npm run bench -- crew` does fifty. */
import { rmSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { killEverything } from './kills.ts';
import { crewBreaches, type CrewOutcome } from './crew-promise.ts';
import type { ReceivedHit } from './promise.ts';

const KILLS = 3;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

it('calls for help and orders that have a receipt arrive once, whenever the box is killed', async () => {
  const folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const outcome = await killEverything({ folder, kills: KILLS, seed: 3, vehicles: 0 });
  expect(crewBreaches(outcome)).toEqual({ lost: [], doubled: [] });
  // Otherwise nothing was proven.
  expect(outcome.raised.length).toBeGreaterThan(KILLS);
  expect(outcome.done.length).toBeGreaterThan(KILLS);
});

it('the check sees what is lost and what is doubled', () => {
  const source = '/sites/demo/boxes/box-001';
  const sos = (id: string, sequence: number, state: string, event = id): ReceivedHit => {
    return { source, id: event, type: 'io.sitebox.sos.v1', sequence, data: { id, device: 'cam-1', state } };
  };
  const order = (sequence: number, state: string, event = 'O-1'): ReceivedHit => {
    const data = { id: 'O-1', targets: [{ device: 'cam-1', state }] };
    return { source, id: event, type: 'io.sitebox.order.v1', sequence, data };
  };
  const call = { id: 'S-1', device: 'cam-1', name: 'call-1', state: 'cancelled' };
  const good: CrewOutcome = {
    kills: 1,
    again: 0,
    raised: ['cam-1 call-1'],
    cancelled: ['cam-1 call-1'],
    done: ['O-1 cam-1'],
    told: ['O-1'],
    calls: [call],
    held: [sos('S-1', 1, 'raised'), sos('S-1', 2, 'cancelled', 'S-1b'), order(3, 'waiting'), order(4, 'done', 'O-1b')],
  };
  const of = (change: Partial<CrewOutcome>) => crewBreaches({ ...good, ...change });
  expect(of({})).toEqual({ lost: [], doubled: [] });
  const without = (id: string) => of({ held: good.held.filter((e) => e.id !== id) });
  expect(without('S-1').lost).toEqual(['call cam-1 call-1 never arrived']);
  expect(without('S-1b').lost).toEqual(['call cam-1 call-1 was withdrawn']);
  expect(without('O-1').lost).toEqual(['order O-1 never arrived']);
  expect(without('O-1b').lost).toEqual(['order O-1 cam-1 was done']);
  expect(of({ calls: [call, { ...call, id: 'S-2' }] }).doubled).toEqual(['call cam-1 call-1 is two']);
  expect(of({ held: [...good.held, sos('S-1', 1, 'raised')] }).doubled).toEqual([`event ${source} S-1 is held twice`]);
  expect(of({ held: [...good.held, sos('S-9', 9, 'raised')] }).doubled).toEqual([`call S-9 is nobody's`]);
});
