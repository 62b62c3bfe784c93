/** The crew's numbers, one after the other: a thousand devices, two brokers, damaged packets, kills under load. */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killEverything } from '../../faults/kills.ts';
import { measureBrokers, WHOLE as BROKERS } from './brokers.ts';
import { measureFleet, WHOLE as FLEET } from './fleet.ts';
import { damageAll, mutationMeasures } from './mutations.ts';
import { measure, type Measure } from '../report.ts';

const MUTATIONS = 100_000;
const KILLS = 50;
/** Side by side, each killed half as often: most of a start is waiting for one core. */
const BOXES = 2;
const SEED = 5;

export async function measureCrew(devices: number, progress: (text: string) => void): Promise<Measure[]> {
  const fleet = await measureFleet({ ...FLEET, devices }, progress);
  const brokers = await measureBrokers(BROKERS, progress);
  progress(`${MUTATIONS} damaged packets`);
  const mutations = mutationMeasures(await damageAll(MUTATIONS));
  progress(`${KILLS} kills`);
  return [...fleet, ...brokers, ...mutations, ...(await measureKills())];
}

async function measureKills(): Promise<Measure[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-crew-kills-'));
  const plans = Array.from({ length: BOXES }, (_, i) => {
    return { folder: join(folder.path, `${i}`), kills: KILLS / BOXES, seed: SEED + i, vehicles: 0 };
  });
  const outcomes = await Promise.all(plans.map(killEverything));
  const promised = outcomes.reduce((n, o) => n + o.raised.length + o.cancelled.length + o.done.length, 0);
  const again = outcomes.reduce((n, o) => n + o.again, 0);
  const count = (of: 'lost' | 'doubled'): number => outcomes.reduce((n, o) => n + o[of].length, 0);
  const lost = `calls, withdrawals and answers lost in ${KILLS} kills`;
  return [
    measure(lost, count('lost'), 'events', promised, { most: 0 }),
    measure('the same, doubled at the command room', count('doubled'), 'events', promised, { most: 0 }),
    measure('events that came to the command room more than once', again, 'events', promised),
  ];
}
