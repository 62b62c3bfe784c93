/** The crew's numbers, one after the other: a thousand devices, two brokers, damaged packets, kills under load. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killUnderLoad } from '../../faults/crew-kill.ts';
import { crewBreaches } from '../../faults/crew-promise.ts';
import { measureBrokers, WHOLE as BROKERS } from './brokers.ts';
import { measureFleet, WHOLE as FLEET } from './fleet.ts';
import { damageAll, mutationMeasures } from './mutations.ts';
import type { Measure } from '../report.ts';

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
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-crew-kills-'));
  try {
    const boxes = Array.from({ length: BOXES }, (_, i) => ({
      folder: join(folder, `${i}`),
      kills: KILLS / BOXES,
      seed: SEED + i,
    }));
    const outcomes = await Promise.all(boxes.map(killUnderLoad));
    const breaches = outcomes.map(crewBreaches);
    const promised = outcomes.reduce((n, o) => n + o.raised.length + o.cancelled.length + o.done.length, 0);
    const again = outcomes.reduce((n, o) => n + o.again, 0);
    const count = (of: 'lost' | 'doubled'): number => breaches.reduce((n, b) => n + b[of].length, 0);
    return [
      {
        name: `calls, withdrawals and answers lost in ${KILLS} kills`,
        value: count('lost'),
        unit: 'events',
        n: promised,
        bar: { most: 0 },
      },
      {
        name: `the same, doubled at the command room`,
        value: count('doubled'),
        unit: 'events',
        n: promised,
        bar: { most: 0 },
      },
      { name: 'events that came to the command room more than once', value: again, unit: 'events', n: promised },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
